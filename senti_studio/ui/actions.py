"""The living actions of a window, made from `action_table`; pages bind what they do to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from senti_studio.ui.action_table import ACTIONS, MENUS, ActionSpec
from senti_studio.ui.i18n import tr
from senti_studio.ui.key_map import KeyMap
from senti_studio.ui.settings import Settings
from senti_studio.ui.widgets.keycap import key_text

_SINGLE_KEYS_OF_PAGES = frozenset(spec.id for spec in ACTIONS if spec.page and not spec.menu)


class ActionList(QObject):
    """One `QAction` for each entry of the table. An action is enabled while somebody has bound it: the window
    for good, a page only while it is the page in view."""

    keys_changed = Signal()
    """The user gave other keys: who shows some reads them again."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self.keys = KeyMap(settings, self)
        self._specs = self._present_specs()
        self._slots: dict[tuple[str, str], Callable[[], object]] = {}
        self._allowed: dict[tuple[str, str], bool] = {}
        self._page = ""
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            action = QAction(self)
            if spec.id not in _SINGLE_KEYS_OF_PAGES:
                action.setShortcut(QKeySequence(self.key(spec.id)))
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
                window.addAction(action)
            action.setEnabled(False)
            action.triggered.connect(lambda _=False, name=spec.id: self._run(name))
            self._actions[spec.id] = action
        self.keys.changed.connect(self._use_keys)

    def _present_specs(self) -> dict[str, ActionSpec]:
        return {spec.id: dataclasses.replace(spec, key=self.keys.key(spec.id)) for spec in ACTIONS}

    @Slot()
    def _use_keys(self) -> None:
        self._specs = self._present_specs()
        for name, action in self._actions.items():
            if name not in _SINGLE_KEYS_OF_PAGES:
                action.setShortcut(QKeySequence(self.key(name)))
        self.keys_changed.emit()

    @property
    def specs(self) -> tuple[ActionSpec, ...]:
        """All actions, each with the key that it has now."""
        return tuple(self._specs.values())

    def run(self, name: str, *, page: str) -> bool:
        """What a page calls for one of its single keys; False when nobody is there to do it."""
        slot = self._slots.get((name, page))
        if slot is None or not self._allowed.get((name, page), True):
            return False
        slot()
        return True

    def action(self, name: str) -> QAction:
        """The action with the id ``name``; raises KeyError."""
        return self._actions[name]

    def bind(self, name: str, slot: Callable[[], object], *, page: str = "") -> QAction:
        """``slot`` is called when the action is triggered (while ``page`` is in view, if one is given)."""
        self._slots[name, page] = slot
        self._allowed[name, page] = True
        self._refresh(name)
        return self._actions[name]

    def set_enabled(self, name: str, enabled: bool, *, page: str = "") -> None:
        """Greys an action for as long as it makes no sense (nothing to undo, no project …)."""
        self._allowed[name, page] = enabled
        self._refresh(name)

    def set_page(self, page: str) -> None:
        """Tells which page is in view."""
        self._page = page
        for name in self._actions:
            self._refresh(name)

    def key(self, name: str) -> str:
        """``Ctrl+Z``: the key of an action, for `KeyCap` and `Button`."""
        return self._specs[name].key

    def repeats(self, name: str) -> bool:
        """Whether a single key of a page goes on while it is held down."""
        return self._specs[name].repeats

    def tooltip(self, name: str) -> str:
        """Title and key, for the tooltip of an icon button."""
        spec = self._specs[name]
        return f"{tr(spec.title)} ({key_text(spec.key)})" if spec.key else tr(spec.title)

    def fill(self, bar: QMenuBar) -> None:
        """Builds the menus."""
        for name, title in MENUS:
            menu = bar.addMenu(title)
            self._menus[name] = menu
            for spec in self._specs.values():
                if spec.menu == name:
                    if spec.separator:
                        menu.addSeparator()
                    menu.addAction(self._actions[spec.id])
        self.retranslate()

    def menu(self, name: str) -> QMenu:
        return self._menus[name]

    def retranslate(self) -> None:
        for name, title in MENUS:
            if name in self._menus:
                self._menus[name].setTitle(tr(title))
        for spec in self._specs.values():
            self._actions[spec.id].setText(tr(spec.title))

    def _owner(self, name: str) -> tuple[str, str] | None:
        for key in ((name, self._page), (name, "")):
            if key in self._slots:
                return key
        return None

    def _refresh(self, name: str) -> None:
        owner = self._owner(name)
        self._actions[name].setEnabled(owner is not None and self._allowed.get(owner, True))

    def _run(self, name: str) -> None:
        owner = self._owner(name)
        if owner is not None:
            self._slots[owner]()
