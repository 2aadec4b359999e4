"""One line of the Evaluate page: this model, the baseline, always the most frequent class."""

from __future__ import annotations

from senti_studio.domain.metrics import Figures
from senti_studio.operations.yardsticks import Yardsticks
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr


def yardstick_words(figures: Figures, found: Yardsticks | None) -> str:
    """Empty for models from before the baseline was measured."""
    if found is None:
        return ""
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
    if figures.macro_f1 < found.baseline_macro_f1 - 5e-4:
        words = tr("{words}. It does not reach the baseline: more labels help most.").format(words=words)
    return words


def _pair(name: str, accuracy: float, macro_f1: float) -> str:
    return f"{name} {formats.percent(accuracy)}, {formats.score(macro_f1)}"
