"""``senti-studio models``: list models; show or write a card, copy a model, export it, keep it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from senti_studio.cli.options import PATH, json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.written_file import require_free
from senti_studio.domain.architectures import architecture_name
from senti_studio.operations import model_export, models
from senti_studio.operations.models import ModelSummary
from senti_studio.storage.project import Project

NEED_OUTPUT = ("copy", "onnx", "transformers")


@click.command(name="models")
@project_argument
@click.argument("model", required=False)
@click.option("--card", is_flag=True, help="Print the card of MODEL as Markdown; with -o write it.")
@click.option(
    "--copy",
    is_flag=True,
    help="Copy MODEL to the new folder -o, or to a zip if its name ends in .zip: for senti_studio.load, or another "
    "computer.",
)
@click.option(
    "--onnx",
    is_flag=True,
    help="Export MODEL to the new folder -o for programs without torch, when both agree.",
)
@click.option(
    "--transformers",
    is_flag=True,
    help="Export a BERT MODEL to the new folder -o for plain transformers, when both agree.",
)
@click.option(
    "--keep", is_flag=True, help="Copy MODEL to the models of PROJECT: it stays when its run is discarded."
)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="The file of --card, the new folder (or the zip) of --copy, the new folder of --onnx or --transformers.",
)
@click.option(
    "--overwrite", is_flag=True, help="Replace the file of --card, or the zip of --copy, if it exists."
)
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    project_folder: Path,
    model: str | None,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
    **acts: bool,
) -> None:
    """List the models of PROJECT, newest first, or do something with MODEL (run id, number, name, `last`, or a folder).

    \b
      senti-studio models 门店.senti
      senti-studio models 门店.senti last --card
      senti-studio models 门店.senti last --copy -o model
      senti-studio models 门店.senti last --copy -o model.zip
      senti-studio models 门店.senti last --onnx -o model_onnx
      senti-studio models 门店.senti last --transformers -o model_transformers
    """
    act = _only(terminal, acts, model, output)
    with opened(project_folder) as project:
        if act is None:
            found = models.list_models(project) if model is None else [models.find_model(project, model)]
            _list(terminal, found, as_json=as_json)
            return
        chosen = models.find_model(project, model or "last")
        if act == "card":
            _card(terminal, chosen, output, overwrite=overwrite, as_json=as_json)
        elif act == "keep":
            _keep(terminal, project, chosen, as_json=as_json)
        elif output is not None and act == "copy":
            _copy(terminal, chosen, output, overwrite=overwrite, as_json=as_json)
        elif output is not None and act == "transformers":
            _export_plain(terminal, project, chosen, output, as_json=as_json)
        elif output is not None:
            _export(terminal, project, chosen, output, as_json=as_json)


def _only(terminal: Terminal, acts: dict[str, bool], model: str | None, output: Path | None) -> str | None:
    wanted = [name for name, is_wanted in acts.items() if is_wanted]
    if len(wanted) > 1:
        names = "、".join(f"--{name}" for name in wanted)
        raise click.UsageError(terminal.text(f"{names} 只能选一个。", f"only one of {names}"))
    if not wanted:
        return None
    if model is None:
        raise click.UsageError(
            terminal.text(
                "请指明是哪个模型（编号、序号、名字或 last）。",
                "name a MODEL (an id, a number, a name, or `last`)",
            )
        )
    if wanted[0] in NEED_OUTPUT and output is None:
        raise click.UsageError(terminal.text("请用 -o 给出新文件夹。", "name the new folder with -o"))
    if wanted[0] in ("onnx", "transformers") and output is not None and model_export.is_zip_name(output):
        raise click.UsageError(
            terminal.text(
                f"--{wanted[0]} 写出的是文件夹；只有 --copy 能写成 zip。",
                f"--{wanted[0]} writes a folder; only --copy writes a zip",
            )
        )
    return wanted[0]


def _card(
    terminal: Terminal, model: ModelSummary, output: Path | None, *, overwrite: bool, as_json: bool
) -> None:
    if output is None:
        text = model_export.card_of(model, terminal.language)
        if as_json:
            terminal.result({"model": model.id, "card": text})
        else:
            click.echo(text, nl=False)
        return
    require_free(output, overwrite=overwrite, inputs=model.folder.rglob("*"))
    model_export.save_card(model, output, terminal.language, overwrite=overwrite)
    if as_json:
        terminal.result({"model": model.id, "path": str(output)})
    terminal.tell(f"✓ 已写出模型卡：{output}", f"✓ Wrote the card: {output}")


def _keep(terminal: Terminal, project: Project, model: ModelSummary, *, as_json: bool) -> None:
    kept = models.keep_model(project, model.id)
    if as_json:
        terminal.result({"model": kept.id, "folder": str(kept.folder)})
    terminal.tell(f"✓ 已保留：{kept.name}（{kept.id}）", f"✓ Kept: {kept.name} ({kept.id})")


def _copy(terminal: Terminal, model: ModelSummary, output: Path, *, overwrite: bool, as_json: bool) -> None:
    is_zip = model_export.is_zip_name(output)
    if is_zip:
        require_free(output, overwrite=overwrite, inputs=model.folder.rglob("*"))
    model_export.copy_model(model, output, overwrite=overwrite)
    if as_json:
        terminal.result({"model": model.id, "path" if is_zip else "folder": str(output)})
    terminal.tell(
        f'✓ 模型在 {output}；在 Python 里：senti_studio.load("{output}")',
        f'✓ The model is in {output}; in Python: senti_studio.load("{output}")',
    )


def _export(
    terminal: Terminal, project: Project, model: ModelSummary, output: Path, *, as_json: bool
) -> None:
    from senti_studio.learning.onnx_export import export_onnx

    texts = model_export.texts_to_check(project, model)
    report = export_onnx(model.folder, output, texts, language=terminal.language)
    if as_json:
        terminal.result(
            {"model": model.id, "folder": str(output), "rows": report.rows, "difference": report.difference}
        )
    terminal.tell(
        f"✓ 已导出 ONNX：{output}（用 {report.rows:,} 条评论核对，概率最多相差 {report.difference:.1g}）",
        f"✓ Exported to ONNX: {output} (checked on {report.rows:,} comments, largest difference {report.difference:.1g})",
    )


def _export_plain(
    terminal: Terminal, project: Project, model: ModelSummary, output: Path, *, as_json: bool
) -> None:
    from senti_studio.learning.bert.plain_export import export_plain

    texts = model_export.texts_to_check(project, model)
    report = export_plain(model.folder, output, texts)
    if as_json:
        terminal.result({"model": model.id, **dataclasses.asdict(report)})
    terminal.tell(
        f"✓ 已导出 transformers 文件夹：{output}（用 {report.rows:,} 条评论核对，概率最多相差 {report.difference:.1g}）",
        f"✓ Exported for transformers: {output} (checked on {report.rows:,} comments, largest difference {report.difference:.1g})",
    )


def _list(terminal: Terminal, found: list[ModelSummary], *, as_json: bool) -> None:
    if as_json:
        terminal.result({"models": [_values(model) for model in found]})
        return
    zh = terminal.language == "zh"
    columns = ["编号", "模型", "网络", "标签", "验证宏 F1", "测试宏 F1", "保留"]
    rows = [
        [
            model.id,
            model.name,
            architecture_name(model.architecture),
            terminal.text("、", ", ").join(label.name for label in model.labels),
            _figure(model.macro_f1),
            _figure(model.test_macro_f1),
            "✓" if model.is_kept else "",
        ]
        for model in found
    ]
    english = ["id", "model", "kind", "labels", "valid macro F1", "test macro F1", "kept"]
    terminal.table(columns if zh else english, rows, right=[4, 5])


def _values(model: ModelSummary) -> dict[str, Any]:
    return {
        "id": model.id,
        "number": model.number,
        "name": model.name,
        "architecture": model.architecture,
        "labels": {label.key: label.name for label in model.labels},
        "folder": str(model.folder),
        "is_kept": model.is_kept,
        "macro_f1": model.macro_f1,
        "test_macro_f1": model.test_macro_f1,
    }


def _figure(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else "—"
