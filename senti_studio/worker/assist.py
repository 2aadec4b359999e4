"""The requests of ``worker assist``: which assistant they are for, and what of it they ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from senti_studio.domain.assisting import AssistState, QueueKind
from senti_studio.errors import UserError
from senti_studio.storage.project import Project
from senti_studio.worker import label_budget
from senti_studio.worker.assistant import Assistant
from senti_studio.worker.assistant_checking import suspects
from senti_studio.worker.helper import Handler, serve
from senti_studio.worker.progress import Emit, ShouldStop

Ask = Callable[[Assistant, Mapping[str, Any], Emit, ShouldStop], Any]


class Desk:
    """Keeps the assistant between requests; ``open`` makes one, or another one for another project."""

    def __init__(self) -> None:
        self._assistant: Assistant | None = None

    def open(self, params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> AssistState:
        """Raises UserError as `Project.open` does, and ``CANCELLED``: it can be opened again then."""
        folder = Path(params["project"])
        if self._assistant is not None and self._assistant.project.folder != folder.absolute():
            self.close()
        if self._assistant is None:
            project = Project.open(folder, to_read=True)
            try:
                self._assistant = Assistant(project)
            except BaseException:
                project.close()
                raise
        return self._assistant.open(emit, should_stop)

    def close(self) -> None:
        """Lets go of the project."""
        assistant, self._assistant = self._assistant, None
        if assistant is not None:
            assistant.close()

    def work(self) -> bool:
        """A step of what can wait; False when there is nothing to do."""
        return self._assistant is not None and self._assistant.work()

    def answering(self, ask: Ask) -> Handler:
        """A handler that needs an open assistant. Raises UserError ``BAD_REQUEST`` without one."""

        def handle(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
            if self._assistant is None:
                raise UserError("BAD_REQUEST", reason="open")
            return ask(self._assistant, params, emit, should_stop)

        return handle


def _rank(assistant: Assistant, params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
    return assistant.rank(
        QueueKind(params["queue"]),
        int(params["n"]),
        label_id=params.get("label_id"),
        source_ids=tuple(params.get("source_ids") or ()),
        seed=int(params.get("seed") or 0),
        emit=emit,
        should_stop=should_stop,
    )


REQUESTS: Mapping[str, Ask] = {
    "labels_changed": lambda assistant, _, emit, stop: assistant.labels_changed(emit, stop),
    "learn": lambda assistant, _, emit, stop: assistant.learn(emit, stop),
    "use_model": lambda assistant, params, emit, stop: assistant.use_model(params["run"], emit, stop),
    "rank": _rank,
    "suggest": lambda assistant, params, *_: {"suggestions": assistant.suggest(list(params["ids"]))},
    "explain": lambda assistant, params, *_: {"influences": assistant.explain(int(params["comment"]))},
    "suspects": lambda assistant, params, emit, stop: suspects(assistant, int(params["n"]), emit, stop),
    "similar": lambda assistant, params, *_: {
        "neighbours": assistant.similar(int(params["comment"]), int(params["n"]))
    },
}
"""Everything but ``open``: what it asks of an open assistant. Further requests are added here."""


def handlers(desk: Desk | None = None) -> Mapping[str, Handler]:
    """What the helper answers to."""
    desk = desk or Desk()
    # Measuring takes minutes: the window asks it of a process of its own, which needs no open assistant.
    alone: dict[str, Handler] = {"open": desk.open, "budget": label_budget.asked}
    return {**alone, **{name: desk.answering(ask) for name, ask in REQUESTS.items()}}


def run(channel: int) -> int:
    """Serves until the window goes; returns the exit status."""
    desk = Desk()
    try:
        return serve(handlers(desk), channel, work=desk.work)
    finally:
        desk.close()
