"""What ``senti-studio explain --attention`` says: where a net looks in a text."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from senti_studio.cli.terminal import Terminal
from senti_studio.domain.explaining import ROLLOUT, Attention

_GROUND = "on color(61)"
_FAINT, _STRONG = 0.12, 0.5
"""Weaker characters have no ground; stronger ones are bold."""
_WORDS = 12


def values_of(text: str, found: Attention) -> dict[str, Any]:
    """For scripts."""
    words = [
        {"text": text[word.start : word.end], "start": word.start, "end": word.end, "share": word.weight}
        for word in found.words
    ]
    return {**dataclasses.asdict(found), "words": words}


def say(terminal: Terminal, model: str, text: str, found: Attention) -> None:
    """For people."""
    terminal.tell(f"{model}：{_name(terminal, found)}", f"{model}: {_name(terminal, found)}")
    sys.stdout.flush()
    Console(file=sys.stdout, highlight=False).print(_painted(text, found))
    strongest = sorted(found.words, key=lambda word: -word.weight)[:_WORDS]
    most = max((word.weight for word in strongest), default=0.0) or 1.0
    terminal.table(
        (terminal.text("词", "word"), terminal.text("注意力", "attention"), ""),
        [
            (text[word.start : word.end], f"{word.weight:.1%}", "▇" * round(20 * word.weight / most))
            for word in strongest
        ],
        right=(1,),
    )
    if found.rest > 0:
        terminal.tell(
            f"模型自己的标记占 {found.rest:.1%}。", f"Marks of the model itself have {found.rest:.1%}."
        )
    terminal.tell(
        "注意力说明网络看了哪里，不说明什么支持这一类。",
        "Attention tells where the net looks, not what speaks for a class.",
    )
    if len(found.layers) > 1:
        names = ", ".join(found.layers)
        terminal.tell(f"--layer 可选：{names}", f"--layer may be: {names}")


def _name(terminal: Terminal, found: Attention) -> str:
    if found.layer == ROLLOUT:
        return terminal.text("注意力，所有层汇总（rollout）", "attention over all layers (rollout)")
    if not found.layer.isdecimal():
        return terminal.text(f"注意力汇聚（{found.layer}）", f"attention pooling ({found.layer})")
    if not found.head:
        return terminal.text(
            f"第 {found.layer} 层的注意力，{found.heads} 个头的平均",
            f"attention of layer {found.layer}, mean of {found.heads} heads",
        )
    return terminal.text(
        f"第 {found.layer} 层第 {found.head} 个头的注意力（共 {found.heads} 个）",
        f"attention of layer {found.layer}, head {found.head} of {found.heads}",
    )


def _painted(text: str, found: Attention) -> Text:
    """The text with a ground behind what is looked at most."""
    painted = Text(text, no_wrap=False)
    for place, size in enumerate(found.strengths):
        if size >= _FAINT:
            painted.stylize(f"{'bold ' if size >= _STRONG else ''}{_GROUND}", place, place + 1)
    return painted
