"""Makes the pictures of ``docs/pictures``: every screen in light and dark, Chinese and English, 1440 x 900,
the labelling page in all its states (`picture_states`), and its dialogs in two looks.

The projects in them are real (`picture_projects`): the program itself imports the comments, trains on them
and classifies a second file. Nothing is drawn by hand. ``python docs/make_pictures.py`` takes some minutes;
with ``--only label,train`` only those pictures, with ``--out DIR`` elsewhere, with ``--size 1024x700`` in a
smaller window.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import numpy.typing as npt
from picture_projects import ANNOTATOR, make_projects
from picture_states import DIALOGS, STATES, State, project_of, settle, until
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from senti_studio.domain.architectures import default_options
from senti_studio.domain.run_states import RunState
from senti_studio.jobs.protocol import Evaluated
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.resources import resource
from senti_studio.storage.project import Project
from senti_studio.ui.app import AppParts, open_window, set_up
from senti_studio.ui.window import MainWindow

OUT = Path(__file__).resolve().parent / "pictures"
SCREENS = ("home", "import", "data", "train", "evaluate", "classify")
ALL = tuple(dict.fromkeys((*SCREENS, "label", *DIALOGS, *STATES)))
"""In this order: the dialogs show what was labelled for the picture of the page."""
NEED_MODELS = frozenset(("home", "train", "evaluate", "classify"))
LOOKS = tuple((theme, language) for theme in ("light", "dark") for language in ("zh_CN", "en"))
LOOKS_OF_DIALOGS = (("light", "zh_CN"), ("dark", "en"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--only", default=",".join(ALL))
    parser.add_argument("--size", default="1440x900")
    options = parser.parse_args()
    wanted = [name for name in ALL if name in options.only.split(",")]
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="senti-pictures-") as home:
        os.environ["SENTI_STUDIO_HOME"] = str(Path(home) / "文档" / "设置")
        folders = make_projects(Path(home) / "文档", trained=not NEED_MODELS.isdisjoint(wanted))
        width, height = (int(each) for each in options.size.split("x"))
        Photographer(folders, options.out, (width, height)).take(wanted)
    return 0


def save_small(picture: QImage, path: Path) -> None:
    """With a palette of 256 colours a picture is a third of the size."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    table = palette(np.frombuffer(plain.constBits(), dtype=np.uint32))
    flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    plain.convertToFormat(QImage.Format.Format_Indexed8, table, flags).save(str(path))


def palette(pixels: npt.NDArray[np.uint32]) -> list[int]:
    """The most frequent colours, then the ones shown worst by these: a small mark keeps its own."""
    colours, counts = np.unique(pixels, return_counts=True)
    parts = np.stack([colours >> shift & 255 for shift in (0, 8, 16)], axis=1).astype(np.int64)
    chosen = list(np.argsort(-counts)[:64])
    distance = np.min([((parts - parts[each]) ** 2).sum(axis=1) for each in chosen], axis=0)
    while len(chosen) < min(256, len(colours)):
        worst = int(np.argmax(counts * distance))
        chosen.append(worst)
        distance = np.minimum(distance, ((parts - parts[worst]) ** 2).sum(axis=1))
    return [int(colours[each]) for each in chosen]


class Photographer:
    """Opens the window and saves what is wanted, one after the other; `folders` are those of the projects."""

    def __init__(self, folders: dict[str, Path], out: Path, size: tuple[int, int]) -> None:
        self._folders, self._out = folders, out
        self._app = QApplication(sys.argv[:1])
        self._parts: AppParts = set_up(self._app)
        self._parts.settings.annotator = ANNOTATOR
        self._window: MainWindow = open_window(self._parts, [str(folders["main"])])
        self._window.resize(*size)
        self._open = "main"
        until(lambda: self._window.context.session.project is not None)
        until(lambda: self._window.context.machine.is_known)

    def take(self, wanted: list[str]) -> None:
        """All pictures of these names."""
        for name in wanted:
            if name in STATES:
                self._take_state(name, STATES[name])
            elif name in DIALOGS:
                self._take_dialog(name)
            else:
                self._take_screen(name)
        self._window.lifecycle.allow_close()
        self._window.close()

    def _save(self, widget: QWidget, name: str, theme: str, language: str) -> None:
        path = self._out / f"{name}_{theme}_{language[:2]}.png"
        save_small(widget.grab().toImage(), path)
        print(path)

    def _look(self, theme: str, language: str) -> None:
        self._parts.settings.theme = theme
        self._parts.settings.language = language
        settle(2.0)

    def _take_all(self, name: str) -> None:
        for theme, language in LOOKS:
            self._look(theme, language)
            self._save(self._window, name, theme, language)

    def _take_state(self, name: str, state: State) -> None:
        window = self._window
        if self._open != state.project:
            self._open = state.project
            window.context.session.open(self._folders[state.project])
            until(lambda: project_of(window).folder == self._folders[state.project])
        self._look(*LOOKS[0])
        window.go_to("label", None)
        if state.project not in ("empty", "done"):
            until(lambda: window.context.assistant.state is not None or name == "label_alone")
        settle(2.0)
        state.begin(window)
        settle(2.0)
        self._take_all(name)
        state.end(window)

    def _take_dialog(self, name: str) -> None:
        for theme, language in LOOKS_OF_DIALOGS:
            self._look(theme, language)
            self._window.go_to("label", None)
            until(lambda: self._window.context.assistant.state is not None)
            dialog = DIALOGS[name](self._window)
            settle(1.5)
            self._save(dialog, name, theme, language)
            dialog.close()
            settle(0.5)

    def _take_screen(self, name: str) -> None:
        project = project_of(self._window)
        run = _start_training(project) if name == "train" else None
        if run is not None:
            until(lambda: run.state() is RunState.RUNNING and len(_evaluations(run)) >= 4)
        sample = resource("samples", "sample_comments.csv")
        self._window.go_to(name, {"files": [sample], "new_project": True} if name == "import" else None)
        settle(4.0)
        if name == "evaluate":
            self._compare()
        self._take_all(name)
        if run is not None:
            training.stop(project, run.id)
            until(lambda: not run.state().is_active)

    def _compare(self) -> None:
        """The run shown beside the one before it."""
        other = self._window.pages["evaluate"].other  # type: ignore[attr-defined]
        other.setCurrentIndex(1)
        other.activated.emit(1)
        settle(2.0)


def _start_training(project: Project) -> RunFolder:
    """A training that is still running while its pictures are made."""
    options = replace(default_options("lstm"), epochs=40, patience=40, hidden_size=256)
    run = training.create_run(project, TrainingRequest(architecture="lstm", options=options))
    training.start(project, run.id)
    return run


def _evaluations(run: RunFolder) -> list[Evaluated]:
    return [event for event in run.events() if isinstance(event, Evaluated)]


if __name__ == "__main__":
    sys.exit(main())
