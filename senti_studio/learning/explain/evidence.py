"""Nearest training comments as evidence: those that the model itself puts beside a text, with their
labels."""

from __future__ import annotations

import hashlib
import io
import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse

from senti_studio.domain.explaining import Evidence
from senti_studio.errors import UserError
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.batches import make_batch
from senti_studio.learning.data import LabelledTexts
from senti_studio.learning.linear import matrix
from senti_studio.learning.model_folder import Model
from senti_studio.learning.trouble import user_errors
from senti_studio.text.encoding import EncodedTexts

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]

MOST = 20_000
"""Of more training comments a random part is looked at."""
AT_ONCE = 128
KEPT = 8
"""Files in the cache; the oldest go."""
_SEED = 20_261_129
_log = logging.getLogger(__name__)


class Nearest:
    """The training comments of a model: `step` until it says False, then `of`.

    Nets compare what their last layer is given, less its mean (kept in ``cache``); a model without such a
    layer compares weighted n-grams."""

    def __init__(
        self, model: Model, device: torch.device, rows: LabelledTexts, cache: Path | None = None
    ) -> None:
        self._model, self._device, self._cache = model, device, cache
        chosen = np.arange(len(rows))
        if len(rows) > MOST:
            chosen = np.sort(np.random.default_rng(_SEED).choice(chosen, MOST, replace=False))
        self._rows, self._chosen = rows, chosen
        self._parts: list[Halves] = []
        self._done = 0
        self._compared: _Vectors | _Grams | None = None

    @property
    def total(self) -> int:
        """How many training comments are looked at."""
        return len(self._chosen)

    @property
    def done(self) -> int:
        """How many of them are known."""
        return self._done

    def step(self) -> bool:
        """Looks at some more; False when all are known. Raises UserError ``OUT_OF_GPU_MEMORY``."""
        if self._compared is not None or not self.total:
            return False
        if not self._done and self._is_ready_made():
            self._done = self.total
            return False
        part = self._chosen[self._done : self._done + AT_ONCE]
        encoded = self._encoded([self._rows.texts[row] for row in part.tolist()])
        self._parts.append(self._features(encoded).astype(np.float16))
        self._done += len(part)
        if self._done < self.total:
            return True
        features = np.concatenate(self._parts)
        self._parts = []
        self._compared = _Vectors(features)
        self._write(features)
        return False

    def of(self, text: str, n: int, *, without: int | None = None) -> list[Evidence]:
        """The ``n`` nearest comments to a text as written, nearest first; ``without``: the id of the comment
        itself. Looks at what is missing first."""
        while self.step():
            pass
        encoded = self._encoded([text])
        if self._compared is None or not self._model.encoder.normalise(text):
            return []
        if isinstance(self._compared, _Vectors):
            alike = self._compared.alike(self._features(encoded))
        else:
            alike = self._compared.alike(encoded)
        found = []
        for place in np.argsort(-alike, kind="stable")[: n + 1].tolist():
            row = int(self._chosen[place])
            if alike[place] > 0 and self._rows.ids[row] != without:
                similarity = round(min(1.0, float(alike[place])), 4)
                found.append(
                    Evidence(self._rows.ids[row], self._rows.texts[row], self._rows.labels[row], similarity)
                )
        return found[:n]

    def _encoded(self, texts: list[str]) -> EncodedTexts:
        encoder = self._model.encoder
        return encoder.encode([encoder.normalise(text) for text in texts])

    def _features(self, encoded: EncodedTexts) -> Floats:
        """(texts, width)"""
        net = self._model.net.eval()
        with torch.inference_mode(), user_errors(self._device):
            batch = make_batch(encoded, np.arange(len(encoded)), self._device)
            found: Floats = net.features(batch).float().cpu().numpy()
        return found

    def _is_ready_made(self) -> bool:
        """Whether there is nothing to ask of a net, or an earlier time has kept what it said."""
        if not self._features(self._encoded([self._rows.texts[int(self._chosen[0])]])).shape[1]:
            grams = self._encoded([self._rows.texts[row] for row in self._chosen.tolist()])
            self._compared = _Grams(grams)
            return True
        features = self._read()
        if features is not None:
            self._compared = _Vectors(features)
        return features is not None

    # ---- cache ---------------------------------------------------------------------------------------------

    def _read(self) -> Halves | None:
        if self._cache is None:
            return None
        try:
            found = np.load(self._cache / self._name(), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if found.dtype != np.float16 or found.ndim != 2 or len(found) != self.total:
            return None
        return np.asarray(found, dtype=np.float16)

    def _write(self, features: Halves) -> None:
        if self._cache is None:
            return
        content = io.BytesIO()
        np.save(content, features, allow_pickle=False)
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            write_atomically(self._cache / self._name(), content.getvalue())
            for old in sorted(self._cache.glob("*.npy"), key=_age)[:-KEPT]:
                old.unlink(missing_ok=True)
        except (OSError, UserError) as error:
            _log.info("no features are kept in %s: %s", self._cache, error)

    def _name(self) -> str:
        """The net's weights and the texts say all."""
        content = hashlib.sha256()
        for value in self._model.net.state_dict().values():
            content.update(value.detach().float().cpu().contiguous().numpy().tobytes())
        for row in self._chosen.tolist():
            content.update(self._rows.texts[row].encode("utf-8", "surrogatepass") + b"\0")
        return f"{content.hexdigest()[:32]}.npy"


class _Vectors:
    """Rows as vectors of a net."""

    def __init__(self, features: Halves) -> None:
        wide = features.astype(np.float32)
        self._mean = wide.mean(axis=0)
        self._units = _unit(wide - self._mean)

    def alike(self, features: Floats) -> Floats:
        """(rows,) cosines to the one row of ``features``."""
        found: Floats = self._units @ _unit(features - self._mean)[0]
        return found


class _Grams:
    """Rows as weighted n-grams, whose norm is 1."""

    def __init__(self, encoded: EncodedTexts) -> None:
        self._width = 1 + (int(encoded.ngrams.ids.max(initial=0)) if encoded.ngrams is not None else 0)
        self._grams = self._matrix(encoded)

    def alike(self, encoded: EncodedTexts) -> Floats:
        """(rows,) cosines to the one text."""
        found: Floats = (self._grams @ self._matrix(encoded).T).toarray()[:, 0].astype(np.float32)
        return found

    def _matrix(self, encoded: EncodedTexts) -> sparse.csr_matrix:
        if encoded.ngrams is None:
            return sparse.csr_matrix((len(encoded), max(1, self._width - 1)))
        width = max(self._width, 1 + int(encoded.ngrams.ids.max(initial=0)))
        # What no training comment has counts for nothing.
        return matrix(encoded.ngrams, width)[:, : max(1, self._width - 1)]


def _unit(features: Floats) -> Floats:
    found: Floats = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)
    return found


def _age(path: Path) -> float:
    return path.stat().st_mtime
