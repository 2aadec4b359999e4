"""What the terminal says about the baseline and the most frequent class beside a model."""

from __future__ import annotations

import dataclasses
from typing import Any

from senti_studio.cli.terminal import Terminal
from senti_studio.domain.intervals import Interval
from senti_studio.operations.yardsticks import Held, Yardsticks


def yardstick_values(found: Yardsticks | None) -> dict[str, Any]:
    """``compared`` of ``--json``; nothing for models from before it was measured."""
    if found is None:
        return {}
    values = dataclasses.asdict(found)
    return {
        "compared": {
            name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()
        }
    }


def say_yardsticks(
    terminal: Terminal, found: Yardsticks | None, macro_f1: float | None, interval: Interval | None = None
) -> None:
    """One line, and another when the model with this ``macro_f1`` (95 % ``interval``) does not reach the
    baseline."""
    if found is None:
        return
    base = f"{found.baseline_accuracy:.3f} / {found.baseline_macro_f1:.3f}"
    most = f"{found.majority_accuracy:.3f} / {found.majority_macro_f1:.3f}"
    part = terminal.text(f"（从 {found.sampled:,} 条学习）", f" (learnt from {found.sampled:,})")
    part = part if found.sampled else ""
    terminal.tell(
        f"  对照（准确率 / 宏 F1）：TF-IDF 基线 {base}{part} · 总猜“{found.majority}” {most}",
        f"  Beside it (accuracy / macro F1): TF-IDF baseline {base}{part} · always {found.majority} {most}",
    )
    held = found.holds_against(macro_f1, interval) if macro_f1 is not None else Held.REACHED
    if held is Held.BELOW:
        terminal.tell(
            "  ! 还不如基线：多一些标签，或直接用基线（-a baseline）。",
            "  ! Below the baseline: label more comments, or take the baseline itself (-a baseline).",
        )
    elif held is Held.ALIKE:
        terminal.tell(
            "  和基线的差别可能只是偶然：行数太少，分不出高下。",
            "  The difference from the baseline may be chance: there are too few rows to tell.",
        )
