"""``docs/protocol.md`` says what the code does."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from senti_studio.domain import (
    assisting,
    comparing,
    explaining,
    exporting,
    importing,
    label_budget,
    near_groups,
    people,
    statistics,
)
from senti_studio.jobs.helper_protocol import ANSWERS, HELPERS
from senti_studio.jobs.protocol import COMMANDS, EVENTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"


@pytest.fixture(scope="module")
def text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def table(text: str, title: str) -> list[list[str]]:
    """Rows of the table whose first heading is ``title``."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {title} |"):
            next(lines)
            break
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_events(text: str) -> None:
    told = {row[0].strip("`"): row[1:] for row in table(text, "event")}
    assert list(told) == list(EVENTS)
    for name, kind in EVENTS.items():
        fields = [field.name for field in dataclasses.fields(kind) if field.name != "at"]
        assert [part.strip() for part in told[name][0].split(",") if part.strip()] == fields, name
        assert ("terminal" in told[name][1]) is kind.terminal, name


def test_commands_and_helpers(text: str) -> None:
    for command in COMMANDS:
        assert f"`{command}`" in text
    assert [row[0].strip("`") for row in table(text, "answer")] == list(ANSWERS)
    assert {row[0] for row in table(text, "helper")} == set(HELPERS)


def test_helper_requests(text: str) -> None:
    from senti_studio.worker import (
        assist,
        encoders,
        explaining,
        exporting,
        indexing,
        model_export,
        preview,
        probe,
        survey,
    )
    from senti_studio.worker import importing as import_helper

    known = {"preview": preview, "import": import_helper, "export": exporting, "probe": probe}
    known |= {"index": indexing, "survey": survey, "assist": assist, "models": model_export}
    known |= {"encoders": encoders, "explain": explaining}
    told: dict[str, set[str]] = {}
    for row in table(text, "helper"):
        told.setdefault(row[0], set()).add(row[1].strip("`"))
    assert told == {name: set(module.handlers()) for name, module in known.items()}


def test_named_values_exist(text: str) -> None:
    for row in table(text, "helper"):
        for name in re.findall(r"`([A-Z]\w+)`", " ".join(row[2:])):
            homes = [
                home
                for home in (
                    assisting,
                    importing,
                    exporting,
                    comparing,
                    explaining,
                    label_budget,
                    near_groups,
                    people,
                    statistics,
                )
                if hasattr(home, name)
            ]
            assert homes, name
            assert dataclasses.is_dataclass(getattr(homes[0], name)), name
