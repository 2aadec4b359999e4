"""Options of ``senti-studio train`` about earlier models whose opinion counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from senti_studio.domain.teaching import TEACHING_RANGES, TeachingRequest
from senti_studio.domain.transfer import PSEUDO_RANGES, PseudoRequest

F = TypeVar("F", bound=Callable[..., Any])

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
    for name, (low, high) in PSEUDO_RANGES.items():
        value = getattr(usual, name)
        option = click.option(
            f"--pseudo-{name}", type=type(value), default=value, show_default=True,
            help=f"{_PSEUDO_HELP[name]} {low:g} to {high:g}.",
        )  # fmt: skip
        made.append(option)
    made.append(
        click.option(
            "--pseudo-balanced/--no-pseudo-balanced",
            default=usual.balanced,
            show_default=True,
            help="Classes keep the shares that they have among the labelled comments.",
        )
    )
    for each in reversed(made):
        function = each(function)
    return function


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
    for name, (low, high) in TEACHING_RANGES.items():
        value = getattr(usual, name)
        option = click.option(
            f"--teacher-{name.replace('_', '-')}", type=type(value), default=value, show_default=True,
            help=f"{_TEACHER_HELP[name]} {low:g} to {high:g}.",
        )  # fmt: skip
        made.append(option)
    for each in reversed(made):
        function = each(function)
    return function


def teaching_of(given: Mapping[str, Any]) -> TeachingRequest | None:
    """What the command line says of a teacher."""
    if not given.get("teacher"):
        return None
    return TeachingRequest(given["teacher"], **{name: given[f"teacher_{name}"] for name in TEACHING_RANGES})
