"""What the terminal says about the trials of a repeated training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from senti_studio.cli.terminal import Terminal
from senti_studio.domain.repetition import Repetition
from senti_studio.jobs.protocol import Trial
from senti_studio.operations.repetition import best_trial, figures_of, spread_of

STATES = {"done": ("完成", "done"), "pruned": ("提前放弃", "given up early"), "failed": ("失败", "failed")}


def trial_values(trials: Sequence[Trial], mode: str) -> dict[str, Any]:
    """Trials as JSON values, with mean and standard deviation of those that ended well. ``best_trial``: that
    which was chosen, ``kept_trial``: that whose model the run has."""
    kept = best_trial(trials)
    best = kept if Repetition(mode).has_best else None
    return {
        "trials": [
            {
                "number": trial.number,
                "options": dict(trial.options),
                "state": trial.state,
                "metrics": dict(trial.metrics),
                "seconds": round(trial.seconds, 2),
                **({"error": {"code": trial.code, "params": dict(trial.params)}} if trial.code else {}),
            }
            for trial in trials
        ],
        "best_trial": best.number if best is not None else None,
        "kept_trial": kept.number if kept is not None else None,
        "spread": {
            name: {"mean": round(mean, 4), "deviation": round(deviation, 4)}
            for name, (mean, deviation) in spread_of(trials).items()
        },
    }


def say_trial(terminal: Terminal, trial: Trial, count: int) -> None:
    """One line about a trial that is over."""
    accuracy, macro_f1 = figures_of(trial)
    zh, en = STATES.get(trial.state, (trial.state, trial.state))
    if trial.state == "failed":
        reason = terminal.sentence(trial.code, trial.params).what
        zh, en = f"{zh}：{reason}", f"{en}: {reason}"
    elif trial.state == "done" and accuracy is not None and macro_f1 is not None:
        zh, en = (
            f"准确率 {accuracy:.3f}  宏 F1 {macro_f1:.3f}",
            f"accuracy {accuracy:.3f}  macro F1 {macro_f1:.3f}",
        )
    best_zh, best_en = ("  ← 目前最佳", "  ← best so far") if trial.is_best else ("", "")
    what = options_text(trial.options)
    terminal.say(
        f"  第 {trial.number}/{count} 次{f'（{what}）' if what else ''}：{zh}{best_zh}",
        f"  trial {trial.number}/{count}{f' ({what})' if what else ''}: {en}{best_en}",
    )


def options_text(options: Mapping[str, Any]) -> str:
    """``learning_rate=0.003 dropout=0.35``: as the command line takes them."""
    return " ".join(f"{name}={value}" for name, value in options.items())


def print_trials(terminal: Terminal, trials: Sequence[Trial], mode: str) -> None:
    """The table of trials, then mean ± standard deviation where the options were the same."""
    if not trials:
        return
    zh = terminal.language == "zh"
    kept = best_trial(trials)
    words = ("（最佳）", " (best)") if Repetition(mode).has_best else ("（留作模型）", " (model kept)")
    terminal.table(
        ["次", "状态", "准确率", "宏 F1", "测试宏 F1", "用时", "与设定不同的选项"]
        if zh
        else ["trial", "state", "accuracy", "macro F1", "test macro F1", "time", "what differs"],
        [_row(terminal, trial, terminal.text(*words) if trial is kept else "") for trial in trials],
        right=[0, 2, 3, 4, 5],
    )
    spread = spread_of(trials)
    if not Repetition(mode).has_mean or not spread:
        return
    names = {
        "accuracy": ("准确率", "accuracy"),
        "macro_f1": ("宏 F1", "macro F1"),
        "test_accuracy": ("测试准确率", "test accuracy"),
        "test_macro_f1": ("测试宏 F1", "test macro F1"),
    }
    part = ("留出的评论", "held-out comments") if mode == "folds" else ("验证集", "validation part")
    said = [
        terminal.text(names[name][0], names[name][1]) + f" {mean:.3f} ± {deviation:.3f}"
        for name, (mean, deviation) in spread.items()
    ]
    terminal.tell(
        f"平均 ± 标准差（{part[0]}）：" + "，".join(said), f"mean ± deviation ({part[1]}): " + ", ".join(said)
    )


def _row(terminal: Terminal, trial: Trial, mark: str) -> list[object]:
    accuracy, macro_f1 = figures_of(trial)
    tested = trial.metrics.get("test_macro_f1")
    zh, en = STATES.get(trial.state, (trial.state, trial.state))
    return [
        trial.number,
        terminal.text(zh, en) + mark,
        _figure(accuracy),
        _figure(macro_f1),
        _figure(tested),
        f"{trial.seconds:.0f} s",
        options_text(trial.options) or "—",
    ]


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, (int, float)) else "—"
