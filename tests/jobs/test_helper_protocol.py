"""Lines between window and helper, and the dataclasses that travel in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senti_studio.domain.comments import Part
from senti_studio.domain.importing import (
    BadBytes,
    EncodingCandidate,
    ImportReport,
    ImportRequest,
    Preview,
    PreviewRow,
    ReadOptions,
    SniffReport,
)
from senti_studio.jobs.helper_protocol import (
    Answer,
    LineBuffer,
    Request,
    answer_from_line,
    answer_to_line,
    from_json,
    request_from_line,
    request_to_line,
    to_json,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PARAMS = st.dictionaries(
    TEXT.filter(lambda name: name not in ("id", "do", "type")), TEXT | st.integers(), max_size=4
)


@settings(deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["sniff", "导入"]), PARAMS)
def test_requests_and_answers_come_back(number: int, do: str, params: dict[str, Any]) -> None:
    request = Request(number, do, params)
    assert request_from_line(request_to_line(request)) == request
    answer = Answer(number, "Result", params)
    assert answer_from_line(answer_to_line(answer)) == answer


@settings(deadline=None)
@given(st.lists(TEXT.filter(lambda text: text.strip() != ""), max_size=8), st.data())
def test_lines_survive_any_cutting(texts: list[str], data: st.DataObject) -> None:
    """Also cuts inside a character."""
    stream = b"".join(json.dumps(text, ensure_ascii=False).encode() + b"\n" for text in texts)
    buffer, found, at = LineBuffer(), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, len(stream) - at))
        found += buffer.feed(stream[at : at + step])
        at += step
    assert [json.loads(line) for line in found] == texts


def test_a_torn_line_waits() -> None:
    buffer = LineBuffer()
    assert buffer.feed('{"do": "好'.encode()[:-1]) == []
    assert buffer.feed("好".encode()[-1:] + b'"}\n\n{"x') == ['{"do": "好"}'.encode()]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"1", b'{"id": "1", "do": "x"}', b'{"id": 1}', b"\xff"])
def test_other_lines_are_no_requests(line: bytes) -> None:
    assert request_from_line(line) is None
    assert answer_from_line(line) is None


def test_a_lone_surrogate_does_not_end_the_conversation() -> None:
    line = answer_to_line(Answer(1, "Failed", {"path": "坏\udcff.csv"}))
    assert line.endswith(b"\n")
    assert answer_from_line(line) is not None


def test_reports_come_back() -> None:
    preview = Preview(
        ReadOptions("gb18030", "\t", "", True),
        ("a", ""),
        ("a", "列 2"),
        (PreviewRow(2, ("1", "好")),),
        1,
        None,
        None,
    )
    candidate = EncodingCandidate("gb18030", 0.9, 1, 3, 0.8, "few_bad", "样")
    report = SniffReport("评论.csv", 9, "csv", (candidate,), False, 2, "CRLF", preview)
    assert from_json(SniffReport, json.loads(json.dumps(to_json(report)))) == report
    imported = ImportReport(
        1,
        "评论.csv",
        2,
        1,
        0,
        0,
        0,
        0.5,
        {"train": 2},
        {"好": "1"},
        bad_bytes=(BadBytes(1, 2, "ff", "illegal byte"),),
    )
    assert from_json(ImportReport, json.loads(json.dumps(to_json(imported)))) == imported


@dataclass(frozen=True)
class _Sample:
    part: Part | None = None
    pair: tuple[int, str] = (1, "a")
    notes: dict[str, int] = field(default_factory=dict)


def test_enums_tuples_and_unknown_fields() -> None:
    values = {"part": "valid", "pair": [2, "乙"], "notes": {"x": 1}, "later": True}
    assert from_json(_Sample, values) == _Sample(Part.VALID, (2, "乙"), {"x": 1})
    assert from_json(_Sample, {"part": None}).part is None
    with pytest.raises(TypeError):
        from_json(ImportRequest, {"path": "没有文本列"})
    with pytest.raises(TypeError):
        from_json(SniffReport, [])
