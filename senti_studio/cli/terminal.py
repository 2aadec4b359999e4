"""What commands say: results on stdout, progress and warnings on stderr, one JSON object for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from senti_studio.messages import Message, message


class _Left(ProgressColumn):
    """Time left as the worker reckons it, not as the bar guesses."""

    def render(self, task: Task) -> Text:
        eta = task.fields.get("eta", -1.0)
        if eta is None or eta < 1:
            return Text("")
        return Text(f"-{int(eta) // 60:02d}:{int(eta) % 60:02d}", style="cyan")


@dataclass(slots=True)
class Bar:
    """One progress bar; unknown totals show a moving bar, never a made-up per cent."""

    progress: Progress
    task: TaskID

    def show(
        self, done: float, total: float | None, *, note: str = "", eta: float = -1.0, title: str | None = None
    ) -> None:
        fields: dict[str, Any] = {"note": note, "eta": eta}
        if title is not None:
            fields["description"] = title
        self.progress.update(self.task, completed=done, total=total, **fields)

    def complete(self) -> None:
        """All is done: a bar that ends before its last step (patience, a small file) must not look cut short."""
        total = self.progress.tasks[self.task].total or 1
        self.progress.update(self.task, completed=total, total=total, note="", eta=-1.0)


@dataclass(slots=True)
class Terminal:
    """``open_window`` opens the window on a project folder; ``language`` of sentences: ``zh`` | ``en``;
    ``as_json``: stdout belongs to the one JSON object."""

    open_window: Callable[..., int]
    language: str = "en"
    as_json: bool = False
    is_output_data: bool = False
    """stdout belongs to the file that is written (``-o -``)."""
    was_stopped: bool = False
    """Ctrl-C ended a run: the command did not do all of its work."""
    _warned: set[str] = field(default_factory=set)

    def say(self, zh: str, en: str) -> None:
        """How it goes, on stderr: whoever keeps the results in a file still sees it."""
        click.echo(zh if self.language == "zh" else en, err=True)

    def tell(self, zh: str, en: str) -> None:
        """What came out, on stdout with the tables (on stderr where stdout belongs to data)."""
        click.echo(zh if self.language == "zh" else en, err=self.as_json or self.is_output_data)

    def text(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def sentence(self, code: str, params: Mapping[str, Any] | None = None) -> Message:
        return message(code, params, self.language)

    def warn(self, code: str, params: Mapping[str, Any] | None = None, *, once: bool = False) -> None:
        """``once``: not where the very same was said before."""
        text = self.sentence(code, params)
        line = f"! {text}"
        if once and line in self._warned:
            return
        self._warned.add(line)
        click.echo(line, err=True)

    def result(self, values: Mapping[str, Any]) -> None:
        """The one JSON object of ``--json``."""
        click.echo(json.dumps(values, ensure_ascii=False, default=str))

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()
    ) -> None:
        """A table on stdout; columns whose index is in ``right`` are aligned right."""
        sys.stdout.flush()
        table = Table(box=None, pad_edge=False, header_style="bold")
        for index, name in enumerate(columns):
            table.add_column(name, justify="right" if index in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*[Text(str(cell)) for cell in row])
        # A pipe has no width: nothing may be folded there.
        width = None if sys.stdout.isatty() else 400
        Console(file=sys.stdout, highlight=False, width=width).print(table)

    @contextmanager
    def bar(self, title: str, *, quiet: bool = False) -> Iterator[Bar]:
        """A progress bar on stderr with a note and the time left; ``quiet`` (``--json``) shows none."""
        console = Console(file=sys.stderr, highlight=False)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}", style="dim"),
            _Left(),
        )
        with Progress(*columns, console=console, disable=quiet, refresh_per_second=8) as progress:
            yield Bar(progress, progress.add_task(title, total=None, note="", eta=-1.0))
