"""Writes XLSX row by row in constant memory: every cell is text, nothing is ever a number or a formula.

Written here and not by a library, because those take a minute for what this does in seconds: a sheet of text
cells is a few lines of XML (ECMA-376, part 1).
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from typing import IO
from xml.sax.saxutils import escape

from senti_studio.errors import UserError
from senti_studio.exchange.formulas import looks_like_formula

MOST_ROWS = 1_048_576
"""Of a sheet, the header included."""
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767
"""UTF-16 units; Excel calls a file with a longer cell damaged."""

_FLUSH_AT = 1 << 20
_COMPRESSION = 3
# XML has no way to write these.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff&<>]|_x[0-9A-Fa-f]{4}_")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    # 49 is Excel's “Text”: what is typed into the cell later stays as it is typed, too.
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    "</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_TEXT, _GUARDED, _BOLD = 1, 2, 3


class WorkbookWriter:
    """Rows into sheets ``comments``, ``comments 2`` …, each with the header; a new one starts where Excel
    cannot hold more.

    ``guard``: cells that look like formulas get the mark that Excel sets for a leading ``'`` (the value of
    the cell does not change). ``replaced``: characters that XML cannot hold, written as U+FFFD;
    ``cut``: cells longer than `LONGEST_CELL`. Raises UserError ``TOO_MANY_COLUMNS``.
    """

    def __init__(self, file: IO[bytes], columns: list[str], *, guard: bool) -> None:
        if len(columns) > MOST_COLUMNS:
            raise UserError("TOO_MANY_COLUMNS", path="", count=len(columns), most=MOST_COLUMNS)
        self.replaced: Counter[str] = Counter()
        self.formulas = self.cut = 0
        self._guard = guard
        self._columns = columns
        self._letters = [column_letters(number) for number in range(1, len(columns) + 1)]
        self._zip = zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=_COMPRESSION
        )
        self._sheets = 0
        self._sheet: IO[bytes] | None = None
        self._row = 0
        self._parts: list[str] = []
        self._length = 0
        self._begin_sheet()

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows as wide as the header; empty cells take no room."""
        for cells in rows:
            if self._row >= MOST_ROWS:
                self._end_sheet()
                self._begin_sheet()
            self._add(cells, _TEXT)

    def close(self) -> None:
        """Ends the workbook; the file itself stays open."""
        self._end_sheet()
        names = [_sheet_name(number) for number in range(1, self._sheets + 1)]
        self._put("xl/styles.xml", _STYLES)
        self._put("xl/workbook.xml", _workbook(names))
        self._put("xl/_rels/workbook.xml.rels", _workbook_relations(len(names)))
        self._put("_rels/.rels", _relations())
        self._put("[Content_Types].xml", _content_types(len(names)))
        self._zip.close()

    def _put(self, name: str, text: str) -> None:
        self._zip.writestr(_entry(name), text, compresslevel=_COMPRESSION)

    def _begin_sheet(self) -> None:
        self._sheets += 1
        # Its size is not known beforehand.
        self._sheet = self._zip.open(_entry(f"xl/worksheets/sheet{self._sheets}.xml"), "w", force_zip64=True)
        self._row = 0
        self._text(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
            "</sheetViews><sheetData>"
        )
        self._add(self._columns, _BOLD)

    def _end_sheet(self) -> None:
        self._text("</sheetData></worksheet>")
        self._flush()
        if self._sheet is not None:
            self._sheet.close()
            self._sheet = None

    def _add(self, cells: Sequence[str], style: int) -> None:
        self._row += 1
        number = self._row
        written = [f'<row r="{number}">']
        for letters, cell in zip(self._letters, cells, strict=True):
            if not cell:
                continue
            look = style
            if looks_like_formula(cell):
                self.formulas += 1
                look = _GUARDED if self._guard else style
            if len(cell) > LONGEST_CELL // 2:
                cell = self._short(cell)
            if _ODD.search(cell):
                cell = self._plain(cell)
            written.append(
                f'<c r="{letters}{number}" s="{look}" t="inlineStr">'
                f'<is><t xml:space="preserve">{cell}</t></is></c>'
            )
        written.append("</row>")
        self._text("".join(written))

    def _short(self, cell: str) -> str:
        units = cell.encode("utf-16-le", "surrogatepass")
        if len(units) <= LONGEST_CELL * 2:
            return cell
        self.cut += 1
        # "ignore": half of a character at the end goes.
        return units[: LONGEST_CELL * 2].decode("utf-16-le", "ignore")

    def _plain(self, cell: str) -> str:
        lost = _IMPOSSIBLE.findall(cell)
        if lost:
            self.replaced.update(lost)
            cell = _IMPOSSIBLE.sub("\ufffd", cell)
        # Excel reads _x000D_ as a character: an underscore that only looks so is written as one itself.
        return escape(_ESCAPE_LIKE.sub("_x005F_", cell), {"\r": "&#13;"})

    def _text(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > _FLUSH_AT:
            self._flush()

    def _flush(self) -> None:
        if self._sheet is not None and self._parts:
            self._sheet.write("".join(self._parts).encode("utf-8"))
        self._parts, self._length = [], 0


def column_letters(number: int) -> str:
    """``A`` for 1, ``AA`` for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_name(number: int) -> str:
    return "comments" if number == 1 else f"comments {number}"


def _entry(name: str) -> zipfile.ZipInfo:
    # The same content gives the same file.
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>'


def _workbook_relations(count: int) -> str:
    sheets = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, count + 1)
    )
    styles = f'<Relationship Id="rId{count + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{sheets}{styles}</Relationships>'


def _relations() -> str:
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )


def _content_types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_KIND}worksheet+xml"/>'
        for number in range(1, count + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}styles+xml"/>{sheets}</Types>'
    )
