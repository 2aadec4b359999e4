"""What ``senti-studio evaluate`` says beside the plain figures: how sure they are, against whom, and where."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from senti_studio.cli.interrupt import stop_on_interrupt
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.calibration import calibration
from senti_studio.domain.importing import ImportProgress
from senti_studio.domain.intervals import Interval, Intervals
from senti_studio.domain.label_budget import BudgetCurve
from senti_studio.jobs.helper_protocol import to_json
from senti_studio.operations.breakdown import ENOUGH, Breakdown
from senti_studio.operations.models import Evaluation, LabelsSince
from senti_studio.operations.run_comparison import RunComparison
from senti_studio.storage.project import Project


@dataclass(frozen=True, slots=True)
class Beside:
    """What was asked for beside the figures: ``against`` another run (its name, the comparison), by the values
    of a column, by the number of labels; ``learnt``: rows that the model has seen in training."""

    against: tuple[str, RunComparison] | None = None
    column: Breakdown | None = None
    curve: BudgetCurve | None = None
    learnt: int | None = None

    def values(self) -> dict[str, Any]:
        """As JSON values."""
        found: dict[str, Any] = {}
        if self.learnt is not None:
            found["learnt_from"] = self.learnt
        if self.against is not None:
            found["against"] = comparison_values(*self.against)
        if self.column is not None:
            found["by"] = breakdown_values(self.column)
        if self.curve is not None:
            found["curve"] = to_json(self.curve)
        return found

    def say(self, terminal: Terminal, name: str) -> None:
        """In tables and sentences."""
        say_learnt(terminal, self.learnt or 0)
        if self.against is not None:
            other, comparison = self.against
            say_comparison(terminal, name, other, comparison)
        if self.column is not None:
            say_breakdown(terminal, self.column)
        if self.curve is not None:
            say_curve(terminal, self.curve)


def sureness_values(found: Evaluation, sure: Intervals, names: Sequence[str]) -> dict[str, Any]:
    """Intervals, calibration and changed labels as JSON values."""
    how = calibration([(row.label, row.probabilities) for row in found.rows])
    return {
        "intervals": {
            "accuracy": _ends(sure.accuracy),
            "macro_f1": _ends(sure.macro_f1),
            "f1": {name: _ends(ends) for name, ends in zip(names, sure.f1, strict=True)},
        },
        "calibration": {
            "ece": round(how.ece, 4),
            "brier": round(how.brier, 4),
            "lean": round(how.lean, 4),
            "ece_by_luck": round(how.chance, 4),
        },
        "labels_since": dataclasses.asdict(found.since),
    }


def say_sureness(terminal: Terminal, found: Evaluation, sure: Intervals) -> None:
    """Intervals of the two main figures, and how far confidence can be believed."""
    accuracy, macro = _span(sure.accuracy), _span(sure.macro_f1)
    terminal.tell(
        f"95% 区间（自助法）：准确率 {accuracy}，宏 F1 {macro}",
        f"95% intervals (bootstrap): accuracy {accuracy}, macro F1 {macro}",
    )
    if found.rows:
        how = calibration([(row.label, row.probabilities) for row in found.rows])
        zh, en = ("总体偏高", "too high as a whole") if how.lean > 0 else ("总体偏低", "too low as a whole")
        if how.is_luck:
            zh, en = "这么多行看不出问题", "nothing wrong that so many rows could show"
        terminal.tell(
            f"把握与实际平均相差 {how.ece * 100:.1f} 个百分点（ECE，纯属偶然平均也有 {how.chance * 100:.1f}）：{zh}；"
            f"Brier {how.brier:.3f}",
            f"Confidence is off by {how.ece * 100:.1f} points on average (ECE; luck alone gives {how.chance * 100:.1f} on average): "
            f"{en}; Brier {how.brier:.3f}",
        )
    say_since(terminal, found.since)


def say_since(terminal: Terminal, since: LabelsSince) -> None:
    """What has changed since the run began; its figures are those of the labels of then."""
    parts = (
        (since.relabelled, "条已改成别的标签", "with another label now"),
        (since.unlabelled, "条现在没有标签", "without a label now"),
        (since.gone, "条已不在项目里", "gone from the project"),
    )
    zh = [f"{count:,} {words}" for count, words, _ in parts if count]
    en = [f"{words}: {count:,}" for count, _, words in parts if count]
    zh += [f"“{old}”改名为“{new}”" for old, new in since.renamed]
    en += [f"“{old}” is called “{new}” now" for old, new in since.renamed]
    zh += [f"标签“{name}”已不存在" for name in since.removed]
    en += [f"the label “{name}” is gone" for name in since.removed]
    if since.is_anything:
        terminal.tell(
            f"! 训练之后标签有变化（指标仍按训练时的标签）：{'；'.join(zh)}",
            f"! Labels have changed since the training (the figures are of its labels): {'; '.join(en)}",
        )


def say_learnt(terminal: Terminal, count: int) -> None:
    """Rows that the model knows: its figures on them flatter."""
    if count:
        terminal.tell(
            f"! 其中 {count:,} 行（或它们的副本）模型训练时见过：指标会偏高",
            f"! The model has seen {count:,} of these rows (or copies of them) in training: the figures flatter",
        )


def comparison_values(name: str, found: RunComparison) -> dict[str, Any]:
    """A comparison as JSON values."""
    one = found.result
    return {
        "name": name,
        "rows": one.rows,
        "is_same_set": found.is_same_set,
        "only_in_first": found.only_first,
        "only_in_second": found.only_second,
        "relabelled": found.relabelled,
        "accuracy": [round(one.first.accuracy, 4), round(one.second.accuracy, 4)],
        "macro_f1": [round(one.first.macro_f1, 4), round(one.second.macro_f1, 4)],
        "difference": {
            "accuracy": round(one.accuracy, 4),
            "accuracy_interval": _ends(one.accuracy_interval),
            "macro_f1": round(one.macro_f1, 4),
            "macro_f1_interval": _ends(one.macro_f1_interval),
        },
        "only_first_right": one.only_first,
        "only_second_right": one.only_second,
        "mcnemar_p": one.chance,
    }


def say_comparison(terminal: Terminal, first: str, second: str, found: RunComparison) -> None:
    """Both runs side by side, and what it means in a sentence."""
    one = found.result
    heads = (
        ["指标", "差", "95% 区间"] if terminal.language == "zh" else ["figure", "difference", "95% interval"]
    )
    rows = [
        [
            terminal.text("准确率", "accuracy"),
            f"{one.first.accuracy:.3f}",
            f"{one.second.accuracy:.3f}",
            f"{one.accuracy:+.3f}",
            _span(one.accuracy_interval, signed=True),
        ],
        [
            terminal.text("宏 F1", "macro F1"),
            f"{one.first.macro_f1:.3f}",
            f"{one.second.macro_f1:.3f}",
            f"{one.macro_f1:+.3f}",
            _span(one.macro_f1_interval, signed=True),
        ],
    ]
    terminal.table([heads[0], first, second, *heads[1:]], rows, right=[1, 2, 3])
    terminal.tell(*verdict(first, second, found))
    if not found.is_same_set:
        left = found.only_first + found.only_second + found.relabelled
        terminal.tell(
            f"! 两次训练的评估数据不完全相同：只比较共同的 {one.rows:,} 条，另有 {left:,} 条不算"
            f"（其中 {found.relabelled:,} 条当时的标签不同）",
            f"! The two were not measured on the same rows: compared on the {one.rows:,} in common, {left:,} are left out"
            f" ({found.relabelled:,} of them had another label)",
        )


def verdict(first: str, second: str, found: RunComparison) -> tuple[str, str]:
    """Which is better, in Chinese and English."""
    one, more = found.result, found.more_right
    p = f"{one.chance:.3f}" if one.chance >= 0.001 else "< 0.001"
    sign = "" if p.startswith("<") else "= "
    sure_zh, sure_en = ("不像是巧合", "hardly chance") if one.is_sure else ("可能只是巧合", "could be chance")
    both_zh = f"只有 {first} 对 {one.only_first:,} 条，只有 {second} 对 {one.only_second:,} 条"
    both_en = f"rows that only {first} has right: {one.only_first:,}, only {second}: {one.only_second:,}"
    if not more:
        return (
            f"两者对的评论一样多：{both_zh}（McNemar p {sign}{p}）",
            f"Both are right equally often: {both_en} (McNemar p {sign}{p})",
        )
    better = first if more > 0 else second
    return (
        f"{better} 多对 {abs(more):,} 条；{sure_zh}：McNemar p {sign}{p}（{both_zh}）",
        f"{better}: {abs(more):,} {'comment' if abs(more) == 1 else 'comments'} more right; {sure_en}: McNemar p {sign}{p} ({both_en})",
    )


def breakdown_values(found: Breakdown) -> dict[str, Any]:
    """Figures by a column as JSON values."""
    return {
        "column": found.column,
        "distinct": found.distinct,
        "without": found.without,
        "values": [
            {
                "value": each.value,
                **({"others": each.others} if each.others else {}),
                "rows": each.rows,
                "accuracy": round(each.figures.accuracy, 4),
                "interval": _ends(each.interval),
                "macro_f1": round(each.figures.macro_f1, 4),
                "is_worse": each.is_worse,
            }
            for each in found.values
        ],
    }


def say_breakdown(terminal: Terminal, found: Breakdown) -> None:
    """One row a value, the worst with enough rows first."""
    zh = terminal.language == "zh"
    heads = (
        ["行数", "准确率", "95% 区间", "宏 F1", ""]
        if zh
        else ["rows", "accuracy", "95% interval", "macro F1", ""]
    )
    rows = []
    for each in found.values:
        name = each.value or terminal.text("（空）", "(empty)")
        if each.others:
            name = terminal.text(f"其余 {each.others:,} 个值", f"{each.others:,} other values")
        note = terminal.text("明显更差", "clearly worse") if each.is_worse else ""
        if not each.is_enough and not each.others:
            note = terminal.text(f"不到 {ENOUGH} 行", f"below {ENOUGH} rows")
        rows.append(
            [
                name,
                f"{each.rows:,}",
                f"{each.figures.accuracy:.3f}",
                _span(each.interval),
                f"{each.figures.macro_f1:.3f}",
                note,
            ]
        )
    terminal.table([found.column, *heads], rows, right=[1, 2, 4])
    if found.without:
        terminal.tell(
            f"  {found.without:,} 行所在的文件没有这一列，或评论已不在项目里",
            f"  Rows of files without this column, or that have left the project: {found.without:,}",
        )


def measure_curve(project: Project, terminal: Terminal, *, quiet: bool) -> BudgetCurve:
    """The learning curve of the quick classifier, with a bar. Ctrl-C raises UserError ``CANCELLED``."""
    from senti_studio.worker.label_budget import budget

    title = terminal.text("学习曲线", "Learning curve")
    with terminal.bar(title, quiet=quiet) as bar, stop_on_interrupt() as stop:

        def emit(progress: ImportProgress) -> None:
            bar.show(progress.rows, progress.total or None, eta=progress.eta)

        return budget(project, emit=emit, should_stop=stop.is_set)


def say_curve(terminal: Terminal, curve: BudgetCurve) -> None:
    """Macro F1 for each number of labels, and what more would bring."""
    if curve.needed:
        terminal.tell(
            f"还差 {curve.needed:,} 个标签才能画学习曲线",
            f"Labels that a learning curve still needs: {curve.needed:,}",
        )
        return
    heads = (
        ["标签数", "宏 F1", "95% 区间"]
        if terminal.language == "zh"
        else ["labels", "macro F1", "95% interval"]
    )
    rows = [[f"{each.labels:,}", f"{each.score:.3f}", _span((each.low, each.high))] for each in curve.points]
    terminal.table(heads, rows, right=[0, 1])
    for gain in curve.gains:
        terminal.tell(
            f"  再标 {gain.more:,} 条：宏 F1 {gain.gain:+.3f} {_span((gain.low, gain.high), signed=True)}",
            f"  {gain.more:,} more labels: macro F1 {gain.gain:+.3f} {_span((gain.low, gain.high), signed=True)}",
        )


def _ends(interval: Interval) -> list[float]:
    return [round(interval[0], 4), round(interval[1], 4)]


def _span(interval: Interval, *, signed: bool = False) -> str:
    low, high = interval
    return f"[{low:+.3f}, {high:+.3f}]" if signed else f"[{low:.3f}, {high:.3f}]"
