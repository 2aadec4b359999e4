"""What the terminal says about the baseline and the most frequent class beside a model."""

from __future__ import annotations

import dataclasses
from typing import Any

from senti_studio.cli.terminal import Terminal
from senti_studio.operations.yardsticks import Yardsticks


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


def say_yardsticks(terminal: Terminal, found: Yardsticks | None, macro_f1: float | None) -> None:
    """One line, and another when the model with this ``macro_f1`` does not reach the baseline."""
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
    if macro_f1 is not None and macro_f1 < found.baseline_macro_f1 - 5e-4:
        terminal.tell(
            "  ! 还不如基线：多一些标签，或直接用基线（-a baseline）。",
            "  ! Below the baseline: label more comments, or take the baseline itself (-a baseline).",
        )
