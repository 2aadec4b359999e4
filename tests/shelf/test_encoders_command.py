"""``senti-studio encoders`` and ``worker encoders``: the shelf as users and windows meet it."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from encoder_files import CONFIG, write_encoder, zipped
from local_hub import LocalHub

from senti_studio.__main__ import main
from senti_studio.domain.encoder_forecast import forecast_encoder, training_memory
from senti_studio.domain.encoder_size import EncoderSize, Machine
from senti_studio.errors import UserError
from senti_studio.jobs.helper_protocol import LineBuffer
from senti_studio.operations import encoders
from senti_studio.shelf import find
from senti_studio.shelf.places import shelf_folder

NAME = "hfl/chinese-tiny"


class Program:
    """`main()`, called as a script calls it."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self.said = ""

    def __call__(self, *words: object, status: int = 0) -> dict[str, Any]:
        out = self.text(*words, "--json", status=status)
        return json.loads([line for line in out.splitlines() if line.startswith("{")][-1])  # type: ignore[no-any-return]

    def text(self, *words: object, status: int = 0) -> str:
        self._capfd.readouterr()
        done = main(["encoders", *map(str, words)])
        out, self.said = self._capfd.readouterr()
        assert done == status, out + self.said
        return out


@pytest.fixture
def program(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("SENTI_STUDIO_LANGUAGE", "zh")
    return Program(capfd)


def test_the_whole_way(
    program: Program, encoder: Path, hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有编码器" in program.text("list") + program.said
    added = program("add", encoder, "--name", "中文 小编码器")
    assert (added["family"], added["source"]["kind"]) == ("bert", "folder")
    archive = zipped(write_encoder(encoder.with_name("给压缩的")), encoder.with_name("压缩包.zip"))
    assert program("add", archive)["name"] == "压缩包"
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert program("download", NAME)["source"]["place"] == NAME
    listed = program("list")
    assert [entry["name"] for entry in listed["encoders"]] == ["chinese-tiny", "中文 小编码器", "压缩包"]
    assert listed["endpoint"] == hub.url
    text = program.text("list")
    for part in ("hfl/chinese-tiny@0123456", "apache-2.0", "2 × 16", "1,205"):
        assert part in text

    found = program("check", "中文 小编码器", "--batch", "8", "--length", "64")
    assert (found["is_fit"], found["findings"]) == (True, [])
    assert found["forecast"]["batch"] == 8
    assert found["forecast"]["training"] > found["forecast"]["classifying"] > 0
    assert "可以用来训练" in program.text("check", "压缩包")
    (find("压缩包") / "vocab.txt").write_text("x")
    assert program("check", "压缩包", status=3)["findings"][0]["code"] == "ENCODER_CHECKSUM"

    assert "restore chinese-tiny" in program.text("remove", "chinese-tiny")
    assert program("remove", "chinese-tiny", status=3)["error"]["code"] == "ENCODER_NOT_FOUND"
    assert "已移除 chinese-tiny" in program.text("list")
    assert program("restore", NAME.partition("/")[2])["name"] == "chinese-tiny"
    program.text("restore", status=2)
    assert "没有移除过的编码器可以取回" in program.said
    assert "本来就是空的" in program.text("remove", "--empty-trash")
    program("remove", "压缩包")
    program.text("restore", status=2)
    assert "请指明取回哪一个：压缩包。" in program.said
    assert program("remove", "--empty-trash")["freed"] > 0
    assert program("restore", "压缩包", status=3)["error"]["code"] == "ENCODER_NOT_IN_TRASH"


def test_an_encoder_is_renamed(program: Program, encoder: Path, hub: LocalHub) -> None:
    program("add", encoder, "--name", "旧名")
    program("add", encoder, "--name", "另一个")
    assert "现在叫 新名" in program.text("rename", "旧名", "新名")
    listed = program("list")["encoders"]
    assert [(each["name"], each["formerly"]) for each in listed] == [("另一个", []), ("新名", ["旧名"])]
    assert find("旧名") == find("新名"), "what was planned with the old name goes on"
    assert program("check", "旧名")["name"] == "新名"
    assert program("remove", "旧名", status=3)["error"]["code"] == "ENCODER_NOT_FOUND"
    assert program("rename", "没有", "谁", status=3)["error"]["code"] == "ENCODER_NOT_FOUND"
    for wanted in ("另一个", "..", "/", "NUL", "com1.txt", " . "):
        code = "ENCODER_NAME_TAKEN" if wanted == "另一个" else "ENCODER_BAD_NAME"
        assert program("rename", "新名", wanted, status=3)["error"]["code"] == code
    assert program("rename", "新名", "长" * 300)["name"] == "长" * 80
    assert program("rename", "长" * 80, "a/b:c")["name"] == "b-c"
    assert program("rename", "b-c", "B-C")["name"] == "B-C"
    assert program("rename", "B-C", "旧名")["formerly"] == ["B-C", "b-c", "长" * 80, "新名"]
    assert program("check", "旧名")["is_fit"]
    program.text("rename", "旧名", status=2)
    program.text("list", "旧名", "多余", status=2)
    got = program("download", NAME, "--endpoint", hub.url, "--name", "hub/自己的 名字")
    assert got["name"] == "自己的 名字"
    program("rename", "自己的 名字", "hub 来的")
    assert program("download", NAME, "--endpoint", hub.url)["name"] == "hub 来的", "it is there already"


def test_a_download_that_goes_on_keeps_the_name_it_was_given(hub: LocalHub, encoder: Path) -> None:
    stops: list[int] = []

    def tell(done: int, total: int) -> None:
        stops.append(done)

    with pytest.raises(UserError, match="CANCELLED"):
        encoders.download(
            NAME, name="我的", hub=hub.url, progress=tell, should_stop=lambda: bool(stops and stops[-1])
        )
    assert [each.name for each in encoders.overview().unfinished] == ["我的"]
    assert encoders.download(NAME, hub=hub.url).name == "我的"


def test_what_is_wrong_is_said_in_both_languages(program: Program, encoder: Path) -> None:
    (encoder / "config.json").write_text(json.dumps({**CONFIG, "model_type": "gpt2"}), "utf-8")
    assert "与 GPT 同类" in program.text("check", encoder, status=3)
    assert "of the kind of GPT" in program.text("check", encoder, "--language", "en", status=3)
    assert program("add", encoder, status=3)["error"]["code"] == "ENCODER_WRITES_TEXT"
    assert program("add", "没有/这个", status=3)["error"]["code"] == "ENCODER_NOT_HERE"
    program.text("add", "nichtda", status=3)
    assert "download 所有者/名字" in program.said
    assert program("download", "rbt3", status=3)["error"]["code"] == "HUB_BAD_ID", "whatever the network does"
    assert program("check", "没有", status=3)["error"]["code"] == "ENCODER_NOT_FOUND"
    program.text("add", status=2)
    program.text("remove", status=2)
    program.text("frobnicate", status=2)
    assert sorted(path.name for path in shelf_folder().iterdir()) == []


def test_a_file_of_the_folder_means_the_folder(program: Program, encoder: Path) -> None:
    assert program("add", encoder / "model.safetensors")["name"] == "来源"
    assert program("check", encoder / "config.json")["folder"] == str(encoder)


def test_what_another_program_has_is_offered_and_taken(
    program: Program, encoder: Path, tmp_path: Path
) -> None:
    write_encoder(tmp_path / "ms" / "models" / "iic" / "tiny")
    assert program("list")["elsewhere"][0]["id"] == "iic/tiny"
    assert "这台电脑上已有 iic/tiny" in program.text("list")
    entry = program("add", "iic/tiny")
    assert (entry["name"], entry["source"]["kind"], entry["source"]["place"]) == ("tiny", "cache", "iic/tiny")
    assert find("iic/tiny") == Path(entry["folder"])
    assert program("list")["elsewhere"] == []


def test_the_mirror_that_was_chosen(program: Program, hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert encoders.endpoint() == "https://huggingface.co"
    assert program("download", "--endpoint", hub.url + "/", "--remember")["endpoint"] == hub.url
    assert program("download", NAME)["source"]["endpoint"] == hub.url
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert encoders.endpoint() == "http://127.0.0.1:9", "the environment comes first"
    monkeypatch.delenv("HF_ENDPOINT")
    assert (
        program("download", "--endpoint", "was?", "--remember", status=3)["error"]["code"]
        == "HUB_BAD_ENDPOINT"
    )
    assert encoders.endpoint() == hub.url
    program("download", "--remember")
    assert encoders.endpoint() == "https://huggingface.co"


def test_a_full_disk_keeps_the_mirror_that_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    encoders.remember_endpoint("https://hf-mirror.com")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as now:
        now.setattr(os, "fsync", full)
        with pytest.raises(UserError, match="DISK_FULL"):
            encoders.remember_endpoint("")
    assert encoders.endpoint() == "https://hf-mirror.com"


def test_unfinished_downloads_are_listed_and_discarded(program: Program, hub: LocalHub) -> None:
    hub.breaks = [60_000] + [0] * 20
    error = program("download", NAME, "--endpoint", hub.url, status=3)["error"]
    assert error["code"] == "HUB_BROKE_OFF"
    assert program("list")["unfinished"][0]["id"] == NAME
    assert f"encoders download {NAME}" in program.text("list") + program.said
    assert program("download", NAME, "--discard")["discarded"] == NAME
    assert program("download", NAME, "--discard", status=3)["error"]["code"] == "HUB_NOTHING_BEGUN"
    assert program("list")["unfinished"] == []


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_keeps_what_was_downloaded_and_the_next_call_goes_on(program: Program, hub: LocalHub) -> None:
    hub.pause = 0.05
    command = [sys.executable, "-m", "senti_studio", "encoders", "download", NAME, "--endpoint", hub.url]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not [begun for begun in encoders.overview().unfinished if begun.done > 30_000]:
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    hub.pause = 0.0
    program("download", NAME, "--endpoint", hub.url)
    assert "range" in hub.asked_for(f"{NAME}/model.safetensors")[-1]


class Helper:
    """``worker encoders`` as a window starts it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "senti_studio", "worker", "encoders"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._buffer = LineBuffer()

    def ask(self, **request: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def answers(self) -> list[dict[str, Any]]:
        """Up to the one that ends a request."""
        found: list[dict[str, Any]] = []
        assert self.process.stdout is not None
        while not found or found[-1]["type"] == "Progress":
            for line in self._buffer.feed(self.process.stdout.readline()):
                found.append(json.loads(line))
        return found

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0
        self.process.stdout.close()


def test_a_window_can_have_it_done_and_close(hub: LocalHub, encoder: Path) -> None:
    helper = Helper()
    helper.ask(id=1, do="add", wanted=str(encoder), name="窗口里的")
    assert helper.answers()[-1]["name"] == "窗口里的"
    helper.ask(id=2, do="check", wanted="窗口里的", batch=4, length=32)
    found = helper.answers()[-1]
    assert (found["type"], found["is_fit"], found["forecast"]["batch"]) == ("Result", True, 4)
    helper.ask(id=3, do="add", wanted="没有")
    failed = helper.answers()[-1]
    assert (failed["type"], failed["code"]) == ("Failed", "ENCODER_NOT_HERE")
    hub.pause = 0.05
    helper.ask(id=4, do="download", wanted=NAME, endpoint=hub.url)
    while not [begun for begun in encoders.overview().unfinished if begun.done > 30_000]:
        time.sleep(0.02)
    helper.ask(id=4, do="cancel")
    told = helper.answers()
    assert told[-1]["code"] == "CANCELLED"
    assert {answer["stage"] for answer in told[:-1]} == {"downloading"}
    assert told[-2]["total"] > told[-2]["rows"] > 0
    helper.ask(id=5, do="download", wanted=NAME, endpoint=hub.url)
    while not encoders.overview().unfinished[0].is_running:
        time.sleep(0.02)
    helper.close()  # as a window that closes
    assert encoders.overview().unfinished[0].is_running is False
    hub.pause = 0.0
    assert encoders.download(NAME, hub=hub.url).problem is None


BASE = EncoderSize(layers=12, width=768, heads=12, inner=3072, parameters=102_267_648, table=21128)


@pytest.mark.parametrize(
    ("size", "batch", "length", "peak"),
    [
        (EncoderSize(4, 256, 4, 1024, 3_800_000, 2600), 32, 62, 721),
        (EncoderSize(4, 256, 4, 1024, 3_800_000, 2600), 32, 252, 1747),
        (EncoderSize(4, 256, 4, 1024, 3_800_000, 2600), 32, 502, 3718),
        (EncoderSize(6, 512, 8, 2048, 20_200_000, 2000), 8, 252, 1649),
    ],
)
def test_the_forecast_is_near_to_what_was_measured(
    size: EncoderSize, batch: int, length: int, peak: int
) -> None:
    """Whole trainings in 32 bits, each in a process of its own, in MiB."""
    halves, unknown, said = (
        training_memory(size, batch, length, precision=each) / 2**20 for each in ("bf16", "auto", "fp32")
    )
    assert 0.8 * peak < said < 1.25 * peak
    assert halves <= unknown <= said


def test_what_fits_this_machine() -> None:
    roomy = forecast_encoder(BASE, Machine(64 << 30, 1e12), batch=32, length=128)
    assert (roomy.can_train, roomy.can_classify, roomy.largest_batch) == (True, True, 32)
    assert roomy.training > 16 * BASE.parameters
    tight = forecast_encoder(BASE, Machine(5_700_000_000, 1e10), batch=32, length=512)
    assert 0 < tight.largest_batch < 32
    assert tight.training_s > 50 * roomy.training_s
    small = forecast_encoder(BASE, Machine(1 << 30, 0.0), batch=1, length=16)
    assert (small.can_train, small.largest_batch, small.training_s) == (False, 0, 0.0)


def test_an_unknown_download_cannot_be_discarded() -> None:
    with pytest.raises(UserError, match="HUB_NOTHING_BEGUN"):
        encoders.discard_download("a/b")
