"""The lock by which a run proves that its worker lives; see `senti_studio.file_lock`."""

from __future__ import annotations

from senti_studio.file_lock import FileLock, is_locked

__all__ = ["FileLock", "is_locked"]
