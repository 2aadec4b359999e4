"""The word vectors in the box: ``resources/vectors``, made by ``training/general_vectors.py``."""

from __future__ import annotations

import numpy as np

from senti_studio.resources import resource
from senti_studio.text.vector_files import VectorFile

GENERAL_SIZE = 128


def general_vectors(view: str) -> VectorFile:
    """Those of the units of a view (``words`` | ``characters``), the most frequent first."""
    with np.load(resource("vectors", f"{view}.npz"), allow_pickle=False) as held:
        vectors = held["numbers"].astype(np.float32) * held["scale"][:, None]
        units = held["units"].tobytes().decode().split("\n")
    return VectorFile(vectors.shape[1], dict(zip(units, vectors, strict=True)), len(units))
