"""What a key press is called, whatever keyboard layout or input method is on: ``Ctrl+Z``, ``F``, ``Shift+1``.

Digits and letters are taken from the key's meaning first and from its physical place second: with a Chinese,
Russian or French layout the meaning may be another character, the place is the same.
"""

from __future__ import annotations

import sys
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

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

_SIGN_PLACES = {
    "win32": {0xDB: "[", 0xDD: "]", 0xBF: "/"},
    "darwin": {33: "[", 30: "]", 44: "/"},
    "linux": {34: "[", 35: "]", 61: "/"},
}
_CHINESE_SIGNS = {"【": "[", "「": "[", "】": "]", "」": "]", "、": "/"}
"""What a Chinese input method makes of the keys with these signs."""

_NAMED = {
    Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Insert,
    Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Pause,
    *(Qt.Key(Qt.Key.Key_F1.value + number) for number in range(12)),
}  # fmt: skip
_NAMES = {key.value: QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) for key in _NAMED}
_NAMES[Qt.Key.Key_Enter.value] = _NAMES[Qt.Key.Key_Return.value]
_NAMES[Qt.Key.Key_Backtab.value] = _NAMES[Qt.Key.Key_Tab.value]
_NAMES[Qt.Key.Key_division.value] = "/"

_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, "Ctrl+"),
    (Qt.KeyboardModifier.AltModifier, "Alt+"),
    (Qt.KeyboardModifier.MetaModifier, "Meta+"),
)


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


def key_name(event: QKeyEvent) -> str:
    """The name of what was pressed, as `QKeySequence` writes it; empty for a modifier alone and for keys that
    have no name.

    Signs (``/``, ``?``) are called by themselves, without the Shift that some layouts need for them; where an
    input method has taken the sign away, ``[``, ``]`` and ``/`` are told by their place.
    """
    mods = event.modifiers()
    shift = "Shift+" if mods & Qt.KeyboardModifier.ShiftModifier else ""
    name = _NAMES.get(event.key(), "") or character_of(event)
    if not name:
        name, shift = _sign(event) or sign_of_place(event), ""
    if not name:
        return ""
    if name == "/":
        shift = ""
    return "".join(word for modifier, word in _MODIFIERS if mods & modifier) + shift + name


def plain_name(text: str) -> str:
    """The name of the key that types one character: ``ｑ`` -> ``Q``; empty for what is not one character."""
    plain = unicodedata.normalize("NFKC", text.strip())
    return plain.upper() if len(plain) == 1 and len(plain.upper()) == 1 else ""


def _sign(event: QKeyEvent) -> str:
    typed = unicodedata.normalize("NFKC", event.text())
    if len(typed) == 1 and typed.isprintable() and not typed.isspace():
        return _CHINESE_SIGNS.get(typed, typed)
    key = event.key()
    return chr(key) if 0x20 < key < 0x7F else ""


def sign_of_place(event: QKeyEvent, platform: str = sys.platform) -> str:
    """``[``, ``]`` or ``/`` of a key of which only the place is known; that of an unshifted key alone."""
    if event.key() != Qt.Key.Key_unknown or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        return ""
    code = event.nativeScanCode() if platform == "linux" else event.nativeVirtualKey()
    return _SIGN_PLACES.get(platform, {}).get(code, "")
