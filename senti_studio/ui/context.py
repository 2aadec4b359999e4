"""What every page is given."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from senti_studio.ui.actions import ActionList
from senti_studio.ui.assistant import Assistant
from senti_studio.ui.dialogs import Dialogs
from senti_studio.ui.explainer import Explainer
from senti_studio.ui.machine import Machine
from senti_studio.ui.near_index import NearIndex
from senti_studio.ui.session import Session
from senti_studio.ui.settings import Settings
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.toast import Toasts


@dataclass(frozen=True, slots=True)
class UiContext:
    """Everything that pages share; there are no globals beside it."""

    settings: Settings
    theme: Theme
    session: Session
    actions: ActionList
    toasts: Toasts
    dialogs: Dialogs
    machine: Machine
    near: NearIndex
    assistant: Assistant
    explainer: Explainer


def make_context(
    window: QWidget, *, settings: Settings, theme: Theme, toast_host: QWidget | None = None
) -> UiContext:
    """A context whose dialogs and toasts appear over ``window``; everything in it dies with the window."""
    dialogs = Dialogs(window, theme)
    owner: QObject = window
    session = Session(settings, owner)
    return UiContext(
        settings=settings,
        theme=theme,
        session=session,
        actions=ActionList(window, settings),
        toasts=Toasts(toast_host or window, theme),
        dialogs=dialogs,
        machine=Machine(owner),
        near=NearIndex(session, owner),
        assistant=Assistant(session, owner),
        explainer=Explainer(owner),
    )
