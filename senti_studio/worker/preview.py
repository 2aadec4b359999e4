"""Looks at files before an import: what they seem to be, their first rows, and a check of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from senti_studio.domain.comparing import EncodingComparison
from senti_studio.domain.importing import LISTED, CheckReport, ImportRequest, Preview, SniffReport, plain
from senti_studio.domain.reading import UNREADABLE, ReadOptions
from senti_studio.errors import UserError
from senti_studio.exchange.columns import distinct_names
from senti_studio.exchange.comparison import compare
from senti_studio.exchange.formulas import formulas_in_rows
from senti_studio.exchange.marks import label_joint, label_values, time_of
from senti_studio.exchange.open_file import open_records
from senti_studio.exchange.records import Record, RecordFile, remark
from senti_studio.exchange.sniff import preview, sniff
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.worker.annotations import labelling_of
from senti_studio.worker.distinct import Distinct
from senti_studio.worker.helper import Handler
from senti_studio.worker.known_texts import KnownTexts
from senti_studio.worker.progress import Emit, Pace, ShouldStop, never, tell_nobody
from senti_studio.worker.said_of_comments import SaidOfComments

_LOOK_UP_EVERY = 2048
_MOST_DISTINCT = 100_000


def sniff_file(path: Path, *, sheet: str = "", as_columns: bool = False) -> SniffReport:
    """What ``path`` seems to be; raises the errors of `exchange.sniff.sniff`."""
    return sniff(path, sheet=sheet, as_columns=as_columns)


def read_file(path: Path, options: ReadOptions, *, as_columns: bool = False) -> Preview:
    """The first rows under ``options``; raises UserError when the file is of another format."""
    return preview(path, options, as_columns=as_columns)


def check_file(
    path: Path,
    options: ReadOptions,
    *,
    text_column: int,
    label_column: int | None = None,
    part_column: int | None = None,
    annotator_column: int | None = None,
    time_column: int | None = None,
    task_column: int | None = None,
    take_annotations: bool = True,
    as_columns: bool = False,
    known: KnownTexts | None = None,
    emit: Emit = tell_nobody,
    should_stop: ShouldStop = never,
) -> CheckReport:
    """Reads the whole file and reports everything that an import would meet; nothing is written.

    ``known``: what to compare the texts with (the project); without it such rows are not counted.
    Raises UserError ``CANCELLED``, ``NO_SUCH_COLUMN``, ``NO_ROWS`` and the errors of reading.
    """
    file = open_records(path, options, as_columns=as_columns)
    request = ImportRequest(
        str(path),
        text_column,
        options,
        label_column=label_column,
        part_column=part_column,
        annotator_column=annotator_column,
        time_column=time_column,
        task_column=task_column,
        take_annotations=take_annotations,
    )
    require_column(file, task_column)
    census = census_of(file, request)
    labelling = labelling_of(file, request)
    if task_column is not None or not labelling.is_plain:
        census.said = SaidOfComments(labelling, text=text_column, task=task_column)
    census.known = known
    return check_all(file, census, emit=emit, should_stop=should_stop)


def census_of(file: RecordFile, request: ImportRequest) -> Census:
    """What counts the records of ``file``. Raises UserError ``NO_SUCH_COLUMN``."""
    columns = (request.text_column, request.label_column, request.part_column, request.annotator_column)
    for column in (*columns, request.time_column):
        require_column(file, column)
    beside = request.label_column is None and request.take_annotations and bool(file.annotations)
    census = Census(*columns, beside=beside)
    if request.label_column is not None:
        census.time = request.time_column
    return census


def check_all(file: RecordFile, census: Census, *, emit: Emit, should_stop: ShouldStop) -> CheckReport:
    """Reads ``file`` to its end. Raises UserError ``CANCELLED``, ``NO_ROWS`` and the errors of reading."""
    pace = Pace(emit, "checking")
    records = iter(file)
    count = 0
    while chunk := list(islice(records, _LOOK_UP_EVERY)):
        census.add(chunk)
        count += len(chunk)
        if should_stop():
            raise UserError("CANCELLED")
        pace.total = int(count * file.size / max(file.bytes_read, 1))
        pace.at(count)
    if not file.tally.rows:
        raise UserError("NO_ROWS", path=str(file.path))
    pace.total = file.tally.rows
    pace.at(file.tally.rows, last=True)
    return census.report(file)


def require_column(file: RecordFile, column: int | None) -> None:
    """Raises UserError ``NO_SUCH_COLUMN`` when the file has no column of that index."""
    if column is not None and not 0 <= column < len(file.columns):
        names = list(distinct_names(file.columns))
        raise UserError("NO_SUCH_COLUMN", path=str(file.path), column=f"#{column + 1}", columns=names)


class Census:
    """Counts what a whole file holds in a few bytes a row."""

    def __init__(
        self, text: int, label: int | None, part: int | None, annotator: int | None, *, beside: bool
    ) -> None:
        self._text, self._label, self._part, self._annotator = text, label, part, annotator
        self._beside = beside
        self._unreadable = self._several = self._skipped = 0
        self._annotators: Counter[str] = Counter()
        self._texts = Distinct()
        self.said: SaidOfComments | None = None
        self.time: int | None = None
        self._bad_times = 0
        self._bad_time_lines: list[str] = []
        self.known: KnownTexts | None = None
        self._empty_texts = self._formulas = 0
        self._longest = self._longest_line = 0
        self.labels: Counter[str] = Counter()
        self._boilerplate_labels: Counter[str] = Counter()
        self.parts: Counter[str] = Counter()

    @property
    def reads_labels(self) -> bool:
        """Whether anything may turn out to be wrong with the labels of the file."""
        return self._label is not None or self._beside

    def add(self, records: Sequence[Record]) -> None:
        """Counts some records."""
        if any(record.problem in UNREADABLE for record in records if record.problem):
            readable = [record for record in records if record.problem not in UNREADABLE]
            self._unreadable += len(records) - len(readable)
            records = readable
        place = self._text
        texts = [record.cells[place].strip() for record in records]
        self._texts.add(map(hash, filter(None, texts)))
        written: Sequence[int] = ()
        if self.known is not None:
            written = self.known.add(texts)
            if self._label is not None:
                self._boilerplate_labels.update(records[at].cells[self._label] for at in written)
        if self.said is not None:
            self.said.add(records, frozenset(written))
        self._add_lengths(records, texts)
        for column, values in (
            (self._label, self.labels),
            (self._part, self.parts),
            (self._annotator, self._annotators),
        ):
            if column is not None and len(values) < _MOST_DISTINCT:
                values.update([record.cells[column] for record in records])
        if self._beside:
            for record in records:
                self._add_marks(record)
        if self.time is not None:
            self._add_times(records, self.time)
        self._formulas += formulas_in_rows([record.cells for record in records])

    def _add_lengths(self, records: Sequence[Record], texts: Sequence[str]) -> None:
        self._empty_texts += texts.count("")
        longest = max(map(len, texts), default=0)
        if longest > self._longest:
            self._longest = longest
            first = next(at for at, text in enumerate(texts) if len(text) == longest)
            self._longest_line = records[first].line

    def _add_times(self, records: Sequence[Record], column: int) -> None:
        for record in records:
            said = plain(record.cells[column])
            if said and time_of(said) is None:
                self._bad_times += 1
                if len(self._bad_time_lines) < LISTED:
                    self._bad_time_lines.append(str(record.line))

    def _add_marks(self, record: Record) -> None:
        for mark in record.marks:
            if len(self.labels) < _MOST_DISTINCT and len(mark.values) == 1:
                self.labels[mark.values[0]] += 1
            self._several += len(mark.values) > 1
            self._skipped += mark.skipped
            if mark.annotator and len(self._annotators) < _MOST_DISTINCT:
                self._annotators[mark.annotator] += 1
        self._skipped += record.state is not None and record.state.skipped

    def _label_counts(self, joint: str) -> Counter[str]:
        """Every label with its count; annotations with several are counted apart."""
        names = _stripped(self.labels)
        if self._beside:
            return names
        found: Counter[str] = Counter()
        split: list[tuple[str, tuple[str, ...], int]] = []
        for text, count in names.items():
            values = label_values(text, joint)
            if len(values) == 1:
                found[values[0]] += count
            elif values:
                split.append((text, values, count))
        for text, values, count in split:
            if (
                joint
                and joint in text
                and text[0] not in "[{"
                and not any(value in found for value in values)
            ):
                # Its parts are no labels anywhere else: it is a name that holds the separator.
                found[text] += count
            else:
                self._several += count
        return found

    def report(self, file: RecordFile) -> CheckReport:
        tally, damage = file.tally, file.damage
        labels = self._label_counts(label_joint(file.columns))
        return CheckReport(
            rows=tally.rows,
            bad_row_count=tally.bad_row_count,
            bad_rows=tuple(tally.bad_rows or ()),
            bad_byte_count=damage.count,
            bad_bytes=tuple(damage.listed or ()),
            blank_lines=tally.blank_lines,
            empty_rows=tally.empty_rows,
            empty_texts=self._empty_texts,
            duplicates=self._texts.total - self._texts.count(),
            longest_text=self._longest,
            longest_text_line=self._longest_line,
            formula_cells=self._formulas,
            label_values=tuple(labels.most_common(LISTED)),
            label_value_count=len(labels),
            part_values=tuple(_stripped(self.parts).most_common(LISTED)),
            unreadable_rows=self._unreadable,
            several_labels=self._several,
            skipped=self._skipped,
            annotators=tuple(_stripped(self._annotators).most_common(LISTED)),
            remarks=(
                *file.remarks,
                *remark("TIMES_NOT_READ", self._bad_time_lines, self._bad_times),
            ),
            in_project=self.known.in_project if self.known is not None else 0,
            boilerplate=self.known.boilerplate if self.known is not None else 0,
            patterns=self.said.patterns() if self.said is not None else (),
            joined=self.said.joined if self.said is not None else 0,
            boilerplate_labels=tuple(_stripped(self._boilerplate_labels).most_common(LISTED)),
        )


def _stripped(values: Counter[str]) -> Counter[str]:
    """Values without the blanks and invisible characters around them; empty cells left out."""
    found: Counter[str] = Counter()
    for value, count in values.items():
        if name := plain(value):
            found[name] += count
    return found


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker preview``."""
    return {"sniff": _sniff, "read": _read, "check": _check, "compare": _compare}


def _compare(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> EncodingComparison:
    has_damage = params.get("has_damage", True)
    return compare(Path(params["path"]), params["encodings"], has_damage=has_damage)


def _sniff(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> SniffReport:
    sheet, as_columns = params.get("sheet", ""), params.get("as_columns", False)
    return sniff_file(Path(params["path"]), sheet=sheet, as_columns=as_columns)


def _read(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Preview:
    options = from_json(ReadOptions, params["options"])
    return read_file(Path(params["path"]), options, as_columns=params.get("as_columns", False))


def _check(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> CheckReport:
    return check_file(
        Path(params["path"]),
        from_json(ReadOptions, params["options"]),
        text_column=params["text_column"],
        label_column=params.get("label_column"),
        part_column=params.get("part_column"),
        annotator_column=params.get("annotator_column"),
        time_column=params.get("time_column"),
        task_column=params.get("task_column"),
        as_columns=params.get("as_columns", False),
        known=KnownTexts(
            Path(params["project"]) if params.get("project") else None, params.get("boilerplate_texts")
        ),
        emit=emit,
        should_stop=should_stop,
    )
