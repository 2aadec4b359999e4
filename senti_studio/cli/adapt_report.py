"""What the terminal says about an adaptation, before it and after it."""

from __future__ import annotations

from typing import Any

from senti_studio.cli.encoder_words import duration, time_basis
from senti_studio.cli.options import quoted
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.training_report import run_values
from senti_studio.domain.adapt_forecast import rounded
from senti_studio.domain.adapting import AdaptOptions
from senti_studio.domain.run_states import RunState
from senti_studio.jobs.run_folder import RunStatus
from senti_studio.operations import training
from senti_studio.operations.adapting import AdaptPlan
from senti_studio.storage.project import Project

_REASONS = {
    "held_out": ("测试集和默认训练的验证部分", "the test set and what a default training is validated on"),
    "same_as_held_out": ("与它们相同或几乎相同", "the same as these, or nearly"),
    "repeated": ("重复或空白", "repeated or blank"),
    "excluded": ("已在数据页排除", "excluded on the Data page"),
}


def say_plan(terminal: Terminal, plan: AdaptPlan, options: AdaptOptions) -> None:
    """What it reads, what it leaves out, how long that takes, and whether it can be worth it."""
    drawn = terminal.text("（测试集新抽取并固定）", " (the test set is drawn now and kept)")
    drawn = drawn if plan.draws_test_set else ""
    seen = plan.forecast.tokens
    terminal.say(
        f"读 {plan.rows['train']:,} 条评论（约 {rounded(plan.tokens)} 个词元），留 {plan.rows['valid']:,} 条看进步；"
        f"一共约读 {rounded(seen)} 个词元{drawn}",
        f"reads {plan.rows['train']:,} comments (about {rounded(plan.tokens)} tokens), holds back "
        f"{plan.rows['valid']:,} to see whether it gains; about {rounded(seen)} tokens in all{drawn}",
    )
    for reason, count in plan.left_out.items():
        zh, en = _REASONS.get(reason, (reason, reason))
        terminal.say(f"  另有 {count:,} 条不读：{zh}", f"  {count:,} are not read: {en}")
    if plan.forecast.seconds:
        rate = rounded(plan.forecast.rate)
        time_zh, time_en = (duration(plan.forecast.seconds, zh) for zh in (True, False))
        terminal.say(
            f"  只用处理器时每秒约 {rate} 个词元，最多约 {time_zh}",
            f"  on the processor about {rate} tokens a second, {time_en} at most",
        )
        terminal.say(*time_basis(plan.forecast.runs))
    for code, params in plan.warnings:
        terminal.warn(code, params)


def plan_values(plan: AdaptPlan) -> dict[str, Any]:
    """For ``--json``."""
    return {
        "rows": dict(plan.rows),
        "left_out": dict(plan.left_out),
        "tokens": plan.tokens,
        "tokens_seen": plan.forecast.tokens,
        "tokens_per_s": round(plan.forecast.rate),
        "seconds": round(plan.forecast.seconds),
        "earlier_runs": plan.forecast.runs,
        "warnings": [{"code": code, "params": dict(params)} for code, params in plan.warnings],
    }


def finish_adapting(
    terminal: Terminal,
    project: Project,
    run_id: str,
    status: RunStatus,
    *,
    as_json: bool,
    plan: AdaptPlan | None = None,
) -> None:
    """The last words about an adaptation: how it ended, what it gained, and what to do next."""
    run = training.refresh(project, run_id)
    metrics = dict(getattr(status.terminal, "metrics", {}))
    output = dict(getattr(status.terminal, "output", {}))
    if as_json:
        terminal.result(
            {
                "run": run_values(run),
                "folder": str(training.folder_of(project, run_id).path),
                "reason": getattr(status.terminal, "reason", ""),
                "metrics": metrics,
                "encoder": output,
                **({"plan": plan_values(plan)} if plan else {}),
            }
        )
        return
    zh, en = {
        RunState.FINISHED: ("已完成", "finished"),
        RunState.STOPPED: ("已停止，保留了最好的状态", "stopped, the best state was kept"),
        RunState.PAUSED: ("已暂停", "paused"),
        RunState.CANCELLED: ("已放弃，没有留下编码器", "cancelled, no encoder was kept"),
    }.get(run.state, (run.state.value, run.state.value))
    gain_zh, gain_en = "", ""
    if run.start_loss is not None and run.best_loss is not None:
        gain_zh = f"，填空损失 {run.start_loss:.3f} → {run.best_loss:.3f}"
        gain_en = f", loss of hidden words {run.start_loss:.3f} → {run.best_loss:.3f}"
    if run.start_accuracy is not None and run.best_accuracy is not None:
        gain_zh += f"，填对 {run.start_accuracy:.1%} → {run.best_accuracy:.1%}"
        gain_en += f", guessed right {run.start_accuracy:.1%} → {run.best_accuracy:.1%}"
    seconds = f"{run.duration:.0f}"
    read = rounded(run.tokens)
    terminal.tell(
        f"✓ {run.name} {zh}（{seconds} 秒，读了 {read} 个词元{gain_zh}）",
        f"✓ {run.name} {en} ({seconds} s, {read} tokens read{gain_en})",
    )
    code = getattr(status.terminal, "code", "")
    if code and run.state is not RunState.FAILED:
        terminal.warn(code, getattr(status.terminal, "params", {}))
    folder = quoted(project.folder)
    if run.state is RunState.PAUSED:
        again = f"senti-studio runs {folder} {run.number} --resume"
        terminal.tell(f"  继续：{again}", f"  Go on: {again}")
    elif run.made_encoder:
        next_step = f"senti-studio train {folder} --architecture bert --encoder {quoted(run.made_encoder)}"
        terminal.tell(
            f"  新编码器“{run.made_encoder}”在编码器架上。用它训练：{next_step}",
            f"  The new encoder “{run.made_encoder}” is on the shelf. Train on it: {next_step}",
        )
