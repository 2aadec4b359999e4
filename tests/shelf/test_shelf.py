"""The shelf: whole or not at all, found by name, taken off and brought back."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from encoder_files import CONFIG, write_encoder, zipped

from senti_studio.errors import UserError
from senti_studio.shelf import copying, find, listed
from senti_studio.shelf import store as shelf
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.places import shelf_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_encoder(tmp_path / "中文 编码器")


def raises(code: str, act: object, *arguments: object, **options: object) -> UserError:
    with pytest.raises(UserError) as caught:
        act(*arguments, **options)  # type: ignore[operator]
    assert caught.value.code == code, caught.value
    return caught.value


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_folder_is_copied_noted_found_removed_and_brought_back(folder: Path, home: Path) -> None:
    (folder / "日记.txt").write_text("not part of it", "utf-8")
    told: list[tuple[int, int]] = []
    entry = shelf.add_folder(folder, progress=lambda done, total: told.append((done, total)))
    assert entry.folder == home / "encoders" / "中文 编码器"
    assert told[-1][0] == told[-1][1] == entry.facts.size
    assert sorted(told) == told
    note = json.loads((entry.folder / "encoder.json").read_text("utf-8"))
    assert (note["name"], note["family"], note["layers"], note["licence"]) == (
        "中文 编码器",
        "bert",
        2,
        "apache-2.0",
    )
    assert note["source"] == {"kind": "folder", "place": str(folder), "revision": "", "endpoint": ""}
    assert set(note["files"]) == everything(entry.folder) - {"encoder.json"}
    assert "日记.txt" not in note["files"]

    assert find("中文 编码器") == entry.folder
    assert find(folder) == folder
    assert find(folder.parent / "中文 编码器") == folder
    assert listed() == [entry]
    assert raises("ENCODER_NOT_FOUND", find, "没有").params["known"] == ["中文 编码器"]
    raises("ENCODER_NOT_FOUND", find, " ")
    raises("ENCODER_NAME_TAKEN", shelf.add_folder, folder)
    assert shelf.add_folder(folder, name="第二个").name == "第二个"

    shelf.remove("中文 编码器")
    raises("ENCODER_NOT_FOUND", find, "中文 编码器")
    assert [gone.name for gone in shelf.removed()] == ["中文 编码器"]
    assert shelf.restore("中文 编码器") == entry
    raises("ENCODER_NOT_IN_TRASH", shelf.restore, "中文 编码器")
    shelf.remove("中文 编码器")
    assert shelf.empty_trash() == entry.facts.size
    assert [left.name for left in listed()] == ["第二个"]
    assert shelf.removed() == []


def test_what_was_changed_on_the_shelf_is_told(folder: Path) -> None:
    entry = shelf.add_folder(folder, name="甲")
    weights = entry.folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert shelf.changed_files(entry) == ["model.safetensors"]
    weights.write_bytes(content[:-5])
    (broken,) = listed()
    assert broken.problem is not None
    assert raises("ENCODER_CHECKSUM", find, "甲").params["files"] == ["model.safetensors"]
    (entry.folder / "encoder.json").write_text("{", "utf-8")
    assert listed()[0].problem is not None


def test_a_note_that_makes_no_sense_does_not_hide_the_others(folder: Path) -> None:
    shelf.add_folder(folder, name="甲")
    note = shelf.add_folder(folder, name="乙").folder / "encoder.json"
    for wrong in ({"layers": float("inf")}, {"files": {"vocab.txt": {"size": float("inf"), "sha256": ""}}}):
        note.write_text(json.dumps({**json.loads(note.read_bytes()), **wrong}), "utf-8")
        assert {entry.name: entry.problem is None for entry in listed()} == {"甲": True, "乙": False}


def test_a_folder_put_there_by_hand_is_looked_at(folder: Path) -> None:
    shutil.copytree(folder, shelf_folder() / "自己放的")
    (shelf_folder() / "空的").mkdir()
    empty, own = sorted(listed(), key=lambda entry: entry.problem is None)
    assert (own.name, own.facts.family) == ("自己放的", "bert")
    assert find("自己放的") == own.folder
    assert empty.problem is not None
    raises("ENCODER_NO_CONFIG", find, "空的")


def test_checksums_of_the_source_are_kept_to(folder: Path) -> None:
    error = raises("ENCODER_CHECKSUM", shelf.add_folder, folder, expected={"vocab.txt": "0" * 64})
    assert error.params["files"] == ["vocab.txt"]
    assert everything(shelf_folder()) == set()


def test_who_stops_leaves_nothing(folder: Path) -> None:
    raises("CANCELLED", shelf.add_folder, folder, should_stop=lambda: True)
    raises("CANCELLED", shelf.add_zip, zipped(folder, folder.with_name("a.zip")), should_stop=lambda: True)
    assert everything(shelf_folder()) == set()


def test_a_full_disk_is_told_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    error = raises("ENCODER_NO_SPACE", shelf.add_folder, folder)
    assert error.params["path"] == str(shelf_folder()), "and not a name that will be gone"
    raises("ENCODER_NO_SPACE", shelf.add_zip, zipped(folder, folder.with_name("a.zip")))
    assert everything(shelf_folder()) == set()


def test_a_disk_that_fills_up_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copying.Copier, "copy", full)
    raises("DISK_FULL", shelf.add_folder, folder)
    raises("DISK_FULL", shelf.add_zip, zipped(folder, folder.with_name("a.zip")))
    assert everything(shelf_folder()) == set()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_kill_leaves_nothing_half(folder: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom senti_studio.shelf.store import add_folder\n"
        "def slow(done, total):\n    print(done, flush=True)\n    time.sleep(0.2)\n"
        "add_folder(Path(sys.argv[1]), name='半个', progress=slow)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.kill()
    running.wait()
    running.stdout.close()
    assert listed() == []
    assert everything(shelf_folder()), "it was at work"
    shelf.add_folder(folder, name="半个")
    assert [path.name for path in shelf_folder().iterdir()] == ["半个"], "what the killed one left is gone"


@pytest.mark.parametrize(("given", "name"), [("a/b:c*?", "b-c-"), ("模型 ", "模型"), ("x" * 200, "x" * 80)])
def test_names_that_every_system_takes(folder: Path, given: str, name: str) -> None:
    assert shelf.add_folder(folder, name=given).name == name


@pytest.mark.parametrize("given", ["..", "con", "/", " . "])
def test_names_that_none_takes(folder: Path, given: str) -> None:
    raises("ENCODER_BAD_NAME", shelf.add_folder, folder, name=given)


@pytest.mark.parametrize("below", ["", "模型/里面"])
def test_a_zip_is_unpacked(folder: Path, below: str) -> None:
    archive = zipped(folder, folder.with_name("打包 的.zip"), below=below)
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("__MACOSX/._config.json", "junk")
    entry = shelf.add_zip(archive)
    assert (entry.name, entry.source.kind) == ("打包 的", "zip")
    assert check_folder(entry.folder).is_fit
    assert everything(shelf_folder() / "打包 的") == {*everything(folder), "encoder.json"}
    assert shelf.changed_files(entry) == []


def test_names_that_windows_wrote_in_gbk(folder: Path) -> None:
    archive = folder.with_name("gbk.zip")
    with zipfile.ZipFile(archive, "w") as made:
        for path in folder.iterdir():
            made.writestr(f"AAAA/{path.name}", path.read_bytes())
    archive.write_bytes(archive.read_bytes().replace(b"AAAA/", "模型".encode("gb18030") + b"/"))
    assert shelf.add_zip(archive).facts.family == "bert"


def test_folders_that_windows_has_separated_in_its_own_way(folder: Path) -> None:
    archive = folder.with_name("dotnet.zip")
    with zipfile.ZipFile(archive, "w") as made:
        for path in folder.iterdir():
            entry = zipfile.ZipInfo("x")
            entry.filename = f"模型\\{path.name}"
            made.writestr(entry, path.read_bytes())
    assert shelf.add_zip(archive).facts.family == "bert"


def made_zip(folder: Path, names: dict[str, bytes], **fields: int) -> Path:
    archive = zipped(folder, folder.with_name("böse.zip"))
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as made:
        for name, content in names.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for field, value in fields.items():
                setattr(entry, field, value)
            made.writestr(entry, content)
    return archive


UNSAFE = [
    "../出去.txt",
    "a/../../出去.txt",
    "/tmp/出去.txt",
    "C:/出去.txt",
    "a\\..\\..\\出去.txt",
    "a//b",
    "nul\x01",
]


@pytest.mark.parametrize("name", UNSAFE)
def test_nothing_is_written_outside(folder: Path, name: str) -> None:
    before = everything(folder.parent)
    archive = made_zip(folder, {"PLATZ": b"x"})
    content = archive.read_bytes()
    with zipfile.ZipFile(archive, "w") as made:
        for path in folder.iterdir():
            made.write(path, path.name)
        entry = zipfile.ZipInfo("x")
        entry.filename = name  # ZipInfo would make it harmless
        made.writestr(entry, b"x")
    assert content != archive.read_bytes()
    raises("ZIP_UNSAFE", shelf.add_zip, archive)
    assert everything(folder.parent) - before == {archive.name}
    assert everything(shelf_folder()) == set()


def test_links_are_not_followed(folder: Path) -> None:
    link = made_zip(folder, {"vocab.json": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16)
    raises("ZIP_UNSAFE", shelf.add_zip, link)
    assert everything(shelf_folder()) == set()


def test_bombs_and_doubles(folder: Path) -> None:
    raises("ZIP_TOO_LARGE", shelf.add_zip, made_zip(folder, {"vocab.json": bytes(100 << 20)}))
    raises("ZIP_UNSAFE", shelf.add_zip, made_zip(folder, {"Config.json": b"{}"}))
    many = made_zip(folder, {f"f/{number}": b"" for number in range(10_001)})
    raises("ZIP_TOO_LARGE", shelf.add_zip, many)
    assert everything(shelf_folder()) == set()


def test_a_size_that_lies(folder: Path) -> None:
    archive = zipped(folder, folder.with_name("lüge.zip"))
    content = archive.read_bytes()
    size = struct.pack("<I", (folder / "vocab.txt").stat().st_size)
    assert content.count(size) >= 2
    archive.write_bytes(content.replace(size, struct.pack("<I", 10)))
    raises("ZIP_DAMAGED", shelf.add_zip, archive)
    assert everything(shelf_folder()) == set()


def test_a_zip_of_another_kind_that_is_damaged(folder: Path) -> None:
    archive = made_zip(folder, {"vocab.json": b"1234567890" * 999}, compress_type=zipfile.ZIP_LZMA)
    content = archive.read_bytes()
    at = content.index(b"vocab.json") + len("vocab.json") + 20
    archive.write_bytes(content[:at] + bytes(40) + content[at + 40 :])
    raises("ZIP_DAMAGED", shelf.add_zip, archive)
    assert everything(shelf_folder()) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are text")
def test_names_that_are_no_text(folder: Path) -> None:
    garbled = folder.with_name(os.fsdecode("编码器".encode("gbk")))  # as unzip leaves what Windows packed
    shutil.copytree(folder, garbled)
    raises("ENCODER_BAD_NAME", find, str(garbled))
    entry = shelf.add_folder(garbled)
    zipped(folder, garbled.with_suffix(".zip"))
    again = shelf.add_zip(garbled.with_suffix(".zip"), name=f"再{garbled.name}")
    for each in (entry, again):
        assert f"{each.name} {each.source.place}".isprintable()
        assert find(each.name) == each.folder
    assert {each.name for each in listed()} == {entry.name, again.name}


def test_zips_that_are_none(folder: Path, tmp_path: Path) -> None:
    raises("FILE_NOT_FOUND", shelf.add_zip, tmp_path / "没有.zip")
    (tmp_path / "假.zip").write_bytes(b"Rar!" * 100)
    raises("ZIP_DAMAGED", shelf.add_zip, tmp_path / "假.zip")
    raises("ZIP_DAMAGED", shelf.add_zip, tmp_path)
    archive = zipped(folder, tmp_path / "半.zip")
    archive.write_bytes(archive.read_bytes()[:-200])
    raises("ZIP_DAMAGED", shelf.add_zip, archive)
    raises("ZIP_ENCRYPTED", shelf.add_zip, _encrypted(folder, tmp_path / "密码.zip"))
    with zipfile.ZipFile(tmp_path / "空.zip", "w") as empty:
        empty.writestr("readme.txt", "x")
    raises("ENCODER_NO_CONFIG", shelf.add_zip, tmp_path / "空.zip")
    with zipfile.ZipFile(tmp_path / "两个.zip", "w") as two:
        for place in ("a", "b"):
            two.writestr(f"{place}/config.json", json.dumps(CONFIG))
    assert raises("ZIP_SEVERAL", shelf.add_zip, tmp_path / "两个.zip").params["names"] == ["a", "b"]
    assert everything(shelf_folder()) == set()


def _encrypted(folder: Path, target: Path) -> Path:
    zipped(folder, target)
    content = bytearray(target.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    target.write_bytes(content)
    return target
