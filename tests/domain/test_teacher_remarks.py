"""What is said of a model that teaches: only what it has met of the test part makes the figures doubtful."""

from __future__ import annotations

import pytest

from senti_studio.domain.taken_over import limits_of_taken_over
from senti_studio.domain.transfer import EarlierModel, teacher_remarks
from senti_studio.messages import message


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"test": 0, "valid": 34}, "TEACHER_KNOWS_VALIDATION"),
        ({"valid": 34}, "TEACHER_KNOWS_VALIDATION"),
        ({"test": 2, "valid": 34}, "TEACHER_HAS_SEEN"),
        ({"test": 2, "valid": 0}, "TEACHER_HAS_SEEN"),
    ],
)
def test_what_was_met_of_the_parts(seen: dict[str, int], code: str) -> None:
    ((found, params),) = teacher_remarks(EarlierModel("1", "老师", seen))
    assert found == code
    words = [str(message(found, params, language)) for language in ("zh", "en")]
    assert all(str(count) in text for text in words for count in seen.values() if count)
    is_sound = code == "TEACHER_KNOWS_VALIDATION"
    assert [part in text for part, text in zip(("测试部分的指标", "are sound"), words, strict=True)] == [
        is_sound
    ] * 2


def test_nothing_is_said_where_nothing_was_met() -> None:
    assert not list(teacher_remarks(EarlierModel("1", "老师", {"test": 0, "valid": 0})))
    ((code, _),) = teacher_remarks(EarlierModel("1", "老师", {}, is_known=False))
    assert code == "TEACHER_DATA_UNKNOWN"


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        ({"valid": 1200}, ("学过验证集的 1,200 条评论", "1,200 comments of the validation part:")),
        ({"test": 3, "valid": 0}, ("学过测试集的 3 条评论", "3 comments of the test part:")),
        (
            {"test": 3, "valid": 4},
            ("测试集的 3 条、验证集的 4 条评论", "3 comments of the test part and 4 of"),
        ),
    ],
)
def test_the_card_names_the_parts_that_were_met(seen: dict[str, int], wanted: tuple[str, str]) -> None:
    card = {"spec": {"teaching": {"model": {"seen": seen}}}}
    for zh, part in zip((True, False), wanted, strict=True):
        (line,) = limits_of_taken_over(card, zh=zh)
        assert part in line
        assert " 0 " not in line
