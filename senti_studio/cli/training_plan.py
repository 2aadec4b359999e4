"""What ``train`` and ``search`` say before they start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from senti_studio.cli.encoder_words import duration, memory_size, time_basis
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.architectures import epochs_of, has_automatic_epochs, options_of, smaller_step
from senti_studio.domain.encoder_forecast import length_of, seconds_to_train
from senti_studio.domain.encoder_memory import scratch_size, within
from senti_studio.domain.encoder_size import Machine
from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.labels import Label
from senti_studio.domain.memory_forecast import fits, forecast
from senti_studio.domain.training_options import TrainingOptions, push_of, told_share
from senti_studio.operations.encoders import known_size, machine, overview
from senti_studio.operations.training import TrainingPlan, TrainingRequest

_MOST_NAMED = 5
FEW_TO_JUDGE = 50
"""Fewer validation comments than this are told."""


def _as_if_there(plan: TrainingPlan, request: TrainingRequest) -> TrainingOptions:
    """The options with an encoder that can be looked at: one that is yet to be made is as large as what it is
    made from."""
    return replace(request.options, encoder=plan.made_from) if plan.made_from else request.options


def _say_memory(terminal: Terminal, plan: TrainingPlan, request: TrainingRequest) -> None:
    """About what the training takes; of a graphics card nobody here knows how much it has."""
    import psutil

    classes = sum(1 for count in plan.by_label.values() if count)
    options = _as_if_there(plan, request)
    size = known_size(options.encoder) if "encoder" in options_of(request.architecture) else None
    found = forecast(request.architecture, options, plan.texts, classes=classes, encoder=size)
    need = found.of(request.device)
    needed = memory_size(need)
    if request.device != "auto" and not request.device.startswith("cpu"):
        terminal.say(
            f"  预计需要约 {needed} 显存",
            f"  needs about {needed} of the card's memory",
        )
        return
    total = psutil.virtual_memory().total
    terminal.say(
        f"  预计需要约 {needed} 内存（共 {total / 2**30:.0f} GB）",
        f"  needs about {needed} of {total / 2**30:.0f} GB of memory",
    )
    if not fits(need, total):
        terminal.warn(
            "MEMORY_SHORT", {"needed": f"{need / 2**30:.1f} GB", "total": f"{total / 2**30:.0f} GB"}
        )


def _say_time(terminal: Terminal, plan: TrainingPlan, request: TrainingRequest) -> None:
    """About how long an encoder learns; of a card that has done none yet, nothing is known."""
    options, texts = _as_if_there(plan, request), plan.texts
    if "encoder" not in options_of(request.architecture) or not texts.rows:
        return
    size = scratch_size(options.encoder, texts.characters) if is_scratch(options.encoder) else None
    size = size or known_size(options.encoder)
    here = machine()
    if request.device not in ("auto", "cpu"):
        here = Machine(0, 0.0, request.device, here.past)
    if size is None:
        return
    length, windows = length_of(texts, within(options, size))
    judged = plan.rows.get("valid", 0)
    found = seconds_to_train(
        size, here, options, rows=texts.rows, judged=judged, length=length, windows=windows
    )
    times = request.repetition.count if request.repetition.is_repeated else 1
    if found.seconds:
        zh, en = (duration(times * found.seconds, in_chinese) for in_chinese in (True, False))
        on_processor = not found.runs and request.device == "auto"
        terminal.say(
            f"  {'用处理器' if on_processor else ''}预计约 {zh}",
            f"  takes about {en}{' on the processor' if on_processor else ''}",
        )
        terminal.say(*time_basis(found.runs))


def _say_encoder(terminal: Terminal, request: TrainingRequest) -> None:
    """Which one is learnt from nothing, and which have learnt before and are there."""
    encoder = request.options.encoder
    if "encoder" not in options_of(request.architecture) or request.start_from or not is_scratch(encoder):
        return
    there = [entry.name for entry in overview().entries]
    zh = f"；架上有 {'、'.join(there[:_MOST_NAMED])}（--encoder 名称）" if there else ""
    en = f"; on the shelf: {', '.join(there[:_MOST_NAMED])} (--encoder NAME)" if there else ""
    terminal.say(
        f"  编码器：{encoder}，新建的，还什么都没学过{zh}",
        f"  encoder: {encoder}, a new one that has learnt nothing yet{en}",
    )


def _say_batch(terminal: Terminal, plan: TrainingPlan, request: TrainingRequest) -> None:
    """Who asks for a batch of another size than usual hears when a small set gets a smaller one."""
    asked = request.options.batch_size
    if used := smaller_step(request.architecture, request.options, plan.rows["train"]):
        terminal.say(
            f"  每步学习 {used} 条评论，不是 {asked} 条：评论少，一轮才有足够的步数（--least-steps）",
            f"  {used} comments a step, not {asked}: few comments are learnt in smaller batches (--least-steps)",
        )


def _say_epochs(terminal: Terminal, plan: TrainingPlan, request: TrainingRequest) -> None:
    """How often all is read where the options leave that open."""
    if request.options.epochs or not has_automatic_epochs(request.architecture) or not plan.rows["train"]:
        return
    often = epochs_of(request.architecture, request.options, plan.rows["train"])
    head = (
        ("，只训练头部时是五倍", ", a head alone five times as often")
        if request.options.freeze == "body"
        else ("", "")
    )
    terminal.say(
        f"  最多读 {often} 遍（自动：评论越少读得越多{head[0]}；--epochs）",
        f"  read {often} times at most (automatic: few comments more often{head[1]}; --epochs)",
    )


def _say_left_open(terminal: Terminal, plan: TrainingPlan, request: TrainingRequest) -> None:
    """What else the options leave open, as far as it changes anything here."""
    options, used = request.options, options_of(request.architecture)
    classes = sum(count > 0 for count in plan.by_label.values())
    if "logit_adjustment" in used and options.logit_adjustment < 0 and told_share(options, classes):
        terminal.say(
            "  少见的类别得到一半的偏向（自动：类别多于两个；--logit-adjustment）",
            "  rare classes are preferred by half (automatic: more than two classes; --logit-adjustment)",
        )
    if "adversarial" in used and options.adversarial < 0 and push_of(options, plan.rows["train"]):
        terminal.say(
            "  每一步学两遍，第二遍把词向量推向坏的方向（自动：评论多；--adversarial）",
            "  each step is learnt twice, once with pushed word vectors (automatic: many comments; --adversarial)",
        )


def _say_few_to_judge(terminal: Terminal, plan: TrainingPlan) -> None:
    """A few validation comments that are all guessed right prove nothing."""
    if 0 < plan.rows["valid"] < FEW_TO_JUDGE:
        terminal.say(
            f"  验证部分只有 {plan.rows['valid']} 条：它的数字受偶然影响很大",
            f"  only {plan.rows['valid']} comments in the validation part: chance has much to do with its figures",
        )


def say_plan(
    terminal: Terminal, plan: TrainingPlan, all_labels: Sequence[Label], request: TrainingRequest
) -> None:
    """What it learns from, what is left out, and what may surprise."""
    rows, length = plan.rows, request.options.max_length
    drawn = terminal.text("（新抽取并固定）", " (drawn now, kept from now on)") if plan.draws_test_set else ""
    terminal.say(
        f"{plan.labelled:,} 条标签 → 训练 {rows['train']:,} · 验证 {rows['valid']:,} · 测试 {rows['test']:,}{drawn}",
        f"{plan.labelled:,} labels → train {rows['train']:,} · valid {rows['valid']:,} · test {rows['test']:,}{drawn}",
    )
    if plan.leaked:
        terminal.say(
            f"! 给定的验证/测试部分里有 {plan.leaked:,} 行文本也在训练部分中，指标会偏高",
            f"! Rows of the given validation/test parts whose text is in training too: {plan.leaked:,}; figures will flatter",
        )
    if plan.cut_share > 0:
        percent = f"{max(1, round(100 * plan.cut_share))} %"
        terminal.say(
            f"  约 {percent} 的训练评论超过 {length} 个单位，超出的部分会被截去（--max-length）",
            f"  about {percent} of the training comments are longer than {length} units and are cut (--max-length)",
        )
    _say_encoder(terminal, request)
    _say_batch(terminal, plan, request)
    _say_epochs(terminal, plan, request)
    _say_left_open(terminal, plan, request)
    _say_few_to_judge(terminal, plan)
    _say_memory(terminal, plan, request)
    _say_time(terminal, plan, request)
    for reason, count in plan.left_out.items():
        zh, en = {
            "disagreement": ("标注者意见不一致", "annotators disagree"),
            "excluded": ("已在数据页排除", "excluded on the Data page"),
            "set_aside": ("已留作测试集", "set aside as the test set"),
            "same_as_test": ("与测试集文本相同或近似", "same or nearly the same text as in the test set"),
            "same_group_as_test": ("与测试集同组", "in one group with a comment of the test set"),
        }.get(reason, (reason, reason))
        terminal.say(f"  另有 {count:,} 条不参加训练：{zh}", f"  {count:,} left out: {en}")
    unused = [label.name for label in all_labels if not plan.by_label.get(label.key)]
    if unused:
        terminal.say(
            f"  没有评论标为 {'、'.join(unused)}：模型不会认识它",
            f"  no comment is labelled {', '.join(unused)}: the model will not know it",
        )
    for code, params in plan.warnings:
        terminal.warn(code, params)


def say_kept_together(terminal: Terminal, plan: TrainingPlan, column: str) -> None:
    """How honest the split is: what stays on one side, and what is not known."""
    what_zh = "相同或近似的文本" + (f"和同一“{column}”" if column else "")
    what_en = "copies and near-copies" + (f" and one “{column}”" if column else "")
    if plan.avoided:
        terminal.say(
            f"  {what_zh}都在同一边：逐行随机划分会有约 {plan.avoided:,} 行同时出现在两边",
            f"  {what_en} stay on one side: drawn row by row, about {plan.avoided:,} would stand on both",
        )
    if plan.near_copies != "known":
        zh, en = {
            "unknown": ("还没有查找近似文本", "Near-copies have not been looked for yet"),
            "outdated": ("查找近似文本之后又有文件导入", "Files came after near-copies were looked for"),
        }[plan.near_copies]
        terminal.say(
            f"  {zh}，只有完全相同的文本一定在同一边（senti-studio index 可查找）",
            f"  {en}: only identical texts are sure to stay on one side (senti-studio index looks for them)",
        )
