"""Tells which texts of a file are in the project already, and which of them a platform wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from senti_studio.domain.boilerplate import DEFAULT_BOILERPLATE
from senti_studio.domain.comments import text_keys
from senti_studio.storage.near_groups import known_texts_of

_Flags = NDArray[np.bool_]


class Boilerplate:
    """The texts that a platform writes; ``listed`` None: the list that the program brings along."""

    def __init__(self, listed: Iterable[str] | None = None) -> None:
        texts = list(DEFAULT_BOILERPLATE if listed is None else listed)
        self._keys = _sorted(text_keys([text for text in texts if text.strip()]))

    def among(self, keys: NDArray[np.int64]) -> _Flags:
        """Which of these `text_keys` are in the list."""
        return np.isin(keys, self._keys)

    def flags(self, texts: Sequence[str]) -> list[bool]:
        """Which of these texts are in the list."""
        return [bool(flag) for flag in self.among(np.array(text_keys(texts), dtype=np.int64))]


class KnownTexts:
    """``in_project``: rows whose text a visible comment of the project has too; ``boilerplate``: rows with a
    text of the list."""

    def __init__(self, project: Path | None, boilerplate: Sequence[str] | None = None) -> None:
        """``project``: folder of a project, None for none; ``boilerplate`` takes the place of its list.

        Raises UserError for one that cannot be read."""
        keys, texts = known_texts_of(project) if project is not None else (None, None)
        self._keys = _sorted(keys if keys is not None else [])
        self._boilerplate = Boilerplate(texts if boilerplate is None else boilerplate)
        self.in_project = 0
        self.boilerplate = 0

    def add(self, texts: Sequence[str]) -> list[int]:
        """Counts some rows; empty texts are nobody's copy. Returns the places of those that the platform
        wrote."""
        places = [place for place, text in enumerate(texts) if text]
        keys = np.array(text_keys([texts[place] for place in places]), dtype=np.int64)
        written = np.flatnonzero(self._boilerplate.among(keys))
        self.boilerplate += len(written)
        if len(self._keys):
            found = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            self.in_project += int((self._keys[found] == keys).sum())
        return [places[at] for at in written]


def _sorted(keys: Iterable[int]) -> NDArray[np.int64]:
    return np.unique(np.array(list(keys), dtype=np.int64))
