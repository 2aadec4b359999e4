"""One line of the Evaluate page: this model, the baseline, always the most frequent class."""

from __future__ import annotations

from senti_studio.operations.yardsticks import Held
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.evaluate.shown import EvaluationShown


def yardstick_words(shown: EvaluationShown | None) -> str:
    """Empty for models from before the baseline was measured."""
    if shown is None or shown.evaluation.yardsticks is None:
        return ""
    figures, found = shown.figures, shown.evaluation.yardsticks
    baseline = tr("TF-IDF baseline")
    if found.sampled:
        baseline += tr(" (learnt from {n})").format(n=formats.number(found.sampled))
    always = tr("always {label}").format(label=found.majority)
    parts = [
        _pair(tr("this model"), figures.accuracy, figures.macro_f1),
        _pair(baseline, found.baseline_accuracy, found.baseline_macro_f1),
        _pair(always, found.majority_accuracy, found.majority_macro_f1),
    ]
    words = tr("Accuracy, macro F1: {parts}").format(parts=" · ".join(parts))
    if shown.run.architecture == "baseline":
        return words
    held = found.holds_against(figures.macro_f1, shown.macro_f1)
    if held is Held.BELOW:
        return tr("{words}. It does not reach the baseline: more labels help most.").format(words=words)
    if held is Held.ALIKE:
        alike = tr("{words}. So few rows ({n}) cannot tell it from the baseline.")
        return alike.format(words=words, n=formats.number(figures.rows))
    return words


def _pair(name: str, accuracy: float, macro_f1: float) -> str:
    return f"{name} {formats.percent(accuracy)}, {formats.score(macro_f1)}"
