"""The loop of attached helpers: clean channel, cancel, end of file, bad lines; preview and probe."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from real_workers import LIMIT_S, Talk

from senti_studio.domain.importing import CheckReport, Preview, ReadOptions, SniffReport
from senti_studio.jobs.helper_protocol import from_json, to_json
from senti_studio.jobs.launch import worker_command, worker_environment

BABBLER = """
import os, sys
from senti_studio.worker.helper import serve

def babble(params, emit, should_stop):
    print("Python 打印")
    sys.stdout.flush()
    os.write(1, b"written by C\\n")
    os.system("echo a child process")
    return {"said": params["say"]}

def fail(params, emit, should_stop):
    return 1 // 0

def leave(params, emit, should_stop):
    raise PermissionError(13, "no", "某 文件.csv")

sys.exit(serve({"babble": babble, "fail": fail, "leave": leave}))
"""


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    path = tmp_path / "评论 一.csv"
    rows = "".join(f"{n:05d},第{n}条，味道不错,{n % 3},{'train' if n % 5 else 'dev'}\n" for n in range(300))
    path.write_bytes(
        ("编号,评论,标签,part\n" + rows + "9,第1条，味道不错,1,train\n10,=SUM(A1),,\n").encode("gb18030")
    )
    return path


def test_preview_reads_and_checks(comments: Path, talk: Callable[..., Talk]) -> None:
    helper = talk("preview")
    found = from_json(SniffReport, helper.ask("sniff", path=str(comments)))
    assert found.options == ReadOptions("gb18030")
    assert (found.preview.text_column, found.preview.label_column, found.preview.part_column) == (1, 2, 3)
    assert len(found.preview.rows) == 200
    as_utf8 = ReadOptions("utf-8", ",", '"', False)
    other = from_json(Preview, helper.ask("read", path=str(comments), options=to_json(as_utf8)))
    assert other.options == as_utf8
    assert "\ufffd" in other.rows[0].cells[1]
    columns = {"text_column": 1, "label_column": 2, "part_column": 3}
    answer = helper.ask("check", path=str(comments), options=to_json(found.options), **columns)
    checked = from_json(CheckReport, answer)
    assert (checked.rows, checked.duplicates, checked.formula_cells) == (302, 1, 1)
    assert checked.label_values == (("1", 101), ("0", 100), ("2", 100))
    assert dict(checked.part_values) == {"train": 241, "dev": 60}
    assert helper.close() == 0


def test_nothing_printed_gets_between_the_lines(tmp_path: Path) -> None:
    script = tmp_path / "吵.py"
    script.write_text(BABBLER, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=worker_environment(),
    )
    helper = Talk(process)
    assert helper.ask("babble", say="好") == {"id": 1, "type": "Result", "said": "好"}
    failed = helper.ask("fail")
    assert (failed["code"], failed["type"]) == ("INTERNAL", "Failed")
    assert "ZeroDivisionError" in failed["traceback"]
    assert helper.ask("leave")["params"] == {"path": "某 文件.csv"}
    process.stdin.write(b'no json\n[1]\n{"id": "x"}\n\xff\xfe\n')  # type: ignore[union-attr]
    assert helper.ask("unheard of")["code"] == "UNKNOWN_REQUEST"
    rest, errors = process.communicate(timeout=LIMIT_S)
    assert rest == b""
    for said in ("Python 打印", "written by C", "a child process", "no request"):
        assert said in errors.decode()
    assert process.returncode == 0


def test_a_waiting_request_can_be_cancelled(
    tmp_path: Path, comments: Path, talk: Callable[..., Talk]
) -> None:
    path = tmp_path / "大.csv"
    path.write_bytes(("编号,评论\n" + "1,味道还可以吧\n" * 100_000).encode())
    helper = talk("preview")
    first = helper.send("check", path=str(path), options=to_json(ReadOptions()), text_column=1)
    second = helper.send("sniff", path=str(comments))
    third = helper.send("sniff", path=str(comments))
    helper.write({"id": second, "do": "cancel"})
    ends = [helper.last() for _ in range(3)]
    assert [(end["id"], end["type"]) for end in ends] == [
        (first, "Result"),
        (second, "Failed"),
        (third, "Result"),
    ]
    assert ends[1]["code"] == "CANCELLED"


def test_a_long_check_is_cancelled(tmp_path: Path, talk: Callable[..., Talk]) -> None:
    path = tmp_path / "大.csv"
    path.write_bytes(("编号,评论\n" + "1,味道还可以吧\n" * 800_000).encode())
    helper = talk("preview")
    number = helper.send("check", path=str(path), options=to_json(ReadOptions()), text_column=1)
    assert helper.next()["type"] == "Progress"
    helper.write({"id": number, "do": "cancel"})
    answer = helper.last()
    assert (answer["type"], answer["code"]) == ("Failed", "CANCELLED")


def test_probe_tells_devices(talk: Callable[..., Talk]) -> None:
    answer = talk("probe").ask("devices")
    assert answer["type"] == "Result"
    assert answer["devices"][-1]["key"] == "cpu"
    assert answer["memory_total"] > answer["memory_free"] > 0
    assert "torch" in answer["versions"]


@pytest.mark.parametrize("arguments", [[], ["dance"], ["classify"], ["preview", "x"], ["train", "--resume"]])
def test_wrong_command_lines(arguments: list[str]) -> None:
    command = worker_command(*arguments)
    process = subprocess.run(
        command, capture_output=True, env=worker_environment(), timeout=LIMIT_S, check=False
    )
    assert process.returncode == 2
    assert b"senti-studio worker" in process.stderr


def test_a_run_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "空").mkdir()
    command = worker_command("classify", str(tmp_path / "空"))
    process = subprocess.run(
        command, capture_output=True, env=worker_environment(), timeout=LIMIT_S, check=False
    )
    assert process.returncode == 1
    assert b"RUN_DAMAGED" in (tmp_path / "空" / "events.jsonl").read_bytes()
