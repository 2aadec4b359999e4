"""The folder of a batch: parts come back, gaps and damage are noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from senti_studio.domain.importing import ReadOptions
from senti_studio.domain.specs import LabelName
from senti_studio.errors import UserError
from senti_studio.exchange.predictions import PART_ROWS, BatchFile, BatchFolder, Part


def part(first_row: int, rows: int) -> Part:
    generator = np.random.default_rng(first_row)
    values = generator.random((rows, 3), dtype=np.float32)
    return Part(first_row, values.argmax(axis=1).astype(np.int16), values)


@pytest.fixture
def folder(tmp_path: Path) -> BatchFolder:
    made = BatchFolder(tmp_path / "批次 一")
    labels = (LabelName("1", "正面"), LabelName("2", "中性"), LabelName("3", "负面"))
    made.write(
        BatchFile("b", "批次", "模型", "0" * 64, labels, "评论.csv", "1" * 64, ReadOptions(), 1, 20_000)
    )
    return made


def test_what_is_written_comes_back(folder: BatchFolder) -> None:
    assert folder.read().labels[2].name == "负面"
    for number in range(2):
        folder.write_part(number, part(number * PART_ROWS + 1, PART_ROWS))
    folder.write_part(2, part(2 * PART_ROWS + 1, 10))
    found = list(folder.parts())
    assert [(item.first_row, len(item.labels)) for item in found] == [
        (1, PART_ROWS), (PART_ROWS + 1, PART_ROWS), (2 * PART_ROWS + 1, 10),
    ]  # fmt: skip
    np.testing.assert_array_equal(found[2].probabilities, part(2 * PART_ROWS + 1, 10).probabilities)
    np.testing.assert_array_equal(found[2].labels, part(2 * PART_ROWS + 1, 10).labels)


def test_only_whole_parts_in_order_count(folder: BatchFolder) -> None:
    for number in (0, 1, 3):
        folder.write_part(number, part(number * PART_ROWS + 1, PART_ROWS))
    assert folder.whole_parts() == 2
    (folder.path / "part-00001.parquet").write_bytes(b"PAR1")
    assert folder.whole_parts() == 1
    with pytest.raises(UserError, match="BATCH_DAMAGED"):
        list(folder.parts())
    (folder.path / ".part-00002.parquet.77.part").write_bytes(b"half")
    folder.remove_parts(1)
    assert sorted(path.name for path in folder.path.iterdir()) == ["batch.json", "part-00000.parquet"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"labels": 3}'])
def test_a_damaged_description_is_told(folder: BatchFolder, content: bytes) -> None:
    (folder.path / "batch.json").write_bytes(content)
    with pytest.raises(UserError, match="BATCH_DAMAGED"):
        folder.read()


def test_a_batch_goes_along_with_its_project(tmp_path: Path) -> None:
    project = tmp_path / "门店.senti"
    frozen = project / "runs" / "一" / "data" / "input.csv"
    outside = tmp_path / "八月.csv"
    for name, source in (("一", frozen), ("二", outside)):
        BatchFolder(project / "batches" / name).write(
            BatchFile(
                *(
                    "b",
                    "批次",
                    str(project / "models" / "m"),
                    "0" * 64,
                    (LabelName("1", "正面"),),
                    str(source),
                ),
                *("1" * 64, ReadOptions(), 1, 2),
            )
        )
    moved = tmp_path / "搬走.senti"
    project.rename(moved)
    first, second = (BatchFolder(moved / "batches" / name).read() for name in ("一", "二"))
    assert first.source_path == str(moved / "runs" / "一" / "data" / "input.csv")
    assert (first.model_folder, second.source_path) == (str(moved / "models" / "m"), str(outside))
