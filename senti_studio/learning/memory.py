"""When memory runs out: how that is recognised, and how it is given back."""

from __future__ import annotations

import torch


def is_shortage(error: BaseException) -> bool:
    """Whether an error of a pass says that memory ran out; torch has no type of its own for CPU and MPS."""
    if isinstance(error, torch.OutOfMemoryError) or is_of_processor(error):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


_SIGNS = ("MPS backend out of memory", "CUDA out of memory", "CUDNN_STATUS_ALLOC", "CUBLAS_STATUS_ALLOC")


def is_of_processor(error: BaseException) -> bool:
    """Whether it was the main memory."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _SIGNS_OF_PROCESSOR)


_SIGNS_OF_PROCESSOR = ("DefaultCPUAllocator", "could not create a primitive", "could not execute a primitive")
"""oneDNN, which computes recurrent layers there, says no more than that."""


def give_back(device: torch.device) -> None:
    """Lets go of what a failed pass left behind. Outside the ``except`` block, which holds its frames."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
