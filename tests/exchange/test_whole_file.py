"""Output files: whole or absent, never over somebody else's, and honest about what an encoding cannot
hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from senti_studio.errors import UserError
from senti_studio.exchange.whole_file import TextWriter, appearing, free_target, write_whole

FULL = """
import resource, signal, sys
from pathlib import Path
from senti_studio.errors import UserError
from senti_studio.exchange.whole_file import appearing
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    with appearing(Path(sys.argv[1])) as file:
        for _ in range(100):
            file.write(b"x" * 1000)
except UserError as error:
    print(error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "输出 表.csv"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, check=True, timeout=60
    )
    assert done.stdout.strip() == b"DISK_FULL"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_in_between_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "输出.csv"
    write_whole(path, b"old")
    with pytest.raises(TypeError), appearing(path) as file:
        file.write(b"new" + 1)  # type: ignore[operator]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="OUTPUT_FOLDER_MISSING"):
        write_whole(tmp_path / "没有" / "输出.csv", b"")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="a folder that takes no files")
def test_a_folder_that_takes_no_files_is_told_and_a_missing_input_is_not_taken_for_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="OUTPUT_FOLDER_REFUSES"):
        write_whole(Path("/proc/self/task/输出.csv"), b"")
    with pytest.raises(UserError, match="FILE_NOT_FOUND"), appearing(tmp_path / "输出.csv"):
        (tmp_path / "别处" / "输入.csv").read_bytes()


def test_existing_files(tmp_path: Path) -> None:
    path = tmp_path / "输出.csv"
    assert free_target(path, "error") == path
    path.touch()
    assert free_target(path, "number") == tmp_path / "输出 (2).csv"
    (tmp_path / "输出 (2).csv").touch()
    assert free_target(path, "number") == tmp_path / "输出 (3).csv"
    assert free_target(path, "overwrite") == path
    with pytest.raises(UserError, match="OUTPUT_EXISTS"):
        free_target(path, "error")


@pytest.mark.parametrize(
    ("encoding", "content", "replaced"),
    [
        ("utf-8-sig", b"\xef\xbb\xbf" + "好😋𠮷\r\n".encode(), {}),
        ("utf-8", "好😋𠮷\r\n".encode(), {}),
        ("gb18030", "好😋𠮷\r\n".encode("gb18030"), {}),
        ("gbk", "好??\r\n".encode("gbk"), {"😋": 1, "𠮷": 1}),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, content: bytes, replaced: dict[str, int]) -> None:
    path = tmp_path / "字.csv"
    with appearing(path) as file:
        writer = TextWriter(file, encoding)
        writer.row(["好😋𠮷"])
        writer.flush()
    assert path.read_bytes() == content
    assert writer.replaced == replaced


def test_an_unknown_output_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="UNKNOWN_ENCODING"), appearing(tmp_path / "字.csv") as file:
        TextWriter(file, "latin-1")
    assert not list(tmp_path.iterdir())


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("长" * 83 + ".csv")  # 253 bytes
    with appearing(path) as file:
        file.write(b"1")
    assert path.read_bytes() == b"1"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("existing", ["error", "number"])
def test_of_two_writers_of_one_name_the_second_overwrites_nothing(tmp_path: Path, existing: str) -> None:
    path = tmp_path / "结果.csv"

    def write_both() -> None:
        with appearing(free_target(path, existing), existing=existing) as second:
            second.write(b"second")
            # Another program, that knows nothing of locks.
            path.write_bytes(b"first")

    with pytest.raises(UserError, match="OUTPUT_EXISTS"):
        write_both()
    assert [entry.name for entry in tmp_path.iterdir()] == ["结果.csv"]
    assert path.read_bytes() == b"first"


def test_a_name_that_is_just_being_written_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "结果.csv"
    with appearing(path, existing="number") as first:
        first.write(b"first")
        assert free_target(path, "number") == tmp_path / "结果 (2).csv"
        with pytest.raises(UserError, match="OUTPUT_EXISTS"):
            free_target(path, "error")
        assert free_target(path, "overwrite") == path
    assert path.read_bytes() == b"first"
