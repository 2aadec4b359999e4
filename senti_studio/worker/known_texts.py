"""Counts which texts of a file are in the project already, and which of them a platform wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from senti_studio.domain.boilerplate import DEFAULT_BOILERPLATE
from senti_studio.domain.comments import text_key
from senti_studio.storage.near_groups import known_texts_of


class KnownTexts:
    """``in_project``: rows whose text a visible comment of the project has too; ``boilerplate``: rows with a
    text of the project's list."""

    def __init__(self, project: Path | None) -> None:
        """``project``: folder of a project, None for none. Raises UserError for one that cannot be read."""
        keys, texts = known_texts_of(project) if project is not None else (None, None)
        self._keys: NDArray[np.int64] = np.unique(np.array(keys if keys is not None else [], dtype=np.int64))
        listed = DEFAULT_BOILERPLATE if texts is None else texts
        self._boilerplate = np.unique(np.array([text_key(text) for text in listed], dtype=np.int64))
        self.in_project = 0
        self.boilerplate = 0

    def add(self, texts: Sequence[str]) -> None:
        """Counts some rows; empty texts are nobody's copy."""
        keys = np.array([text_key(text) for text in texts if text], dtype=np.int64)
        self.boilerplate += int(np.isin(keys, self._boilerplate).sum())
        if len(self._keys):
            places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            self.in_project += int((self._keys[places] == keys).sum())
