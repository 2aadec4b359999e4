"""Does things to the shelf again and again, each time in a process of its own that is killed at another
moment, and tells what each has left. For `test_killed_shelf`; arguments as JSON, answers a line each."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from senti_studio.errors import UserError
from senti_studio.operations import encoders
from senti_studio.shelf import store
from senti_studio.shelf.places import shelf_folder

TOUCHING = frozenset(
    ("open", "write", "flush", "close", "fsync", "mkdir", "rename", "replace", "remove", "unlink", "rmdir")
)
"""What reaches the disk. The process is killed before and after such calls."""
BESIDE = "旁边的"

Moment = tuple[str, int]
"""Name of a call, and which one of that name: how many writes a download takes nobody knows before."""


def acts(asked: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """By name: what is killed."""
    return {
        "rename": lambda: encoders.rename("旧名字", "新名字"),
        "add": lambda: encoders.add(asked["folder"], name="新的"),
        "add_zip": lambda: encoders.add(asked["zip"], name="新的"),
        "remove": lambda: encoders.remove("旧名字"),
        "restore": lambda: encoders.restore("旧名字"),
        "empty_trash": encoders.empty_trash,
        "download": lambda: encoders.download(asked["id"], hub=asked["hub"]),
    }


class _Calls:
    """Those of this thread so far; kills the process at the so-manieth of a name."""

    def __init__(self, at: Moment | None) -> None:
        self.at = at
        self.names: list[str] = []

    def __call__(self, frame: FrameType, event: str, of: Any) -> None:
        name = getattr(of, "__name__", "")
        if event in ("c_call", "c_return") and name in TOUCHING:
            self.names.append(name)
            if self.at == (name, self.names.count(name)):
                os.kill(os.getpid(), signal.SIGKILL)


def killed_at(at: Moment | None, act: Callable[[], object]) -> tuple[bool, list[str]]:
    """Whether it was killed, and which calls it has made (of one that came to its end)."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        calls, status = _Calls(at), 1
        try:
            sys.setprofile(calls)
            act()
            sys.setprofile(None)
            os.write(writer, " ".join(calls.names).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, encoding="ascii") as told:
        names = told.read().split()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or status == 0, status
    return os.WIFSIGNALED(status), names


def chosen(names: list[str], most: int) -> list[Moment]:
    """At which calls it is killed: about ``most``, few of them pieces of a text, around the last change of a
    name, and the last ones all."""
    others = [at for at, name in enumerate(names, 1) if name != "write"]
    writes = [at for at, name in enumerate(names, 1) if name == "write"]
    few = writes[:: max(1, len(writes) // 2)]
    names_given = [at for at, name in enumerate(names, 1) if name == "rename"]
    places = sorted({*names_given[-2:], *few, *others[:: max(1, len(others) // most)], *others[-6:]})
    return [(names[at - 1], names[:at].count(names[at - 1])) for at in places]


def begin(shelf: Path, act: str) -> None:
    """The shelf as it is before each time."""
    shutil.rmtree(shelf_folder(), ignore_errors=True)
    shutil.copytree(shelf, shelf_folder(), dirs_exist_ok=True)
    if act in ("restore", "empty_trash"):
        encoders.remove("旧名字")


def found() -> dict[str, Any]:
    """What a program that starts now sees."""
    seen = encoders.overview()
    return {
        "shelf": {entry.name: _state(entry) for entry in seen.entries},
        "removed": {entry.name: _state(entry) for entry in seen.removed},
        "unfinished": {begun.id: begun.done for begun in seen.unfinished},
    }


def _state(entry: store.Entry) -> str:
    return entry.problem.code if entry.problem else ",".join(store.changed_files(entry)) or "whole"


def again(act: Callable[[], object]) -> str:
    """What the same act says afterwards; "" for nothing."""
    try:
        act()
    except UserError as error:
        return error.code
    return ""


def killed(name: str, act: Callable[[], object], asked: dict[str, Any]) -> None:
    """Tells what each kill of one act has left, and what the same act does then."""
    shelf = Path(asked["shelf"])
    begin(shelf, name)
    was_killed, calls = killed_at(None, act)
    assert not was_killed
    for at in chosen(calls, asked["most"]):
        begin(shelf, name)
        was_killed, _ = killed_at(at, act)
        told = {"act": name, "at": at, "killed": was_killed, "found": found()}
        told |= {"again": again(act), "then": found()}
        once = store.named("旧名字") or store.once_named("旧名字")
        told["by_old_name"] = _state(once) if once else ""
        encoders.empty_trash()  # with what may lie around
        told["left"] = sorted(path.relative_to(shelf_folder()).as_posix() for path in _files(shelf_folder()))
        print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def main() -> None:
    asked = json.loads(sys.argv[1])
    for name, act in acts(asked).items():
        killed(name, act, asked)


if __name__ == "__main__":
    main()
