"""Words for what the helper found: names of encodings and delimiters, verdicts, obstacles."""

from __future__ import annotations

from senti_studio.domain.importing import ONE_COLUMN, UNREADABLE, EncodingCandidate, Preview
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.importing.plan import ImportPlan, Obstacle, Use

_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 BOM",
    "gb18030": "GB18030",
    "gbk": "GBK",
    "big5": "Big5",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "windows-1252": "Windows-1252",
    "big5-hkscs": "Big5-HKSCS",
    "shift_jis": "Shift-JIS",
    "euc-kr": "EUC-KR",
}


def encoding_name(encoding: str) -> str:
    """As people write it: ``UTF-8``, ``GB18030``."""
    return _ENCODING_NAMES.get(encoding.lower(), encoding)


def column_names(preview: Preview) -> tuple[str, ...]:
    """Names for display; a column without one is called by its place, in the language of the window."""
    return tuple(
        shown if name.strip() else tr("Column {number}").format(number=place)
        for place, (name, shown) in enumerate(zip(preview.columns, preview.display_names, strict=True), 1)
    )


def format_name(name: str) -> str:
    """``Excel (.xlsx)``: the format as `SniffReport.format` says it."""
    plain_name = name.removesuffix(".gz")
    words = {
        "csv": tr("Text table"),
        "xlsx": tr("Excel workbook"),
        "json": "JSON",
        "jsonl": "JSONL",
        "parquet": "Parquet",
        "fasttext": "fastText",
        "label_studio_json": "Label Studio JSON",
        "label_studio_json_min": "Label Studio JSON_MIN",
        "doccano_json": "doccano JSON",
        "doccano_jsonl": "doccano JSONL",
    }.get(plain_name, plain_name)
    return f"{words} (gzip)" if name.endswith(".gz") else words


def on_bad_name(on_bad: str) -> str:
    """What is done with damaged bytes."""
    return {
        "replace": tr("Show them as �"),
        "remove": tr("Remove the bytes"),
        "skip-row": tr("Leave their rows out"),
        "stop": tr("Stop, import nothing"),
    }[on_bad]


def row_words(kind: str) -> str:
    """What is done with a row of this `BadRow.kind` where such rows are kept, and what is wrong with it."""
    return {
        "too few fields": tr("filled up with empty cells"),
        "too many fields": tr("the surplus joins the last cell"),
        "unbalanced quote": tr("the lone quote is kept as a character"),
        "stray quote": tr("the lone quote is kept as a character"),
        "damaged bytes": tr("left out: damaged bytes"),
        "unknown field": tr("a field that no other row has is left out"),
        "invalid JSON": tr("left out: not complete JSON"),
        "not an object": tr("left out: no JSON object"),
        "nested too deeply": tr("left out: nested too deeply"),
    }.get(kind, kind)


def bad_row_done(plan: ImportPlan, kind: str) -> str:
    """What is done with such a row under the present decisions."""
    if plan.leaves_bad_out and kind not in UNREADABLE:
        return tr("Leave these rows out")
    return row_words(kind)


def boilerplate_name(choice: str) -> str:
    """What is done with a row that the platform wrote."""
    return {
        "keep": tr("Keep these rows"),
        "exclude": tr("Keep, but do not label or train with them"),
        "skip": tr("Leave these rows out"),
    }[choice]


def remark_name(code: str) -> str:
    """A few words for a `Remark`."""
    return {
        "MERGED_CELLS": tr("Merged cells"),
        "FORMULAS_WITHOUT_RESULT": tr("Formulas without a result"),
        "LONG_NUMBERS_CUT": tr("Long numbers cut off by Excel"),
        "ROWS_OUT_OF_ORDER": tr("Rows out of order"),
        "CELLS_TWICE": tr("Cells given twice"),
        "KEYS_TWICE": tr("Keys given twice"),
        "MARKS_INSIDE": tr("Marks of joined files"),
        "TIMES_NOT_READ": tr("Times that could not be read"),
        "MARKS_TAKEN_OFF": tr("Marks before formulas taken off"),
        "MARKS_STAY": tr("Marks before formulas"),
        "PREDICTIONS_AS_COLUMNS": tr("Predictions of models"),
        "PREDICTIONS_OF_SEVERAL": tr("Several predictions"),
        "PREDICTIONS_NOT_TAKEN": tr("Predictions not taken"),
        "OTHER_ANNOTATIONS": tr("Annotations of other kinds"),
    }.get(code, code)


def delimiter_name(delimiter: str) -> str:
    """``Comma ,``."""
    names = {
        ",": tr("Comma ,"),
        "\t": tr("Tab"),
        ";": tr("Semicolon ;"),
        "|": tr("Bar |"),
        ONE_COLUMN: tr("None (one comment a line)"),
    }
    return names.get(delimiter, delimiter)


