"""Senti Studio: label, learn and classify Chinese comments on your own machine.

For programs: ``senti_studio.load("model")(["这家店…"])``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from senti_studio.learning.python_api import Classifier

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def load(path: str | os.PathLike[str], *, device: str = "auto") -> Classifier:
    """A model, ready to classify: call it with texts. ``path``: a model folder, the folder of a run, or a
    zip of a model folder.

    ``device``: ``auto`` | ``cpu`` | ``cuda`` | ``cuda:1`` | ``mps``. Raises `senti_studio.errors.UserError`
    for what is no model, is damaged, or was made by a newer version. Nothing in it can run.
    """
    # Here, not above: torch takes seconds, and the window must never have it.
    from senti_studio.learning.python_api import load as load_model

    return load_model(path, device=device)
