"""What the page asks of the shelf; all of it runs off the GUI thread, and what it needs is imported there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from senti_studio.domain.encoder_size import Machine
from senti_studio.domain.encoders import is_scratch
from senti_studio.errors import UserError
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Kind, Problem, ShelfView

if TYPE_CHECKING:
    from senti_studio.operations.encoders import Overview
    from senti_studio.shelf.entries import Entry
    from senti_studio.shelf.findings import Facts


def look(names: Iterable[str]) -> ShelfView:
    """The shelf, and those of ``names`` that are folders elsewhere; nothing is asked of a network."""
    from senti_studio.operations import encoders

    found = encoders.overview()
    view = ShelfView(
        _rows(found),
        removed=tuple((entry.name, entry.facts.size) for entry in found.removed),
        endpoint=encoders.endpoint(),
    )
    wanted = {name for name in names if name and not is_scratch(name) and view.find(name) is None}
    return ShelfView(
        view.rows, {name: _elsewhere(name) for name in sorted(wanted)}, view.removed, view.endpoint
    )


def measure() -> Machine:
    """Memory and rate of this machine."""
    from senti_studio.operations import encoders

    return encoders.machine()


def remove(name: str) -> None:
    """Takes an encoder off the shelf."""
    from senti_studio.operations import encoders

    encoders.remove(name)


def rename(name: str, wanted: str) -> str:
    """Gives an encoder another name; what that is now."""
    from senti_studio.operations import encoders

    return encoders.rename(name, wanted).name


def restore(name: str) -> None:
    """Brings a removed one back."""
    from senti_studio.operations import encoders

    encoders.restore(name)


def empty_trash() -> int:
    """Deletes what was removed; the bytes that it took."""
    from senti_studio.operations import encoders

    return encoders.empty_trash()


def discard(identity: str) -> None:
    """Deletes an unfinished download."""
    from senti_studio.operations import encoders

    encoders.discard_download(identity)


def remember(endpoint: str) -> str:
    """Chooses the hub of all downloads from now on."""
    from senti_studio.operations import encoders

    return encoders.remember_endpoint(endpoint)


def _rows(found: Overview) -> tuple[EncoderRow, ...]:
    unfinished = [
        EncoderRow(
            Kind.UNFINISHED,
            each.id,
            each.id,
            bytes_there=each.done,
            bytes_in_all=each.total,
            place=each.endpoint,
            is_at_work=each.is_running,
        )
        for each in found.unfinished
    ]
    elsewhere = [
        EncoderRow(Kind.ELSEWHERE, each.id, each.id, each.family_name, bytes_in_all=each.size)
        for each in found.elsewhere
    ]
    return (*map(_on_shelf, found.entries), *unfinished, *elsewhere)


def _on_shelf(entry: Entry) -> EncoderRow:
    problem = (entry.problem.code, entry.problem.params) if entry.problem is not None else None
    return _row(
        Kind.SHELF, entry.name, entry.facts, place=entry.source.place, problem=problem,
        is_shipped=entry.is_shipped, formerly=entry.formerly,
    )  # fmt: skip


def _elsewhere(name: str) -> EncoderRow:
    from senti_studio.operations import encoders

    try:
        found = encoders.check(name, on=Machine(0, 0.0))
    except UserError:
        return EncoderRow(Kind.GONE, name, name)
    refused = found.checked.refusals
    problem = (refused[0].code, refused[0].params) if refused else None
    return _row(Kind.FOLDER, name, found.checked.facts, place=str(found.folder), problem=problem)


def _row(
    kind: Kind,
    name: str,
    facts: Facts,
    *,
    place: str,
    problem: Problem | None,
    is_shipped: bool = False,
    formerly: tuple[str, ...] = (),
) -> EncoderRow:
    from senti_studio.shelf.speeds import size_of

    return EncoderRow(
        kind,
        name,
        name,
        facts.family_name,
        size_of(facts) if facts.layers else None,
        facts.vocabulary,
        facts.chinese,
        facts.longest,
        facts.licence,
        facts.weights,
        facts.size,
        facts.size,
        place,
        is_shipped,
        problem=problem,
        formerly=formerly,
    )
