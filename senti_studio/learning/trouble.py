"""What torch says when memory runs out, as errors for the user."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from senti_studio.errors import UserError


@contextlib.contextmanager
def user_errors(device: torch.device) -> Iterator[None]:
    """Turns a lack of memory into UserError ``OUT_OF_GPU_MEMORY`` or ``OUT_OF_MEMORY``."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise UserError("OUT_OF_GPU_MEMORY", device=str(device)) from error
    except MemoryError as error:
        raise UserError("OUT_OF_MEMORY") from error
    except RuntimeError as error:
        # torch has no type of its own for the CPU and for MPS.
        text = str(error)
        if "MPS backend out of memory" in text:
            raise UserError("OUT_OF_GPU_MEMORY", device=str(device)) from error
        if "DefaultCPUAllocator" in text:
            raise UserError("OUT_OF_MEMORY") from error
        raise
