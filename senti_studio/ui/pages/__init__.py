"""The pages by name. A page's module is imported when it is shown for the first time, and not before."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from senti_studio.ui.pages.page import Page

PAGES = {
    "home": "senti_studio.ui.pages.home.view:HomePage",
    "data": "senti_studio.ui.pages.data.view:DataPage",
    "label": "senti_studio.ui.pages.label.view:LabelPage",
    "train": "senti_studio.ui.pages.train.view:TrainPage",
    "evaluate": "senti_studio.ui.pages.evaluate.view:EvaluatePage",
    "classify": "senti_studio.ui.pages.classify.view:ClassifyPage",
    "import": "senti_studio.ui.pages.importing.view:ImportPage",
}

RAIL = ("home", "data", "label", "train", "evaluate", "classify")
"""Pages with an item in the rail, in the order of Ctrl+1 … Ctrl+6."""

RAIL_ICONS = {
    "home": "home",
    "data": "table",
    "label": "tag",
    "train": "train",
    "evaluate": "eval",
    "classify": "classify",
}


def page_class(name: str) -> type[Page]:
    """Imports and returns the class of a page; raises KeyError for an unknown name."""
    module, _, attribute = PAGES[name].partition(":")
    found: type[Page] = getattr(import_module(module), attribute)
    return found
