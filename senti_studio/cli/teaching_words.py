"""What the terminal says of a teacher and its pupil."""

from __future__ import annotations

import dataclasses
from typing import Any

from senti_studio.cli.terminal import Terminal
from senti_studio.operations.teaching import TeachingReport


def teaching_values(report: TeachingReport | None) -> dict[str, Any]:
    """The report as a JSON value under ``teaching``; nothing where there is none."""
    if report is None:
        return {}
    values = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in dataclasses.asdict(report).items()
        if name != "is_test"
    }
    return {"teaching": {**values, "part": "test" if report.is_test else "valid"}}


def say_teaching(terminal: Terminal, report: TeachingReport | None) -> None:
    """How right and how fast both are, on the same comments."""
    if report is None:
        return
    part = ("测试", "test") if report.is_test else ("验证", "validation")
    rows = (
        (("老师", "teacher"), report.teacher_accuracy, report.teacher_macro_f1, report.teacher_rows_per_s),
        (("学生", "pupil"), report.pupil_accuracy, report.pupil_macro_f1, report.pupil_rows_per_s),
    )
    zh = "；".join(f"{name[0]} {a:.3f} / {f:.3f}，每秒 {s:,.0f} 条" for name, a, f, s in rows)
    en = "; ".join(f"{name[1]} {a:.3f} / {f:.3f}, {s:,.0f} rows/s" for name, a, f, s in rows)
    terminal.tell(
        f"  老师“{report.model}”与学生（{part[0]}准确率 / 宏 F1）：{zh}；学生快到 {report.times_as_fast:.1f} 倍",
        f"  The teacher “{report.model}” and its pupil ({part[1]} accuracy / macro F1): {en}; "
        f"the pupil is {report.times_as_fast:.1f} times as fast",
    )
