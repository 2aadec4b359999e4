"""``worker models``: exports of a model, which need torch and so a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from senti_studio.operations.model_export import texts_to_check
from senti_studio.operations.models import find_model
from senti_studio.storage.project import Project
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, ShouldStop


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker models``."""
    return {"export_onnx": _export, "export_transformers": _export_plain}


def _export(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
    project_folder, wanted, target = (str(params[name]) for name in ("project", "model", "target"))
    language = str(params.get("language", "en"))
    return export(Path(project_folder), wanted, Path(target), language=language)


def _export_plain(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> Any:
    project_folder, wanted, target = (str(params[name]) for name in ("project", "model", "target"))
    return export_transformers(Path(project_folder), wanted, Path(target))


def export_transformers(project_folder: Path, wanted: str, target: Path) -> Any:
    """A `PlainReport`; raises what `export_plain` and `find_model` raise."""
    from senti_studio.learning.bert.plain_export import export_plain

    project = Project.open(project_folder, to_read=True)
    try:
        model = find_model(project, wanted)
        return export_plain(model.folder, target, texts_to_check(project, model))
    finally:
        project.close()


def export(project_folder: Path, wanted: str, target: Path, *, language: str) -> Any:
    """An `OnnxReport`; raises what `export_onnx` and `find_model` raise."""
    from senti_studio.learning.onnx_export import export_onnx

    project = Project.open(project_folder, to_read=True)
    try:
        model = find_model(project, wanted)
        return export_onnx(model.folder, target, texts_to_check(project, model), language=language)
    finally:
        project.close()
