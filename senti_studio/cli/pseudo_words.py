"""What the terminal says of pseudo-labels."""

from __future__ import annotations

from typing import Any

from senti_studio.cli.terminal import Terminal
from senti_studio.operations.pseudo_report import PseudoReport


def pseudo_values(report: PseudoReport | None) -> dict[str, Any]:
    """The report as a JSON value under ``pseudo``; nothing where there is none."""
    if report is None:
        return {}
    without = report.without
    return {
        "pseudo": {
            "model": report.model,
            "threshold": report.threshold,
            "most": report.most,
            "candidates": report.candidates,
            "near_copies": report.near_copies,
            "sure": dict(report.sure),
            "joined": dict(report.joined),
            "over": report.over,
            "agreement": round(report.agreement, 4) if report.agreement is not None else None,
            "teacher": {"sure": report.teacher_sure, "right": report.teacher_right},
            "without": None
            if without is None
            else {
                "run": without.run.id,
                "name": without.run.name,
                "part": "test" if without.is_test else "valid",
                "change": {name: round(value, 4) for name, value in without.change.items()},
            },
        }
    }


def say_pseudo(terminal: Terminal, report: PseudoReport | None) -> None:
    """How many joined, whether the new model agrees, and what changed."""
    if report is None:
        return
    joined = [f"{label.name} {report.joined.get(label.key, 0):,}" for label in report.labels]
    terminal.tell(
        f"  伪标签：{report.candidates:,} 条里加入 {sum(report.joined.values()):,} 条（{'、'.join(joined)}），"
        f"超出每类上限 {report.over:,} 条，与留出部分近似而不用 {report.near_copies:,} 条",
        f"  Pseudo-labels: {sum(report.joined.values()):,} of {report.candidates:,} joined ({', '.join(joined)}); "
        f"{report.over:,} over the most of a class, {report.near_copies:,} too near to held-out ones",
    )
    if report.agreement is not None:
        terminal.tell(
            f"  新模型对其中 {report.agreement:.1%} 的看法相同；原模型在验证部分同样有把握的 {report.teacher_sure:,} 条里"
            f"说对 {report.teacher_right:,} 条",
            f"  The new model agrees with {report.agreement:.1%} of them; the old one was right about "
            f"{report.teacher_right:,} of the {report.teacher_sure:,} validation comments that it was as sure of",
        )
    without = report.without
    if without is None:
        terminal.tell(
            "  没有同样设置、不用伪标签的训练可以比较",
            "  There is no training with the same settings and without them to compare with",
        )
        return
    part = ("测试", "test") if without.is_test else ("验证", "validation")
    names = {"accuracy": ("准确率", "accuracy"), "macro_f1": ("宏 F1", "macro F1")}
    zh = "，".join(f"{names[name][0]} {value:+.3f}" for name, value in without.change.items())
    en = ", ".join(f"{names[name][1]} {value:+.3f}" for name, value in without.change.items())
    terminal.tell(
        f"  与不用伪标签的“{without.run.name}”相比（{part[0]}）：{zh}",
        f"  Against “{without.run.name}” without them ({part[1]}): {en}",
    )
