"""Sniffing: encoding over the whole file, delimiter, quoting, header, columns; what is no table is
named."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from senti_studio.domain.importing import ONE_COLUMN, SniffReport
from senti_studio.errors import UserError
from senti_studio.exchange.columns import column_index, distinct_names, guess_columns
from senti_studio.exchange.encodings import sniff_encoding
from senti_studio.exchange.sniff import sniff, structure_for
from senti_studio.messages import CATALOGUE

SIMPLIFIED = "这家店的味道不错，服务员态度也很好，下次还会再来的"
TRADITIONAL = "這家店的味道不錯，服務員態度也很好，下次還會再來的"


def table(sentence: str, rows: int = 200) -> str:
    generator = random.Random(1)
    lines = ["编号,评论,标签" if sentence is SIMPLIFIED else "編號,評論,標籤"]
    for number in range(rows):
        start = generator.randrange(len(sentence) - 6)
        lines.append(f"{number:06d},{sentence[start : start + generator.randint(4, 20)]},{number % 2}")
    return "\r\n".join(lines) + "\r\n"


def put(tmp_path: Path, content: bytes, name: str = "评论 表.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encoding(tmp_path: Path, encoding: str, found: str) -> None:
    report = sniff(put(tmp_path, table(SIMPLIFIED).encode(encoding)))
    assert report.options.encoding == found
    assert report.preview.columns == ("编号", "评论", "标签")
    assert report.preview.rows[0].cells[0] == "000000"
    assert not report.is_close


def test_big5_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    content = table(TRADITIONAL).encode("big5")
    content.decode("gb18030")  # it passes there without an error
    report = sniff(put(tmp_path, content))
    assert report.options.encoding == "big5"
    assert report.preview.columns[1] == "評論"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
@pytest.mark.parametrize("dirty", [b"\xff", b"\x80", b"\xc4"])
def test_a_few_dirty_bytes_change_nothing(tmp_path: Path, encoding: str, dirty: bytes) -> None:
    lines = table(TRADITIONAL if encoding == "big5" else SIMPLIFIED, 400).encode(encoding).split(b"\r\n")
    for number in (3, 200, 380):
        lines[number] = lines[number][:-2] + dirty + lines[number][-2:]
    report = sniff_encoding(put(tmp_path, b"\r\n".join(lines)))
    assert report.candidates[0].encoding == encoding
    assert report.candidates[0].bad_places == 3
    assert report.candidates[0].first_bad_line == 4
    assert not report.is_close


def test_the_decision_covers_the_whole_file(tmp_path: Path) -> None:
    """Three megabytes of ASCII before the first Chinese character."""
    content = b"id,text,label\n" + b"1,ok,0\n" * 450_000 + ("2," + SIMPLIFIED + ",1\n").encode("gb18030") * 30
    report = sniff_encoding(put(tmp_path, content))
    assert report.candidates[0].encoding == "gb18030"
    assert report.candidates[0].bad_places == 0


def test_every_candidate_shows_the_same_line(tmp_path: Path) -> None:
    report = sniff_encoding(put(tmp_path, b"id,text\n1,abc\n" + ("2," + SIMPLIFIED + "\n").encode("gb18030")))
    assert report.sample_line == 3
    assert report.candidates[0].sample == "2," + SIMPLIFIED
    assert {candidate.encoding for candidate in report.candidates} == {
        "utf-8",
        "gb18030",
        "big5",
        "windows-1252",
    }


def test_western_text_is_windows_1252(tmp_path: Path) -> None:
    content = ("id,text\n" + "1,Le café était très bon à Besançon\n" * 30).encode("cp1252")
    assert sniff_encoding(put(tmp_path, content)).candidates[0].encoding == "windows-1252"


@pytest.mark.parametrize("word", ["垃圾", "很差", "味道不错", "物流快", "破损"])
def test_two_characters_are_enough(tmp_path: Path, word: str) -> None:
    report = sniff_encoding(put(tmp_path, f"id,text\n1,{word}\n".encode("gb18030")))
    assert report.candidates[0].encoding == "gb18030"


def test_ascii_is_utf8(tmp_path: Path) -> None:
    report = sniff_encoding(put(tmp_path, b"id,text\n1,very good\n"))
    assert (report.candidates[0].encoding, report.candidates[0].reason) == ("utf-8", "ascii")


def test_quotes_that_never_close_mean_no_quoting(tmp_path: Path) -> None:
    lines = ["label\ttext_a"] + [f"{n % 2}\t评论第{n}条，还不错" for n in range(300)]
    for number in (20, 120, 250):
        lines[number] = '1\t"没有关的引号'
    report = sniff(put(tmp_path, "\n".join(lines).encode(), "训练.tsv"))
    assert (report.options.delimiter, report.options.quote) == ("\t", "")
    assert len(report.preview.rows) == 200


def test_quoted_commas_mean_quoting(tmp_path: Path) -> None:
    content = 'id,text\n1,"好,真好"\n2,"坏,真坏"\n3,"没关\n4,一般\n'
    report = sniff(put(tmp_path, content.encode()))
    assert (report.options.delimiter, report.options.quote) == (",", '"')
    assert report.preview.rows[2].problem == "unbalanced quote"
    assert [row.line for row in report.preview.rows] == [2, 3, 4, 5]


def test_one_comment_a_line(tmp_path: Path) -> None:
    content = "好吃，推荐\n不好吃,再也不来,真的\n一般,般\n还行\n物流快，包装好\n"
    report = sniff(put(tmp_path, content.encode(), "评论.txt"))
    assert (report.options.delimiter, report.options.has_header) == (ONE_COLUMN, False)
    assert len(report.preview.rows) == 5


def test_header_of_unknown_words(tmp_path: Path) -> None:
    content = "门店号,顾客说,打了几分\n" + "".join(
        f"{n},味道还可以，第{n}次来了,{n % 5}\n" for n in range(50)
    )
    report = sniff(put(tmp_path, content.encode()))
    assert report.options.has_header
    assert report.preview.text_column == 1


def test_another_encoding_looks_at_the_structure_again(tmp_path: Path) -> None:
    path = put(tmp_path, table(SIMPLIFIED).encode("gb18030"))
    assert structure_for(path, "gb18030").delimiter == ","


def workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\xef\xbb\xbf", "FILE_EMPTY"),
        (b"\xff\xfe", "FILE_EMPTY"),
        (b" \r\n \t\n", "FILE_EMPTY"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "FILE_IS_WORKBOOK"),
        (b"%PDF-1.7\n...", "FILE_IS_BINARY"),
        (bytes(range(256)) * 40, "FILE_NOT_TEXT"),
        (bytes(4000), "FILE_EMPTY"),
        (b"Rar!\x1a\x07\x00" + b"x" * 90, "FILE_IS_ARCHIVE"),
        (b"PK\x03\x04" + b"x" * 90, "FILE_IS_ARCHIVE"),
        (b"<!DOCTYPE html>\n<html><table><tr><td>1</td></tr></table></html>", "FILE_IS_HTML"),
        (b'[{"text": "a"}, {"text": "b"', "JSON_DAMAGED"),
        (b'{\n "text": "a",\n "label": 1\n}\n', "JSON_NOT_A_LIST"),
        (b"\x1f\x8b\x08\x00 broken", "ARCHIVE_DAMAGED"),
        (b"id,text,label\n", "NO_ROWS"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(UserError) as caught:
        sniff(put(tmp_path, content))
    assert caught.value.code == code
    assert caught.value.params["path"].endswith("评论 表.csv")


def test_a_workbook_named_csv(tmp_path: Path) -> None:
    workbook(tmp_path / "假.csv")  # nothing but the names of its parts
    with pytest.raises(UserError) as caught:
        sniff(tmp_path / "假.csv")
    assert (caught.value.code, caught.value.params["kind"]) == ("FILE_DAMAGED", "Excel xlsx")


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="FILE_NOT_FOUND"):
        sniff(tmp_path / "没有.csv")
    with pytest.raises(UserError, match=r"CANNOT_READ|NO_PERMISSION"):
        sniff(tmp_path)


def test_weibo_brackets_are_no_json(tmp_path: Path) -> None:
    content = "[心]今天真开心\n{笑}还不错\n[泪]唉\n"
    assert len(sniff(put(tmp_path, content.encode(), "微博.txt")).preview.rows) == 3


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["好吃", ",", '"', "\n", "\r", "\t", "0", " ", "a", "\x00", "\xff", "\x80", "{", "<"])
    )
)
def test_any_bytes_are_read_or_refused_by_code(tmp_path: Path, pieces: list[str]) -> None:
    """Never another exception, never a row without its columns."""
    content = b"".join(piece.encode("latin-1" if len(piece) == 1 else "gb18030") for piece in pieces)
    path = put(tmp_path, content)
    found: SniffReport | UserError
    try:
        found = sniff(path)
    except UserError as error:
        found = error
    if isinstance(found, UserError):
        assert found.code in CATALOGUE
    else:
        assert {len(row.cells) for row in found.preview.rows} == {len(found.preview.columns)}


def test_words_of_sentiment_go_before_a_vague_name() -> None:
    rows = [
        ["外卖" if n % 2 else "酒店", f"第 {n} 条评论写得很长", "正面" if n % 3 else "负面"]
        for n in range(60)
    ]
    assert guess_columns(("类别", "评论", "结论"), rows).label == 2
    assert guess_columns(("类别", "评论", "备注"), [[a, b, "略"] for a, b, _ in rows]).label == 0


def test_columns_by_name_and_content() -> None:
    rows = [
        [f"u{n}", "2026-07-01", f"第{n}次来，味道很好", "正面" if n % 2 else "负面", "dev"] for n in range(40)
    ]
    guess = guess_columns(("a", "b", "c", "d", "e"), rows)
    assert (guess.text, guess.label, guess.part) == (2, 3, None)
    guess = guess_columns(("a", "b", "\ufeff 评论 ", "x", "Split"), rows)
    assert (guess.text, guess.part) == (2, 4)
    guess = guess_columns(("id", "n"), [[str(n), str(n * 7)] for n in range(40)])
    assert guess.text is None


def test_column_names_stay_distinct_and_findable() -> None:
    columns = ("text", "", "text", "text (2)", "\u200bText ")
    shown = distinct_names(columns)
    assert len(set(shown)) == 5
    assert all(shown)
    assert column_index(columns, "text") == 0
    assert column_index(columns, shown[2]) == 2
    assert column_index(columns, "#2") == 1
    assert column_index(("评论 ", "标签"), "评论") == 0
    with pytest.raises(UserError, match="NO_SUCH_COLUMN"):
        column_index(columns, "没有")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5-hkscs", "呢間餐廳嘅服務好好，我會再嚟"),
        ("shift_jis", "とても美味しいです。また来たい"),
        ("euc-kr", "정말 맛있어요 또 올게요 별로예요"),
    ],
)
def test_neighbours_of_chinese_are_found_and_asked_about(tmp_path: Path, encoding: str, text: str) -> None:
    """All of them are valid GB18030 too, without a single damaged place."""
    report = sniff(put(tmp_path, f"id,text\n1,{text}\n2,{text}\n".encode(encoding)))
    assert report.options.encoding == encoding
    assert report.preview.rows[0].cells[1] == text
    assert report.is_close
    assert not report.is_doubtful


def test_what_reads_well_in_no_encoding_is_doubtful(tmp_path: Path) -> None:
    report = sniff(put(tmp_path, "id,text\n1,Очень хороший и быстрый\n2,Плохо\n".encode("cp1251")))
    assert report.is_close
    assert report.is_doubtful
    assert not sniff(put(tmp_path, table(SIMPLIFIED).encode("gb18030"))).is_doubtful


def test_a_mark_of_utf8_before_gbk_is_not_believed(tmp_path: Path) -> None:
    report = sniff(put(tmp_path, b"\xef\xbb\xbf" + table(SIMPLIFIED).encode("gb18030")))
    assert report.options.encoding == "gb18030"
    assert not report.preview.columns[0].startswith(("\ufeff", "锘"))
    assert report.preview.columns == sniff(put(tmp_path, table(SIMPLIFIED).encode("gb18030"))).preview.columns
