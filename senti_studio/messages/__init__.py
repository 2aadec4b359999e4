"""One catalogue of sentences for every code, in Chinese and English; window and command line share it.

Each area has a module with a ``MESSAGES`` table: code -> (zh what, zh next step, en what, en next step).
``{name}`` fields are filled from the parameters of the error or event.
"""

from __future__ import annotations

import os
import string
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from senti_studio.errors import speak_with
from senti_studio.messages import (
    adapting,
    assisting,
    care,
    encoders,
    files,
    general,
    hubs,
    models,
    projects,
    reading,
    training,
    transfer,
    word_vectors,
)

CATALOGUE: dict[str, tuple[str, str, str, str]] = {
    **general.MESSAGES,
    **projects.MESSAGES,
    **care.MESSAGES,
    **files.MESSAGES,
    **training.MESSAGES,
    **transfer.MESSAGES,
    **word_vectors.MESSAGES,
    **models.MESSAGES,
    **encoders.MESSAGES,
    **adapting.MESSAGES,
    **hubs.MESSAGES,
    **reading.MESSAGES,
    **assisting.MESSAGES,
}


_WIDE_ENDS = ("。", "！", "？", "；", "：", "”", "）")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that says what happened, and one that says what to do."""

    what: str
    next_step: str

    def __str__(self) -> str:
        return joined(self.what, self.next_step)


def joined(*sentences: str) -> str:
    """One sentence after the other, without those that are empty: the full stop of Chinese has its blank in
    itself."""
    whole = ""
    for each in filter(None, sentences):
        whole += each if not whole or whole.endswith(_WIDE_ENDS) else f" {each}"
    return whole


class _Fields(string.Formatter):
    """Leaves a field empty-handed ("?") instead of failing: an error message must never raise."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._comma = "、" if language.startswith("zh") else ", "

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        value = kwargs.get(str(key), "?")
        if isinstance(value, (list, tuple)):
            return self._comma.join(_visible(item) for item in value[:10]) + ("…" if len(value) > 10 else "")
        return value


def _visible(item: object) -> str:
    """A single character that no font shows (private use, control) by its number."""
    text = str(item)
    return f"U+{ord(text):04X}" if len(text) == 1 and not text.isprintable() else text


def message(code: str, params: Mapping[str, Any] | None = None, language: str = "zh") -> Message:
    """The sentences for ``code``; an unknown code gives the general one for bugs, with the code in it."""
    entry = CATALOGUE.get(code)
    values = dict(params or {})
    if entry is None:
        entry = CATALOGUE["INTERNAL"]
        values.setdefault("detail", f"{code} {values}" if values else code)
    what, step = entry[:2] if language.startswith("zh") else entry[2:]
    fields = _Fields(language)
    return Message(fields.vformat(what, (), values), fields.vformat(step, (), values))


def system_language() -> str:
    """``zh`` when the locale of the environment is Chinese, else ``en``."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    if sys.platform == "win32":
        import ctypes

        return "zh" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04 else "en"
    return "en"


def asked_language() -> str:
    """That which ``SENTI_STUDIO_LANGUAGE`` asks for (``zh`` | ``en``), else that of the system."""
    asked = os.environ.get("SENTI_STUDIO_LANGUAGE", "")
    return asked if asked in ("zh", "en") else system_language()


def _spoken(code: str, params: Mapping[str, Any]) -> str:
    return str(message(code, params, asked_language()))


speak_with(_spoken)
