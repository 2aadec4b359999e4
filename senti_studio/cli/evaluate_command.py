"""``senti-studio evaluate``: how good a model is, and on which comments it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.evaluation_words import Beside, measure_curve, say_sureness, sureness_values
from senti_studio.cli.options import PATH, json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.training_report import figures_values, print_figures
from senti_studio.cli.written_file import require_free
from senti_studio.cli.yardstick_words import say_yardsticks, yardstick_values
from senti_studio.domain.intervals import intervals
from senti_studio.domain.metrics import confusion_matrix, figures
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.operations import models
from senti_studio.operations.breakdown import by_column
from senti_studio.operations.learnt_from import learnt_from
from senti_studio.operations.models import EvaluatedRow, Evaluation, ModelSummary
from senti_studio.operations.run_comparison import RunComparison, compare_runs
from senti_studio.storage.project import Project

CHUNK = 4096
_PARTS_ZH = {"test": "测试集", "valid": "验证集", "folds": "交叉验证留出的评论"}


@click.command(name="evaluate")
@project_argument
@click.option(
    "--run",
    "wanted",
    default="last",
    show_default=True,
    help="Run (id, number, name or `last`) or a model folder.",
)
@click.option(
    "--split",
    type=click.Choice(["test", "valid", "folds"]),
    default="test",
    show_default=True,
    help="Part of the run's own data; folds: all that a k-fold training held out.",
)
@click.option("--source", metavar="SOURCE", help="Score the labelled comments of this source instead.")
@click.option("--against", metavar="RUN", help="Another run, held against --run on the same comments.")
@click.option(
    "--by", "column", metavar="COLUMN", help="Also the figures of each value of an original column."
)
@click.option(
    "--curve", is_flag=True, help="Also macro F1 by number of labels, with the quick classifier (minutes)."
)
@click.option(
    "--errors",
    "errors_file",
    type=PATH,
    help="Write all rows with truth, prediction and probabilities to this CSV.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --errors if it exists.")
@click.option("--device", default="auto", show_default=True, help="Used with --source: auto, cpu, cuda, mps.")
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    project_folder: Path,
    wanted: str,
    split: str,
    source: str | None,
    against: str | None,
    column: str | None,
    curve: bool,
    errors_file: Path | None,
    overwrite: bool,
    device: str,
    as_json: bool,
) -> None:
    """Say how good a model of PROJECT is: accuracy, macro F1, figures per class, confusion matrix.

    \b
      senti-studio evaluate 门店.senti
      senti-studio evaluate 门店.senti --run 3 --split valid
      senti-studio evaluate 门店.senti --run 3 --against 2
      senti-studio evaluate 门店.senti --by 平台
      senti-studio evaluate 门店.senti --source test_clean.csv --json
    """
    if errors_file is not None:
        require_free(errors_file, overwrite=overwrite)
    with opened(project_folder) as project:
        model = models.find_model(project, wanted)
        if errors_file is not None:
            read = [Path(project.sources.find(source).path)] if source else []
            require_free(errors_file, overwrite=overwrite, inputs=[*read, *model.folder.rglob("*")])
        found = _evaluation(project, model, split, source, device, terminal, quiet=as_json)
        beside = Beside(
            _against(project, found, against, split, source, device, terminal, quiet=as_json),
            by_column(project, found.rows, len(found.labels), column) if column else None,
            measure_curve(project, terminal, quiet=as_json) if curve else None,
            _learnt(project, model, found) if source else None,
        )
        if errors_file is not None:
            write_rows(errors_file, found)
        if as_json:
            terminal.result(_values(model, source or split, found, beside))
            return
        _say(terminal, model, source or split, found, beside)
        if errors_file is not None:
            terminal.tell(f"✓ 逐行结果：{errors_file}", f"✓ Row by row: {errors_file}")


def _values(model: ModelSummary, where: str, found: Evaluation, beside: Beside) -> dict[str, Any]:
    names = [label.name for label in found.labels]
    return {
        "run": model.run_id or model.id,
        "name": model.name,
        "on": where,
        **figures_values(found.figures, names),
        **sureness_values(found, intervals(found.figures.confusion), names),
        **yardstick_values(found.yardsticks),
        **beside.values(),
    }


def _say(terminal: Terminal, model: ModelSummary, where: str, found: Evaluation, beside: Beside) -> None:
    told, sure = found.figures, intervals(found.figures.confusion)
    terminal.tell(
        f"{model.name} 在{_PARTS_ZH.get(where, f' {where} ')}上（{told.rows:,} 行）：准确率 {told.accuracy:.3f}，宏 F1 {told.macro_f1:.3f}",
        f"{model.name} on {where} ({told.rows:,} rows): accuracy {told.accuracy:.3f}, macro F1 {told.macro_f1:.3f}",
    )
    is_baseline = model.architecture == "baseline"
    say_yardsticks(terminal, found.yardsticks, None if is_baseline else told.macro_f1, sure.macro_f1)
    say_sureness(terminal, found, sure)
    print_figures(terminal, told, [label.name for label in found.labels], sure.f1)
    beside.say(terminal, model.name)


def _against(
    project: Project,
    found: Evaluation,
    against: str | None,
    split: str,
    source: str | None,
    device: str,
    terminal: Terminal,
    *,
    quiet: bool,
) -> tuple[str, RunComparison] | None:
    """The other run's name and how it compares. Raises UserError ``OTHER_TEST_SET``."""
    if not against:
        return None
    other = models.find_model(project, against)
    theirs = _evaluation(project, other, split, source, device, terminal, quiet=quiet)
    return other.name, compare_runs(found, theirs)


