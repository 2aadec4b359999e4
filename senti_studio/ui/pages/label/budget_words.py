"""What the label-budget curve says, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from senti_studio.domain.label_budget import MAIN_STEP, BudgetCurve, BudgetGain, BudgetPoint
from senti_studio.domain.labels import Label
from senti_studio.messages import joined
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr

_EVEN = 1e-3


def points(value: float) -> str:
    """``+1.3``: a difference of F1 in hundredths."""
    return f"{value * 100:+.1f}"


def margin(gain: BudgetGain) -> str:
    """``+1.3 ± 0.6``, or ``+0.4 [−0.0, +0.5]`` where the ends are not equally far away."""
    even = f"{points(gain.gain)} ± {gain.margin * 100:.1f}"
    if abs(gain.gain - (gain.low + gain.high) / 2) < _EVEN:
        return even
    return f"{points(gain.gain)} [{points(gain.low)}, {points(gain.high)}]"


def headline(curve: BudgetCurve, labels: Sequence[Label]) -> str:
    """``Another 200 labels ≈ +1.3 ± 0.6 points of macro F1; 中性 gains most``."""
    if curve.needed:
        return tr("{n} more labels are needed before anything can be measured").format(
            n=formats.number(curve.needed)
        )
    main = curve.main
    if main is None:
        return ""
    most = next((label.name for label in labels if label.id == curve.gains_most), "")
    if most:
        text = tr("Another {n} labels ≈ {gain} points of macro F1; {label} gains most")
    else:
        text = tr("Another {n} labels ≈ {gain} points of macro F1; which label gains most cannot be told")
    return text.format(n=formats.number(MAIN_STEP), gain=margin(main), label=most)


def how(curve: BudgetCurve, at: datetime | None) -> str:
    """Where, on what and when it was measured."""
    if curve.source == "test_set":
        text = tr(
            "Macro F1 today {now}, on {held} comments of the test set, {rounds} rounds, measured {when}."
        )
    else:
        text = tr("Macro F1 today {now}, cross-validated on {held} labels, {rounds} rounds, measured {when}.")
    said = text.format(
        now=formats.score(curve.now),
        held=formats.number(curve.held_out),
        rounds=formats.number(curve.rounds),
        when=formats.when(at, within=True),
    )
    if curve.used < curve.labels:
        sample = tr("A sample of {used} of {n} labels was used.")
        said = joined(said, sample.format(used=formats.number(curve.used), n=formats.number(curve.labels)))
    return said


def is_old(curve: BudgetCurve, labelled: int) -> bool:
    """Whether there are so many more labels that it should be measured again."""
    return not curve.needed and labelled >= curve.labels + max(50, curve.labels // 10)


def limits(curve: BudgetCurve) -> str:
    """What the curve cannot know."""
    said = [
        tr("± or [ ] is a 95% interval of what may come out, for labels of comments drawn at random."),
        tr("The curve is that of the quick classifier; a trained network may go on gaining for longer."),
        tr("Labels that were chosen because they are hard make today's figure look lower than it is."),
    ]
    if curve.labels < 300:
        said.insert(0, tr("There are few labels: take it as a direction, not as a figure."))
    return joined(*said)


def twin(curve: BudgetCurve, labels: Sequence[Label]) -> str:
    """All that the picture shows, for who cannot see it."""
    names = {label.id: label.name for label in labels if label.id not in curve.absent}

    def said(point: BudgetPoint) -> str:
        classes = "，".join(
            f"{names[label_id]} {formats.score(value)}"
            for label_id, value in zip(curve.label_ids, point.per_label, strict=True)
            if label_id in names
        )
        band = f"[{formats.score(point.low)}, {formats.score(point.high)}]"
        return f"{formats.number(point.labels)}: {formats.score(point.score)} {band} ({classes})"

    measured = tr("Measured, macro F1 by number of labels: {points}.").format(
        points="；".join(said(point) for point in curve.points)
    )
    beyond = tr("Forecast: {points}.").format(
        points="；".join(
            f"{formats.number(curve.labels + gain.more)}: {margin(gain)}" for gain in curve.gains
        )
    )
    return joined(measured, beyond)
