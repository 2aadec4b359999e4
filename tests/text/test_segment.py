"""Words and characters, with either program that cuts words."""

from __future__ import annotations

import subprocess
import sys

from senti_studio.text.segment import characters, segmenter_name, words


def test_words_keep_emoticons_whole_and_drop_blanks() -> None:
    assert words("房间 很大[心]早餐不错") == ["房间", "很大", "[心]", "早餐", "不错"]


def test_characters_keep_latin_digits_and_emoticons_whole() -> None:
    assert characters("wifi 100分[doge]好") == ["wifi", "100", "分", "[doge]", "好"]


def test_names_the_segmenter_with_its_version() -> None:
    name, version = segmenter_name().split()
    assert name in ("rjieba", "jieba")
    assert version[0].isdigit()


def test_jieba_takes_over_where_rjieba_is_missing() -> None:
    program = (
        "import sys; sys.modules['rjieba'] = None\n"
        "from senti_studio.text.segment import segmenter_name, words\n"
        "assert segmenter_name().startswith('jieba '), segmenter_name()\n"
        "assert words('房间 很大[心]早餐不错') == ['房间', '很大', '[心]', '早餐', '不错']\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
