"""What the user chose for the program (not for a project): one INI file in the configuration folder."""

from __future__ import annotations

import functools
import getpass
import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from senti_studio.paths import config_folder


class Settings(QObject):
    """Typed access to ``settings.ini``; every change is announced by `changed` with the name of the value."""

    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(str(config_folder() / "settings.ini"), QSettings.Format.IniFormat)
        self._spoken_for_now = ""

    @property
    def language(self) -> str:
        """``system`` | ``zh_CN`` | ``en``."""
        return self._spoken_for_now or self._text("language", "system")

    @language.setter
    def language(self, value: str) -> None:
        if value == self.language:
            return
        self._spoken_for_now = ""
        self._store.setValue("language", value)
        self.changed.emit("language")

    def speak_for_now(self, language: str) -> None:
        """Another `language` for this start; it is not stored, and a choice of the user ends it."""
        self._spoken_for_now = language

    @property
    def theme(self) -> str:
        """``system`` | ``light`` | ``dark``."""
        return self._text("theme", "system")

    @theme.setter
    def theme(self, value: str) -> None:
        self.set_value("theme", value)

    @property
    def annotator(self) -> str:
        """The name under which annotations are stored; the name of the system account unless chosen."""
        return self._text("annotator", "") or _account_name()

    @annotator.setter
    def annotator(self, value: str) -> None:
        self.set_value("annotator", value.strip())

    def remember_annotator(self, name: str) -> None:
        """The name that new windows begin with; nobody is told, this window has it already."""
        self._store.setValue("annotator", name)

    @property
    def flash_ms(self) -> int:
        """How long a chosen label button stays filled, 0 … 500 ms."""
        return max(0, min(500, self._number("flash_ms", 250)))

    @flash_ms.setter
    def flash_ms(self, value: int) -> None:
        self.set_value("flash_ms", int(value))

    @property
    def comment_size(self) -> int:
        """Font size of the comment on the labelling page, 16 … 28 px."""
        return max(16, min(28, self._number("comment_size", 20)))

    @comment_size.setter
    def comment_size(self, value: int) -> None:
        self.set_value("comment_size", int(value))

    @property
    def keys(self) -> dict[str, str]:
        """The keys that the user gave: ids of actions and names of keys (empty: no key)."""
        try:
            found = json.loads(self._text("keys", "{}"))
        except (ValueError, RecursionError):  # written by hand
            return {}
        pairs = found.items() if isinstance(found, dict) else ()
        return {str(name): str(key) for name, key in pairs}

    @keys.setter
    def keys(self, value: Mapping[str, str]) -> None:
        self.set_value("keys", json.dumps(dict(value), ensure_ascii=False, sort_keys=True))

    @property
    def ask_again(self) -> bool:
        """Whether some of one's own earlier comments are asked again, unannounced."""
        return self._text("ask_again", "true") == "true"

    @ask_again.setter
    def ask_again(self, on: bool) -> None:
        self.set_value("ask_again", "true" if on else "false")

    @property
    def on_close(self) -> str:
        """What closing the window does to running trainings: ``ask`` | ``continue``."""
        return self._text("on_close", "ask")

    @on_close.setter
    def on_close(self, value: str) -> None:
        self.set_value("on_close", value)

    def flag(self, name: str) -> bool:
        """Whether something was noted once (a tip that was seen, for example)."""
        return self._text(name, "false") == "true"

    def set_flag(self, name: str, on: bool = True) -> None:
        self.set_value(name, "true" if on else "false")

    def bytes_value(self, name: str) -> QByteArray:
        """A stored window geometry or splitter state; empty when there is none."""
        value: Any = self._store.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_value(self, name: str, value: object) -> None:
        if self._store.value(name) != value:
            self._store.setValue(name, value)
            self.changed.emit(name)

    def save(self) -> None:
        """Writes the file now; Qt would do it some time later."""
        self._store.sync()

    def _text(self, name: str, default: str) -> str:
        value: Any = self._store.value(name, default)
        return str(value) if value is not None else default

    def _number(self, name: str, default: int) -> int:
        try:
            return int(self._text(name, str(default)))
        except ValueError:
            return default


@functools.cache
def _account_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "me"
