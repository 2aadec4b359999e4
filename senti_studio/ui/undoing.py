"""What the "Undo" of a message says when something else was done since."""

from __future__ import annotations

from senti_studio.ui.context import UiContext
from senti_studio.ui.i18n import tr


def say_not_the_last(context: UiContext) -> None:
    """An undo takes back the last action only: tells where the ones before it are."""
    context.toasts.show(
        tr(
            "It is no longer the last action and was not taken back."
            " The history on the Label page goes further back."
        )
    )
