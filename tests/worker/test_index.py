"""The ``index`` helper: groups of near-copies, written beside labelling, after every import anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_workers import Talk

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.importing import ImportProgress
from senti_studio.domain.near_groups import NearSummary
from senti_studio.errors import UserError
from senti_studio.file_lock import FileLock
from senti_studio.storage.project import Project
from senti_studio.worker.indexing import index_near_duplicates

LONG = "前台办入住很快，房间隔音太差，早餐种类不多，下次出差还会住这里，离地铁站只有五分钟"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "近似 评论.senti") as made:
        yield made


def take(project: Project, texts: list[str], name: str = "评论.csv") -> int:
    source_id = project.sources.begin(SourceDraft(name, f"/{name}", ("评论",), 0))
    project.sources.append(source_id, [NewComment(row, text) for row, text in enumerate(texts, 1)])
    project.sources.finish(source_id)
    return source_id


def groups(project: Project) -> dict[int, int]:
    with project._database.reading() as connection:
        return dict(connection.execute("SELECT comment_id, group_id FROM near_groups").fetchall())


def test_groups_are_stored_and_made_anew(project: Project) -> None:
    assert project.near_groups.summary() is None
    take(project, [LONG, "味道不错", LONG + "。", "味道一般", "味道不错"])
    told: list[ImportProgress] = []
    found = index_near_duplicates(project, emit=told.append)
    assert (found.groups, found.members, found.comments) == (2, 4, 5)
    assert groups(project) == {1: 1, 3: 1, 2: 2, 5: 2}
    assert (told[-1].rows, told[-1].stage) == (5, "indexing")
    summary = project.near_groups.summary()
    assert summary is not None
    assert summary.is_current
    second = take(project, ["味道一般", LONG + "！"], "七月.csv")
    assert not project.near_groups.summary().is_current  # type: ignore[union-attr]
    assert index_near_duplicates(project).groups == 3
    assert groups(project) == {1: 1, 3: 1, 7: 1, 2: 2, 5: 2, 4: 4, 6: 4}
    project.sources.remove(second).result()
    assert index_near_duplicates(project).members == 4
    assert groups(project) == {1: 1, 3: 1, 2: 2, 5: 2}
    assert list(project.cache_folder.glob("near*")) == []


def test_the_helper_answers_with_progress(project: Project, talk: Callable[..., Talk]) -> None:
    take(project, [f"{LONG}{number % 40}" for number in range(3000)])
    helper = talk("index")
    helper.send("near_duplicates", project=str(project.folder))
    first = helper.next()
    assert (first["type"], first["total"], first["stage"]) == ("Progress", 3000, "indexing")
    answer = helper.last()
    assert (answer["type"], answer["groups"], answer["members"]) == ("Result", 1, 3000)
    assert len(groups(project)) == 3000


def test_stopping_and_two_at_once(project: Project) -> None:
    take(project, [LONG] * 100)
    with pytest.raises(UserError, match="CANCELLED"):
        index_near_duplicates(project, should_stop=lambda: True)
    assert groups(project) == {}
    lock = FileLock(project.cache_folder / "index.lock")
    assert lock.acquire()
    try:
        with pytest.raises(UserError, match="INDEX_BUSY"):
            index_near_duplicates(project)
    finally:
        lock.release()
    assert index_near_duplicates(project) == NearSummary(1, 100, 100, pytest.approx(0, abs=9))


@pytest.mark.alone
def test_writing_leaves_gaps_for_labels(project: Project) -> None:
    take(project, [f"{LONG}{number % 7}" for number in range(12_000)])
    done = threading.Event()
    waits: list[float] = []

    def label() -> None:
        with Project.open(project.folder) as other:
            while not done.is_set():
                began = time.perf_counter()
                other.annotations.label([1 + len(waits)], 1, annotator="我").result()
                waits.append(time.perf_counter() - began)

    labeller = threading.Thread(target=label)
    labeller.start()
    try:
        index_near_duplicates(project)
    finally:
        done.set()
        labeller.join()
    assert len(groups(project)) == 12_000
    assert len(waits) > 5
    assert sorted(waits)[len(waits) // 2] < 0.2


def test_texts_that_are_known_or_nobody_wrote_are_counted(
    project: Project, talk: Callable[..., Talk], tmp_path: Path
) -> None:
    take(project, ["味道不错", "好吃", "此用户没有填写评价。"])
    gone = take(project, ["不在了"], "旧.csv")
    project.sources.remove(gone).result()
    file = tmp_path / "八月.csv"
    rows = ["味道 不错", "新的一条", "此用户没有填写评价", "系统默认好评", "", "不在了", "好吃"]
    file.write_text("评论\n" + "\n".join(f'"{row}"' for row in rows), encoding="utf-8")
    helper = talk("preview")
    request = {"path": str(file), "options": {"encoding": "utf-8", "has_header": True}, "text_column": 0}
    report = helper.ask("check", **request)
    assert (report["in_project"], report["boilerplate"]) == (0, 2)
    report = helper.ask("check", **request, project=str(project.folder))
    assert (report["in_project"], report["boilerplate"]) == (2, 2)
    project.settings.set("boilerplate", ["新的一条", "好吃"]).result()
    report = helper.ask("check", **request, project=str(project.folder))
    assert (report["in_project"], report["boilerplate"]) == (2, 2 + 0)
    helper.close()
