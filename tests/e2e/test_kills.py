"""Power cuts: what was shown as saved is there, what was half done is whole or absent, runs go on."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from senti_studio.__main__ import main
from senti_studio.jobs.protocol import Evaluated
from senti_studio.jobs.run_folder import RunFolder
from senti_studio.resources import resource
from senti_studio.storage.project import Project

HERE = Path(__file__).resolve().parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of the sample comments, 450 of them labelled."""
    folder = tmp_path / "断电 测试.senti"
    sample = resource("samples", "sample_comments.csv")
    assert main(["new", str(folder)]) == 0
    words = ["--text-column", "评论内容", "--label-column", "人工标注"]
    assert main(["import", str(folder), str(sample), *words]) == 0
    return folder


@contextmanager
def _playing(
    script: str, **arguments: object
) -> Iterator[tuple[subprocess.Popen[str], Iterator[dict[str, Any]]]]:
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", str(HERE / "play.py"), script]
        + [f"{name}={value}" for name, value in arguments.items()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None

    def told() -> Iterator[dict[str, Any]]:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                yield json.loads(line)

    try:
        yield process, told()
    finally:
        process.kill()
        _, errors = process.communicate(timeout=30)
        if errors and "Traceback" in errors:
            print(errors[-4000:])  # noqa: T201 - pytest shows it beside a failure


def test_labels_shown_as_saved_survive_a_kill(project: Path) -> None:
    saved: dict[int, int] = {}
    with _playing("label_for_ever", project=project) as (process, told):
        for one in told:
            saved[one["saved"]] = one["label"]
            if len(saved) == 12:
                process.kill()
                break
    assert len(saved) == 12
    opened = Project.open(project)
    try:
        found = {row.id: row.label_id for row in opened.comments.rows(list(saved))}
        assert found == saved
        annotator = next(iter(opened.comments.get(next(iter(saved))).annotations)).annotator
        undone = opened.annotations.undo(annotator).result()
        assert undone is not None, "undo works in the next process"
    finally:
        opened.close()


@pytest.mark.alone
def test_a_killed_import_is_absent_and_can_be_done_again(project: Path, tmp_path: Path) -> None:
    big = tmp_path / "二十万 条.csv"
    with big.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "评论内容"])
        writer.writerows(
            [f"{number:08d}", f"第{number}条：汤洒了一半，骑手态度还行"] for number in range(200_000)
        )
    before = _counts(project)
    reached = 0
    with _playing("import_for_ever", project=project, source=big) as (process, told):
        for one in told:
            reached = one["rows"]
            if 20_000 < reached < one["total"]:
                process.kill()
                break
    assert reached > 20_000, "the import was under way"
    assert _counts(project) == before, "nothing of it is to be seen"
    assert main(["import", str(project), str(big), "--text-column", "评论内容"]) == 0
    after = _counts(project)
    assert (after[0], after[1]) == (before[0] + 200_000, before[1])


def test_a_run_goes_on_when_its_window_is_killed(project: Path) -> None:
    with _playing("train_for_ever", project=project) as (process, told):
        one = next(told)
        process.kill()
    folder = RunFolder(Path(one["folder"]))
    assert folder.is_alive(), "the run outlives the window"
    seen = _evaluations(folder)
    with _playing("look_again", project=project, run=one["run"], points=len(seen)) as (process, told):
        shown = next(told)
        process.wait(60)
    evaluations = _evaluations(folder)
    assert len(evaluations) > len(seen), "it went on"
    assert len(shown["points"]) == len(evaluations), "the curve is complete"
    for (epoch, value), event in zip(shown["points"], evaluations, strict=True):
        assert epoch == pytest.approx(event.epoch)
        assert value == pytest.approx(event.macro_f1)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("signal_name", ["SIGKILL", "SIGSEGV"])
def test_a_worker_that_dies_leaves_the_window_at_work(project: Path, signal_name: str) -> None:
    with _playing("worker_dies", project=project, signal=signal_name) as (process, told):
        said = next(told)["banner"]
        resumed = next(told)["resumed_from_step"]
        assert process.wait(90) == 0
    assert any("LSTM #1" in text for text in said), said
    assert resumed > 0


def _evaluations(folder: RunFolder) -> list[Evaluated]:
    return [event for event in folder.events() if isinstance(event, Evaluated) and event.split == "valid"]


def _counts(folder: Path) -> tuple[int, int, int]:
    opened = Project.open(folder)
    try:
        counts = opened.comments.counts()
        ids = sum(len(part) for part in opened.comments.ids())
        return counts.total, counts.labelled, ids
    finally:
        opened.close()


def test_this_process_has_no_orphans() -> None:
    """Killed windows must not leave helpers behind that hold the project."""
    if not Path("/proc").exists():
        pytest.skip("needs /proc")
    helpers = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if "worker" in words and words[words.index("worker") + 1] == "import" and "断电" in " ".join(words):
            helpers.append(words)
    assert not helpers
