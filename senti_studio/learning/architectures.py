"""The one list of architectures that can be trained; everything else asks here for what differs."""

from __future__ import annotations

from senti_studio.errors import UserError
from senti_studio.learning.contract import Architecture
from senti_studio.learning.reading_nets import reading_net

_KNOWN = (reading_net("lstm"), reading_net("gru"))

REGISTRY: dict[str, Architecture] = {each.key: each for each in _KNOWN}


def architecture(key: str) -> Architecture:
    """The architecture with this key. Raises UserError ``BAD_SPEC``."""
    if key not in REGISTRY:
        raise UserError("BAD_SPEC", problems=[f"architecture={key} ({' | '.join(REGISTRY)})"])
    return REGISTRY[key]
