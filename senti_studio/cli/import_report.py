"""What ``senti-studio import`` says: how a file would be read, what came in, what to do next."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from senti_studio.cli.options import quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.importing import (
    CheckReport,
    ImportReport,
    ImportRequest,
    Preview,
    SniffReport,
    plain,
    suggest_label_map,
)
from senti_studio.domain.labels import Label

DELIMITER_NAMES = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "lines": "\n"}
LISTED_ROWS = 10
SHORT_TEXT = 2
"""When no comment of the first rows is longer, the text column is most likely another one."""


def column_name(terminal: Terminal, seen: Preview, index: int) -> str:
    """The name of a column in the language of the terminal, also where the file gives it none."""
    if plain(seen.columns[index]):
        return seen.display_names[index]
    return terminal.text(f"列 {index + 1}", f"column {index + 1}")


def map_option(values: Sequence[str], labels: Sequence[Label]) -> str:
    """``0=负面,1=正面``: a proposal for ``--map``; values whose meaning nobody can guess get a question mark."""
    found = suggest_label_map(values, labels)
    names = {label.key: label.name for label in labels}
    return ",".join(f"{value}={names.get(found.get(value, ''), '?')}" for value in values[:LISTED_ROWS])


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
    cells = (plain(row.cells[column]) for row in seen.rows if column < len(row.cells))
    values = sorted({cell for cell in cells if cell})
    if not values:
        return
    name = column_name(terminal, seen, column)
    words = ["senti-studio import", quoted(project), quoted(request.path)]
    wanted = plain(seen.columns[column]) or str(column + 1)
    words += [f"--label-column {quoted(wanted)}", f"--map {quoted(map_option(values, labels))}"]
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
        "options": dataclasses.asdict(request.options),
        "columns": list(sniffed.preview.columns),
        "text_column": request.text_column,
        "label_column": request.label_column,
        "guessed_label_column": seen.label_column,
        "rows": checked.rows,
        "bad_rows": checked.bad_row_count,
        "bad_bytes": checked.bad_byte_count,
        "empty_texts": checked.empty_texts,
        "longest_text": checked.longest_text,
        "encodings": [dataclasses.asdict(candidate) for candidate in sniffed.candidates],
        "is_close": sniffed.is_close,
    }


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def explain(
    terminal: Terminal, sniffed: SniffReport, request: ImportRequest, seen: Preview, checked: CheckReport
) -> None:
    """How the file would be read, all of it: encoding, structure, rows, damage, first rows."""
    delimiter = next(
        (name for name, sign in DELIMITER_NAMES.items() if sign == request.options.delimiter),
        request.options.delimiter,
    )
    text = column_name(terminal, seen, request.text_column)
    terminal.tell(
        f"{request.path}\n  编码 {request.options.encoding}，分隔符 {delimiter}，引号 {request.options.quote or '无'}，"
        f"首行{'是' if request.options.has_header else '不是'}列名，文本列：{text}",
        f"{request.path}\n  encoding {request.options.encoding}, delimiter {delimiter}, quote {request.options.quote or 'none'}, "
        f"header {'yes' if request.options.has_header else 'no'}, text column: {text}",
    )
    terminal.tell(
        f"  {checked.rows:,} 行评论；{checked.bad_row_count:,} 行格式不对，{checked.bad_byte_count:,} 处坏字节，"
        f"{checked.empty_texts:,} 行没有文本；最长 {checked.longest_text:,} 字",
        f"  {checked.rows:,} rows; {checked.bad_row_count:,} malformed, {checked.bad_byte_count:,} damaged places, "
        f"{checked.empty_texts:,} without text; the longest has {checked.longest_text:,} characters",
    )
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
    terminal.tell("\n前几行：", "\nThe first rows:")
    terminal.table(
        [terminal.text("行号", "line"), *(column_name(terminal, seen, n) for n in range(len(seen.columns)))],
        [[row.line, *[_one_line(cell[:40]) for cell in row.cells]] for row in seen.rows[:5]],
        right=[0],
    )


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
    for bad in report.bad_rows[:LISTED_ROWS]:
        terminal.say(
            f"  第 {bad.line} 行：{bad.fields} 个字段（{bad.kind}）",
            f"  line {bad.line}: {bad.fields} fields ({bad.kind})",
        )
    for place in report.bad_bytes[:LISTED_ROWS]:
        terminal.say(
            f"  第 {place.line} 行：坏字节 {place.hex}，已换成 �（{place.context}）",
            f"  line {place.line}: bad bytes {place.hex}, shown as � ({place.context})",
        )
    more = (
        report.bad_row_count
        + report.bad_byte_count
        - len(report.bad_rows[:LISTED_ROWS])
        - len(report.bad_bytes[:LISTED_ROWS])
    )
    if more > 0:
        terminal.say(f"  ……还有 {more:,} 处", f"  … and {more:,} more places")
