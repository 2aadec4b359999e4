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

from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.domain.explaining import Evidence, Explanation, Reasons
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
    device: str,
    as_json: bool,
) -> None:
    """Say why a model of PROJECT gives a text its class: what each word and character adds to the score.

    The weights add up to the difference between the score of the text and that of one that says nothing (in
    logits, before calibration). Blue speaks for the class, orange against it.

    \b
      senti-studio explain 门店.senti --text "味道不错，就是太慢"
      senti-studio explain 门店.senti --run 3 --id 120 --class 差评
      senti-studio explain 门店.senti --text "味道不错" --json
    """
    if (text is None) == (comment_id is None):
        raise click.UsageError(terminal.text("请给出 --text 或 --id 之一。", "give one of --text and --id"))
    from senti_studio.learning.predict import Predictor
    from senti_studio.worker.explaining import reasons

    with opened(project_folder, to_read=True) as project:
        model = models.find_model(project, wanted)
        if comment_id is not None:
            text = project.comments.get(comment_id).text
        text = text or ""
        predictor = Predictor.load(model.folder, device)
        labels = [_class(predictor.labels, label)] if label is not None else []
        found = reasons(predictor, text, labels)
        near = _nearest(project, model, predictor, text, comment_id, nearest, terminal, quiet=as_json)
    names = predictor.labels
    if as_json:
        terminal.result(_values(model, text, found, names, near))
    else:
        _say(terminal, model, text, found, names, near)


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


def _values(
    model: ModelSummary, text: str, found: Reasons, labels: Sequence[LabelName], near: Sequence[Evidence]
) -> dict[str, Any]:
    (told,) = found.explanations
    shares = zip((label.name for label in labels), found.probabilities, strict=True)
    return {
        "run": model.run_id or model.id,
        "name": model.name,
        "text": text,
        "probabilities": dict(shares),
        "class": labels[told.label].name,
        "score": told.score,
        "blank": told.blank,
        "words": [{"text": text[word.start : word.end], **dataclasses.asdict(word)} for word in told.words],
        "characters": list(told.characters),
        "rest": told.rest,
        "error": told.error,
        "attention": [[dataclasses.asdict(unit) for unit in view] for view in found.attention],
        "nearest": [
            {"id": one.id, "text": one.text, "label": labels[one.label].name, "similarity": one.similarity}
            for one in near
        ],
    }


def _say(
    terminal: Terminal,
    model: ModelSummary,
    text: str,
    found: Reasons,
    labels: Sequence[LabelName],
    near: Sequence[Evidence],
) -> None:
    (told,) = found.explanations
    share, name = found.probabilities[told.label], labels[told.label].name
    terminal.tell(
        f"{model.name}：“{name}”的概率 {share:.3f}；得分 {told.score:+.2f} = 空白文本 {told.blank:+.2f}，加上这段文字 {told.difference:+.2f}",
        f"{model.name}: probability of {name} {share:.3f}; score {told.score:+.2f} = blank text {told.blank:+.2f} and this text {told.difference:+.2f}",
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
