"""All actions of the program. Menus, tooltips and the cheat sheet are made from this table."""

from __future__ import annotations

from dataclasses import dataclass

from senti_studio.ui.i18n import marked as m


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """``page`` is empty for actions of the window. ``menu`` is empty for keys that only a page knows; such
    single keys (digits, letters) are read by the page itself and are shown in the cheat sheet.

    ``key`` is what the program brings; what the user made of it is in `key_map`. ``1 … 9`` stands for nine
    keys, ``Left Right`` for two. ``also``: further keys on the page that do the same, as long as nobody else
    has them. ``fixed``: the page reads this key by itself, it cannot be changed. ``repeats``: a key of the
    labelling page that goes on while it is held down.
    """

    id: str
    title: str
    key: str = ""
    page: str = ""
    menu: str = ""
    separator: bool = False
    also: tuple[str, ...] = ()
    fixed: bool = False
    repeats: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether the user cannot give it another key."""
        return self.fixed or " " in self.key


MENUS = (
    ("file", m("&File")),
    ("edit", m("&Edit")),
    ("view", m("&View")),
    ("label", m("&Label")),
    ("train", m("&Train")),
    ("tools", m("T&ools")),
    ("help", m("&Help")),
)

PAGE_TITLES = {
    "home": m("Home"),
    "data": m("Data"),
    "label": m("Label"),
    "train": m("Train"),
    "evaluate": m("Evaluate"),
    "classify": m("Classify"),
    "import": m("Import"),
}

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.new", m("New project…"), "Ctrl+N", menu="file"),
    ActionSpec("file.open", m("Open project…"), "Ctrl+O", menu="file"),
    ActionSpec("file.sample", m("Try with sample comments"), menu="file"),
    ActionSpec("file.restore", m("Restore from backup…"), menu="file"),
    ActionSpec("file.import", m("Import comments…"), "Ctrl+I", menu="file", separator=True),
    ActionSpec("file.export", m("Export labels…"), "Ctrl+E", menu="file"),
    ActionSpec("file.properties", m("Project properties…"), menu="file", separator=True),
    ActionSpec("file.backup", m("Back up into one file…"), menu="file"),
    ActionSpec("file.close", m("Close project"), "Ctrl+W", menu="file", separator=True),
    ActionSpec("file.quit", m("Quit"), "Ctrl+Q", menu="file"),
    ActionSpec("edit.undo", m("Undo"), "Ctrl+Z", menu="edit"),
    ActionSpec("edit.redo", m("Redo"), "Ctrl+Y", menu="edit"),
    ActionSpec("edit.search", m("Search"), "Ctrl+F", menu="edit", separator=True),
    ActionSpec("edit.labels", m("Labels…"), "Ctrl+L", menu="edit", separator=True),
    ActionSpec("edit.settings", m("Settings…"), "Ctrl+,", menu="edit", separator=True),
    ActionSpec("view.home", m("Home"), "Ctrl+1", menu="view"),
    ActionSpec("view.data", m("Data"), "Ctrl+2", menu="view"),
    ActionSpec("view.label", m("Label"), "Ctrl+3", menu="view"),
    ActionSpec("view.train", m("Train"), "Ctrl+4", menu="view"),
    ActionSpec("view.evaluate", m("Evaluate"), "Ctrl+5", menu="view"),
    ActionSpec("view.classify", m("Classify"), "Ctrl+6", menu="view"),
    ActionSpec("view.theme", m("Switch between light and dark"), "Ctrl+Shift+D", menu="view", separator=True),
    ActionSpec("view.full_screen", m("Full screen"), "F11", menu="view"),
    ActionSpec("view.underline", m("Underline telling words"), menu="view", separator=True),
    ActionSpec("view.words", m("Words to underline…"), menu="view"),
    ActionSpec("view.influences", m("Show what moved the suggestion"), menu="view"),
    ActionSpec("view.reasons", m("Reasons of the newest model…"), menu="view"),
    ActionSpec("label.choose", m("Label and go on"), "1 … 9", page="label"),
    ActionSpec("label.all", m("Label all results of the filter"), "Ctrl+Shift+1 … 9", page="label"),
    ActionSpec("label.skip", m("Skip"), "0", page="label", also=("Space",)),
    ActionSpec("label.accept", m("Accept the suggestion"), "Return", page="label"),
    ActionSpec("label.hide", m("Hide suggestions"), "H", page="label"),
    ActionSpec("label.keep", m("Label is right"), "K", page="label"),
    ActionSpec("label.left", m("The left one of a pair is right"), "[", page="label"),
    ActionSpec("label.right", m("The right one of a pair is right"), "]", page="label"),
    ActionSpec("label.previous", m("Previous comment"), "Left", page="label", also=("A",), repeats=True),
    ActionSpec("label.next", m("Next comment"), "Right", page="label", also=("D",), repeats=True),
    ActionSpec(
        "label.previous_unlabelled", m("Previous unlabelled"), "Shift+Left", page="label", menu="label"
    ),
    ActionSpec("label.next_unlabelled", m("Next unlabelled"), "Shift+Right", "label", "label"),
    ActionSpec("label.undo", m("Take back the last one"), "Backspace", page="label"),
    ActionSpec("label.progress", m("Progress and goal…"), page="label", menu="label", separator=True),
    ActionSpec("label.budget", m("How many labels are enough…"), page="label", menu="label"),
    ActionSpec("label.test_set", m("Test set…"), page="label", menu="label"),
    ActionSpec("label.independent", m("Label independently"), page="label", menu="label", separator=True),
    ActionSpec("label.mistakes", m("Likely mistakes"), menu="label", separator=True),
    ActionSpec("label.pairs", m("Contradicting pairs"), menu="label"),
    ActionSpec("label.share", m("Hand comments out…"), menu="label"),
    ActionSpec("label.merge", m("Merge another copy…"), menu="label"),
    ActionSpec("label.agreement", m("Agreement of the annotators…"), menu="label"),
    ActionSpec("label.adjudicate", m("Decide disputed comments…"), menu="label"),
    ActionSpec("label.history", m("History…"), "Ctrl+H", page="label", menu="label", separator=True),
    ActionSpec("label.flag", m("Flag for later"), "F", page="label"),
    ActionSpec("label.note", m("Write a note"), "N", page="label"),
    ActionSpec("label.guide", m("Guideline"), "G", page="label"),
    ActionSpec("label.search", m("Search comments"), "/", page="label"),
    ActionSpec("label.page_down", m("Scroll down"), "PgDown", page="label", repeats=True),
    ActionSpec("label.page_up", m("Scroll up"), "PgUp", page="label", repeats=True),
    ActionSpec("data.label", m("Label the selected rows"), "1 … 9", page="data"),
    ActionSpec("data.clear", m("Clear labels of the selected rows"), "Del", page="data", fixed=True),
    ActionSpec("data.preview", m("Show the whole comment"), "Space", page="data", fixed=True),
    ActionSpec("data.search", m("Search comments"), "/", page="data", fixed=True),
    ActionSpec("train.start", m("Start training"), "Ctrl+Return", page="train", menu="train"),
    ActionSpec("train.stop", m("Stop and keep best"), "Ctrl+.", page="train", menu="train"),
    ActionSpec("train.pause", m("Pause or go on"), "Space", page="train", fixed=True),
    ActionSpec("evaluate.cell", m("Choose a cell of the matrix"), "Left Right", page="evaluate"),
    ActionSpec("evaluate.label", m("Correct the label of the row"), "1 … 9", page="evaluate"),
    ActionSpec("classify.export", m("Export classified comments"), "Ctrl+S", page="classify", menu="tools"),
    ActionSpec("tools.devices", m("Look for devices again"), menu="tools"),
    ActionSpec("help.keys", m("Keyboard shortcuts"), "?", menu="help"),
    ActionSpec("help.guide", m("Help"), "F1", menu="help"),
    ActionSpec("help.about", m("About Senti Studio"), menu="help", separator=True),
)
