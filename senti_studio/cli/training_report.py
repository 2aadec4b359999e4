"""What the terminal says about a run that ended, and about how good a model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from senti_studio.cli.options import quoted
from senti_studio.cli.pseudo_words import pseudo_values, say_pseudo
from senti_studio.cli.teaching_words import say_teaching, teaching_values
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.trial_report import print_trials, trial_values
from senti_studio.cli.yardstick_words import say_yardsticks, yardstick_values
from senti_studio.domain.intervals import Interval, macro_f1_interval
from senti_studio.domain.metrics import Figures
from senti_studio.domain.repetition import Repetition
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.protocol import Evaluated, Trial, Written
from senti_studio.jobs.run_folder import RunStatus
from senti_studio.operations import training
from senti_studio.operations.pseudo_report import pseudo_report
from senti_studio.operations.repetition import best_trial, trials_of
from senti_studio.operations.teaching import teaching_report
from senti_studio.operations.training import RunSummary
from senti_studio.operations.yardsticks import Yardsticks, yardsticks
from senti_studio.storage.project import Project


def run_values(run: RunSummary) -> dict[str, Any]:
    """A run as JSON values; figures that are not known are left out."""
    return {
        "id": run.id,
        "number": run.number,
        "name": run.name,
        "architecture": run.architecture,
        **({"preset": run.preset} if run.preset else {}),
        "kind": run.kind.value,
        "state": run.state.value,
        "epoch": run.epoch,
        "epochs": run.epochs,
        "seconds": round(run.duration, 2),
        "device": run.device,
        "peak_memory": run.peak_memory,
        "data_rows": dict(run.data_rows),
        "warnings": list(run.warnings),
        **(
            {
                "repetition": {"mode": run.repetition, "count": run.trials, "over": run.trials_over},
                "mean": dict(run.mean),
                "deviation": dict(run.deviation),
            }
            if run.trials
            else {}
        ),
        **(
            {"encoder": run.encoder, "made_encoder": run.made_encoder, "tokens": run.tokens}
            if run.encoder
            else {}
        ),
        **{
            name: value
            for name in (
                "start_loss",
                "start_accuracy",
                "best_epoch",
                "best_macro_f1",
                "best_accuracy",
                "best_loss",
                "test_macro_f1",
                "test_accuracy",
            )
            if (value := getattr(run, name)) is not None
        },
        **({"error": {"code": run.error_code, "params": dict(run.error_params)}} if run.error_code else {}),
    }


def finish(terminal: Terminal, project: Project, run_id: str, status: RunStatus, *, as_json: bool) -> None:
    """The last words about a training run: how it ended and what to do next."""
    run = training.refresh(project, run_id)
    trials = trials_of(project, run_id) if run.trials else []
    beside = _beside(project, run)
    pseudo, teaching = pseudo_report(project, run_id), teaching_report(project, run_id)
    if as_json:
        terminal.result(
            {
                "run": run_values(run),
                "folder": str(training.folder_of(project, run_id).path),
                "reason": getattr(status.terminal, "reason", ""),
                **(trial_values(trials, run.repetition) if run.trials else {}),
                "reading": _reading_figures(status),
                **yardstick_values(beside),
                **pseudo_values(pseudo),
                **teaching_values(teaching),
            }
        )
        return
    print_trials(terminal, trials, run.repetition)
    _say_end(terminal, run)
    say_yardsticks(terminal, beside, _figure_of(run, trials), _interval_of(project, run))
    folder = quoted(project.folder)
    _say_of_trials(terminal, run, folder)
    code = getattr(status.terminal, "code", "")
    if code and run.state is not RunState.FAILED:
        terminal.warn(code, getattr(status.terminal, "params", {}))
    _say_reading(terminal, status, _vectors_of(project, run.id))
    say_pseudo(terminal, pseudo)
    say_teaching(terminal, teaching)
    _say_next(terminal, run, folder)


def _say_end(terminal: Terminal, run: RunSummary) -> None:
    best = f"{run.best_macro_f1:.3f}" if run.best_macro_f1 is not None else "—"
    what = ("留出评论平均宏 F1", "mean macro F1 of held-out comments")
    if run.architecture == "baseline" and not run.trials:
        what = ("验证宏 F1", "valid macro F1")  # the last one, which need not be the highest
    elif run.repetition != "folds" or not run.mean:
        what = ("最佳验证宏 F1", "best valid macro F1")
    tested = ""
    if run.test_accuracy is not None and run.test_macro_f1 is not None:
        tested = terminal.text(
            f"；测试集准确率 {run.test_accuracy:.3f}，宏 F1 {run.test_macro_f1:.3f}",
            f"; test accuracy {run.test_accuracy:.3f}, macro F1 {run.test_macro_f1:.3f}",
        )
    zh, en = {
        RunState.FINISHED: ("已完成", "finished"),
        RunState.STOPPED: ("已停止，保留了最佳轮", "stopped, best epoch kept"),
        RunState.PAUSED: ("已暂停", "paused"),
        RunState.CANCELLED: ("已放弃，没有留下模型", "cancelled, no model kept"),
    }.get(run.state, (run.state.value, run.state.value))
    terminal.tell(
        f"✓ {run.name} {zh}（{run.duration:.0f} 秒，{what[0]} {best}{tested}）",
        f"✓ {run.name} {en} ({run.duration:.0f} s, {what[1]} {best}{tested})",
    )


def _say_of_trials(terminal: Terminal, run: RunSummary, folder: str) -> None:
    """What can be done with what several trainings have found out."""
    if run.repetition == "folds" and run.state.has_model:
        terminal.tell(
            f"  看每条留出评论的预测：senti-studio evaluate {folder} --split folds",
            f"  What was said of each held-out comment: senti-studio evaluate {folder} --split folds",
        )
    if run.repetition == "search" and run.state.has_model:
        terminal.tell(
            f"  用这些选项再训练：senti-studio train {folder} --options-of {run.number}",
            f"  Train with these options: senti-studio train {folder} --options-of {run.number}",
        )


def _say_next(terminal: Terminal, run: RunSummary, folder: str) -> None:
    if run.state is RunState.PAUSED:
        terminal.tell(
            f"  继续：senti-studio runs {folder} {run.number} --resume",
            f"  Go on: senti-studio runs {folder} {run.number} --resume",
        )
    elif run.state.has_model:
        terminal.tell(
            f"  下一步：senti-studio evaluate {folder}　或　senti-studio classify {folder} 文件.csv",
            f"  Next: senti-studio evaluate {folder}, or senti-studio classify {folder} FILE.csv",
        )


def _reading_figures(status: RunStatus) -> dict[str, float]:
    """What the run says about the texts that it read."""
    metrics = getattr(status.terminal, "metrics", {})
    names = ("cut_share", "vectors_running", "vectors_types")
    return {name: round(metrics[name], 4) for name in names if name in metrics}


def _vectors_of(project: Project, run_id: str) -> str:
    """Where the word vectors of a run came from."""
    spec = training.folder_of(project, run_id).spec()
    return spec.options.vectors if isinstance(spec, TrainingSpec) else ""


def _say_reading(terminal: Terminal, status: RunStatus, vectors: str) -> None:
    figures: Mapping[str, float] = getattr(status.terminal, "metrics", {})
    if "vectors_running" in figures:
        running, types = 100 * figures["vectors_running"], 100 * figures["vectors_types"]
        zh, en = {
            "general": ("软件附带的词向量", "The built-in word vectors"),
            "project": ("在全部评论上学得的词向量", "Word vectors learnt on all comments"),
            "file": ("文件中的词向量", "The word vectors of the file"),
        }.get(vectors, ("词向量", "Word vectors"))
        terminal.tell(
            f"  {zh}覆盖训练评论中 {running:.1f}% 的词（词表的 {types:.1f}%）",
            f"  {en} cover {running:.1f} % of the words of the training comments ({types:.1f} % of the vocabulary)",
        )
    if figures.get("cut_share"):
        share = 100 * figures["cut_share"]
        terminal.tell(
            f"  {share:.1f}% 的训练评论太长，被截短",
            f"  {share:.1f} % of the training comments were too long and cut",
        )


def _beside(project: Project, run: RunSummary) -> Yardsticks | None:
    """On the test part, where there is one."""
    folder = training.folder_of(project, run.id)
    spec = folder.spec()
    if not run.state.has_model or not isinstance(spec, TrainingSpec):
        return None
    return yardsticks(folder.model, spec.labels, _part(run))


def _part(run: RunSummary) -> str:
    """The part that the yardsticks are told of."""
    return "valid" if run.test_macro_f1 is None else "test"


def _figure_of(run: RunSummary, trials: Sequence[Trial]) -> float | None:
    """The macro F1 that is held against the baseline; None where it is the baseline itself. Of seeds and
    folds the mean: one of them may have been lucky. Else that of the model which is kept."""
    if run.architecture == "baseline":
        return None
    figure = f"{_part(run)}_macro_f1"
    if Repetition(run.repetition).has_mean:
        return run.mean.get(figure)
    kept = best_trial(trials)
    if kept is not None:
        return kept.metrics.get(figure)
    return run.best_macro_f1 if run.test_macro_f1 is None else run.test_macro_f1


def _interval_of(project: Project, run: RunSummary) -> Interval | None:
    """That of the macro F1 which one training reached; None for several."""
    if run.trials:
        return None
    said = [
        event
        for event in training.folder_of(project, run.id).events()
        if isinstance(event, Evaluated) and event.split == _part(run) and event.confusion
    ]
    best = [event for event in said if event.is_best] or said
    return macro_f1_interval(best[-1].confusion) if best else None


def figures_values(figures: Figures, names: Sequence[str]) -> dict[str, Any]:
    """Figures as JSON values."""
    return {
        "rows": figures.rows,
        "accuracy": round(figures.accuracy, 4),
        "macro_f1": round(figures.macro_f1, 4),
        "per_label": {
            name: {
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": round(one.f1, 4),
                "support": one.support,
            }
            for name, one in zip(names, figures.per_label, strict=True)
        },
        "confusion": [list(row) for row in figures.confusion],
    }


def print_figures(
    terminal: Terminal, figures: Figures, names: Sequence[str], sure: Sequence[tuple[float, float]] = ()
) -> None:
    """Per-class table, with the intervals of F1 where they are given, and confusion matrix."""
    zh = terminal.language == "zh"
    more = ["F1 的 95% 区间" if zh else "95% interval of F1"] if sure else []
    ends = [[f"[{low:.3f}, {high:.3f}]"] for low, high in sure] or [[] for _ in names]
    terminal.table(
        [*(["类别", "精确率", "召回率", "F1"] if zh else ["class", "precision", "recall", "F1"]), *more]
        + (["行数"] if zh else ["rows"]),
        [
            [name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", *told, f"{one.support:,}"]
            for name, one, told in zip(names, figures.per_label, ends, strict=True)
        ],
        right=range(1, 5 + len(more)),
    )
    print_confusion(terminal, figures.confusion, names)


def print_confusion(terminal: Terminal, confusion: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    corner = terminal.text("真实＼预测", "true \\ predicted")
    terminal.table(
        [corner, *names],
        [[name, *row] for name, row in zip(names, confusion, strict=True)],
        right=range(1, len(names) + 1),
    )


def print_shares(terminal: Terminal, written: Written, names: Mapping[str, str]) -> None:
    """Class shares of a classified file, as bars, and the rows that have no text to classify."""
    classified = sum(written.label_rows.values())
    for key, count in written.label_rows.items():
        share = count / (classified or 1)
        bar = "█" * round(30 * share)
        terminal.tell(
            f"  {names.get(key, key)}　{count:>8,}　{share:6.1%}　{bar}",
            f"  {names.get(key, key)}  {count:>8,}  {share:6.1%}  {bar}",
        )
    without = written.rows_done - classified
    if without > 0:
        terminal.tell(
            f"  另有 {without:,} 行没有文本，没有分类（这些行的结果列留空）",
            f"  Rows without a text, which were not classified (their result cells are empty): {without:,}",
        )
