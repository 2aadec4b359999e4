"""Asks the helper that says why a model decides as it does: started with the first question, ended when
nobody has asked for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QTimer, Slot

from senti_studio.domain.explaining import Attention, EvidenceFound, Reasons
from senti_studio.jobs.helper_protocol import from_json
from senti_studio.ui.job_process import JobProcess, ProcessEnd

IDLE_MS = 600_000
"""It keeps a model and torch in memory: not for ever."""
Failed = Callable[[str, dict[str, Any]], object]
Value = TypeVar("Value")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    do: str
    owner: QObject
    take: Callable[[dict[str, Any]], object]
    on_failure: Failed


class Explainer(QObject):
    """A newer question of the same kind supersedes an older one, which then has no answer. Nothing waits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: JobProcess | None = None
        self._asked: dict[int, _Asked] = {}
        self._is_closed = False
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._rest)

    @property
    def process_id(self) -> int:
        """The id of the helper's process, 0 without one."""
        return self._process.process_id if self._process is not None else 0

    def explain(
        self,
        model: Path,
        text: str,
        labels: list[int],
        *,
        owner: QObject,
        on_result: Callable[[Reasons], object],
        on_failure: Failed,
    ) -> None:
        """What in ``text`` speaks for the classes ``labels``; none: for the likeliest. ``on_failure`` gets a
        message code and its parameters."""
        self._ask("explain", Reasons, owner, on_result, on_failure, model=model, text=text, labels=labels)

    def attention(
        self,
        model: Path,
        text: str,
        layer: str,
        head: int,
        *,
        owner: QObject,
        on_result: Callable[[Attention], object],
        on_failure: Failed,
    ) -> None:
        """Where the net looks in ``text``: in a layer ("": the usual one), with a head (0: all)."""
        self._ask(
            "attention", Attention, owner, on_result, on_failure,
            model=model, text=text, layer=layer, head=head,
        )  # fmt: skip

    def evidence(
        self,
        model: Path,
        text: str,
        n: int,
        *,
        comment: int | None,
        cache: Path,
        owner: QObject,
        on_result: Callable[[EvidenceFound], object],
        on_failure: Failed,
    ) -> None:
        """The ``n`` training comments nearest to ``text``, without ``comment`` itself."""
        self._ask(
            "evidence", EvidenceFound, owner, on_result, on_failure,
            model=model, text=text, n=n, comment=comment, cache=cache,
        )  # fmt: skip

    def forget(self, owner: QObject) -> None:
        """Gives up what ``owner`` has asked."""
        for number in [each for each, asked in self._asked.items() if asked.owner is owner]:
            self._drop(number)

    def close(self) -> None:
        """The window closes: the helper ends."""
        self._is_closed = True
        self._idle.stop()
        self._asked.clear()
        self._process = None
        for process in self.findChildren(JobProcess):
            process.close_and_wait()

    def _ask(
        self,
        do: str,
        kind: type[Value],
        owner: QObject,
        on_result: Callable[[Value], object],
        on_failure: Failed,
        **params: Any,
    ) -> None:
        if self._is_closed:
            return
        for number in [each for each, asked in self._asked.items() if asked.do == do]:
            self._drop(number)
        process = self._process or self._start()
        number = process.request(do, **params)
        self._asked[number] = _Asked(do, owner, lambda values: on_result(from_json(kind, values)), on_failure)
        self._idle.start()

    def _drop(self, number: int) -> None:
        del self._asked[number]
        if self._process is not None:
            self._process.cancel_request(number)

    def _start(self) -> JobProcess:
        process = JobProcess(self)
        process.message.connect(self._take)
        process.ended.connect(self._ended)
        self._process = process
        process.start("explain")
        return process

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        if self.sender() is not self._process or answer.get("type") == "Progress":
            return
        asked = self._asked.pop(int(answer.get("id") or 0), None)
        if asked is None or not shiboken6.isValid(asked.owner):
            return
        if answer.get("type") == "Result":
            asked.take(answer)
        else:
            asked.on_failure(str(answer.get("code", "INTERNAL")), dict(answer.get("params") or {}))

    @Slot(object)
    def _ended(self, end: ProcessEnd) -> None:
        process = self.sender()
        if isinstance(process, JobProcess):
            process.deleteLater()
        if process is not self._process or self._process is None:
            return  # one that was told to go
        _log.warning("the helper for explanations ended: %s", end.stderr[-2000:])
        self._process = None
        asked, self._asked = list(self._asked.values()), {}
        for each in asked:
            if shiboken6.isValid(each.owner):
                each.on_failure("HELPER_ENDED", {"what": end.code})

    @Slot()
    def _rest(self) -> None:
        process, self._process = self._process, None
        self._asked.clear()
        if process is not None:
            process.close()
