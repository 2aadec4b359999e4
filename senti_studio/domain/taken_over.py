"""What a card says of the earlier models that a training began with or asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from senti_studio.domain.card_words import mapping, number, plain


def taken_over(card: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    """The lines of the chapter about the training."""
    yield from _start(mapping(mapping(card.get("reading")).get("start")), zh=zh)
    yield from _pseudo(card, zh=zh)
    yield from _teaching(card, zh=zh)


def _start(taken: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    if not taken:
        return
    name, new = plain(str(taken.get("model", ""))), number(taken.get("new_units"))
    if zh:
        yield f"* 从模型“{name}”的权重开始，词表新增 {new} 个单位。"
    else:
        yield f"* It began with the weights of “{name}”; {new} units are new in its vocabulary."


def _pseudo(card: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    """What joined without a label of people."""
    report = mapping(card.get("pseudo"))
    wanted = mapping(mapping(card.get("spec")).get("pseudo"))
    if not report:
        return
    names = {label["key"]: label["name"] for label in card.get("labels") or ()}
    joined, teacher = mapping(report.get("joined")), mapping(report.get("teacher"))
    each = [f"{plain(names.get(key, key))} {number(count)}" for key, count in joined.items()]
    listed = ("、" if zh else ", ").join(each) or "—"
    model = plain(str(mapping(wanted.get("model")).get("name", "")))
    asked, total = number(report.get("candidates")), number(sum(joined.values()))
    least, most = wanted.get("threshold"), number(wanted.get("most"))
    sure, right = number(teacher.get("sure")), number(teacher.get("right"))
    if zh:
        yield (
            f"* 伪标签：“{model}”看了 {asked} 条没有标签的评论，{total} 条（概率 ≥ {least}，"
            f"每类最多 {most} 条）加入训练：{listed}。它们不是标注，不在验证和测试部分里。"
        )
        yield f"* 验证部分里它同样有把握的有 {sure} 条，其中 {right} 条说对了。"
        return
    yield (
        f"* Pseudo-labels: “{model}” looked at {asked} comments without a label; {total} of them "
        f"(probability ≥ {least}, at most {most} of a class) joined the training: {listed}. They are no "
        "annotations, and in neither the validation nor the test part."
    )
    yield f"* It was as sure of {sure} comments of the validation part, and right about {right} of these."


def _teaching(card: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    """The teacher that it has learnt from, and how both compare."""
    spec, metrics = mapping(card.get("spec")), mapping(card.get("metrics"))
    wanted = mapping(spec.get("teaching"))
    if not wanted:
        return
    name = plain(str(mapping(wanted.get("model")).get("name", "")))
    share, taught = wanted.get("hard_share"), number(metrics.get("taught_rows", 0))
    figures = [metrics.get(key) for key in ("teacher_accuracy", "teacher_macro_f1", "accuracy", "macro_f1")]
    speeds = [number(round(metrics.get(f"{who}_rows_per_s", 0))) for who in ("teacher", "pupil")]
    one, two, three, four = (f"{value:.3f}" if isinstance(value, float) else "—" for value in figures)
    if zh:
        yield (
            f"* 跟“{name}”学（温度 {wanted.get('temperature')}，人工标签占损失的 {share}），另有 {taught} "
            "条没有标签的评论只学它的看法；它们不是标注，不在验证和测试部分里。"
        )
        yield f"* 同样的评论上，老师准确率 {one}、宏 F1 {two}，每秒 {speeds[0]} 条；"
        yield f"  这个模型准确率 {three}、宏 F1 {four}，每秒 {speeds[1]} 条。"
        return
    yield (
        f"* It learnt from “{name}” (temperature {wanted.get('temperature')}, labels {share} of the loss); "
        f"of {taught} comments without a label only that model's opinion. They are no annotations, and in "
        "neither the validation nor the test part."
    )
    yield f"* On the same comments the teacher has accuracy {one}, macro F1 {two}, at {speeds[0]} rows/s;"
    yield f"  this model has accuracy {three}, macro F1 {four}, at {speeds[1]} rows/s."


def _limits_of_teacher(teacher: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    seen = mapping(teacher.get("seen"))
    if not any(seen.values()):
        return
    if zh:
        yield f"* 作为老师的模型学过{_met(seen, zh=True)}评论，上面的数字可能略微偏高。"
    else:
        yield (
            f"* The model that was the teacher has learnt from {_met(seen, zh=False)}: the figures may be a "
            "little too good."
        )


def _met(seen: Mapping[str, Any], *, zh: bool) -> str:
    """Of which parts how many comments were met; of a part of which none was, nothing is said."""
    test, valid = seen.get("test", 0), seen.get("valid", 0)
    if zh:
        counts = (f"测试集的 {number(test)} 条" * bool(test), f"验证集的 {number(valid)} 条" * bool(valid))
        return "、".join(filter(None, counts))
    if not test:
        return f"{number(valid)} comments of the validation part"
    return f"{number(test)} comments of the test part" + (
        f" and {number(valid)} of the validation part" if valid else ""
    )


def limits_of_taken_over(card: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    """The lines of the chapter about limits: figures that look better than they are."""
    spec = mapping(card.get("spec"))
    for asked in ("pseudo", "teaching"):
        yield from _limits_of_teacher(mapping(mapping(spec.get(asked)).get("model")), zh=zh)
    start = mapping(spec.get("start"))
    seen = mapping(start.get("seen"))
    if start and not start.get("is_known", True):
        if zh:
            yield "* 不知道开始时的模型学过哪些评论：测试评论如果在其中，上面的数字偏高。"
        else:
            yield (
                "* Nobody can tell what the model that it began with has learnt from: if test comments are "
                "among it, the figures are rather too good."
            )
    elif any(seen.values()):
        if zh:
            yield f"* 开始时的模型见过{_met(seen, zh=True)}评论：见过的那一部分，数字偏高。"
        else:
            yield (
                f"* The model that it began with has met {_met(seen, zh=False)}: the figures of a part that "
                "it has met are rather too good."
            )
