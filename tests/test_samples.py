"""The sample comments keep the promises that their README makes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "samples"
LABELLED = FOLDER / "sample_comments.csv"
TO_CLASSIFY = FOLDER / "sample_to_classify.csv"
COLUMNS = ["编号", "类别", "店铺", "评论内容", "评分", "日期"]
TOPICS = {"酒店", "外卖", "手机", "电影"}
CLASSES = {"正面", "中性", "负面"}
BOM = b"\xef\xbb\xbf"

Row = dict[str, str]


def read(path: Path, encoding: str, header: list[str]) -> list[Row]:
    lines = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), strict=True))
    assert lines[0] == header
    assert {len(line) for line in lines} == {len(header)}
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


@pytest.fixture(scope="module")
def labelled() -> list[Row]:
    return read(LABELLED, "utf-8-sig", [*COLUMNS, "人工标注"])


@pytest.fixture(scope="module")
def to_classify() -> list[Row]:
    return read(TO_CLASSIFY, "gb18030", COLUMNS)


def bare(text: str) -> str:
    """The letters, digits and characters of a comment: no spaces, punctuation or emoji."""
    return re.sub(r"[\W_]", "", text).lower()


def bigrams(text: str) -> frozenset[str]:
    return frozenset(a + b for a, b in pairwise(bare(text)))


def near_pairs(texts: list[str], limit: float) -> list[tuple[str, str]]:
    """Pairs whose character bigrams have a Jaccard similarity of at least the limit."""
    known = sorted(((bigrams(text), text) for text in texts), key=lambda pair: len(pair[0]))
    found = []
    for i, (left, left_text) in enumerate(known):
        for right, right_text in known[i + 1 :]:
            if len(left) < limit * len(right):
                break  # sorted by size: from here on the sizes alone keep them apart
            if len(left & right) >= limit * len(left | right):
                found.append((left_text, right_text))
    return found


def comments(rows: list[Row]) -> list[str]:
    return [row["评论内容"] for row in rows if row["评论内容"].strip()]


def test_near_pairs_finds_what_it_should() -> None:
    assert near_pairs(["房间很干净，服务很好", "今天下雨", "房间很干净！服务也很好"], 0.6)
    assert near_pairs(["味道不错", "味道，不错"], 0.6)
    assert not near_pairs(["房间很干净，服务很好", "房间太小了，服务也差"], 0.6)


def test_labelled_file_is_utf8_with_bom_and_crlf() -> None:
    raw = LABELLED.read_bytes()
    assert raw.startswith(BOM)
    assert raw.count(BOM) == 1
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


def test_file_to_classify_is_gb18030_and_crlf(to_classify: list[Row]) -> None:
    raw = TO_CLASSIFY.read_bytes()
    raw.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("gbk")  # the emoji need four bytes
    inside = sum(row["评论内容"].count("\n") for row in to_classify)
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r\n") == len(to_classify) + 1
    assert raw.count(b"\n") == len(to_classify) + 1 + inside


def test_counts_of_labelled_file(labelled: list[Row]) -> None:
    assert len(labelled) >= 620
    assert {row["类别"] for row in labelled} == TOPICS
    topics = Counter(row["类别"] for row in labelled)
    assert max(topics.values()) - min(topics.values()) <= len(labelled) // 20
    labels = Counter(row["人工标注"] for row in labelled)
    empty = labels.pop("")
    assert labels == dict.fromkeys(CLASSES, 150)
    assert empty == len(labelled) - 450 >= 170


def test_labels_are_balanced_over_topics(labelled: list[Row]) -> None:
    cells = Counter((row["类别"], row["人工标注"]) for row in labelled if row["人工标注"])
    assert len(cells) == len(TOPICS) * len(CLASSES)
    assert set(cells.values()) <= {37, 38}


def test_rows_are_shuffled(labelled: list[Row]) -> None:
    for column in ("类别", "人工标注"):
        run = longest = 1
        for before, after in pairwise(row[column] for row in labelled):
            run = run + 1 if before == after else 1
            longest = max(longest, run)
        assert longest < 12, column


def test_lengths(labelled: list[Row]) -> None:
    lengths = [len(row["评论内容"]) for row in labelled]
    assert 4 <= min(lengths) <= 5
    assert 250 <= max(lengths) <= 300
    assert sum(8 <= n < 40 for n in lengths) >= 250
    assert sum(40 <= n < 120 for n in lengths) >= 120
    assert sum(n >= 120 for n in lengths) >= 25


def test_comments_have_no_blanks_at_the_ends_and_one_line(labelled: list[Row]) -> None:
    for row in labelled:
        text = row["评论内容"]
        assert text == text.strip()
        assert text.isprintable()


def test_no_two_comments_alike(labelled: list[Row], to_classify: list[Row]) -> None:
    seen = Counter(bare(text) for text in comments(labelled))
    assert [text for text, n in seen.items() if n > 1] == []
    other = Counter(bare(text) for text in comments(to_classify))
    assert [text for text in other if text in seen] == []
    assert sorted(other.values())[-2:] == [1, 2]  # the one repeat


def test_no_near_template_pairs(labelled: list[Row], to_classify: list[Row]) -> None:
    texts = sorted(set(comments(labelled)) | set(comments(to_classify)))
    assert near_pairs(texts, 0.6) == []


def test_ids_are_unique_text_with_leading_zeros(labelled: list[Row], to_classify: list[Row]) -> None:
    ids = [row["编号"] for row in labelled + to_classify]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"0[0-9]{5}", name)] == []


def test_shops_scores_and_dates(labelled: list[Row], to_classify: list[Row]) -> None:
    rows = labelled + to_classify
    shops = {row["店铺"] for row in rows}
    assert all(shop and shop == shop.strip() for shop in shops)
    assert any("," in shop for shop in shops)
    assert any('"' in shop for shop in shops)
    assert {row["评分"] for row in rows} == set("12345")
    for row in rows:
        assert date.fromisoformat(row["日期"]).year == 2026
        assert len(row["日期"]) == 10


def test_scores_agree_roughly_with_labels(labelled: list[Row]) -> None:
    scores: dict[str, list[int]] = {name: [] for name in CLASSES}
    for row in labelled:
        if row["人工标注"]:
            scores[row["人工标注"]].append(int(row["评分"]))
    mean = {name: sum(values) / len(values) for name, values in scores.items()}
    assert mean["负面"] + 1 < mean["中性"] < mean["正面"] - 1
    assert max(scores["负面"]) > 3 > min(scores["正面"])  # but not always


def test_file_to_classify_is_untidy_as_promised(to_classify: list[Row]) -> None:
    texts = [row["评论内容"] for row in to_classify]
    assert len(set(comments(to_classify))) >= 150
    assert {row["类别"] for row in to_classify} == TOPICS
    assert sum(not text.strip() for text in texts) == 2
    assert sum("\n" in text for text in texts) == 1
    assert sum("," in text for text in texts) >= 5
    assert sum('"' in text for text in texts) >= 5
    assert sum(bool(re.search("[\U0001f300-\U0001faff]", text)) for text in texts) >= 10
    repeated = [text for text, n in Counter(comments(to_classify)).items() if n > 1]
    assert len(repeated) == 1
    assert texts.count(repeated[0]) == 2


def test_readme_states_the_counts(labelled: list[Row], to_classify: list[Row]) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| `{LABELLED.name}` | {len(labelled)} |" in text
    assert f"| `{TO_CLASSIFY.name}` | {len(to_classify)} |" in text
    assert "Apache-2.0" in text
