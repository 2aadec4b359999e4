"""What a net has read, kept in the project for the next training that reads the same: vocabulary, texts as
numbers, first weights of the embeddings.

Kept by content: another text, another spelling, another program that cuts words is another reading. What is
damaged or missing is read again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
import shutil
import time
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import senti_studio
from senti_studio.domain.training_options import VECTORS_OF_COMMENTS, TrainingOptions
from senti_studio.text.encoding import EncodedTexts, TextEncoder, UnitRows
from senti_studio.text.ngrams import WeightedRows
from senti_studio.text.segment import segmenter_name

FOLDER = "readings"
MOST_BYTES = 4 << 30
"""Of all that is kept in a project; what was used last stays. One reading takes half of it at most: the
parts of a run shall not drive each other out."""
MOST_OF_THE_FREE = 0.1
"""A disk that is nearly full is for what cannot be made again."""

LEARNT_ONLY = frozenset(
    {
        "epochs", "batch_size", "learning_rate", "hidden_size", "layers", "bidirectional", "dropout",
        "embedding_dropout", "warmup_share", "weight_decay", "clip_norm", "label_smoothing", "word_dropout",
        "patience", "ngram_rate", "averaging", "least_steps", "optimiser", "momentum", "schedule",
        "accumulation", "class_weights", "logit_adjustment", "loss", "focal_gamma", "r_drop", "adversarial",
        "variational", "stop_on", "precision", "pooling", "linear_model", "ngram_dropout", "valid_share",
    }
)  # fmt: skip
"""Options that say how a net learns, and nothing of what it reads."""
_OF_VECTORS = frozenset({"seed", "embedding_size", "vectors_frozen", "vectors_file"})

_KEY = "key"
"""Beside the arrays: what they were kept under, since files can be renamed."""
_OURS = re.compile(r"[0-9a-f]{32}(\.npz|\.\d+\.tmp)")
_DAMAGES = (
    OSError, ValueError, KeyError, EOFError, MemoryError, TypeError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
"""What reading raises of a damaged file: RuntimeError of a zip that says it has a password, TypeError of a
single array."""

Arrays = Mapping[str, npt.NDArray[Any]]


class KeptReadings:
    """``folder``: where they lie; None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, key: str) -> dict[str, npt.NDArray[Any]] | None:
        """What was kept under ``key``, None where nothing is or it is damaged."""
        if self._folder is None:
            return None
        path = self._folder / f"{key}.npz"
        try:
            arrays = _arrays_in(path)
        except _DAMAGES:
            return None
        if _text_of(arrays.pop(_KEY, None)) != key:
            return None
        with contextlib.suppress(OSError):  # it may be read without being written
            os.utime(path)
        return arrays

    def keep(self, key: str, arrays: Arrays) -> None:
        """Keeps ``arrays`` where there is room; it only saves time, so no error of a disk is one."""
        size = sum(each.nbytes for each in arrays.values())
        if self._folder is None or size > MOST_BYTES // 2:
            return
        temporary = self._folder / f"{key}.{os.getpid()}.tmp"
        with contextlib.suppress(OSError):
            # Not its parents: a project that is moved meanwhile must not rise again where it was.
            self._folder.parent.mkdir(exist_ok=True)
            self._folder.mkdir(exist_ok=True)
            if size > MOST_OF_THE_FREE * shutil.disk_usage(self._folder).free:
                return
            try:
                with temporary.open("wb") as file:
                    np.savez(file, allow_pickle=False, **{**arrays, _KEY: _bytes_of(key)})
                temporary.replace(self._folder / f"{key}.npz")
            finally:
                temporary.unlink(missing_ok=True)
            self._tidy()

    def _tidy(self) -> None:
        """Removes what was not used for longest, and what a killed process has left half written."""
        if self._folder is None:
            return
        found = []
        for path in self._folder.iterdir():
            if _OURS.fullmatch(path.name) is None:  # the folder may be a link to one with other things
                continue
            with contextlib.suppress(OSError):  # another process tidies, too
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        room = MOST_BYTES
        for changed, size, path in sorted(found, reverse=True):
            room -= size
            if room < 0 or (path.suffix == ".tmp" and changed < time.time() - 24 * 3600):
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)


