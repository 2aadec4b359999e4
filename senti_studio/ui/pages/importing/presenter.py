"""Reads files through ``worker preview`` and keeps the plan of the one in view; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.comments import Source
from senti_studio.domain.comparing import EncodingComparison
from senti_studio.domain.importing import CheckReport, ImportProgress, Preview, ReadOptions, SniffReport
from senti_studio.domain.labels import Label
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.job_process import JobProcess, ProcessEnd
from senti_studio.ui.operations import run_operation
from senti_studio.ui.pages.importing.plan import ImportPlan, Target, Use

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


class ImportPresenter(QObject):
    """One file after the other: sniff, then a check of the whole file behind the user's decisions."""

    sniffing = Signal(object)
    """Path: the file is being looked at for the first time."""
    sniffed = Signal()
    """A plan is there."""
    preview_changed = Signal()
    """Rows or columns were read anew."""
    plan_changed = Signal()
    """Uses, targets, counts: everything but the rows."""
    check_progress = Signal(object)
    """`ImportProgress` of the check."""
    compared = Signal(object)
    """`EncodingComparison` of the file, None where it could not be made."""
    problem = Signal(str, object)
    """Message code and parameters: this file cannot be read."""

    def __init__(self, parent: QObject | None = None, *, as_columns: bool = False) -> None:
        """``as_columns``: what our own exports say of comments stays columns, as in a file to classify."""
        super().__init__(parent)
        self._as_columns = as_columns
        self.queue: list[Path] = []
        self.path: Path | None = None
        self.place = 0
        """Which file of the list is in view, from 1."""
        self.plan: ImportPlan | None = None
        self.labels: tuple[Label, ...] = ()
        self.project_folder = ""
        """Whose comments the check compares the texts with; empty for a new project."""
        self._model: ImportPlan | None = None
        self._process: JobProcess | None = None
        self._comparer: JobProcess | None = None
        self._closing: list[JobProcess] = []
        self._is_over = False
        self._request = 0
        self._check_request = 0

    @property
    def helper(self) -> JobProcess | None:
        """The helper process at work."""
        return self._process

    def start(self, paths: Sequence[Path], labels: Sequence[Label]) -> None:
        """Takes the files and looks at the first one."""
        self.labels = tuple(labels)
        self.queue = list(paths)
        self.place = 0
        self._model = None
        self.next_file()

    @property
    def files(self) -> list[Path]:
        """The file in view, and those that wait."""
        return [*([self.path] if self.path is not None else []), *self.queue]

    @property
    def list_size(self) -> int:
        """All files of the list, those that are done included."""
        return self.place + len(self.queue)

    def add(self, paths: Sequence[Path]) -> int:
        """More files, behind those that wait; says how many are new."""
        fresh = [path for path in dict.fromkeys(paths) if path not in self.files]
        self.queue += fresh
        return len(fresh)

    def replace_with(self, paths: Sequence[Path]) -> None:
        """Other files instead of the one in view, before those that wait."""
        self.queue = [*paths, *(path for path in self.queue if path not in paths)]
        self.place = max(0, self.place - 1)
        self.next_file()

    def drop(self) -> bool:
        """Takes the file in view off the list and goes on to the next; False where it was the last."""
        self.place = max(0, self.place - 1)
        return self.next_file()

    def next_file(self) -> bool:
        """Goes on to the next file of the queue; False when none is left."""
        if self.plan is not None:
            self._model = self.plan
        if not self.queue:
            return False
        self.path = self.queue.pop(0)
        self.place += 1
        self.plan = None
        self._end_comparer()
        self.sniffing.emit(self.path)
        self._request = self._ask("sniff", path=str(self.path))
        return True

    def retry(self) -> None:
        """Looks at the file, or checks it, once more; after a helper died."""
        if self.plan is not None:
            self._check()
        elif self.path is not None:
            self.replace_with([self.path])

    def forget(self) -> None:
        """No file, no queue, no helper."""
        self.queue, self.path, self.plan, self._model = [], None, None, None
        self.place = 0
        self.close()

    def close(self) -> None:
        """Ends the helper."""
        for process in (self._process, self._comparer):
            if process is not None:
                self._closing.append(process)
                process.close()
        self._process = self._comparer = None

    def close_for_good(self) -> None:
        """Ends the helper, and this object with it."""
        self._is_over = True
        self.close()
        self._delete_if_over()

    def close_and_wait(self) -> None:
        """Ends the helper, for the end of the window."""
        self.close()
        for process in list(self._closing):
            process.close_and_wait()

    def compare(self, encodings: Sequence[str]) -> None:
        """Has some lines of the file read in these encodings, beside what is under way; `compared` tells."""
        self._end_comparer()
        if self.plan is None:
            return
        damaged = {one.encoding for one in self.plan.sniff.candidates if one.bad_places}
        self._comparer = self._new_helper(self._take_comparison)
        self._comparer.request(
            "compare",
            path=str(self.plan.path),
            encodings=list(encodings),
            has_damage=encodings[0] in damaged,
        )

    # --- decisions ---

    def set_labels(self, labels: Sequence[Label]) -> None:
        """The label set of the project, after it changed or another project was opened."""
        self.labels = tuple(labels)
        if self.plan is not None:
            self.plan = self.plan.with_labels(self.labels)
            self.plan_changed.emit()

    def choose_encoding(self, encoding: str) -> None:
        """Reads the file in another encoding; the one that it is read in already is confirmed by it."""
        if self.plan is None:
            return
        self.plan = replace(self.plan, encoding_is_chosen=True)
        if encoding == self.plan.options.encoding:
            self.plan_changed.emit()
        self._read(encoding=encoding)

    def choose_delimiter(self, delimiter: str) -> None:
        """Splits the lines elsewhere."""
        self._read(delimiter=delimiter)

    def choose_quote(self, quote: str) -> None:
        """``'"'``, or empty where quotes are ordinary characters."""
        self._read(quote=quote)

    def choose_header(self, has_header: bool) -> None:
        """Whether the first line holds the names of the columns."""
        self._read(has_header=has_header)

    def choose_sheet(self, sheet: str) -> None:
        """Another sheet of the workbook; where its header stands is decided anew."""
        self._read(sheet=sheet, skip_rows=-1, has_header=True)

    def choose_on_bad(self, on_bad: str) -> None:
        """What is done with damaged bytes (`ReadOptions.on_bad`)."""
        self._read(on_bad=on_bad)

    def choose_use(self, column: int, use: Use) -> None:
        """What a column is used for; the file is checked again behind it."""
        if self.plan is None or self.plan.uses[column] is use:
            return
        self.plan = self.plan.with_use(column, use)
        self.plan_changed.emit()
        self._check()

    def choose_target(self, value: str, target: Target) -> None:
        """Where a value of the label column goes."""
        if self.plan is not None:
            self._replace_plan(self.plan.with_target(value, target))

    def make_all_new(self) -> None:
        """Every open value becomes a label."""
        if self.plan is not None:
            self._replace_plan(self.plan.with_all_new())

    def ignore_rest(self) -> None:
        """No open value becomes a label."""
        if self.plan is not None:
            self._replace_plan(self.plan.with_rest_ignored())

    def choose_part(self, value: str, part: str) -> None:
        """Which part a value of the part column means."""
        if self.plan is not None:
            self._replace_plan(replace(self.plan, parts={**self.plan.parts, value: part}))

    def skip_blank(self, on: bool) -> None:
        """Leave rows with an empty text out."""
        if self.plan is not None and self.plan.skip_blank != on:
            self._replace_plan(replace(self.plan, skip_blank=on))

    def skip_bad(self, on: bool) -> None:
        """Leave rows with the wrong number of fields out."""
        if self.plan is not None and self.plan.skip_bad != on:
            self._replace_plan(replace(self.plan, skip_bad=on))

    def choose_boilerplate(self, choice: str) -> None:
        """What becomes of rows that the platform wrote (`boilerplate.CHOICES`)."""
        if self.plan is not None and self.plan.boilerplate != choice:
            self._replace_plan(replace(self.plan, boilerplate=choice))

    def choose_boilerplate_texts(self, texts: tuple[str, ...] | None) -> None:
        """Another list of such texts; None: that of the project, which changed. The rows are counted anew."""
        if self.plan is not None:
            self._replace_plan(replace(self.plan, boilerplate_texts=texts, check=None))
            self._check()

    def look_for_twin(self, project: Project | None) -> None:
        """Tells the plan, some time later, of a source of ``project`` with the content of this file."""
        path = self.path
        if path is None or project is None:
            return

        def work() -> list[Source]:
            from senti_studio.operations.source_files import same_content

            return same_content(project, path)

        def tell(found: list[Source]) -> None:
            if found and self.plan is not None and self.plan.path == path:
                self._replace_plan(replace(self.plan, twin=found[-1].name))

        # A file that cannot be read is told by the helper, a project that cannot by the window.
        run_operation(self, work, on_success=tell, on_failure=lambda _: None)

    def _replace_plan(self, plan: ImportPlan) -> None:
        self.plan = plan
        self.plan_changed.emit()

    # --- the helper ---

    def _read(self, **changes: Any) -> None:
        if self.plan is None:
            return
        options: ReadOptions = replace(self.plan.options, **changes)
        if options == self.plan.options:
            if self.plan.check is None:
                self._check()  # back from a choice with which the file could not be read
            return
        self.plan = replace(self.plan, check=None)
        self._request = self._ask("read", path=str(self.plan.path), options=asdict(options))

    def _check(self) -> None:
        plan = self.plan
        if plan is None or plan.column(Use.TEXT) is None:
            return
        self._check_request = self._request = self._ask(
            "check",
            path=str(plan.path),
            options=asdict(plan.options),
            text_column=plan.column(Use.TEXT),
            label_column=plan.column(Use.LABEL),
            part_column=plan.column(Use.PART),
            annotator_column=plan.column(Use.ANNOTATOR),
            time_column=plan.column(Use.TIME),
            task_column=plan.column(Use.TASK),
            project=self.project_folder,
            boilerplate_texts=plan.boilerplate_texts,
        )

    def _ask(self, do: str, **params: Any) -> int:
        if self._process is None or not self._process.is_running:
            self._process = self._new_helper(self._take)
        self._process.cancel()
        return self._process.request(do, as_columns=self._as_columns, **params)

    def _new_helper(self, take: Callable[[dict[str, Any]], None]) -> JobProcess:
        process = JobProcess(self)
        process.message.connect(take)
        process.ended.connect(self._ended)
        process.start("preview")
        return process

    def _end_comparer(self) -> None:
        if self._comparer is not None:
            self._closing.append(self._comparer)
            self._comparer.close()
            self._comparer = None

    @Slot(dict)
    def _take_comparison(self, answer: dict[str, Any]) -> None:
        if self.sender() is self._comparer:
            self._end_comparer()
            is_there = answer.get("type") == "Result"
            self.compared.emit(from_json(EncodingComparison, answer) if is_there else None)

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        if answer.get("id") != self._request or self.path is None:
            return
        kind = answer.get("type")
        if kind == "Failed":
            self.problem.emit(str(answer.get("code")), {"path": str(self.path), **answer.get("params", {})})
        elif kind == "Progress":
            self.check_progress.emit(from_json(ImportProgress, answer))
        elif kind == "Result":
            self._take_result(answer)

    def _take_result(self, answer: Mapping[str, Any]) -> None:
        if "candidates" in answer:
            self._take_sniff(from_json(SniffReport, answer))
        elif "label_value_count" in answer and self.plan is not None:
            self._replace_plan(self.plan.with_check(from_json(CheckReport, answer), self.labels))
        elif self.plan is not None:
            self.plan = self.plan.with_preview(from_json(Preview, answer))
            self.preview_changed.emit()
            self.plan_changed.emit()
            self._check()

    def _take_sniff(self, report: SniffReport) -> None:
        assert self.path is not None
        self.plan = ImportPlan.from_sniff(self.path, report)
        model = self._model
        if model is not None and model.preview.columns == report.preview.columns:
            self.plan = replace(
                self.plan,
                uses=model.uses,
                targets=model.targets,
                parts=model.parts,
                skip_blank=model.skip_blank,
                skip_bad=model.skip_bad,
                boilerplate=model.boilerplate,
            )
        self.sniffed.emit()
        self.preview_changed.emit()
        self.plan_changed.emit()
        self._check()

    @Slot(object)
    def _ended(self, end: ProcessEnd) -> None:
        process = self.sender()
        comparer = self._comparer
        if process is self._process:
            self._process = None
        if comparer is not None and process is comparer:
            self._comparer = None
            self.compared.emit(None)
            end = replace(end, ok=True)
        if isinstance(process, JobProcess):
            if process in self._closing:
                self._closing.remove(process)
            process.deleteLater()
        self._delete_if_over()
        if not end.ok and self.path is not None:
            self.problem.emit(end.code, {"what": end.stderr.splitlines()[-1] if end.stderr else ""})

    def _delete_if_over(self) -> None:
        if self._is_over and not self._closing:
            self.deleteLater()
