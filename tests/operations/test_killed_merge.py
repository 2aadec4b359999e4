"""A killed merge leaves a sound project; the next one brings the rest, undo takes both back."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.operations.merging import compare, merge
from senti_studio.storage.integrity import check_project
from senti_studio.storage.project import Project

MANY = 6_000
SCRIPT = """
import sys
from pathlib import Path
from senti_studio.operations.merging import merge
from senti_studio.storage.project import Project
with Project.open(Path(sys.argv[1])) as project:
    merge(project, Path(sys.argv[2]), annotator="张三")
"""


def labels(project: Project) -> int:
    with project._database.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM annotations").fetchone()[0])


def test_a_killed_merge_is_gone_on_with_or_taken_back(tmp_path: Path) -> None:
    here, there = tmp_path / "我的.senti", tmp_path / "李四的.senti"
    with Project.create(here) as project:
        source_id = project.sources.begin(
            SourceDraft("评论.csv", "/数据/评论.csv", ("评论",), 0, sha256="d" * 64)
        )
        rows = [NewComment(n, f"评论{n}，味道不错", (f"评论{n}，味道不错",)) for n in range(1, MANY + 1)]
        project.sources.append(source_id, rows)
        project.sources.finish(source_id)
    shutil.copytree(here, there)
    with Project.open(there) as project:
        project.annotations.label(range(1, MANY + 1), 2, annotator="李四").result(30)
    with Project.open(here) as project:
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(here), str(there)])
        deadline = time.monotonic() + 30
        while labels(project) < MANY // 10 and process.poll() is None:
            assert time.monotonic() < deadline
        process.kill()
        process.wait(10)
        taken = labels(project)
        assert 0 < taken < MANY
        assert not check_project(project).problems
        assert compare(project, there).new == MANY - taken
        merge(project, there, annotator="张三")
        assert labels(project) == MANY
        for left in (taken, 0):
            undone = project.annotations.undo("张三").result(30)
            assert undone is not None
            assert undone.left_out == 0
            assert labels(project) == left
