"""The word vectors in the box: ``resources/vectors``, made by ``training/general_vectors.py``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from senti_studio.resources import resource
from senti_studio.text.vector_files import VectorFile

GENERAL_SIZE = 128


def general_vectors(view: str, size: int = GENERAL_SIZE) -> VectorFile:
    """Those of the units of a view (``words`` | ``characters``), the most frequent first; of another ``size``
    with what tells them apart most (their principal components), or with zeros behind."""
    with np.load(resource("vectors", f"{view}.npz"), allow_pickle=False) as held:
        vectors = held["numbers"].astype(np.float32) * held["scale"][:, None]
        units = held["units"].tobytes().decode().split("\n")
    return VectorFile(size, dict(zip(units, _of_size(vectors, size), strict=True)), len(units))


def _of_size(vectors: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    own = vectors.shape[1]
    if size >= own:
        return np.pad(vectors, ((0, 0), (0, size - own)))
    _, axes = np.linalg.eigh(np.cov(vectors, rowvar=False))
    found: npt.NDArray[np.float32] = (vectors @ axes[:, : own - size - 1 : -1]).astype(np.float32)
    return found
