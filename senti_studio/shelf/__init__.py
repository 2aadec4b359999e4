"""Encoders of this machine: the shelf they lie on, the check of what comes onto it, and where to get more.

Knows files and the hub's protocol, neither torch nor transformers: what is on the shelf is loaded by
learning.
"""

from __future__ import annotations

from senti_studio.shelf.store import find, listed

__all__ = ["find", "listed"]
