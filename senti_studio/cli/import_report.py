"""What ``senti-studio import`` says: how a file would be read, what came in, what to do next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from senti_studio.cli.label_map import can_be_typed, proposal, values_in
from senti_studio.cli.options import quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.importing import (
    BadBytes,
    BadRow,
    CheckReport,
    ImportReport,
    ImportRequest,
    Preview,
    SniffReport,
    plain,
)
from senti_studio.domain.labels import Label
from senti_studio.domain.reading import TEXT_FORMATS, UNREADABLE, Remark

DELIMITER_NAMES = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "lines": "\n"}
Say = Callable[[str, str], None]

_BAD_KINDS = {
    "too few fields": "单元格太少，已补空",
    "too many fields": "单元格太多，多出的并入最后一格",
    "unbalanced quote": "引号没有成对",
    "stray quote": "单元格里有单独的引号",
    "damaged bytes": "有坏字节",
    "unknown field": "有别处没有的字段",
    "invalid JSON": "JSON 不完整或写错",
    "not an object": "不是 JSON 对象",
    "nested too deeply": "嵌套太深",
}
LISTED_ROWS = 10
FIRST_ROWS = 5
_MOST_LABELS = 30
SHORT_TEXT = 2
"""When no comment of the first rows is longer, the text column is most likely another one."""


def column_name(terminal: Terminal, seen: Preview, index: int) -> str:
    """The name of a column in the language of the terminal, also where the file gives it none."""
    if plain(seen.columns[index]):
        return seen.display_names[index]
    return terminal.text(f"列 {index + 1}", f"column {index + 1}")


def labels_hint(
    terminal: Terminal,
    project: Path,
    request: ImportRequest,
    seen: Preview,
    labels: Sequence[Label],
    *,
    came_in: bool,
) -> None:
    """Names the column that looks like labels and the options that take it; says nothing where there is none.

    ``came_in``: the file is in the project already, so that the command has to replace it.
    """
    column = seen.label_column
    if column is None or request.label_column is not None or column == request.text_column:
        return
    values = values_in(Path(request.path), request.options, column, most=_MOST_LABELS)
    if not values or len(values) > _MOST_LABELS:
        return  # nothing, or so many different ones that they are no labels after all
    name = column_name(terminal, seen, column)
    words = ["senti-studio import", quoted(project), quoted(request.path)]
    wanted = plain(seen.columns[column]) or str(column + 1)
    words.append(f"--label-column {quoted(wanted)}")
    proposed = proposal(values, labels)
    words += [proposed] if proposed else []
    if not all(map(can_be_typed, values)):
        words.append("--ignore-unmapped")
    if came_in:
        words.append("--replace")
    terminal.tell(
        f"  列“{name}”看起来是标签（{'、'.join(values[:LISTED_ROWS])}），这次没有读取。要读取它，请核对含义后运行：\n    {' '.join(words)}",
        f"  The column “{name}” looks like labels ({', '.join(values[:LISTED_ROWS])}) and was not read. To take it, check the meanings and run:\n    {' '.join(words)}",
    )


def warn_of_short_texts(terminal: Terminal, request: ImportRequest, seen: Preview) -> None:
    """A column of 0 and 1 is hardly the one with the comments."""
    column = request.text_column
    longest = max((len(row.cells[column]) for row in seen.rows if column < len(row.cells)), default=0)
    if longest <= SHORT_TEXT:
        name = column_name(terminal, seen, column)
        terminal.say(
            f"! 文本列“{name}”里最长的只有 {longest} 个字：确定它是评论吗？换一列用 --text-column。",
            f"! The longest text of the column “{name}” has {longest} characters: are these the comments? "
            "--text-column chooses another column.",
        )


def reading(
    sniffed: SniffReport, request: ImportRequest, seen: Preview, checked: CheckReport
) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "path": request.path,
        "format": sniffed.format,
        "sheets": [dataclasses.asdict(sheet) for sheet in sniffed.sheets],
        "options": dataclasses.asdict(request.options),
        "columns": list(seen.columns),
        "text_column": request.text_column,
        "label_column": request.label_column,
        "guessed_label_column": seen.label_column,
        "guessed_part_column": seen.part_column,
        "guessed_annotator_column": seen.annotator_column,
        "guessed_time_column": seen.time_column,
        "annotations": seen.annotations,
        "first_rows": [{"line": row.line, "cells": list(row.cells)} for row in seen.rows[:FIRST_ROWS]],
        "rows": checked.rows,
        "bad_rows": checked.bad_row_count,
        "bad_row_list": [dataclasses.asdict(row) for row in checked.bad_rows],
        "bad_bytes": checked.bad_byte_count,
        "bad_byte_list": [dataclasses.asdict(place) for place in checked.bad_bytes],
        "blank_lines": checked.blank_lines,
        "empty_rows": checked.empty_rows,
        "duplicates": checked.duplicates,
        "in_project": checked.in_project,
        "boilerplate": checked.boilerplate,
        "label_values": dict(checked.label_values),
        "part_values": dict(checked.part_values),
        "annotators": dict(checked.annotators),
        "several_labels": checked.several_labels,
        "skipped": checked.skipped,
        "remarks": [dataclasses.asdict(remark) for remark in checked.remarks],
        "empty_texts": checked.empty_texts,
        "longest_text": checked.longest_text,
        "encodings": [dataclasses.asdict(candidate) for candidate in sniffed.candidates],
        "is_close": sniffed.is_close,
        "is_doubtful": sniffed.is_doubtful,
    }


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def explain(
    terminal: Terminal, sniffed: SniffReport, request: ImportRequest, seen: Preview, checked: CheckReport
) -> None:
    """How the file would be read, all of it: encoding, structure, rows, damage, first rows."""
    text = column_name(terminal, seen, request.text_column)
    how = _how_it_is_read(terminal, sniffed, request)
    terminal.tell(f"{request.path}\n  {how}，文本列：{text}", f"{request.path}\n  {how}, text column: {text}")
    terminal.tell(
        f"  {checked.rows:,} 行评论；{checked.bad_row_count:,} 行格式不对，{checked.bad_byte_count:,} 处坏字节，"
        f"{checked.empty_texts:,} 行没有文本；最长 {checked.longest_text:,} 字",
        f"  {checked.rows:,} rows; {checked.bad_row_count:,} malformed, {checked.bad_byte_count:,} damaged places, "
        f"{checked.empty_texts:,} without text; the longest has {checked.longest_text:,} characters",
    )
    if checked.duplicates or checked.in_project or checked.boilerplate:
        terminal.tell(
            f"  {checked.duplicates:,} 行与前面的行相同，{checked.in_project:,} 行的文本项目里已有，"
            f"{checked.boilerplate:,} 行是平台自动填写的",
            f"  {checked.duplicates:,} rows repeat an earlier one, {checked.in_project:,} have a text that the "
            f"project has already, {checked.boilerplate:,} were written by the platform",
        )
    options = request.options
    _tell_bad_places(terminal.tell, checked.bad_rows, checked.bad_bytes, on_bad=options.on_bad)
    tell_remarks(terminal, terminal.tell, checked.remarks)
    if sniffed.candidates:
        _explain_encodings(terminal, sniffed)
    terminal.tell("\n前几行：", "\nThe first rows:")
    terminal.table(
        [terminal.text("行号", "line"), *(column_name(terminal, seen, n) for n in range(len(seen.columns)))],
        [[row.line, *[_one_line(cell[:40]) for cell in row.cells]] for row in seen.rows[:FIRST_ROWS]],
        right=[0],
    )


def _how_it_is_read(terminal: Terminal, sniffed: SniffReport, request: ImportRequest) -> str:
    options = request.options
    parts = [terminal.text(f"格式 {sniffed.format}", f"format {sniffed.format}")]
    if options.format == "xlsx":
        shown = options.sheet or next((one.name for one in sniffed.sheets if not one.is_hidden), "")
        others = [one.name for one in sniffed.sheets if one.name != shown]
        more = (
            terminal.text(f"（另有：{'、'.join(others)}）", f" (also: {', '.join(others)})") if others else ""
        )
        parts.append(terminal.text(f"工作表“{shown}”{more}", f"sheet “{shown}”{more}"))
    if options.format in TEXT_FORMATS:
        parts.append(terminal.text(f"编码 {options.encoding}", f"encoding {options.encoding}"))
    if options.format == "csv":
        name = next(
            (name for name, sign in DELIMITER_NAMES.items() if sign == options.delimiter), options.delimiter
        )
        parts.append(terminal.text(f"分隔符 {name}", f"delimiter {name}"))
        parts.append(terminal.text(f"引号 {options.quote or '无'}", f"quote {options.quote or 'none'}"))
    if options.format in ("csv", "xlsx"):
        parts.append(
            terminal.text(
                f"首行{'是' if options.has_header else '不是'}列名",
                f"header {'yes' if options.has_header else 'no'}",
            )
        )
    return terminal.text("，", ", ").join(parts)


def warn_of_close_encodings(terminal: Terminal, sniffed: SniffReport, chosen: str | None) -> None:
    """Two encodings are equally likely, and nobody said which one it is."""
    if not sniffed.is_close or chosen not in (None, "", "auto"):
        return
    first, second = (one.encoding for one in sniffed.candidates[:2])
    path = quoted(sniffed.path)
    if sniffed.is_doubtful:
        terminal.say(
            f"! 编码很可疑：按哪种编码读都不像中文（暂按 {first} 读取）。用 senti-studio inspect {path} 比较，"
            f"用 --encoding 指定；也可以把文件另存为 UTF-8 再导入。",
            f"! The encoding is doubtful: the file reads like Chinese in none of them (read as {first} for now). "
            f"Compare with senti-studio inspect {path}; --encoding chooses; or save the file as UTF-8 first.",
        )
        return
    terminal.say(
        f"! 编码可能是 {first}，也可能是 {second}（按 {first} 读取）。用 senti-studio inspect {path} 比较，"
        f"用 --encoding 指定。",
        f"! The encoding may be {first} or {second} (read as {first}). Compare with senti-studio inspect "
        f"{path}; --encoding chooses.",
    )


def _explain_encodings(terminal: Terminal, sniffed: SniffReport) -> None:
    terminal.tell(
        "\n按各种编码读到的同一行（坏处最少、读得通的就是对的）：",
        "\nThe same line in each encoding (the right one reads well and has the fewest damaged places):",
    )
    terminal.table(
        ["编码", "坏处", f"第 {sniffed.sample_line} 行"]
        if terminal.language == "zh"
        else ["encoding", "damaged", f"line {sniffed.sample_line}"],
        [[one.encoding, f"{one.bad_places:,}", _one_line(one.sample)[:60]] for one in sniffed.candidates],
        right=[1],
    )


def explain_columns(terminal: Terminal, seen: Preview, checked: CheckReport) -> None:
    """Every column with its guessed use, and what the label and part columns hold."""
    uses = {
        seen.text_column: terminal.text("文本", "text"),
        seen.label_column: terminal.text("标签", "label"),
        seen.part_column: terminal.text("切分", "part"),
        seen.annotator_column: terminal.text("标注者", "annotator"),
        seen.time_column: terminal.text("标注时间", "time of the label"),
        seen.seconds_column: terminal.text("用时", "seconds taken"),
        seen.task_column: terminal.text("评论编号", "number of the comment"),
    }
    terminal.tell("\n列：", "\nColumns:")
    terminal.table(
        terminal.text("序号 列名 看起来是", "no. column looks-like").split(),
        [
            [place + 1, column_name(terminal, seen, place), uses.get(place, "")]
            for place in range(len(seen.columns))
        ],
        right=[0],
    )
    for zh, en, values in (
        ("标签", "Labels", checked.label_values),
        ("切分", "Parts", checked.part_values),
        ("标注者", "Annotators", checked.annotators),
    ):
        if values:
            listed = [f"{value} {count:,}" for value, count in values[:20]]
            terminal.tell(f"{zh}：{'、'.join(listed)}", f"{en}: {', '.join(listed)}")


def tell_remarks(terminal: Terminal, say: Say, remarks: Sequence[Remark]) -> None:
    """What a file holds that plain cells do not say."""
    for remark in remarks:
        words = terminal.sentence(remark.code, {"count": f"{remark.count:,}", "places": list(remark.places)})
        say(f"  {words}", f"  {words}")


def tell(terminal: Terminal, report: ImportReport, request: ImportRequest) -> None:
    """What came in, and every row and byte that is not as it should be."""
    terminal.tell(
        f"✓ {report.name}：{report.rows:,} 条评论，其中 {report.labelled:,} 条带标签（编码 {request.options.encoding}，{report.seconds:.1f} 秒）",
        f"✓ {report.name}: {report.rows:,} comments, {report.labelled:,} labelled ({request.options.encoding}, {report.seconds:.1f} s)",
    )
    if report.unmapped:
        terminal.say(
            f"  {report.unmapped:,} 行的标签值没有对应，按未标注导入",
            f"  {report.unmapped:,} rows with other label values came in unlabelled",
        )
    _tell_annotations(terminal, report)
    tell_remarks(terminal, terminal.say, report.remarks)
    _tell_bad_places(terminal.say, report.bad_rows, report.bad_bytes, on_bad=request.options.on_bad)
    more = (
        report.bad_row_count
        + report.bad_byte_count
        - len(report.bad_rows[:LISTED_ROWS])
        - len(report.bad_bytes[:LISTED_ROWS])
    )
    if more > 0:
        terminal.say(f"  ……还有 {more:,} 处", f"  … and {more:,} more places")


def _tell_annotations(terminal: Terminal, report: ImportReport) -> None:
    if report.annotators:
        listed = [f"{name} {count:,}" for name, count in report.annotators[:LISTED_ROWS]]
        terminal.say(f"  标注者：{'、'.join(listed)}", f"  Annotators: {', '.join(listed)}")
    for count, zh, en in (
        (report.joined, "行是前一条评论的另一个标注", "rows were annotations of the comment before"),
        (
            report.disputed,
            "条评论的标注者意见不一，训练时不用",
            "comments about which annotators disagree (left out of training)",
        ),
        (
            report.several_labels,
            "个标注有多个标签，按未标注导入",
            "annotations with several labels came in unlabelled",
        ),
        (report.skipped, "条评论被跳过", "comments were skipped"),
        (report.skipped_bad, "行没有导入（格式不对）", "malformed rows were left out"),
        (
            report.excluded,
            "行是平台自动填写的，已导入，不用于标注和训练（数据页可恢复）",
            "rows were written by the platform: imported, but left out of labelling and training "
            "(the Data page restores them)",
        ),
        (
            report.skipped_boilerplate,
            "行是平台自动填写的，没有导入",
            "rows that the platform wrote were left out",
        ),
    ):
        if count:
            terminal.say(f"  {count:,} {zh}", f"  {count:,} {en}")


def _tell_bad_places(
    say: Say, rows: Sequence[BadRow], places: Sequence[BadBytes], *, on_bad: str = "replace"
) -> None:
    for bad in rows[:LISTED_ROWS]:
        kind = _BAD_KINDS.get(bad.kind, bad.kind)
        if bad.kind in UNREADABLE:  # it has no fields that could be counted
            say(f"  第 {bad.line} 行：{kind}", f"  line {bad.line}: {bad.kind}")
            continue
        say(
            f"  第 {bad.line} 行：{bad.fields} 个字段（{kind}）",
            f"  line {bad.line}: {bad.fields} field{'' if bad.fields == 1 else 's'} ({bad.kind})",
        )
    zh, en = {
        "remove": ("已去掉", "removed"),
        "skip-row": ("这一行没有导入", "its row was left out"),
    }.get(on_bad, ("已换成 �", "shown as �"))
    for place in places[:LISTED_ROWS]:
        say(
            f"  第 {place.line} 行：坏字节 {place.hex}，{zh}（{place.context}）",
            f"  line {place.line}: bad bytes {place.hex}, {en} ({place.context})",
        )
