"""The ids of a labelling queue, read off the GUI thread."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

from senti_studio.ui.pages.label.queue_view import Kind, View

if TYPE_CHECKING:
    from senti_studio.storage.project import Project


def ids_of(
    project: Project, view: View, labels: frozenset[int], ranking: tuple[int, ...]
) -> Iterator[array[int]]:
    """All comments of a view in its order; ``ranking`` is what the assistant says of a view that holds
    nothing else."""
    if view.kind is Kind.DISAGREES:
        yield from _listed(project, view, labels, ranking)
        return
    if view.kind is Kind.DOUBTFUL:
        project.comments.predicted.load()
    yield from project.comments.ids(view.question(labels), view.sorting)


def _listed(
    project: Project, view: View, labels: frozenset[int], ranking: tuple[int, ...]
) -> Iterator[array[int]]:
    if not ranking:
        return
    left_out = project.test_sets.current()
    ids = array("q", [each for each in ranking if each not in left_out])
    if view.is_narrowed:
        found = {each for part in project.comments.ids(view.question(labels)) for each in part}
        ids = array("q", [each for each in ids if each in found])
    if ids:
        yield ids
