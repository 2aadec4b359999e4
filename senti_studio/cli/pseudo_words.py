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
            "balanced": report.balanced,
            "candidates": report.candidates,
            "near_copies": report.near_copies,
            "sure": dict(report.sure),
            "joined": dict(report.joined),
            "over": report.over,
            "unsure": report.unsure,
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


_OVER = {
    "shares": ("为保持各类比例不用", "so that classes keep their shares"),
    "most": ("超出每类上限", "over the most of a class"),
    "both": (
        "超出每类上限或为保持各类比例不用",
        "over the most of a class or so that classes keep their shares",
    ),
}


def _left_out(report: PseudoReport, language: str) -> str:
    """The end of a sentence: each cause for which comments did not join, with how many these are."""
    over = _OVER[report.over_because]
    causes = (
        (report.over, over),
        (report.unsure, ("把握不够", "not sure enough")),
        (report.near_copies, ("与留出部分近似而不用", "too near to held-out ones")),
    )
    if language == "zh":
        return "".join(f"，{zh} {count:,} 条" for count, (zh, _) in causes if count)
    parts = [f"{count:,} {en}" for count, (_, en) in causes if count]
    return f"; left out: {', '.join(parts)}" if parts else ""


def say_pseudo(terminal: Terminal, report: PseudoReport | None) -> None:
    """How many joined, whether the new model agrees, and what changed."""
    if report is None:
        return
    joined = [f"{label.name} {report.joined.get(label.key, 0):,}" for label in report.labels]
    terminal.tell(
        f"  伪标签：{report.candidates:,} 条里加入 {sum(report.joined.values()):,} 条（{'、'.join(joined)}）"
        f"{_left_out(report, 'zh')}",
        f"  Pseudo-labels: {sum(report.joined.values()):,} of {report.candidates:,} joined ({', '.join(joined)})"
        f"{_left_out(report, 'en')}",
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
