"""Colours: from the tokens alone, readable, the same for palette and style sheet; icons; formats."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication

import senti_studio.ui
from senti_studio.domain.labels import APPEARANCES
from senti_studio.resources import resource, resources_folder
from senti_studio.ui import formats
from senti_studio.ui.app import AppParts
from senti_studio.ui.fonts import SIZES, font
from senti_studio.ui.icons import icon, pixmap

UI = Path(senti_studio.ui.__file__).parent
ICONS = sorted((resources_folder() / "icons").glob("*.svg"))
TOKENS = json.loads(resource("themes", "tokens.json").read_text("utf-8"))
TEXT_PAIRS = (
    ("text", "surface"), ("text", "bg"), ("text2", "surface"), ("text3", "surface"), ("text3", "accent-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-hover"), ("on-accent", "accent-press"),
    ("accent-text", "surface"), ("accent-text", "accent-soft"), ("warn", "warn-soft"),
    ("danger", "danger-soft"),
    *((f"{name}-text", f"{name}-soft") for name in ("pos", "neu", "neg", "purple", "brown", "sky")),
)  # fmt: skip
MARK_PAIRS = (
    ("border-ctl", "surface"), ("plot-ghost", "surface"), ("warn-fill", "surface"),
    *((name, "surface") for name in ("pos", "neu", "neg", "purple", "brown", "sky", "accent")),
)  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_texts_and_marks_can_be_read(mode: str) -> None:
    tokens = TOKENS[mode]
    faint = [p for p in TEXT_PAIRS if contrast(tokens[p[0]], tokens[p[1]]) < 4.5]
    faint += [p for p in MARK_PAIRS if contrast(tokens[p[0]], tokens[p[1]]) < 3.0]
    assert faint == []


def test_both_themes_have_the_same_tokens() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


def test_no_colour_is_written_in_code() -> None:
    wrong = []
    for path in sorted(UI.rglob("*.py")):
        for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if re.search(
                r"""["']#[0-9A-Fa-f]{3,8}["']|QColor\(\s*\d|Qt\.GlobalColor\.(?!transparent)""", text
            ):
                wrong.append(f"{path.relative_to(UI)}:{number}")
    assert wrong == []


def test_the_style_sheet_knows_no_colour_but_tokens(parts: AppParts, qapp: QApplication) -> None:
    source = resource("themes", "window.qss").read_text("utf-8")
    assert re.findall(r"#[0-9A-Fa-f]{6}", source) == []
    used = set(re.findall(r"@token\(([a-z0-9-]+)\)", source))
    assert used <= TOKENS["light"].keys()
    for mode in ("dark", "light"):
        parts.theme.set_choice(mode)
        assert "@" not in qapp.styleSheet()
        assert parts.theme.hex("accent") in qapp.styleSheet()


def test_every_label_look_has_colours(parts: AppParts) -> None:
    marks = {parts.theme.label_colours(look).mark.name() for look in APPEARANCES[:6]}
    assert len(marks) == 6
    assert parts.theme.label_colours("pos").mark == QColor(TOKENS["light"]["pos"])
    assert parts.theme.label_colours("no such look").mark == QColor(TOKENS["light"]["neu"])


def test_an_unknown_token_is_a_mistake(parts: AppParts) -> None:
    with pytest.raises(KeyError):
        parts.theme.colour("blue")


def test_the_system_is_followed_until_somebody_chooses(parts: AppParts) -> None:
    parts.theme.set_choice("system")
    assert parts.theme.mode in ("light", "dark")
    parts.theme.set_choice("dark")
    assert parts.theme.is_dark


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_icons_take_the_theme_colour(parts: AppParts, path: Path) -> None:
    made = pixmap(path.stem, parts.theme, token="text", size=24, scale=4)
    image = made.toImage()
    painted = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 250
    ]
    assert painted
    if path.stem != "logo":
        assert painted[0].name() == parts.theme.colour("text").name()


def test_an_unknown_icon_is_a_mistake(parts: AppParts) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", parts.theme)


def test_fonts_have_two_weights_and_nothing_below_12(qapp: QApplication) -> None:
    assert min(SIZES.values()) == 12
    assert {font(role, bold=bold).weight() for role in SIZES for bold in (None, True, False)} == {400, 700}
    assert QFontInfo(font("ui")).pixelSize() == 13


def test_formats_in_chinese(parts: AppParts) -> None:
    today = datetime.now().astimezone().replace(hour=14, minute=5, second=12)
    assert formats.number(1_000_000) == "1,000,000"
    assert formats.number(None) == "—"
    assert formats.percent(0.62) == "62.0%"
    assert formats.duration(55) == "00:55"
    assert formats.duration(4800) == "1 小时 20 分"
    assert formats.time_left(4.2) == "剩余约 4 秒"
    assert formats.time_left(-1) == "正在估计…"
    assert formats.clock(today) == "14:05:12"
    assert formats.when(today) == "今天 14:05"
    assert formats.when(today - timedelta(days=1)) == "昨天 14:05"
    assert formats.when(datetime(2020, 7, 28, 12).astimezone()) == "2020-07-28"
    assert formats.size(4.8 * 1024**3) == "4.8 GB"


def test_formats_in_english(parts: AppParts, qapp: QApplication) -> None:
    parts.language.install(qapp, "en")
    assert formats.duration(4800) == "1 h 20 min"
    assert formats.time_left(90) == "about 2 min left"
    assert formats.when(datetime.now().astimezone()).startswith("Today")
