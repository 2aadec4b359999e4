"""Options of ``senti-studio train`` about earlier models whose opinion counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from senti_studio.domain.teaching import TEACHING_RANGES, TeachingRequest
from senti_studio.domain.transfer import PSEUDO_RANGES, PseudoRequest

F = TypeVar("F", bound=Callable[..., Any])
_Option = Callable[[Any], Any]

_PSEUDO_HELP = {
    "threshold": "The least calibrated probability of a pseudo-label.",
    "most": "Pseudo-labels of each class at most, the surest first.",
    "weight": "What a pseudo-label counts for beside a label of people.",
}

_TEACHER_HELP = {
    "temperature": "What the teacher's probabilities are softened with; more lets small ones count.",
    "hard_share": "How much of the loss of a labelled comment is that of its label; the rest follows the teacher.",
    "most": "Comments without a label at most, of which the teacher's opinion is learnt.",
}


def pseudo_options(function: F) -> F:
    """What `PseudoRequest` takes."""
    usual = PseudoRequest("")
    made = [
        click.option(
            "--pseudo-labels-of",
            metavar="MODEL",
            help="Comments without a label join the training where MODEL is sure of them (never an annotation).",
        )
    ]
    made += _ranged("pseudo", usual, PSEUDO_RANGES, _PSEUDO_HELP)
    made.append(
        click.option(
            "--pseudo-balanced/--no-pseudo-balanced",
            default=usual.balanced,
            show_default=True,
            help="Classes keep the shares that they have among the labelled comments.",
        )
    )
    return _with(function, made)


def pseudo_of(given: Mapping[str, Any]) -> PseudoRequest | None:
    """What the command line says of pseudo-labels."""
    if not given.get("pseudo_labels_of"):
        return None
    values = {name: given[f"pseudo_{name}"] for name in (*PSEUDO_RANGES, "balanced")}
    return PseudoRequest(given["pseudo_labels_of"], **values)


def teacher_options(function: F) -> F:
    """What `TeachingRequest` takes."""
    usual = TeachingRequest("")
    made = [
        click.option(
            "--teacher",
            metavar="MODEL",
            help="Learn from MODEL, too: from what it says of the labelled comments and of others (distillation).",
        )
    ]
    made += _ranged("teacher", usual, TEACHING_RANGES, _TEACHER_HELP)
    return _with(function, made)


def teaching_of(given: Mapping[str, Any]) -> TeachingRequest | None:
    """What the command line says of a teacher."""
    if not given.get("teacher"):
        return None
    return TeachingRequest(given["teacher"], **{name: given[f"teacher_{name}"] for name in TEACHING_RANGES})


def _ranged(
    prefix: str, usual: object, ranges: Mapping[str, tuple[float, float]], told: Mapping[str, str]
) -> list[_Option]:
    """An option for each number of a request; ``usual``: a request with the defaults."""
    made: list[_Option] = []
    for name, (low, high) in ranges.items():
        value = getattr(usual, name)
        flag, span = f"--{prefix}-{name.replace('_', '-')}", f"{low:g} to {high:g}."
        made.append(
            click.option(
                flag, type=type(value), default=value, show_default=True, help=f"{told[name]} {span}"
            )
        )
    return made


def _with(function: F, options: Sequence[_Option]) -> F:
    """In the order in which they are to be shown."""
    for each in reversed(options):
        function = each(function)
    return function
