"""Where the assistant keeps its features: in the project, unless another window's assistant is there."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from senti_studio.file_lock import FileLock

_PREFIX = "senti-assistant-"
_LOCK = "lives.lock"

_log = logging.getLogger(__name__)


class Home:
    """A folder that belongs to this process alone, until `close`.

    Several windows may have the project open, and a project may lie where nothing can be written: then it is
    a folder for this time only.
    """

    def __init__(self, cache_folder: Path) -> None:
        self._temporary: Path | None = None
        _sweep()
        self._lock = FileLock(cache_folder / "assistant.lock")
        try:
            is_ours = self._lock.acquire()
        except OSError as error:
            _log.info("no features are kept in %s: %s", cache_folder, error)
            is_ours = False
        if is_ours:
            self.folder = cache_folder / "assistant"
        else:
            self._temporary = Path(tempfile.mkdtemp(prefix=_PREFIX))
            self._lock = FileLock(self._temporary / _LOCK)
            self._lock.acquire()
            self.folder = self._temporary / "assistant"

    def close(self) -> None:
        """Gives the folder free."""
        self._lock.release()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def _sweep() -> None:
    """Removes folders whose process was killed: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.is_symlink() or not (folder / _LOCK).is_file():
            continue
        lock = FileLock(folder / _LOCK)
        try:
            is_left = lock.acquire()
        except OSError:  # somebody else's
            continue
        if is_left:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
