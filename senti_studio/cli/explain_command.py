"""``senti-studio explain``: which words and characters speak for a class, and which training comments are near."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from senti_studio.cli import attention_words
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.explaining import Attention, Evidence, Explanation, Reasons
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.operations import models
from senti_studio.operations.models import ModelSummary
from senti_studio.storage.project import Project

FOR, AGAINST = "on color(25)", "on color(130)"
"""Blue and orange: told apart by everybody. Strong weights are bold, too."""
_FAINT, _STRONG = 0.12, 0.5
"""Weaker characters than this share of the strongest have no ground; stronger ones are bold."""
WORDS = 12


@click.command(name="explain")
@project_argument
@click.option(
    "--run",
    "wanted",
    default="last",
    show_default=True,
    help="Run (id, number, name or `last`) or a model folder.",
)
@click.option("--text", help="The text to explain.")
@click.option(
    "--id", "comment_id", type=int, metavar="ID", help="Explain this comment of the project instead."
)
@click.option(
    "--class",
    "label",
    metavar="LABEL",
    help="The class that is spoken for (name or key). Default: the likeliest.",
)
@click.option(
    "--nearest",
    type=click.IntRange(0, 50),
    default=3,
    show_default=True,
    help="So many of the training comments that the model finds most alike.",
)
@click.option("--attention", is_flag=True, help="Show where the net looks instead of what each word adds.")
@click.option(
    "--layer",
    metavar="LAYER",
    help="With --attention: the number of a layer, or `rollout` over all of them, the default.",
)
@click.option(
    "--head",
    type=click.IntRange(0),
    help="With --attention and a layer: the number of a head. Default: the mean of all.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    wanted: str,
    text: str | None,
    comment_id: int | None,
    label: str | None,
    nearest: int,
    attention: bool,
    layer: str | None,
    head: int | None,
    device: str,
    as_json: bool,
) -> None:
    """Say why a model of PROJECT gives a text its class: what each word and character adds to the score.

    The weights add up to the difference between the score of the text and that of one of its length without
    words (in logits, before calibration). Blue speaks for the class, orange against it. --attention shows where a net
    looks that has attention weights (BERT; LSTM and GRU with attention pooling), in shares of 1.

    \b
      senti-studio explain 门店.senti --text "味道不错，就是太慢"
      senti-studio explain 门店.senti --run 3 --id 120 --class 差评
      senti-studio explain 门店.senti --text "味道不错" --json
      senti-studio explain 门店.senti --text "味道不错" --attention --layer 2 --head 1
    """
    if (text is None) == (comment_id is None):
        raise click.UsageError(terminal.text("请给出 --text 或 --id 之一。", "give one of --text and --id"))
    _refuse_mixtures(terminal, attention=attention, of_attention=(layer, head), label=label)
    from senti_studio.learning.predict import Predictor
    from senti_studio.worker.explaining import reasons

    with opened(project_folder, to_read=True) as project:
        model = models.find_model(project, wanted)
        if comment_id is not None:
            text = project.comments.get(comment_id).text
        text = text or ""
        predictor = Predictor.load(model.folder, device)
        labels = [_class(predictor.labels, label)] if label is not None else []
        found = (
            predictor.attended(text).of(layer or "", head or 0)
            if attention
            else reasons(predictor, text, labels)
        )
        near = _nearest(project, model, predictor, text, comment_id, nearest, terminal, quiet=as_json)
    names = predictor.labels
    if as_json:
        told = (
            {"attention": attention_words.values_of(text, found)}
            if isinstance(found, Attention)
            else _values(found, text, names)
        )
        about = {"run": model.run_id or model.id, "name": model.name, "text": text}
        terminal.result({**about, **told, "nearest": [_near_values(one, names) for one in near]})
        return
    if isinstance(found, Attention):
        attention_words.say(terminal, model.name, text, found)
    else:
        _say(terminal, model, text, found, names)
    _say_near(terminal, near, names)


def _refuse_mixtures(
    terminal: Terminal, *, attention: bool, of_attention: Sequence[object], label: str | None
) -> None:
    """Options that say nothing together."""
    if not attention and any(each is not None for each in of_attention):
        raise click.UsageError(
            terminal.text(
                "--layer 和 --head 要和 --attention 一起用。", "--layer and --head need --attention"
            )
        )
    if attention and label is not None:
        raise click.UsageError(
            terminal.text("注意力与类别无关：不要写 --class。", "attention is of no class: leave out --class")
        )


def _class(labels: Sequence[LabelName], wanted: str) -> int:
    """Raises UserError ``NO_SUCH_CLASS``."""
    for place, label in enumerate(labels):
        if wanted in (label.name, label.key):
            return place
    raise UserError("NO_SUCH_CLASS", label=wanted, labels=[label.name for label in labels])


def _nearest(
    project: Project,
    model: ModelSummary,
    predictor: Any,
    text: str,
    comment_id: int | None,
    count: int,
    terminal: Terminal,
    *,
    quiet: bool,
) -> list[Evidence]:
    """Nothing for a model whose training data is not there."""
    from senti_studio.worker.explaining import training_rows

    rows = training_rows(model.folder, len(predictor.labels)) if count else None
    if not rows:
        return []
    near = predictor.nearest(rows, project.cache_folder / "explain")
    with terminal.bar(model.name, quiet=quiet) as bar:
        while near.step():
            bar.show(near.done, near.total)
        bar.complete()
    found: list[Evidence] = near.of(text, count, without=comment_id)
    return found


def _near_values(one: Evidence, labels: Sequence[LabelName]) -> dict[str, Any]:
    return {"id": one.id, "text": one.text, "label": labels[one.label].name, "similarity": one.similarity}


def _values(found: Reasons, text: str, labels: Sequence[LabelName]) -> dict[str, Any]:
    (told,) = found.explanations
    shares = zip((label.name for label in labels), found.probabilities, strict=True)
    return {
        "probabilities": dict(shares),
        "class": labels[told.label].name,
        "score": told.score,
        "blank": told.blank,
        "words": [{"text": text[word.start : word.end], **dataclasses.asdict(word)} for word in told.words],
        "characters": list(told.characters),
        "rest": told.rest,
        "error": told.error,
    }


def _say(
    terminal: Terminal, model: ModelSummary, text: str, found: Reasons, labels: Sequence[LabelName]
) -> None:
    (told,) = found.explanations
    share, name = found.probabilities[told.label], labels[told.label].name
    terminal.tell(
        f"{model.name}：“{name}”的概率 {share:.3f}；得分 {told.score:+.2f} = 同样长但没有词的文本 {told.blank:+.2f}，加上这段文字 {told.difference:+.2f}（校准之前的 logit）",
        f"{model.name}: probability of {name} {share:.3f}; score {told.score:+.2f} = a text of this length without words {told.blank:+.2f} and this text {told.difference:+.2f} (logits before calibration)",
    )
    sys.stdout.flush()
    Console(file=sys.stdout, highlight=False).print(painted(text, told))
    strongest = sorted(told.words, key=lambda word: -abs(word.weight))[:WORDS]
    columns = (
        terminal.text("词", "word"),
        terminal.text("权重", "weight"),
        terminal.text(f"（+ 支持“{name}”，− 反对）", f"(+ for {name}, − against)"),
    )
    most = max((abs(word.weight) for word in strongest), default=0.0) or 1.0
    terminal.table(
        columns,
        [
            (text[word.start : word.end], f"{word.weight:+.3f}", "▇" * round(20 * abs(word.weight) / most))
            for word in strongest
        ],
        right=(1,),
    )


def _say_near(terminal: Terminal, near: Sequence[Evidence], labels: Sequence[LabelName]) -> None:
    if near:
        terminal.tell("模型看来最相近的训练评论：", "Training comments that the model finds most alike:")
        terminal.table(
            (
                terminal.text("相似", "alike"),
                terminal.text("标签", "label"),
                terminal.text("评论", "comment"),
            ),
            [(f"{one.similarity:.2f}", labels[one.label].name, _short(one.text)) for one in near],
        )


def painted(text: str, told: Explanation) -> Text:
    """The text with a ground behind the characters that count."""
    found = Text(text, no_wrap=False)
    most = max(map(abs, told.characters), default=0.0)
    for place, weight in enumerate(told.characters):
        size = abs(weight) / most if most else 0.0
        if size >= _FAINT:
            style = FOR if weight > 0 else AGAINST
            found.stylize(f"{'bold ' if size >= _STRONG else ''}{style}", place, place + 1)
    return found


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else plain[:59] + "…"
