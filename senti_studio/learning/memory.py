"""When memory runs out: how that is recognised, and how it is given back."""

from __future__ import annotations

import gc

import torch


def is_shortage(error: BaseException) -> bool:
    """Whether an error of a pass says that memory ran out; torch has no type of its own for CPU and MPS."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "DefaultCPUAllocator" in text or "MPS backend out of memory" in text
    )


def give_back(device: torch.device) -> None:
    """Lets go of what a failed pass left behind. Outside the ``except`` block, which holds its frames."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
