"""Classification: real processes, a real model; the classified CSV compared cell by cell."""

from __future__ import annotations

import csv
import io
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from real_workers import LIMIT_S, has_no_leftovers, run_worker, wait_until

from senti_studio.domain.run_states import RunState
from senti_studio.exchange.predictions import PART_ROWS, BatchFolder
from senti_studio.jobs.protocol import Event, Failed, Finished, Paused, Started, Warned, Written
from senti_studio.jobs.run_folder import RunFolder, RunStatus
from senti_studio.worker.classify import run

ROWS = [
    ["000123", "房间很大，早餐不错", "1"],
    ["6123456789012345679", "态度恶劣，\n价格太贵", ""],
    ["", "", "空"],
    ["=1+1", "   ", "公式"],
    ["NaN", '他说"味道很好"', "None"],
    [" 前后空格 ", "早餐难吃😭𠮷", "-"],
]


def gb18030_file(path: Path, rows: list[list[str]] = ROWS) -> Path:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["编号", "评论", "备注"])
    writer.writerows(rows)
    path.write_bytes(buffer.getvalue().encode("gb18030"))
    return path


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def classify(
    folder: RunFolder, *, resume: bool = False, expected: int = 0, own_process: bool = False
) -> RunStatus:
    """Runs a batch to its end; in this process where nothing hangs on it, which saves importing torch."""
    if own_process:
        assert run_worker(folder, resume=resume).wait(LIMIT_S) == expected, folder.log_tail()
        return RunStatus.read(folder)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert run(folder, resume=resume) == expected
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return RunStatus.read(folder)


def many_rows(path: Path, count: int) -> Path:
    words = ("房间很大", "早餐难吃", "味道很好", "价格太贵", "服务热情")
    lines = [f"{number},{words[number % 5]}{number % 977}" for number in range(count)]
    path.write_bytes(("编号,评论\n" + "\n".join(lines) + "\n").encode())
    return path


def test_gb18030_file_comes_back_cell_by_cell(make_batch: Callable[..., RunFolder], tmp_path: Path) -> None:
    source = gb18030_file(tmp_path / "七月 评论.csv")
    output = tmp_path / "七月 评论_分类.csv"
    folder = make_batch(source, output)
    status = classify(folder, own_process=True)
    assert status.state is RunState.FINISHED
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    header, *rows = read_csv(output)
    assert header == ["编号", "评论", "备注", "senti_label", "senti_conf", "p_正面", "p_负面"]
    assert [row[:3] for row in rows] == ROWS
    for row in rows:
        label, confidence, *shares = row[3:]
        if not row[1].strip():
            assert [label, confidence, *shares] == [""] * 4
            continue
        assert label in ("正面", "负面")
        assert abs(sum(map(float, shares)) - 1) < 0.001
        assert confidence == max(shares, key=float) == shares[["正面", "负面"].index(label)]
    assert [row[3] for row in rows if row[1] in ("房间很大，早餐不错", "早餐难吃😭𠮷")] == ["正面", "负面"]
    assert isinstance(status.terminal, Finished)
    assert status.terminal.output["rows"] == len(ROWS)
    assert status.terminal.output["formula_cells"] == 2
    assert status.terminal.metrics["blank_rows"] == 2
    assert has_no_leftovers(tmp_path)
    check_events(list(folder.events()))


def check_events(events: list[Event]) -> None:
    assert isinstance(events[0], Started)
    assert [event for event in events if event.terminal] == [events[-1]]
    written = [event for event in events if isinstance(event, Written)]
    assert written[-1].rows_done == written[-1].total_rows == len(ROWS)
    assert {event.stage for event in written} == {"classifying", "writing"}
    assert sum(written[-1].label_rows.values()) == 4


def test_existing_output_is_kept_and_own_columns_get_a_number(
    make_batch: Callable[..., RunFolder], tmp_path: Path
) -> None:
    first = tmp_path / "出.csv"
    classify(make_batch(gb18030_file(tmp_path / "评论.csv"), first))
    before = first.read_bytes()
    status = classify(make_batch(first, first))
    second = tmp_path / "出 (2).csv"
    assert isinstance(status.terminal, Finished)
    assert status.terminal.output["path"] == str(second)
    assert first.read_bytes() == before
    header, *rows = read_csv(second)
    assert header[7:] == ["senti_label_2", "senti_conf_2", "p_正面_2", "p_负面_2"]
    assert [row[:7] for row in rows] == read_csv(first)[1:]


def test_ragged_rows_and_bad_bytes_keep_their_places(
    make_batch: Callable[..., RunFolder], tmp_path: Path
) -> None:
    source = tmp_path / "乱.csv"
    source.write_bytes(
        "编号,评论,来源\n1,房间很大,网\n2,少一格\n3,多,一,格\n,,\n4,坏".encode()
        + b"\xff"
        + '字节,网\n\n5,"没有关\n6,最后,网\n'.encode()
    )
    status = classify(make_batch(source, tmp_path / "出.csv"))
    header, *rows = read_csv(tmp_path / "出.csv")
    assert [row[0] for row in rows] == ["1", "2", "3", "", "4", "5", "6"]
    assert rows[1][:3] == ["2", "少一格", ""]
    assert rows[2][:3] == ["3", "多", "一,格"]
    assert rows[4][1] == "坏\ufffd字节"
    assert rows[5][1] == '"没有关'
    assert {len(row) for row in (header, *rows)} == {7}
    assert status.state is RunState.FINISHED
    codes = {event.code for event in make_events(tmp_path) if isinstance(event, Warned)}
    assert codes == {"BAD_ROWS_KEPT", "BAD_BYTES_REPLACED"}


