"""Encoders that other programs have left on this machine: the caches of huggingface_hub and ModelScope.
They are only looked at; what is wanted of them is copied onto the shelf."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from senti_studio.shelf.check import CONFIG, check_config
from senti_studio.shelf.small_files import read_object
from senti_studio.shelf.weights import PICKLED, PICKLED_INDEX, SAFE, SAFE_INDEX

_MOST = 1000
_WEIGHTS = (SAFE, SAFE_INDEX, PICKLED, PICKLED_INDEX)


@dataclass(frozen=True, slots=True)
class Cached:
    """``id``: on its hub; ``size`` in bytes; ``revision``: "" where the cache does not say."""

    id: str
    folder: Path
    revision: str
    family_name: str
    size: int


def cached() -> list[Cached]:
    """The encoders of known families in the caches of this machine, by id; nothing is asked of a network."""
    found: dict[str, Cached] = {}
    for identity, folder, revision in islice(_candidates(), _MOST):
        entry = _looked_at(identity, folder, revision)
        if entry is not None:
            found.setdefault(identity, entry)
    return sorted(found.values(), key=lambda entry: entry.id.lower())


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 by file name, where a cache names its files by that: huggingface_hub does for large ones."""
    found = {}
    for path in _entries(folder):
        if path.is_symlink() and re.fullmatch(r"[0-9a-f]{64}", name := os.path.basename(os.readlink(path))):  # noqa: PTH115, PTH119
            found[path.name] = name
    return found


def hub_cache() -> Path:
    """Where huggingface_hub keeps what it has downloaded, as its own variables say."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "huggingface" / "hub"


def _modelscope_cache() -> Path:
    given = os.environ.get("MODELSCOPE_CACHE")
    return Path(given).expanduser() if given else Path.home() / ".cache" / "modelscope" / "hub"


def _candidates() -> Iterator[tuple[str, Path, str]]:
    for folder in _entries(hub_cache()):
        if folder.name.startswith("models--"):
            identity = folder.name.removeprefix("models--").replace("--", "/", 1)
            yield from ((identity, snapshot, snapshot.name) for snapshot in _snapshots(folder))
    for base in (_modelscope_cache() / "models", _modelscope_cache()):
        for owner in _entries(base):
            # It writes a dot in a name as three underscores, beside a link with the dot.
            yield from (
                (f"{owner.name}/{folder.name.replace('___', '.')}", folder, "") for folder in _entries(owner)
            )


def _snapshots(folder: Path) -> list[Path]:
    """Of a model: that of the branch `main` first, then the newest."""
    try:
        main = (folder / "refs" / "main").read_text("utf-8").strip()
    except (OSError, ValueError):
        main = ""
    snapshots = [path for path in _entries(folder / "snapshots") if path.is_dir()]
    return sorted(snapshots, key=lambda path: (path.name != main, -path.stat().st_mtime))


def _looked_at(identity: str, folder: Path, revision: str) -> Cached | None:
    try:
        if not any((folder / name).is_file() for name in _WEIGHTS):
            return None
        family, found = check_config(read_object(folder / CONFIG), identity)
        size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except (OSError, ValueError):
        return None
    return None if family is None or found else Cached(identity, folder, revision, family.name, size)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
