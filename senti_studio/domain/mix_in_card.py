"""What a card says of several nets whose mean counts, and of one that has learnt from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from senti_studio.domain.card_words import mapping, plain

_UNITS = {"words": ("词", "words"), "characters": ("字", "characters")}


def is_mix(card: Mapping[str, Any]) -> bool:
    """Whether several nets stand behind it, each kept at an epoch of its own."""
    return bool(mapping(card.get("reading")).get("members"))


def mixed(card: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    """The lines of the chapter about the training."""
    reading = mapping(card.get("reading"))
    members = [_member(mapping(each), zh=zh) for each in reading.get("members") or ()]
    taught = mapping(reading.get("distilled")).get("kept") == "pupil"
    if members and zh:
        yield (
            f"* {len(members)} 个网络各学各的，{'一起教出一个网络' if taught else '结果取平均'}："
            f"{'；'.join(members)}。每个网络都取它自己在验证集上最好的一次。"
        )
    elif members:
        together = "together they taught one more" if taught else "their mean counts"
        yield (
            f"* {len(members)} networks learnt each for itself, and {together}: {'; '.join(members)}. "
            "Of each its own best evaluation on the validation part was kept."
        )
    yield from _distilled(mapping(reading.get("distilled")), zh=zh)


def _member(told: Mapping[str, Any], *, zh: bool) -> str:
    reads = str(told.get("reads", ""))
    units = plain(_UNITS.get(reads, (reads, reads))[0 if zh else 1])
    if told.get("ngrams"):
        units += " + n-gram 片段" if zh else " and n-grams"
    epoch = told.get("epoch")
    if not isinstance(epoch, (int, float)):
        return units
    return f"{units}（第 {epoch:.1f} 轮）" if zh else f"{units} (epoch {epoch:.1f})"


def _distilled(found: Mapping[str, Any], *, zh: bool) -> Iterator[str]:
    if not found:
        return
    mix, pupil = (f"{100 * float(found[f'{who}_macro_f1']):.1f}" for who in ("mix", "pupil"))
    is_pupil = found.get("kept") == "pupil"
    if zh:
        what = "蒸馏出的一个网络同样准，代替了组合" if is_pupil else "蒸馏出的网络不如组合准，保留了组合"
        yield f"* {what}（验证集宏 F1：组合 {mix}，蒸馏 {pupil}）。"
        return
    what = (
        "one distilled network is as right and took their place"
        if is_pupil
        else "the distilled network is less right, so all were kept"
    )
    yield f"* Several networks: {what} (macro F1 on the validation part: {mix} together, {pupil} distilled)."
