"""One spelling for what people write in many."""

from __future__ import annotations

import pytest

from senti_studio.text.normalise import LINK, NAME, Normalisation, normalise


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


@pytest.mark.parametrize(
    ("how", "written", "plain"),
    [
        (Normalisation(simplified=True), "這間飯店的環境很乾淨，麵條超讚", "这间饭店的环境很干净,面条超赞"),
        (Normalisation(simplified=True), "这里的简体字覆盖不变", "这里的简体字覆盖不变"),
        (Normalisation(), "這間飯店", "這間飯店"),
        (Normalisation(full_width=False), "ＡＢ１２！好", "ａｂ１２！好"),
        (Normalisation(links=False), "看 https://t.cn/A6 吧", "看 https://t.cn/a6 吧"),
        (Normalisation(user_names=False), "//@小明:转发", "//@小明:转发"),
        (Normalisation(repeats=0), "哈哈哈哈哈", "哈哈哈哈哈"),
        (Normalisation(repeats=1), "哈哈哈！！！好", "哈!好"),
        (Normalisation(repeats=5), "哈哈哈哈哈哈哈😂😂", "哈哈哈哈哈😂😂"),
    ],
)
def test_each_rule_can_be_chosen(how: Normalisation, written: str, plain: str) -> None:
    assert normalise(written, how) == plain
    assert Normalisation.from_json(how.to_json()) == how


@pytest.mark.parametrize("values", [{"repeats": "3"}, {"links": 1}, {"unheard_of": True}])
def test_damaged_rules_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Normalisation.from_json(values)
