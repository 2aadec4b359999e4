"""What the page does about encoders: looks, adds, checks, downloads, removes, brings back. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.encoder_size import Machine
from senti_studio.domain.encoders import is_scratch
from senti_studio.errors import UserError
from senti_studio.ui.helper_call import HelperCall
from senti_studio.ui.operations import Failure, Operation, run_operation
from senti_studio.ui.pages.train.encoders import shelf_side
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, ShelfView

CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work under way: ``what`` is ``add`` | ``check`` | ``download``, ``name`` of what; bytes, and
    seconds left (-1 unknown)."""

    what: str
    name: str
    done: float = 0
    total: float = 0
    per_s: float = 0
    left: float = -1


class ShelfDesk(QObject):
    """One for the page. Every answer comes as a signal on the GUI thread; the network is asked by `download`
    alone."""

    changed = Signal()  # another `view`, or the machine is known
    worked = Signal()  # `work` or `loading` has news
    arrived = Signal(str)  # the name of an encoder that came onto the shelf, after `changed`
    removed = Signal(str)
    restored = Signal(str)
    renamed = Signal(str, str)  # from, to; after `changed`
    checked = Signal(str, dict)  # name, as `worker encoders` answers
    download_failed = Signal(str, object)  # code, parameters
    failed = Signal(str, object)
    broke = Signal(object)  # an exception of work in a thread

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.view = ShelfView()
        self.machine = Machine(0, 0.0)
        self.is_known = False
        self.work: Work | None = None
        self.loading: Work | None = None
        self._names: set[str] = set()
        self._future: tuple[EncoderRow, ...] = ()
        self._came: list[str] = []
        self._new_names: list[tuple[str, str]] = []
        self._looking: Operation[ShelfView] | None = None
        self._look_again = False
        self._call, self._download = HelperCall(self), HelperCall(self)
        self._call.progress.connect(self._has_progress)
        self._call.answered.connect(self._has_answer)
        self._call.failed.connect(self._has_failed)
        self._download.progress.connect(self._has_loaded)
        self._download.answered.connect(self._has_downloaded)
        self._download.failed.connect(self._has_broken_off)

    # --- looking ------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Reads the shelf again, and how fast the machine is; the answer is `changed`."""
        if self._looking is not None:
            self._look_again = True
            return
        names = tuple(self._names)
        self._looking = run_operation(
            self, lambda: shelf_side.look(names), on_success=self._looked, on_failure=self._not_looked
        )

    def expect(self, future: Sequence[EncoderRow]) -> None:
        """Adaptations have yet to make these."""
        if tuple(future) != self._future:
            self._future = tuple(future)
            self.view = replace(self.view, future=self._future)
            self.changed.emit()

    def ask_for(self, name: str) -> None:
        """Somebody wants to know of the encoder that a training names."""
        if not name or is_scratch(name) or name in self._names:
            return
        self._names.add(name)
        if self.is_known and self.view.find(name) is None:
            self.look()

    def measure(self) -> None:
        """Asks how fast the machine is. What it once did it can: it may be busy with something else now."""
        run_operation(self, shelf_side.measure, on_success=self._measured, on_failure=self._not_measured)

    def _looked(self, view: ShelfView) -> None:
        self._looking = None
        self.view, self.is_known = replace(view, future=self._future), True
        self.changed.emit()
        if self._look_again:
            self._look_again = False
            self.look()
            return
        came, self._came = self._came, []
        for name in came:
            self.arrived.emit(name)
        new_names, self._new_names = self._new_names, []
        for old, new in new_names:
            self.renamed.emit(old, new)

    def _not_looked(self, error: Failure) -> None:
        self._looking = None
        self.broke.emit(error)

    def _measured(self, machine: Machine) -> None:
        machine = replace(machine, rate=max(machine.rate, self.machine.rate))
        if machine != self.machine:
            self.machine = machine
            self.changed.emit()

    def _not_measured(self, error: Failure) -> None:
        self.broke.emit(error)

    # --- short acts ---------------------------------------------------------------------------------------

    def remove(self, name: str) -> None:
        """Takes it off the shelf; `removed` follows."""
        self._act(lambda: shelf_side.remove(name), lambda _: self.removed.emit(name))

    def rename(self, name: str, wanted: str) -> None:
        """Gives it another name; `renamed` follows, unless that is the one it has."""

        def told(new: str) -> None:
            if new != name:
                self._new_names.append((name, new))

        self._act(lambda: shelf_side.rename(name, wanted), told)

    def restore(self, name: str) -> None:
        """Brings it back; `restored` follows."""
        self._act(lambda: shelf_side.restore(name), lambda _: self.restored.emit(name))

    def empty_trash(self) -> None:
        """Deletes for good what was removed."""
        self._act(shelf_side.empty_trash, lambda _: None)

    def discard(self, identity: str) -> None:
        """Deletes an unfinished download."""
        self._act(lambda: shelf_side.discard(identity), lambda _: None)

    def _act(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        def done(result: Any) -> None:
            then(result)
            self.look()

        run_operation(self, work, on_success=done, on_failure=self._not_done)

    def _not_done(self, error: Failure) -> None:
        self.broke.emit(error)
        self.look()

    # --- long acts ----------------------------------------------------------------------------------------

    @Slot(str, str)
    def add(self, wanted: str, name: str = "") -> None:
        """Copies a folder, a zip, or what another program has, onto the shelf, ``name``: what it is called
        there, "" as it is; `arrived` or `failed` follows. Nothing while something else is being added or
        checked."""
        self._begin("add", name or Path(wanted).name or wanted, wanted=wanted, name=name)

    def check(self, name: str, *, batch: int, length: int) -> None:
        """Looks at an encoder, at each of its bytes; `checked` or `failed` follows."""
        self._begin("check", name, wanted=name, batch=batch, length=length)

    def cancel(self) -> None:
        """Gives up what is being added or checked; nothing of it stays."""
        self._call.cancel()

    def _begin(self, what: str, shown: str, **params: Any) -> None:
        if self._call.is_running:
            return
        self.work = Work(what, shown)
        self._call.start("encoders", what, **params)
        self.worked.emit()

    @Slot(dict)
    def _has_progress(self, told: Mapping[str, Any]) -> None:
        if self.work is not None:
            self.work = _told(self.work, told)
            self.worked.emit()

    @Slot(dict)
    def _has_answer(self, answer: dict[str, Any]) -> None:
        work, self.work = self.work, None
        self.worked.emit()
        if work is not None and work.what == "add":
            self._has_come(str(answer.get("name", "")))
        elif work is not None:
            self.checked.emit(work.name, answer)

    @Slot(str, object)
    def _has_failed(self, code: str, params: object) -> None:
        self.work = None
        self.worked.emit()
        if code != CANCELLED:
            self.failed.emit(code, params)

    def _has_come(self, name: str) -> None:
        self._came.append(name)
        self.look()

    # --- download -----------------------------------------------------------------------------------------

    def download(self, identity: str, *, endpoint: str = "", remember: bool = False, name: str = "") -> None:
        """Downloads an encoder, or goes on with it; ``remember``: ``endpoint`` is the hub from now on;
        ``name``: what it is called here, "" as there, or as was said before.
        `arrived` or `download_failed` follows. Nothing while another one is being downloaded."""
        if self.loading is not None:
            return
        self.loading = Work("download", identity)
        self.worked.emit()

        def begin(_: object = None) -> None:
            if self.loading is None:  # given up in the meantime
                return
            self._download.start("encoders", "download", wanted=identity, endpoint=endpoint, name=name)

        if not remember:
            begin()
            return
        run_operation(
            self, lambda: shelf_side.remember(endpoint), on_success=begin, on_failure=self._not_begun
        )

    def cancel_download(self) -> None:
        """Stops it; what is there stays, and a later call goes on."""
        if self._download.is_running:
            self._download.cancel()
        elif self.loading is not None:
            self._end_download()

    def _not_begun(self, error: Failure) -> None:
        self._end_download()
        if isinstance(error, UserError):
            self.download_failed.emit(error.code, error.params)
        else:
            self.broke.emit(error)

    @Slot(dict)
    def _has_loaded(self, told: Mapping[str, Any]) -> None:
        if self.loading is not None:
            self.loading = _told(self.loading, told)
            self.worked.emit()

    @Slot(dict)
    def _has_downloaded(self, answer: dict[str, Any]) -> None:
        self._end_download()
        self._has_come(str(answer.get("name", "")))

    @Slot(str, object)
    def _has_broken_off(self, code: str, params: object) -> None:
        self._end_download()
        self.download_failed.emit(code, params)
        self.look()

    def _end_download(self) -> None:
        self.loading = None
        self.worked.emit()

    def close(self) -> None:
        """The window closes: what is being downloaded stays and can be gone on with."""
        self._call.close_and_wait()
        self._download.close_and_wait()


def _told(work: Work, told: Mapping[str, Any]) -> Work:
    return replace(
        work,
        done=float(told.get("rows") or 0),
        total=float(told.get("total") or 0),
        per_s=float(told.get("rows_per_s") or 0),
        left=float(told.get("eta", -1)),
    )