def make_events(tmp_path: Path) -> list[object]:
    return list(RunFolder(tmp_path / "批次 1").events())


@pytest.mark.parametrize("blow", ["kill", "pause"])
def test_a_resumed_batch_ends_like_an_unbroken_one(
    make_batch: Callable[..., RunFolder], tmp_path: Path, blow: str
) -> None:
    source = many_rows(tmp_path / "多.csv", PART_ROWS * 2 + 500)
    whole = make_batch(source, tmp_path / "一次.csv")
    classify(whole)
    broken = make_batch(source, tmp_path / "两次.csv")
    batch = BatchFolder(Path(broken.spec().batch_folder))  # type: ignore[union-attr]
    process = run_worker(broken)
    wait_until(lambda: len(batch.part_paths()) >= 1 or process.poll() is not None)
    if blow == "kill":
        process.send_signal(signal.SIGKILL)
        process.wait(LIMIT_S)
        # Half a part, as a power cut may leave it.
        (batch.path / "part-00001.parquet").write_bytes(b"PAR1 half")
        assert not (tmp_path / "两次.csv").exists()
        assert broken.state() is RunState.INTERRUPTED
    else:
        broken.send("pause")
        assert process.wait(LIMIT_S) == 0
        last = RunStatus.read(broken).terminal
        assert isinstance(last, Paused)
        assert last.step >= PART_ROWS
    assert not (tmp_path / "两次.csv").exists()
    assert classify(broken, resume=True).state is RunState.FINISHED
    assert (tmp_path / "两次.csv").read_bytes() == (tmp_path / "一次.csv").read_bytes()


def test_cancel_leaves_nothing_and_stop_writes_no_half_file(
    make_batch: Callable[..., RunFolder], tmp_path: Path
) -> None:
    source = many_rows(tmp_path / "多.csv", PART_ROWS * 4)
    for command, state in (("cancel", RunState.CANCELLED), ("stop", RunState.STOPPED)):
        folder = make_batch(source, tmp_path / "出.csv")
        batch = BatchFolder(Path(folder.spec().batch_folder))  # type: ignore[union-attr]
        process = run_worker(folder)
        wait_until(
            lambda batch=batch, process=process: bool(batch.part_paths()) or process.poll() is not None
        )
        folder.send(command)
        assert process.wait(LIMIT_S) == 0
        assert folder.state() is state
        assert bool(batch.part_paths()) is (command == "stop")
        assert not (tmp_path / "出.csv").exists()
    assert has_no_leftovers(tmp_path)


def test_a_changed_source_is_refused_on_resume(make_batch: Callable[..., RunFolder], tmp_path: Path) -> None:
    source = many_rows(tmp_path / "多.csv", 50)
    folder = make_batch(source)
    classify(folder)
    many_rows(source, 51)
    status = classify(folder, resume=True, expected=1)
    assert isinstance(status.terminal, Failed)
    assert status.terminal.code == "FILE_CHANGED"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"PK\x03\x04\x14\x00", "FILE_IS_ARCHIVE"),
        ("编号,评论\n".encode(), "NO_ROWS"),
        (b"id,n\n1,2\n2,3\n", "NO_TEXT_COLUMN"),
        (None, "FILE_NOT_FOUND"),
    ],
)
def test_bad_files_end_with_a_code(
    make_batch: Callable[..., RunFolder], tmp_path: Path, content: bytes | None, code: str
) -> None:
    source = tmp_path / "坏 文件.csv"
    if content is not None:
        source.write_bytes(content)
    status = classify(make_batch(source, tmp_path / "出.csv"), expected=1)
    assert isinstance(status.terminal, Failed)
    assert status.terminal.code == code
    assert not (tmp_path / "出.csv").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_leaves_nothing_half_written(
    make_batch: Callable[..., RunFolder], tmp_path: Path
) -> None:
    import resource

    def limit() -> None:
        # Writing beyond it fails as on a full disk: EFBIG instead of ENOSPC.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    source = many_rows(tmp_path / "多.csv", 6000)
    folder = make_batch(source, tmp_path / "出.csv")
    process = run_worker(folder, preexec_fn=limit)
    assert process.wait(LIMIT_S) == 1
    status = RunStatus.read(folder)
    assert isinstance(status.terminal, Failed)
    assert status.terminal.code == "DISK_FULL"
    assert status.terminal.params["path"].endswith("出.csv")
    assert not (tmp_path / "出.csv").exists()
    assert has_no_leftovers(tmp_path)
    # With room again, the predictions need not be made a second time.
    assert classify(folder, resume=True).state is RunState.FINISHED
    assert len(read_csv(tmp_path / "出.csv")) == 6001
