"""Reads fastText lines: ``__label__正面 text``, quoted like CSV where they have to be, as doccano does."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from senti_studio.domain.importing import BadRow
from senti_studio.domain.reading import ReadOptions, Remark
from senti_studio.errors import UserError
from senti_studio.exchange.csv_file import parse_lines
from senti_studio.exchange.decode import Damage, TextBlocks
from senti_studio.exchange.json_values import compact
from senti_studio.exchange.raw_file import unpacked_size
from senti_studio.exchange.records import Record, Tally, settled

PREFIX = "__label__"
_COMMENT = " __comment__"
_SAMPLE = 200
# One cell a line, yet quotes count: no text holds this delimiter.
_CELLS = ReadOptions(delimiter="\x1f", quote='"')


class FastTextFile:
    """A `RecordFile` with the columns ``text`` and ``label`` (and ``Comments`` where there are any).

    Several labels become a JSON list. Raises UserError ``NO_ROWS`` and those of `TextBlocks`.
    """

    annotations = ""

    def __init__(self, path: Path, options: ReadOptions, *, keep_empty_rows: bool = False) -> None:
        self.path = path
        self.options = options
        self.tally = Tally()
        self.size = unpacked_size(path)
        self._blocks = TextBlocks(path, options.encoding, on_bad=options.on_bad)
        sample = list(islice(_lines(TextBlocks(path, options.encoding), self.tally), _SAMPLE))
        if not sample:
            raise UserError("NO_ROWS", path=str(path))
        has_comments = any(_COMMENT in line for line in sample)
        self.columns: tuple[str, ...] = ("text", "label", "Comments") if has_comments else ("text", "label")

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return self.tally.remarks

    @property
    def damage(self) -> Damage:
        return self._blocks.damage

    @property
    def bytes_read(self) -> int:
        return self._blocks.bytes_read

    def __iter__(self) -> Iterator[Record]:
        for line, cells, problem in parse_lines(_lines(self._blocks, self.tally), _CELLS, self.tally):
            self.tally.rows += 1
            cells = _cells("\x1f".join(cells), len(self.columns) > 2)
            if self.options.on_bad == "skip-row":
                cells, is_damaged = settled(cells)
                problem = problem or "damaged bytes" * is_damaged
            if problem:
                self.tally.add_bad(BadRow(self.tally.rows, line, 1, problem))
            yield Record(self.tally.rows, line, cells, len(cells), problem)


def _cells(text: str, has_comments: bool) -> list[str]:
    labels: list[str] = []
    while text.startswith(PREFIX):
        word, _, text = text.partition(" ")
        labels.append(word.removeprefix(PREFIX))
    comment = ""
    if has_comments:
        text, _, comment = text.partition(_COMMENT)
    label = labels[0] if len(labels) == 1 else compact(labels) if labels else ""
    return [text.strip(), label, comment.strip()] if has_comments else [text.strip(), label]


def _lines(blocks: Iterable[str], tally: Tally) -> Iterator[str]:
    for block in blocks:
        if "\ufeff" in block:
            tally.may_have_marks = True
        yield from io.StringIO(block, newline="")


def is_fasttext(lines: Sequence[str]) -> bool:
    """Whether lines start with a label as fastText writes it; quoted texts may go over several lines."""
    filled = [line for line in lines[:1000] if line.strip()]
    labelled = sum(line.lstrip(' "\ufeff').startswith(PREFIX) for line in filled)
    return bool(filled) and labelled >= 0.5 * len(filled)
