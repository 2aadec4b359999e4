"""Events and commands: what is written comes back; whatever else stands in a line is skipped."""

from __future__ import annotations

import dataclasses
import json
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senti_studio.errors import UserError
from senti_studio.jobs.protocol import (
    COMMANDS,
    EVENTS,
    PROTOCOL_VERSION,
    Event,
    command_from_line,
    command_to_line,
    event_from_line,
    event_to_line,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.floats(-1e14, 1e14)
DATE = st.floats(0, 253_402_300_799)  # 1970 to 9999; lines with others are skipped (test_hostile_events.py)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def values_of(kind: type[Event]) -> st.SearchStrategy[dict[str, Any]]:
    hints = typing.get_type_hints(kind)
    strategies: dict[str, st.SearchStrategy[Any]] = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if field.name == "v":
            strategies["v"] = st.just(PROTOCOL_VERSION)
        elif field.name == "at":
            strategies["at"] = DATE
        elif field.name in ("accuracy", "macro_f1"):
            strategies[field.name] = st.floats(0, 1)
        elif hint in (int, float, str, bool):
            strategies[field.name] = {
                int: st.integers(0, 2**40), float: NUMBER, str: TEXT, bool: st.booleans(),
            }[hint]  # fmt: skip
        elif typing.get_origin(hint) is tuple:
            strategies[field.name] = st.just(())
        else:
            strategies[field.name] = st.dictionaries(TEXT, JSON, max_size=3)
    return st.fixed_dictionaries(strategies)


EVENT = st.sampled_from(sorted(EVENTS)).flatmap(
    lambda name: values_of(EVENTS[name]).map(lambda values: EVENTS[name](**values))
)


@settings(max_examples=200, deadline=None)
@given(EVENT)
def test_events_come_back(event: Event) -> None:
    line = event_to_line(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    found = event_from_line(line)
    assert type(found) is type(event)
    assert event_to_line(found) == line  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_other_lines_are_skipped(line: bytes) -> None:
    assert event_from_line(line) is None
    assert command_from_line(line) is None


def test_deeply_nested_lines_are_skipped() -> None:
    assert event_from_line(b"[" * 100_000) is None


def test_unknown_types_and_fields_are_skipped() -> None:
    assert event_from_line(b'{"type": "Dreamt", "at": 1}') is None
    found = event_from_line('{"type": "Progress", "step": 7, "mood": "好"}')
    assert found == EVENTS["Progress"](step=7)  # type: ignore[call-arg]


def test_a_newer_protocol_is_refused() -> None:
    with pytest.raises(UserError, match="PROTOCOL_TOO_NEW"):
        event_from_line(json.dumps({"type": "Started", "v": PROTOCOL_VERSION + 1}))


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_come_back(command: str) -> None:
    assert command_from_line(command_to_line(command)) == command


def test_only_known_commands_are_sent() -> None:
    with pytest.raises(ValueError, match="dance"):
        command_to_line("dance")


def test_terminal_events() -> None:
    assert {name for name, kind in EVENTS.items() if kind.terminal} == {
        "Finished", "Stopped", "Paused", "Cancelled", "Failed",
    }  # fmt: skip
