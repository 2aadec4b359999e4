"""An assistant without learning: a real process that answers by a script, and breaks on request.

Used by tests in the place of ``senti-studio worker assist``. The script is JSON in ``$SENTI_TEST_ASSISTANT``
(fields of `Script`), or a file that the variable names, which is read again before every answer.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "SENTI_TEST_ASSISTANT"


@dataclass
class Script:
    """``probabilities``: of each label in turn, for every comment; ``shift`` moves the suggested label by the
    id of the comment. ``crash_on`` and ``hang_on`` name requests. ``ranking``: the ids that ``rank`` gives.
    """

    label_ids: list[int] = field(default_factory=lambda: [1, 2, 3])
    probabilities: list[float] = field(default_factory=lambda: [0.13, 0.29, 0.58])
    shift: bool = False
    needed: int = 0
    trained_at: float = 0.0
    ranked: int = 0
    total: int = 0
    quality: dict[str, Any] | None = None
    ranking: list[int] = field(default_factory=list)
    influences: list[dict[str, Any]] = field(default_factory=list)
    suspects_found: dict[str, Any] = field(
        default_factory=lambda: {"suspects": [], "contradictions": [], "looked_at": 0}
    )
    crash_on: str = ""
    hang_on: str = ""
    fail_on: str = ""
    budget: dict[str, Any] = field(default_factory=dict)
    log: str = ""
    """A file to which every request is written."""


def read_script() -> Script:
    text = os.environ.get(VARIABLE, "{}")
    if not text.lstrip().startswith("{"):
        text = Path(text).read_text("utf-8")
    return Script(**json.loads(text))


class ScriptedAssistant:
    """Reads a line, writes a line."""

    def __init__(self) -> None:
        self.source = "assistant"
        self.began = time.time()

    def run(self) -> None:
        for line in sys.stdin.buffer:
            request = json.loads(line)
            script = read_script()
            if script.log:
                with Path(script.log).open("a", encoding="utf-8") as file:
                    file.write(json.dumps(request, ensure_ascii=False) + "\n")
            do = request["do"]
            if do == "cancel":
                continue
            if do == script.crash_on:
                os._exit(9)
            if do == script.hang_on:
                time.sleep(3600)
            if do == script.fail_on or not hasattr(self, do):
                self.say(request, type="Failed", code="INTERNAL", params={"detail": "脚本"})
            else:
                self.say(request, type="Result", **getattr(self, do)(request, script))

    def say(self, request: dict[str, Any], **values: Any) -> None:
        line = json.dumps({"id": request["id"], **values}, ensure_ascii=False) + "\n"
        os.write(1, line.encode("utf-8"))

    def state(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        return {
            "label_ids": script.label_ids,
            "trained_on": 0 if script.needed else 40,
            "trained_at": 0.0 if script.needed else script.trained_at or self.began - 12,
            "ranked": script.ranked,
            "total": script.total,
            "needed": script.needed,
            "quality": script.quality,
            "source": self.source,
        }

    open = labels_changed = learn = state

    def use_model(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        self.source = request["run"] or "assistant"
        return self.state(request, script)

    def suggest(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        found = []
        for each in request["ids"]:
            by = each % len(script.probabilities) if script.shift else 0
            found.append({"id": each, "probabilities": script.probabilities[by:] + script.probabilities[:by]})
        return {"suggestions": found}

    def suspects(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        return script.suspects_found

    def explain(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        return {"influences": script.influences}

    def similar(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        return {"neighbours": []}

    def budget(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        self.say(request, type="Progress", rows=30, total=100, stage="measuring", eta=21.0)
        return script.budget

    def rank(self, request: dict[str, Any], script: Script) -> dict[str, Any]:
        return {"ids": script.ranking[: request["n"]], "ranked": script.ranked, "total": script.total}


if __name__ == "__main__":
    ScriptedAssistant().run()
