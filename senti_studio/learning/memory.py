"""When memory runs out: how that is recognised, and how it is given back."""

from __future__ import annotations

import ctypes
import gc
import math
import sys
from collections.abc import Iterable

import psutil
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


AT_LEAST = 3
"""On the processor: the weights, their running mean and their gradient."""


def require_room(shapes: Iterable[tuple[int, ...]], device: torch.device) -> None:
    """Raises MemoryError for weights that this computer can never hold, before any is made: Linux would give
    the memory, and end whatever program it likes once it is used."""
    copies = AT_LEAST if device.type == "cpu" else 1
    needed = 4 * copies * sum(map(math.prod, shapes))
    if needed > psutil.virtual_memory().total:
        raise MemoryError(f"{needed} bytes")


def give_back(device: torch.device) -> None:
    """Lets go of what a failed pass left behind. Outside the ``except`` block, which holds its frames."""
    # An error that came from another thread holds frames that hold the error: only the collector sees that
    # nobody else wants them, and their tensors.
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    else:
        _trim()


def _trim() -> None:
    """Has the C library of Linux return what it keeps of freed tensors: half a gigabyte after a big batch."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
