"""The labelling assistant of the window: one attached helper a project, started late, restarted when it dies.

Nobody ever waits for it: what it knows is here at once or not at all, and labelling goes on without it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.assisting import AssistState
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.job_process import JobProcess, ProcessEnd
from senti_studio.ui.session import Session

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

START_AFTER_MS = 700
"""Not beside the first picture of the page."""
RESTART_AFTER_MS = (1000, 4000, 15000)
"""How long to wait before each new start after a crash; then it is left alone until somebody asks."""
TELL_AFTER_MS = 300
SLOW_AFTER_MS = 5000
HUNG_AFTER_MS = 180_000
"""Without a sign of life for so long, a helper that owes an answer counts as crashed."""
MODEL_SETTING = "assistant.model"
_QUICK = frozenset({"suggest", "explain", "similar"})
_WITH_STATE = frozenset({"open", "labels_changed", "learn", "use_model"})

_log = logging.getLogger(__name__)


class Standing(StrEnum):
    """How things are with the helper."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    SLOW = "slow"
    """It owes a suggestion for seconds."""
    GONE = "gone"
    """It died, or could not be started; it may be started again by itself."""


@dataclass(frozen=True, slots=True)
class _Asked:
    do: str
    owner: QObject
    on_result: Callable[[dict[str, Any]], object]
    on_failure: Callable[[str, dict[str, Any]], object] | None
    on_progress: Callable[[dict[str, Any]], object] | None


