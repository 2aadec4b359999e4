"""Which key does what: the table of actions, and what the user changed of it."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.ui.action_table import ACTIONS, ActionSpec
from senti_studio.ui.settings import Settings

_DIGITS = "123456789"
_DIGIT_KEYS = frozenset((*_DIGITS, *(f"Shift+{digit}" for digit in _DIGITS)))


@functools.cache
def single_keys(key: str) -> frozenset[str]:
    """``1 … 9`` -> its keys (those with Shift are the labels beyond nine), ``Left Right`` -> two keys."""
    start, dots, _ = key.partition(" … ")
    if not dots:
        return frozenset(key.split())
    if start == "1":
        return _DIGIT_KEYS
    return frozenset(f"{start[:-1]}{digit}" for digit in _DIGITS)


class KeyMap(QObject):
    """The keys as they are now. A key that the user gave to an action is no longer another one's default."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._chosen: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._also: dict[str, frozenset[str]] = {}
        self._read()
        settings.changed.connect(self._setting_changed)

    def key(self, name: str) -> str:
        """The key of an action; empty when it has none. Raises KeyError."""
        return self._keys[name]

    def also(self, name: str) -> frozenset[str]:
        """Further keys that do the same."""
        return self._also[name]

    def page(self, name: str) -> str:
        """The page on which an action can be used; empty: everywhere."""
        return self._specs[name].page

    @property
    def is_any_changed(self) -> bool:
        return bool(self._chosen)

    def clashes(self, name: str, key: str) -> list[ActionSpec]:
        """The other actions that ``key`` belongs to where the action ``name`` can be used."""
        page = self._specs[name].page
        return [other for other in self.users(key, page) if other.id != name]

    def users(self, key: str, page: str) -> list[ActionSpec]:
        """The actions that ``key`` belongs to while ``page`` is in view (empty: on any page)."""
        found = []
        for spec in self._specs.values():
            meet = not page or not spec.page or spec.page == page
            if meet and key in single_keys(self._keys[spec.id]):
                found.append(spec)
        return found

    def set_key(self, name: str, key: str) -> None:
        """Gives an action another key (empty: none); whoever had it has none from now on."""
        for other in self.clashes(name, key) if key else ():
            if not other.is_fixed:
                self._choose(other.id, "")
        self._choose(name, key)
        self._keep()

    def reset_all(self) -> None:
        """All keys as the program brings them."""
        self._chosen = {}
        self._keep()

    def default(self, name: str) -> str:
        """The key that the program brings for an action."""
        return self._specs[name].key

    def _choose(self, name: str, key: str) -> None:
        if key == self._specs[name].key:
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = key

    def _keep(self) -> None:
        if self._settings.keys == self._chosen:
            self._read()
        else:
            self._settings.keys = dict(self._chosen)  # comes back by `changed`

    @Slot(str)
    def _setting_changed(self, name: str) -> None:
        if name == "keys":
            self._read()

    def _read(self) -> None:
        stored = self._settings.keys
        self._chosen = {
            name: key
            for name, key in stored.items()
            if name in self._specs and not self._specs[name].is_fixed
        }
        keys: dict[str, str] = {}
        also: dict[str, frozenset[str]] = {}
        for spec in self._specs.values():
            taken = spec.key and spec.key in self._taken(spec, self._chosen)
            keys[spec.id] = self._chosen.get(spec.id, "" if taken else spec.key)
        for spec in self._specs.values():
            also[spec.id] = frozenset(spec.also) - (self._taken(spec, keys) if spec.also else frozenset())
        self._keys, self._also = keys, also
        self.changed.emit()

    def _taken(self, spec: ActionSpec, keys: dict[str, str]) -> frozenset[str]:
        """The keys that other actions have in ``keys`` where ``spec`` can be used."""
        others: Iterable[tuple[ActionSpec, str]] = (
            (self._specs[name], key) for name, key in keys.items() if name != spec.id
        )
        return frozenset(
            each
            for other, key in others
            if not spec.page or not other.page or spec.page == other.page
            for each in single_keys(key)
        )