def _learnt(project: Project, model: ModelSummary, found: Evaluation) -> int:
    ids = [row.comment_id for row in found.rows]
    return learnt_from(project, model.run_id, ids) if model.run_id else 0


def _evaluation(
    project: Project,
    model: ModelSummary,
    split: str,
    source: str | None,
    device: str,
    terminal: Terminal,
    *,
    quiet: bool,
) -> Evaluation:
    if source:
        return score_source(project, model, source, device, terminal, quiet=quiet)
    if model.run_id:
        return models.evaluation(project, model.run_id, split)
    raise UserError("NO_PREDICTIONS", run=model.name)


def score_source(
    project: Project, model: ModelSummary, source: str, device: str, terminal: Terminal, *, quiet: bool
) -> Evaluation:
    """Classifies the labelled comments of a source with a model, in chunks. Raises UserError
    ``NO_LABELLED_COMMENTS`` when none of them has a label that the model knows."""
    from senti_studio.learning.predict import Predictor

    predictor = Predictor.load(model.folder, device)
    place = {label.key: position for position, label in enumerate(predictor.labels)}
    source_id = project.sources.find(source).id
    truth = {
        comment.id: place[comment.label_key]
        for comment in project.comments.labelled()
        if comment.source_id == source_id and comment.label_key in place
    }
    if not truth:
        raise UserError("NO_LABELLED_COMMENTS")
    rows: list[EvaluatedRow] = []
    ids = list(truth)
    with terminal.bar(model.name, quiet=quiet) as bar:
        for start in range(0, len(ids), CHUNK):
            page = list(project.comments.texts(ids[start : start + CHUNK]))
            scored = predictor.probabilities([text for _, text in page])
            for (comment_id, text), p in zip(page, scored.tolist(), strict=True):
                best = max(range(len(p)), key=p.__getitem__)
                rows.append(EvaluatedRow(comment_id, text, truth[comment_id], best, tuple(p)))
            bar.show(len(rows), len(ids))
    confusion = confusion_matrix(((row.label, row.predicted) for row in rows), len(predictor.labels))
    return Evaluation(model.run_id, source, predictor.labels, tuple(rows), figures(confusion))


def write_rows(path: Path, found: Evaluation) -> None:
    """Wrong rows first, surest first: what is worth reading stands at the top."""
    from senti_studio.arriving import through_link
    from senti_studio.exchange.whole_file import TextWriter, appearing

    with appearing(through_link(path)) as file:
        writer = TextWriter(file, "utf-8-sig")
        writer.row(
            ["comment_id", "text", "label", "predicted", *[f"p_{label.name}" for label in found.labels]]
        )
        writer.rows([_cells(found.labels, row) for row in sorted(found.rows, key=_worth_reading)])
        writer.flush()


def _worth_reading(row: EvaluatedRow) -> tuple[bool, float]:
    return row.label == row.predicted, -row.confidence


def _cells(labels: Sequence[LabelName], row: EvaluatedRow) -> list[str]:
    figures_of_row = [f"{p:.4f}" for p in row.probabilities]
    return [
        str(row.comment_id),
        row.text,
        labels[row.label].name,
        labels[row.predicted].name,
        *figures_of_row,
    ]
