"""Guidelines: a Markdown text taken apart, its versions, its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from senti_studio.domain.guidelines import KEPT_VERSIONS, Guidelines, GuideVersion, guide_of, template
from senti_studio.errors import UserError
from senti_studio.messages import message
from senti_studio.operations.guidelines import read_guideline_file, write_guideline_file

NAMES = ("正面", "中性", "Very bad")
TEXT = """先褒后贬时，看结论句。

## 正面
整体满意；
小抱怨不影响再次购买

- 粥很稠，小菜也新鲜。
1. 还会再来
> 一如既往的好

### very BAD ###
主要不满影响体验

## 补充
拿不准按 0 跳过。
- 不是例句
"""


def test_a_text_is_taken_apart_by_the_names_of_the_labels() -> None:
    guide = guide_of(TEXT, NAMES)
    good, plain, bad = guide.labels
    assert good.rule == "整体满意；\n小抱怨不影响再次购买"
    assert good.examples == ("粥很稠，小菜也新鲜。", "还会再来", "一如既往的好")
    assert plain.is_empty
    assert bad.rule == "主要不满影响体验"
    assert guide.note == "先褒后贬时，看结论句。\n\n## 补充\n拿不准按 0 跳过。\n- 不是例句"
    assert guide_of("", NAMES).is_empty
    assert guide_of("\n \n", NAMES).is_empty


def test_the_template_has_a_section_a_label() -> None:
    text = template(NAMES, rule="什么算“{label}”？", example="“{label}”的例句", note="拿不准时怎么办。")
    guide = guide_of(text, NAMES)
    assert [each.rule for each in guide.labels] == [f"什么算“{name}”？" for name in NAMES]
    assert [each.examples for each in guide.labels] == [(f"“{name}”的例句",) for name in NAMES]
    assert guide.note == "拿不准时怎么办。"


def test_earlier_versions_are_kept_and_limited() -> None:
    guidelines = Guidelines().changed("第一版", at=1, by="甲")
    assert guidelines.earlier == (), "an empty text is no version"
    assert guidelines.changed("第一版", at=2, by="乙") is guidelines
    for number in range(2, KEPT_VERSIONS + 5):
        guidelines = guidelines.changed(f"第{number}版", at=number, by="乙")
    assert len(guidelines.earlier) == KEPT_VERSIONS
    assert guidelines.earlier[0] == GuideVersion(f"第{KEPT_VERSIONS + 3}版", KEPT_VERSIONS + 3, "乙")
    kept = json.loads(json.dumps(guidelines.as_values(), ensure_ascii=False))
    assert Guidelines.of_values(kept) == guidelines
    named = Guidelines().changed("文", at=1, by="甲", names={7: "正面"})
    assert Guidelines.of_values(json.loads(json.dumps(named.as_values()))) == named
    assert Guidelines.of_values({"now": None, "names": {"x": "a", "3": 4}}) == Guidelines()
    for damaged in (
        None,
        3,
        {},
        {"now": ["a"], "earlier": [1, ["文", "x", 2]]},
        {"now": None, "earlier": {}},
    ):
        assert Guidelines.of_values(damaged) == Guidelines()


def test_a_renamed_label_keeps_its_section() -> None:
    text = "## 正面\n好\n### 负面 ##\n差\n## 别的\n正面\n"
    guidelines = Guidelines().changed(text, at=1, by="甲", names={1: "正面", 2: "负面"})
    assert guidelines.text_for({1: "正面", 2: "负面"}) == text
    assert guidelines.text_for({1: "满意", 2: "负面"}) == text.replace("## 正面", "## 满意")
    assert guidelines.text_for({1: "负面", 2: "正面"}) == text, (
        "names that changed places stay where they are"
    )
    renamed = guidelines.text_for({1: "满意", 2: "不满意", 3: "新的"})
    assert [each.rule for each in guide_of(renamed, ("满意", "不满意", "新的")).labels] == ["好", "差", ""]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "标注 指南.md"
    write_guideline_file(path, TEXT)
    assert read_guideline_file(path) == TEXT
    path.write_bytes(TEXT.replace("\n", "\r\n").encode("gb18030"))
    assert read_guideline_file(path) == TEXT
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_guideline_file(path) == TEXT
    for data, code in (
        (b"PK\x03\x04\x00\xff\xfe", "GUIDELINES_NOT_TEXT"),
        ("长" * 200_001, "GUIDELINES_TOO_LARGE"),
    ):
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        with pytest.raises(UserError) as caught:
            read_guideline_file(path)
        assert caught.value.code == code
        assert "标注 指南.md" in message(code, caught.value.params, "zh").what
    with pytest.raises(UserError, match="FILE_NOT_FOUND"):
        read_guideline_file(tmp_path / "没有.md")
    with pytest.raises(UserError):
        write_guideline_file(tmp_path / "没有" / "文件夹.md", "x")
