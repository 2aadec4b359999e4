"""Names, keys and shortcuts of labels that would break lists, files or keyboards are refused, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from senti_studio.__main__ import main
from senti_studio.domain.labels import Label
from senti_studio.errors import UserError
from senti_studio.storage.project import Project


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (Label("9", "换\n行"), "LABEL_TEXT_UNSHOWABLE"),
        (Label("9", "制\t表"), "LABEL_TEXT_UNSHOWABLE"),
        (Label("9", "红\x1b[31m色"), "LABEL_TEXT_UNSHOWABLE"),
        (Label("9", "反\u202e转"), "LABEL_TEXT_UNSHOWABLE"),
        (Label("9", "行\u2028末"), "LABEL_TEXT_UNSHOWABLE"),
        (Label("a\x00\tb", "键"), "LABEL_TEXT_UNSHOWABLE"),
        (Label("9", "长" * 10_000), "LABEL_TEXT_TOO_LONG"),
        (Label("k" * 41, "键"), "LABEL_TEXT_TOO_LONG"),
        (Label("9", "键", shortcut="ctrl+z"), "SHORTCUT_NOT_ONE_KEY"),
        (Label("9", "键", shortcut="\x1b"), "SHORTCUT_NOT_ONE_KEY"),
        (Label("9", "键", shortcut="１"), "SHORTCUT_TAKEN"),
    ],
)
def test_what_cannot_be_shown_is_refused_everywhere(project: Project, label: Label, code: str) -> None:
    before = project.labels.list()
    with pytest.raises(UserError) as told:
        project.labels.add(label, annotator="我").result()
    assert told.value.code == code
    assert len(str(told.value.params)) < 200
    with pytest.raises(UserError, match=code):
        project.labels.change(replace(label, id=before[1].id), annotator="我").result()
    if code != "SHORTCUT_TAKEN":
        with pytest.raises(UserError, match=code):
            project.labels.replace([*before, label])
        with pytest.raises(UserError, match=code):
            Project.create(project.folder.with_name("新.senti"), labels=[label])
        assert not project.folder.with_name("新.senti").exists()
    assert project.labels.list() == before


def test_what_people_write_is_taken(project: Project) -> None:
    names = ["👨‍👩‍👧 家庭", "très bien", "می‌خواهم", "长" * 60, "a/b", "“好”"]
    for number, name in enumerate(names, 10):
        project.labels.add(Label(str(number), name), annotator="我").result()
    assert [label.name for label in project.labels.list()][3:] == names


def test_labels_of_older_projects_can_still_be_changed(project: Project) -> None:
    project._database.writer.run(
        lambda connection: connection.execute(
            "UPDATE labels SET name = '旧' || char(10) || '名', shortcut = 'F5' WHERE id = 2"
        ),
        durable=True,
    )
    old = project.labels.list()[1]
    project.labels.change(replace(old, appearance="sky"), annotator="我").result()
    project.labels.replace(project.labels.list())
    project.labels.change(replace(old, name="新名"), annotator="我").result()
    assert (project.labels.list()[1].name, project.labels.list()[1].shortcut) == ("新名", "F5")


def test_the_command_line_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "门店.senti"
    assert main(["new", str(folder)]) == 0

    def refused(*words: str) -> str:
        capsys.readouterr()
        assert main(["labels", str(folder), *words, "--json"]) == 3
        return str(json.loads(capsys.readouterr().out)["error"]["code"])

    assert refused("add", "换\n行") == "LABEL_TEXT_UNSHOWABLE"
    assert refused("rename", "中性", "长" * 10_000) == "LABEL_TEXT_TOO_LONG"
    assert refused("change", "中性", "--shortcut", "1") == "SHORTCUT_TAKEN"
    assert refused("add", "别的", "--shortcut", "3") == "SHORTCUT_TAKEN"
    assert main(["labels", str(folder), "change", "中性", "--shortcut", "a"]) == 0
    assert refused("change", "负面", "--shortcut", "A") == "SHORTCUT_TAKEN"
    assert main(["new", str(tmp_path / "二.senti"), "--labels", "1=好,2=好"]) == 3
