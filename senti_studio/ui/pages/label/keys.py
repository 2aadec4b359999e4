"""What a key press means on the labelling page, whatever keyboard layout or input method is on.

Digits and letters are taken from the key's meaning first and from its physical place second: with a Chinese,
Russian or French layout the meaning may be another character, the place is the same.
"""

from __future__ import annotations

import enum
import sys
import unicodedata
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent


class Verb(enum.StrEnum):
    """What the labelling page can be asked to do by one key."""

    LABEL = "label"
    SKIP = "skip"
    FLAG = "flag"
    NOTE = "note"
    NEXT = "next"
    PREVIOUS = "previous"
    NEXT_UNLABELLED = "next_unlabelled"
    PREVIOUS_UNLABELLED = "previous_unlabelled"
    SEARCH = "search"
    LETTER = "letter"
    SCROLL_DOWN = "scroll_down"
    SCROLL_UP = "scroll_up"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Press:
    """A verb; ``index`` is the place of the label in the set (from 0), ``letter`` a typed a–z."""

    verb: Verb
    index: int = -1
    letter: str = ""


_LETTERS = {"F": Verb.FLAG, "N": Verb.NOTE, "A": Verb.PREVIOUS, "D": Verb.NEXT}
_PLAIN = {
    Qt.Key.Key_Space: Verb.SKIP,
    Qt.Key.Key_Right: Verb.NEXT,
    Qt.Key.Key_Left: Verb.PREVIOUS,
    Qt.Key.Key_Slash: Verb.SEARCH,
    Qt.Key.Key_division: Verb.SEARCH,
    Qt.Key.Key_PageDown: Verb.SCROLL_DOWN,
    Qt.Key.Key_PageUp: Verb.SCROLL_UP,
    Qt.Key.Key_Escape: Verb.LEAVE,
}
_WITH_SHIFT = {
    Qt.Key.Key_Right: Verb.NEXT_UNLABELLED,
    Qt.Key.Key_Left: Verb.PREVIOUS_UNLABELLED,
}

_EVDEV = {10 + i: str((i + 1) % 10) for i in range(10)}
_EVDEV |= dict(zip(range(24, 34), "QWERTYUIOP", strict=True))
_EVDEV |= dict(zip(range(38, 47), "ASDFGHJKL", strict=True))
_EVDEV |= dict(zip(range(52, 59), "ZXCVBNM", strict=True))
_EVDEV |= dict(zip((87, 88, 89, 83, 84, 85, 79, 80, 81, 90), "1234567890", strict=True))

_WINDOWS = {ord(c): c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_WINDOWS |= {0x60 + i: str(i) for i in range(10)}

_MAC = dict(zip((18, 19, 20, 21, 23, 22, 26, 28, 25, 29), "1234567890", strict=True))
_MAC |= dict(zip((83, 84, 85, 86, 87, 88, 89, 91, 92, 82), "1234567890", strict=True))
_MAC |= dict(zip((0, 11, 8, 2, 14, 3, 5, 4, 34, 38, 40, 37, 46), "ABCDEFGHIJKLM", strict=True))
_MAC |= dict(zip((45, 31, 35, 12, 15, 1, 17, 32, 9, 13, 7, 16, 6), "NOPQRSTUVWXYZ", strict=True))


def physical_key(event: QKeyEvent, platform: str = sys.platform) -> str:
    """The digit or letter (upper case) printed on the key of a US keyboard; empty if neither, or not told."""
    if platform == "win32":
        return _WINDOWS.get(event.nativeVirtualKey(), "")
    if platform == "darwin":
        # virtual key 0 is the letter A and also what an event without native codes carries
        code = event.nativeVirtualKey()
        return _MAC.get(code, "") if code or event.key() == Qt.Key.Key_A else ""
    return _EVDEV.get(event.nativeScanCode(), "")


def character_of(event: QKeyEvent) -> str:
    """The digit or letter (upper case) that a key stands for: by meaning, else by place; empty if neither."""
    key = event.key()
    if Qt.Key.Key_0 <= key <= Qt.Key.Key_9 or Qt.Key.Key_A <= key <= Qt.Key.Key_Z:
        return chr(key)
    typed = unicodedata.normalize("NFKC", event.text())
    if len(typed) == 1 and typed.isascii() and typed.isalnum():
        return typed.upper()
    return physical_key(event)


def press_of(event: QKeyEvent, *, labels: int) -> Press | None:
    """What the key means for a label set of ``labels`` classes, or None if it means nothing here.

    1–9 are the first nine labels, Shift+1–9 the next nine; Shift+letter starts the search by first letters.
    """
    mods = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    shift = mods == Qt.KeyboardModifier.ShiftModifier
    if mods != Qt.KeyboardModifier.NoModifier and not shift:
        return None
    key = Qt.Key(event.key()) if event.key() in Qt.Key._value2member_map_ else Qt.Key.Key_unknown
    named = (_WITH_SHIFT if shift else _PLAIN).get(key)
    if named is not None:
        return Press(named)
    character = character_of(event)
    if character.isdigit():
        return _digit(int(character), shift=shift, labels=labels)
    if shift:
        return Press(Verb.LETTER, letter=character.lower()) if character else None
    return Press(_LETTERS[character]) if character in _LETTERS else None


def press_of_text(text: str, *, labels: int) -> Press | None:
    """What a text committed by an input method means: full-width and plain digits label, 0 skips."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(plain) != 1 or plain not in "0123456789":
        return None
    return _digit(int(plain), shift=False, labels=labels)


def _digit(digit: int, *, shift: bool, labels: int) -> Press | None:
    if digit == 0:
        return Press(Verb.SKIP)
    # some layouts need Shift for any digit: with nine labels or fewer it changes nothing
    index = digit - 1 + (9 if shift and labels > 9 else 0)
    return Press(Verb.LABEL, index=index) if index < labels else None
