"""An export decides all of its names first: no neighbour is lost, nothing partial stays, links are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.exporting import AnnotationsExport, ExportReport
from senti_studio.errors import UserError
from senti_studio.storage.project import Project
from senti_studio.worker.exporting import export_annotations


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "名字.senti") as made:
        label = made.labels.list()[0].id
        source = made.sources.begin(SourceDraft("外卖.csv", "/数据/外卖.csv", ("评论",), 0))
        made.sources.append(source, [NewComment(1, "好吃", ("好吃",), label)])
        made.sources.finish(source)
        yield made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "结果"
    folder.mkdir()
    return folder


def export(project: Project, path: Path, format_: str = "csv", **more: Any) -> ExportReport:
    return export_annotations(project, AnnotationsExport(str(path), format_, **more))


def manifest_tells_of(path: Path) -> str:
    (output,) = json.loads(path.read_text("utf-8"))["outputs"]
    return str(output["name"])


@pytest.mark.parametrize(
    ("format_", "name", "neighbour"),
    [
        ("label-studio", "任务.json", "任务.labelling-config.xml"),
        ("doccano", "豆.jsonl", "豆.labels.json"),
    ],
)
def test_a_file_beside_the_output_is_not_overwritten(
    project: Project, out: Path, format_: str, name: str, neighbour: str
) -> None:
    (out / neighbour).write_text("别人的内容", "utf-8")
    with pytest.raises(UserError) as caught:
        export(project, out / name, format_)
    assert caught.value.code == "OUTPUT_EXISTS"
    assert caught.value.params["path"] == str(out / neighbour)
    assert [each.name for each in out.iterdir()] == [neighbour]
    assert (out / neighbour).read_text("utf-8") == "别人的内容"
    export(project, out / name, format_, existing="overwrite")
    assert (out / neighbour).read_text("utf-8") != "别人的内容"


def test_formats_with_one_name_keep_a_manifest_each(project: Project, out: Path) -> None:
    export(project, out / "出.csv")
    first = (out / "出.manifest.json").read_bytes()
    report = export(project, out / "出.xlsx", "xlsx")
    assert (out / "出.manifest.json").read_bytes() == first
    assert report.paths == (str(out / "出.xlsx"), str(out / "出.xlsx.manifest.json"))
    assert manifest_tells_of(out / "出.xlsx.manifest.json") == "出.xlsx"
    export(project, out / "出.csv", existing="overwrite")
    assert manifest_tells_of(out / "出.manifest.json") == "出.csv"
    assert len(list(out.iterdir())) == 4


def test_a_manifest_that_is_not_ours_stays(project: Project, out: Path) -> None:
    (out / "出.manifest.json").write_text('{"outputs": 3}', "utf-8")
    export(project, out / "出.csv", existing="overwrite")
    assert (out / "出.manifest.json").read_text("utf-8") == '{"outputs": 3}'
    assert manifest_tells_of(out / "出.csv.manifest.json") == "出.csv"


def test_all_names_are_numbered_together(project: Project, out: Path) -> None:
    (out / "豆 (2).labels.json").write_text("别人的", "utf-8")
    export(project, out / "豆.jsonl", "doccano", existing="number")
    report = export(project, out / "豆.jsonl", "doccano", existing="number")
    assert [Path(each).name for each in report.paths] == [
        *("豆 (3).jsonl", "豆 (3).labels.json", "豆 (3).manifest.json"),
    ]
    assert (out / "豆 (2).labels.json").read_text("utf-8") == "别人的"


def test_a_name_that_leaves_no_room_for_the_manifest_is_refused_at_once(project: Project, out: Path) -> None:
    target = out / f"{'长' * 82}.csv"
    assert len(target.name.encode()) == 250
    with pytest.raises(UserError) as caught:
        export(project, target)
    assert caught.value.code == "OUTPUT_NAME_TOO_LONG"
    assert list(out.iterdir()) == []
    export(project, target, manifest=False)
    assert [each.name for each in out.iterdir()] == [target.name]


def test_a_link_is_written_through(project: Project, out: Path) -> None:
    (out / "别处").mkdir()
    (out / "出.csv").symlink_to(out / "别处" / "真.csv")
    report = export(project, out / "出.csv")
    assert (out / "出.csv").is_symlink()
    assert report.path == str((out / "别处" / "真.csv").resolve())
    assert "好吃" in (out / "别处" / "真.csv").read_text("utf-8-sig")
    with pytest.raises(UserError, match="OUTPUT_EXISTS"):
        export(project, out / "出.csv")
    export(project, out / "出.csv", existing="overwrite")
    assert (out / "出.csv").is_symlink()
