"""The helper that looks at comments: statistics of a view, and predictions of batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from senti_studio.domain.comments import CommentFilter, NewComment, SourceDraft
from senti_studio.domain.importing import ReadOptions
from senti_studio.domain.run_states import RunKind
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.exchange.predictions import BatchFile, BatchFolder, Part
from senti_studio.storage.project import Project
from senti_studio.worker.survey import collect_predictions, statistics

TEXTS = ("房间隔音太差", "前台服务热情", "早餐还行", "")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(tmp_path / "统计.senti")
    source = made.sources.begin(SourceDraft("甲.csv", "/甲.csv", ("评论",), 0))
    texts = [TEXTS[number % 4] for number in range(200)]
    made.sources.append(source, [NewComment(row, text, (text,)) for row, text in enumerate(texts, 1)])
    made.sources.finish(source)
    return made


def test_words_set_classes_apart(project: Project) -> None:
    with project:
        project.annotations.label(list(range(1, 100, 4)), 3, annotator="我").result(10)
        project.annotations.label(list(range(2, 100, 4)), 1, annotator="我").result(10)
        found = statistics(project, CommentFilter())
        assert (found.total, found.looked_at, found.unlabelled) == (200, 200, 150)
        assert (found.longest, found.median_length) == (6, 4)
        by_class = {each.label_id: dict(each.words) for each in found.classes}
        assert by_class[3].get("隔音") == 25
        assert by_class[1].get("服务") == 25
        assert "隔音" not in by_class[1]
        assert by_class[2] == {}
        only = statistics(project, CommentFilter(search="早餐"))
        assert (only.total, dict(only.frequent).get("早餐")) == (50, None), "in every comment it says nothing"


def test_a_big_view_is_sampled_the_same_every_time(project: Project) -> None:
    with project:
        first = statistics(project, CommentFilter(), most=50)
        assert (first.total, first.looked_at, sum(first.lengths)) == (200, 50, 50)
        assert statistics(project, CommentFilter(), most=50) == first
        with pytest.raises(UserError) as caught:
            statistics(project, CommentFilter(), should_stop=lambda: True)
        assert caught.value.code == "CANCELLED"


def write_batch(project: Project, name: str, labels: list[int], *, number: int) -> None:
    folder = project.batches_folder / name
    folder.mkdir()
    batch = BatchFolder(folder)
    names = (LabelName("3", "负面"), LabelName("1", "正面"))
    batch.write(
        BatchFile(name, name, "m", "s", names, "data/input.csv", "s", ReadOptions(), 0, len(labels), True)
    )
    p = np.array([[0.9, 0.1] if label == 0 else [0.25, 0.75] for label in labels], dtype=np.float32)
    batch.write_part(0, Part(1, np.array(labels, dtype=np.int16), p))
    details = {"source": "甲.csv", "source_id": 1}
    project.batches.add(name, number=number, kind=RunKind.CLASSIFY, name=name, folder=name, details=details)


def test_predictions_of_a_source_go_to_its_comments(project: Project) -> None:
    with project:
        assert collect_predictions(project).predicted == 0
        write_batch(project, "旧", [1] * 200, number=1)
        write_batch(project, "新", [0, 1, -1] + [0] * 97, number=2)
        summary = collect_predictions(project)
        assert (summary.predicted, summary.batches) == (99, 1)
        rows = project.comments.rows([1, 2, 3, 150])
        said = [(row.predicted.label_id, round(row.predicted.confidence, 2)) for row in rows if row.predicted]
        assert said == [(3, 0.9), (1, 0.75)]
        (project.batches_folder / "新" / "part-00000.parquet").write_bytes(b"no")
        assert collect_predictions(project).predicted == 200, "the older one still says something"
