"""What is said of a model that teaches: only what it has met of the test part makes the figures doubtful."""

from __future__ import annotations

import pytest

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
    assert [part in text for part, text in zip(("测试的指标是可信的", "are sound"), words, strict=True)] == [
        is_sound
    ] * 2


def test_nothing_is_said_where_nothing_was_met() -> None:
    assert not list(teacher_remarks(EarlierModel("1", "老师", {"test": 0, "valid": 0})))
    ((code, _),) = teacher_remarks(EarlierModel("1", "老师", {}, is_known=False))
    assert code == "TEACHER_DATA_UNKNOWN"