class Assistant(QObject):
    """`changed` for every news of `standing`, `state` or `progress`; `learnt` when suggestions are others
    now; `left` when the helper died."""

    changed = Signal()
    learnt = Signal()
    left = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.standing = Standing.OFF
        self.state: AssistState | None = None
        self.progress: tuple[str, float] | None = None
        """What it is doing before it is ready: stage, share done."""
        self.run = ""
        """The run whose model speaks for it; empty: its own quick model."""
        self._process: JobProcess | None = None
        self._asked: dict[int, _Asked] = {}
        self._crashes = 0
        self._is_closed = False
        self._is_wanted = False
        self._tell_again = False
        self._start = self._timer(START_AFTER_MS, self._launch)
        self._tell = self._timer(TELL_AFTER_MS, self._tell_labels)
        self._slow = self._timer(SLOW_AFTER_MS, self._grow_slow)
        self._hung = self._timer(HUNG_AFTER_MS, self._give_up)
        session.project_changed.connect(self._opened)
        session.labels_changed.connect(self._schedule_telling)
        session.comments_changed.connect(self._schedule_telling)

    def _timer(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    # ---- life ----------------------------------------------------------------------------------------------

    @property
    def is_at_hand(self) -> bool:
        """Whether a question will be looked at."""
        return self._process is not None

    @property
    def process_id(self) -> int:
        """The id of the helper's process, 0 without one."""
        return self._process.process_id if self._process is not None else 0

    def begin(self) -> None:
        """The page that needs it is in view: starts it soon, unless it was started for this project."""
        if self._is_closed or self._is_wanted or self._session.project is None:
            return
        self._is_wanted = True
        self._start.start(START_AFTER_MS)

    def try_again(self) -> None:
        """Starts it once more after it was given up."""
        if self._is_closed or self._session.project is None or self._process is not None:
            return
        self._crashes = 0
        self._is_wanted = True
        self._launch()

    def close(self) -> None:
        """The window closes: the helper ends, no other one is started."""
        self._is_closed = True
        self._stop_timers()
        self._asked.clear()
        self._process = None
        for process in self.findChildren(JobProcess):
            process.close_and_wait()

    @Slot(object)
    def _opened(self, _project: Project | None) -> None:
        """Another project: its helper is started when it is needed."""
        self._stop_timers()
        process, self._process = self._process, None
        self._asked.clear()
        if process is not None:
            process.close()
        self._is_wanted, self._crashes, self._tell_again = False, 0, False
        self.state, self.progress, self.run = None, None, ""
        self._stand(Standing.OFF)

    def _stop_timers(self) -> None:
        for timer in (self._start, self._tell, self._slow, self._hung):
            timer.stop()

    @Slot()
    def _launch(self) -> None:
        project = self._session.project
        if project is None or self._is_closed or self._process is not None:
            return
        self._start.stop()
        process = JobProcess(self)
        self._process = process
        process.message.connect(self._take)
        process.ended.connect(self._ended)
        process.start("assist")
        self._stand(Standing.STARTING)
        self._ask("open", project=str(project.folder))
        run = project.settings.get(MODEL_SETTING, "")
        self.run = run if isinstance(run, str) else ""
        if self.run:
            self._ask("use_model", run=self.run)

    @Slot(object)
    def _ended(self, end: ProcessEnd) -> None:
        process = self.sender()
        if isinstance(process, JobProcess):
            process.deleteLater()
        if process is not self._process or self._process is None:
            return  # one that was told to go
        _log.warning("the assistant ended: %s", end.stderr[-2000:])
        self._process = None
        self._slow.stop()
        self._hung.stop()
        self._fail_all("HELPER_ENDED")
        if self._crashes < len(RESTART_AFTER_MS):
            self._start.start(RESTART_AFTER_MS[self._crashes])
        self._crashes += 1
        self._stand(Standing.GONE)
        self.left.emit()

    @Slot()
    def _give_up(self) -> None:
        if self._process is not None and self._asked:
            self._process.kill()

    def _stand(self, standing: Standing) -> None:
        self.standing = standing
        self.changed.emit()

    # ---- questions -----------------------------------------------------------------------------------------

    def ask(
        self,
        do: str,
        *,
        owner: QObject,
        on_result: Callable[[dict[str, Any]], object],
        on_failure: Callable[[str, dict[str, Any]], object] | None = None,
        on_progress: Callable[[dict[str, Any]], object] | None = None,
        **params: Any,
    ) -> bool:
        """Asks the helper; one of the two functions is called later, while ``owner`` lives.

        A newer question with the same ``do`` supersedes an older one, which then has no answer.
        ``on_failure`` gets a message code and its parameters. False when there is no helper: nothing is
        called then.
        """
        if self._process is None:
            return False
        for number in [each for each, asked in self._asked.items() if asked.do == do]:
            del self._asked[number]
        number = self._process.request(do, **params)
        self._asked[number] = _Asked(do, owner, on_result, on_failure, on_progress)
        # Both count from the oldest question that has no answer, however many come after it.
        if not self._hung.isActive():
            self._hung.start()
        if do in _QUICK and not self._slow.isActive():
            self._slow.start()
        return True

    def cancel(self, do: str) -> None:
        """Gives up the open question of this kind; it has no answer then."""
        for number in [each for each, asked in self._asked.items() if asked.do == do]:
            del self._asked[number]
            if self._process is not None:
                self._process.cancel_request(number)

    @property
    def _owes_quick_answer(self) -> bool:
        return any(asked.do in _QUICK for asked in self._asked.values())

    def _note_life(self) -> None:
        """It said something: from now on it is waited for anew, if it owes more."""
        for timer, owes in ((self._slow, self._owes_quick_answer), (self._hung, bool(self._asked))):
            if owes:
                timer.start()
            else:
                timer.stop()

    def use_model(self, run: str) -> None:
        """From now on the model of this run makes the suggestions; empty: the quick model of its own."""
        project = self._session.project
        if project is None:
            return
        self.run = run
        project.settings.set(MODEL_SETTING, run)
        self._ask("use_model", run=run)
        self.changed.emit()

    def learn(self) -> None:
        """Has it learn again at once, from all labels."""
        self._ask("learn")

    def _ask(self, do: str, **params: Any) -> bool:
        def failed(code: str, values: dict[str, Any]) -> None:
            self._state_failed(do, code, values)

        return self.ask(do, owner=self, on_result=self.take_state, on_failure=failed, **params)

    @Slot()
    def _schedule_telling(self) -> None:
        if self._process is not None and not self._tell.isActive():
            self._tell.start()

    @Slot()
    def _tell_labels(self) -> None:
        if any(asked.do == "labels_changed" for asked in self._asked.values()):
            self._tell_again = True  # one at a time: the newest state is read when it is answered
            return
        self._ask("labels_changed")

    def take_state(self, values: dict[str, Any]) -> None:
        """A state that the helper answered with, also to somebody else's question."""
        before, self.state = self.state, from_json(AssistState, values)
        self.progress = None
        if self._tell_again:
            self._tell_again = False
            self._schedule_telling()
        if self.standing is not Standing.READY:
            self.standing = Standing.READY
        self.changed.emit()
        if before is None or _voice(before) != _voice(self.state):
            self.learnt.emit()

    def _state_failed(self, do: str, code: str, params: dict[str, Any]) -> None:
        _log.warning("assistant: %s failed with %s %s", do, code, params)
        self._tell_again = False
        if do == "use_model":
            self.run = ""
        elif do == "open" and self._process is not None:
            process, self._process = self._process, None
            process.close()
            self._asked.clear()
            self._stop_timers()
            self._stand(Standing.GONE)
            self.left.emit()
        self.changed.emit()

    # ---- answers -------------------------------------------------------------------------------------------

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        if self.sender() is not self._process:
            return
        kind, asked = answer.get("type"), self._asked.get(int(answer.get("id") or 0))
        if kind == "Progress":
            self._note_life()
            self._take_progress(asked, answer)
            return
        self._asked.pop(int(answer.get("id") or 0), None)
        self._note_life()
        if self.standing is Standing.SLOW:
            self._stand(Standing.READY)
        if asked is None or not shiboken6.isValid(asked.owner):
            return
        if kind == "Result":
            if asked.do not in _WITH_STATE:
                self._crashes = 0  # it works
            asked.on_result(answer)
        elif asked.on_failure is not None:
            asked.on_failure(str(answer.get("code", "INTERNAL")), dict(answer.get("params") or {}))

    def _take_progress(self, asked: _Asked | None, answer: dict[str, Any]) -> None:
        if asked is None:
            return
        if asked.do in _WITH_STATE:
            total = float(answer.get("total") or 0)
            share = float(answer.get("rows") or 0) / total if total else 0.0
            self.progress = str(answer.get("stage", "")), min(1.0, share)
            self.changed.emit()
        if asked.on_progress is not None and shiboken6.isValid(asked.owner):
            asked.on_progress(answer)

    def _fail_all(self, code: str) -> None:
        asked, self._asked = list(self._asked.values()), {}
        self._tell_again = False
        for each in asked:
            if each.owner is not self and each.on_failure is not None and shiboken6.isValid(each.owner):
                each.on_failure(code, {})

    @Slot()
    def _grow_slow(self) -> None:
        if self._owes_quick_answer and self.standing is Standing.READY:
            self._stand(Standing.SLOW)


def _voice(state: AssistState) -> tuple[object, ...]:
    """What two states have in common whose suggestions are the same."""
    return state.source, state.trained_at, state.label_ids