def _arrays_in(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Raises one of ``_DAMAGES``."""
    if not path.is_file():  # a pipe would be waited for
        raise FileNotFoundError(path)
    # The zip has a checksum of every array. Of a damaged file numpy leaves an open handle behind.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise ValueError("members that are no arrays")
    return arrays


def _bytes_of(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text_of(found: npt.NDArray[Any] | None) -> str | None:
    return None if found is None else found.tobytes().decode("utf-8", "replace")


def key_of_training(
    architecture: str, options: TrainingOptions, texts: Sequence[str], unlabelled: Sequence[str]
) -> str:
    """Of what a new training reads. ``texts``: as people wrote them."""
    every = dataclasses.asdict(options)
    left_out = LEARNT_ONLY if options.vectors != "none" else LEARNT_ONLY | _OF_VECTORS
    told = {name: value for name, value in every.items() if name not in left_out}
    file = None
    if options.vectors == "file":
        with contextlib.suppress(OSError):
            found = Path(options.vectors_file).stat()
            # The last one changes even if somebody sets the one before back.
            file = [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    what = [architecture, told, file]
    return _key(what, texts, unlabelled if options.vectors in VECTORS_OF_COMMENTS else ())


def key_of_texts(encoder: TextEncoder, texts: Sequence[str]) -> str:
    """Of texts that ``encoder`` has normalised and turns into numbers."""
    return _key([encoder.to_json()["sha256"]], texts)


def _key(what: object, *texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    said = [senti_studio.__version__, segmenter_name(), what]
    digest.update(json.dumps(said, ensure_ascii=True, sort_keys=True).encode())
    for part in texts:
        digest.update(b"\0part\0")
        for text in part:
            content = text.encode("utf-8", "surrogatepass")
            digest.update(len(content).to_bytes(8, "little"))
            digest.update(content)
    return digest.hexdigest()[:32]


def to_arrays(texts: EncodedTexts) -> dict[str, npt.NDArray[Any]]:
    """What `texts_from` reads."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for number, view in enumerate(texts.views):
        arrays |= {
            f"ids{number}": view.ids,
            f"offsets{number}": view.offsets,
            f"cut{number}": np.array(view.cut),
        }
    if texts.ngrams is not None:
        rows = texts.ngrams
        arrays |= {"ngrams": rows.ids, "weights": rows.weights, "ngram_offsets": rows.offsets}
    return arrays


def texts_from(arrays: Arrays, encoder: TextEncoder, count: int) -> EncodedTexts | None:
    """``count`` texts that ``encoder`` has read; None where the arrays are no such texts."""
    try:
        views = tuple(
            UnitRows(arrays[f"ids{number}"], arrays[f"offsets{number}"], int(arrays[f"cut{number}"]))
            for number in range(len(encoder.views))
        )
        rows = None
        if encoder.ngrams is not None:
            rows = WeightedRows(arrays["ngrams"], arrays["weights"], arrays["ngram_offsets"])
    except (KeyError, TypeError, ValueError):
        return None
    sizes = map(len, encoder.vocabularies)
    sound = all(
        _is_sound(view.ids, view.offsets, count, size, shortest=1)
        for view, size in zip(views, sizes, strict=True)
    )
    if rows is not None and encoder.ngrams is not None:
        sound = sound and _is_sound(rows.ids, rows.offsets, count, len(encoder.ngrams), shortest=0)
        sound = sound and rows.weights.dtype == np.float32 and rows.weights.shape == rows.ids.shape
    return EncodedTexts(views, rows) if sound else None


def _is_sound(
    ids: npt.NDArray[Any], offsets: npt.NDArray[Any], count: int, size: int, *, shortest: int
) -> bool:
    if ids.dtype != np.int32 or ids.ndim != 1 or offsets.dtype != np.int64 or offsets.shape != (count + 1,):
        return False
    if offsets[0] != 0 or offsets[-1] != len(ids) or np.any(np.diff(offsets) < shortest):
        return False
    return not len(ids) or bool(ids.min() >= 0 and ids.max() < size)
