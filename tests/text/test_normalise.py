"""One spelling for what people write in many."""

from __future__ import annotations

import pytest

from senti_studio.text.normalise import LINK, NAME, normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＡＢＣ１２３，好！", "abc123,好!"),
        ("  房间\t很\u3000大\r\n ", "房间 很 大"),
        ("太好了！！！！！！！", "太好了!!!"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("看 https://t.cn/A6abc?x=1 吧", f"看 {LINK} 吧"),
        ("www.example.com真好", f"{LINK}真好"),
        ("写信到 user.name@example.com 投诉", f"写信到 {LINK} 投诉"),
        ("//@小明_88:转发", f"//{NAME}:转发"),
        ("喜欢😂👍", "喜欢😂👍"),
        ("[心][doge]", "[心][doge]"),
        ("\ufeff零\u200b宽\ue627", "零宽"),
        ("坏\ud800半个", "坏半个"),
        ("v1.5", "v1.5"),
        ("", ""),
        (" \u3000\n", ""),
    ],
)
def test_normalises(written: str, plain: str) -> None:
    assert normalise(written) == plain


def test_is_stable() -> None:
    text = "ＷＷＷ.Ａ.ＣＯＭ/x @某人 ㎏㎏㎏㎏㎏ 好好好好好 ①"
    assert normalise(normalise(text)) == normalise(text)
