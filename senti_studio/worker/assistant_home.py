"""Where the assistant keeps its features: in the project, unless another window's assistant is there."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from senti_studio.file_lock import FileLock

_log = logging.getLogger(__name__)


class Home:
    """A folder that belongs to this process alone, until `close`.

    Several windows may have the project open, and a project may lie where nothing can be written: then it is
    a folder for this time only.
    """

    def __init__(self, cache_folder: Path) -> None:
        self._temporary: Path | None = None
        self._lock = FileLock(cache_folder / "assistant.lock")
        try:
            is_ours = self._lock.acquire()
        except OSError as error:
            _log.info("no features are kept in %s: %s", cache_folder, error)
            is_ours = False
        if is_ours:
            self.folder = cache_folder / "assistant"
        else:
            self._temporary = Path(tempfile.mkdtemp(prefix="senti-assistant-"))
            self.folder = self._temporary / "assistant"

    def close(self) -> None:
        """Gives the folder free."""
        self._lock.release()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
