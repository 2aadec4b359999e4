"""The fonts of the window: one family list, two weights, seven sizes."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont

SIZES = {"hero": 24, "title": 18, "comment": 20, "label": 16, "list": 14, "ui": 13, "small": 12, "mono": 12}
"""Pixel size of each role."""

_BOLD = ("hero", "title")
_EMOJI = ("Segoe UI Emoji", "Apple Color Emoji", "Noto Color Emoji")


def families() -> list[str]:
    """Text families of this system, best first; the last ones draw emoji and rare characters."""
    if sys.platform == "win32":
        first = ("Microsoft YaHei UI", "Microsoft YaHei")
    elif sys.platform == "darwin":
        first = ("PingFang SC", "Hiragino Sans GB")
    else:
        first = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei")
    return [*first, "sans-serif", *_EMOJI]


def mono_families() -> list[str]:
    """Families whose Chinese characters are exactly two columns wide."""
    if sys.platform == "win32":
        first = ("Consolas", "NSimSun")
    elif sys.platform == "darwin":
        first = ("Menlo", "PingFang SC")
    else:
        first = ("Noto Sans Mono CJK SC", "DejaVu Sans Mono")
    return [*first, "monospace", *_EMOJI]


def font(role: str = "ui", *, bold: bool | None = None, size: int | None = None) -> QFont:
    """The font of a role (a key of `SIZES`); ``bold`` and ``size`` (pixels) replace what the role says."""
    made = QFont()
    made.setFamilies(mono_families() if role == "mono" else families())
    made.setPixelSize(size or SIZES[role])
    heavy = role in _BOLD if bold is None else bold
    made.setWeight(QFont.Weight.Bold if heavy else QFont.Weight.Normal)
    return made