def quote_name(quote: str) -> str:
    """``Double quote "``, or that quotes mean nothing."""
    return tr('Double quote "') if quote else tr("None")


def newline_name(newline: str) -> str:
    """``CRLF``; several kinds in one file have a word."""
    return tr("Mixed") if newline == "mixed" else newline


def verdict(candidate: EncodingCandidate) -> tuple[str, str]:
    """What the card says about the encoding, and the colour token of the words."""
    if candidate.reason == "bom":
        return tr("Marked at the start of the file"), "accent-text"
    if candidate.reason == "ascii":
        return tr("Only letters and digits"), "text2"
    if candidate.reason == "chosen":
        return tr("Chosen by you"), "text2"
    if candidate.reason in ("strict", "decodes"):
        return tr("Every byte fits"), "accent-text"
    if candidate.reason == "few_bad":
        text = tr("{count} damaged places") if candidate.bad_places else tr("Every byte fits")
        return text.format(count=formats.number(candidate.bad_places)), "accent-text"
    if candidate.reason == "not_chinese" and not candidate.bad_places:
        return tr("Readable, but not like Chinese"), "warn"
    return tr("Fails, line {line}").format(line=formats.number(candidate.first_bad_line)), "danger"


def share(candidate: EncodingCandidate) -> str:
    """Share of common characters; there is none in a file of plain letters."""
    if candidate.reason in ("ascii", "chosen"):
        return ""
    return tr("Common {share}").format(share=formats.percent(candidate.common_share))


def why(candidates: tuple[EncodingCandidate, ...]) -> str:
    """The tests behind the guess, one line each, for the popup."""
    lines = [
        tr(
            "First the mark at the start of the file, then strict UTF-8 over the whole file; "
            "otherwise the encodings are compared by damaged bytes and common characters:"
        ),
        "",
    ]
    for candidate in candidates:
        name = encoding_name(candidate.encoding)
        words, _ = verdict(candidate)
        parts = [words, tr("{count} damaged places").format(count=formats.number(candidate.bad_places))]
        if share(candidate):
            parts.append(share(candidate))
        lines.append(f"{name}: " + " · ".join(parts))
    return "\n".join(lines)


def close_encodings(plan: ImportPlan) -> str:
    """The question where two encodings are equally likely."""
    if plan.sniff.is_doubtful:
        return tr(
            "The file reads like Chinese in none of the encodings: choose the one that reads right, "
            "or save the file as UTF-8 first."
        )
    first, second = (encoding_name(one.encoding) for one in plan.sniff.candidates[:2])
    text = tr("Both {first} and {second} are possible: choose the one that reads right.")
    return text.format(first=first, second=second)


def use_name(use: Use) -> str:
    """What a column is used for."""
    return {
        Use.TEXT: tr("Text column"),
        Use.LABEL: tr("Label column"),
        Use.PART: tr("Part column"),
        Use.ANNOTATOR: tr("Annotator"),
        Use.TIME: tr("Time of the label"),
        Use.SECONDS: tr("Seconds taken"),
        Use.TASK: tr("Number of the comment"),
        Use.KEEP: tr("Keep"),
    }[use]


def part_name(part: str) -> str:
    """The part a value of the part column stands for."""
    return {
        "train": tr("Part for training"),
        "valid": tr("Part for validation"),
        "test": tr("Part for testing"),
    }.get(part, tr("No part"))


def obstacle_text(plan: ImportPlan, obstacle: Obstacle) -> str:
    """Why the next step is closed, and what opens it."""
    if obstacle is Obstacle.ENCODING_IN_DOUBT:
        return close_encodings(plan)
    if obstacle is Obstacle.OPEN_LABEL_VALUES:
        if len(plan.open_values) == 1:
            return tr("1 label value leads nowhere: choose a label for it or ignore it.")
        text = tr("{count} label values lead nowhere: choose a label for them or ignore them.")
        return text.format(count=formats.number(len(plan.open_values)))
    if obstacle is Obstacle.TOO_MANY_LABEL_VALUES:
        text = tr("The label column has {count} different values: choose another one or keep it as a column.")
        return text.format(count=formats.number(plan.check.label_value_count if plan.check else 0))
    return {
        Obstacle.NO_TEXT_COLUMN: tr("Choose the column that holds the comments."),
        Obstacle.BAD_STOPS: tr(
            "There are damaged bytes or rows that do not fit, and you chose to stop at them: "
            "correct the file, or choose something else on the right."
        ),
        Obstacle.NOT_CHECKED: tr("The whole file is being checked…"),
        Obstacle.NO_ROWS: tr("There is no row to import: try another delimiter, encoding or text column."),
    }[obstacle]
