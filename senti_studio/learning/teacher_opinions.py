"""What a teacher says of texts, asked once and kept on disk: a large one takes minutes for what a second
training wants to know again.

Kept by content: of the model by its weights, of a comment by its text. What is damaged or missing is asked
again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import time
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from senti_studio import paths
from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.predict import Predictor

Shares = npt.NDArray[np.float32]

ROWS_A_PIECE = 256
"""Between two pieces a command is heard."""
WRITTEN_EVERY_S = 30.0
MOST_FILES = 12
"""Opinions of the teachers asked last."""
_NO_PART = ("card.md", "card.json")
"""Of a model: what it says does not depend on it."""


class Opinions:
    """``cached``: how many of the texts asked about were known from before."""

    def __init__(self, model: Path, classes: int) -> None:
        self._path = _place(model)
        self._known = _read(self._path, classes) if self._path is not None else {}
        self._written = len(self._known)
        self.cached = 0

    def ask(
        self, teacher: Predictor, texts: Sequence[str], place: npt.NDArray[np.int64]
    ) -> Generator[Event, None, Shares]:
        """(texts, classes) calibrated probabilities; ``place``: the teacher's column of each class.

        Closed on the way it keeps what it knows.
        """
        keys = [_key(text) for text in texts]
        new = [number for number, key in enumerate(keys) if key not in self._known]
        self.cached += len(keys) - len(new)
        told = time.monotonic()
        try:
            for start in range(0, len(new), ROWS_A_PIECE):
                yield Preparing(stage="asking", done=start, total=len(new))
                some = new[start : start + ROWS_A_PIECE]
                found = teacher.probabilities([texts[number] for number in some])[:, place]
                self._known.update(zip((keys[number] for number in some), found, strict=True))
                if time.monotonic() - told >= WRITTEN_EVERY_S:
                    self._write()
                    told = time.monotonic()
        finally:
            self._write()
        return np.array([self._known[key] for key in keys], dtype=np.float32).reshape(len(keys), len(place))

    def _write(self) -> None:
        if self._path is None or len(self._known) == self._written:
            return
        content = io.BytesIO()
        np.savez(
            content,
            keys=np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, 16),
            shares=np.array([*self._known.values()], dtype=np.float32),
        )
        # It saves time the next time; a full disk will be told by what has to be written.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            write_atomically(self._path, content.getvalue())
            self._written = len(self._known)
            others = sorted(self._path.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
            for old in others[:-MOST_FILES]:
                old.unlink(missing_ok=True)


def _place(model: Path) -> Path | None:
    """Where the opinions of a model lie; None where nothing can be kept."""
    try:
        return paths.cache_folder() / "teachers" / f"{_digest(model)}.npz"
    except OSError:
        return None


def _read(path: Path, classes: int) -> dict[bytes, Shares]:
    try:
        # Of a damaged file numpy leaves an open handle behind.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            keys, shares = found["keys"], found["shares"]
        if keys.dtype != np.uint8 or keys.shape != (len(shares), 16):
            return {}
        if shares.dtype != np.float32 or shares.shape != (len(keys), classes):
            return {}
        if not (np.isfinite(shares).all() and (shares >= 0).all() and (shares <= 1.001).all()):
            return {}
        return dict(zip(map(bytes, keys), shares, strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _digest(model: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(model.iterdir()):
        if path.is_file() and path.name not in _NO_PART:
            whole.update(path.name.encode() + b"\0")
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:32]
