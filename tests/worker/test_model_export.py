"""``worker models``: the export that the window asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from real_workers import Talk

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.storage.project import Project


def test_an_export_is_checked_with_comments_of_the_project(
    talk: Callable[..., Talk], model_folder: Path, tmp_path: Path
) -> None:
    project = Project.create(tmp_path / "店.senti")
    source = project.sources.begin(SourceDraft("甲.csv", "/甲.csv", ("评论",), 0))
    project.sources.append(source, [NewComment(n + 1, f"第{n % 25}条，房间很大") for n in range(40)])
    project.sources.finish(source)
    project.close()
    helper = talk("models")
    wanted = {"project": str(project.folder), "model": str(model_folder), "target": str(tmp_path / "导出")}
    answer = helper.ask("export_onnx", **wanted, language="zh")
    assert (answer["type"], answer["rows"], answer["folder"]) == ("Result", 25, str(tmp_path / "导出"))
    assert answer["difference"] <= answer["limit"] == 1e-4
    assert "用 25 条评论" in (tmp_path / "导出" / "README.md").read_text(encoding="utf-8")
    again = helper.ask("export_onnx", **wanted)
    assert (again["type"], again["code"]) == ("Failed", "FOLDER_NOT_EMPTY")
    assert helper.ask("export_onnx", **{**wanted, "model": "没有"})["code"] == "MODEL_NOT_FOUND"
