"""Files on the way to their final name: what the dead leave goes, what the living write stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from senti_studio.arriving import arriving, clear_folder, clear_leftovers, is_arriving, put_in_place

KILLED = """
import os, sys
from pathlib import Path
from senti_studio.arriving import arriving
with arriving(Path(sys.argv[1])) as making:
    making.write_bytes(b"half")
    making.with_name(making.name + ".db").write_bytes(b"half")
    folder = making.with_name(making.name + ".new")
    (folder / "runs").mkdir(parents=True)
    os._exit(9)
"""


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def kill_a_writer_of(target: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False).returncode == 9


def test_what_a_killed_writer_left_goes_with_the_next_of_the_same_target(tmp_path: Path) -> None:
    target, other = tmp_path / "门店备份.zip", tmp_path / "另一份.zip"
    kill_a_writer_of(target)
    kill_a_writer_of(other)
    assert len(names(tmp_path)) == 8
    assert not is_arriving(target)
    with arriving(target) as making:
        assert is_arriving(target)
        assert not making.exists()
        making.write_bytes(b"whole")
        # Its lock and file, and the four of the other target.
        assert len(names(tmp_path)) == 6
        put_in_place(making, target, replace=False)
    assert len(names(tmp_path)) == 5
    clear_folder(tmp_path)
    assert names(tmp_path) == ["门店备份.zip"]


def test_what_a_living_writer_writes_stays(tmp_path: Path) -> None:
    target = tmp_path / "门店.csv"
    with arriving(target) as first:
        first.write_bytes(b"first")
        with arriving(target) as second:
            second.write_bytes(b"second")
            clear_leftovers(target)
            clear_folder(tmp_path)
            assert (first.read_bytes(), second.read_bytes()) == (b"first", b"second")
        assert first.exists()
    assert names(tmp_path) == []


def test_a_failed_writer_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with arriving(tmp_path / "门店.senti") as making:
            making.mkdir()
            (making / "project.db").write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert names(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_is_taken_is_not_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:

        def refuse(*_: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "link", refuse)
    made, target = tmp_path / "新.part", tmp_path / "结果.csv"
    made.write_bytes(b"first")
    put_in_place(made, target, replace=False)
    assert names(tmp_path) == ["结果.csv"]
    made.write_bytes(b"second")
    with pytest.raises(FileExistsError):
        put_in_place(made, target, replace=False)
    assert target.read_bytes() == b"first"
    put_in_place(made, target, replace=True)
    assert target.read_bytes() == b"second"
