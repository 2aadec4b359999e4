"""Where the program keeps its own few files: settings, recent projects. Projects lie where users put them."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

HOME_VARIABLE = "SENTI_STUDIO_HOME"
"""One folder for everything below; set by tests and by people who carry the program on a stick."""


def config_folder() -> Path:
    """Settings and the list of recent projects. Created on first use."""
    return _made(_own_home("config") or _platform().user_config_path("SentiStudio", appauthor=False))


def data_folder() -> Path:
    """Where new projects and the sample project go unless the user says otherwise. Created on first use."""
    return _made(_own_home("data") or _platform().user_documents_path() / "Senti Studio")


def encoders_folder() -> Path:
    """The shelf of encoders: large files that every project of this user may train on. Created on first
    use."""
    home = _own_home("encoders")
    return _made(home or _platform().user_data_path("SentiStudio", appauthor=False) / "encoders")


def cache_folder() -> Path:
    """What can be worked out again, and need not be: nobody misses it. Created on first use."""
    return _made(_own_home("cache") or _platform().user_cache_path("SentiStudio", appauthor=False))


def runtime_folder() -> Path:
    """Locks between processes of this user; nothing in it is worth keeping. Created on first use."""
    return _made(_own_home("runtime") or _platform().user_runtime_path("SentiStudio", appauthor=False))


def _own_home(kind: str) -> Path | None:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / kind if home else None


def _platform() -> ModuleType:
    import platformdirs

    return platformdirs


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
