"""What torch says when memory runs out or a graphics card fails, as errors for the user."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from senti_studio.errors import UserError
from senti_studio.learning.memory import is_of_processor, is_shortage


class LearnerLostError(UserError):
    """One of the processes that learn together is gone. The step was not taken."""

    def __init__(self, *, process: int, of: int, status: int) -> None:
        super().__init__("LEARNER_LOST", process=process, of=of, status=status)


@contextlib.contextmanager
def user_errors(device: torch.device) -> Iterator[None]:
    """Turns a lack of memory into UserError ``OUT_OF_GPU_MEMORY`` or ``OUT_OF_MEMORY``, a graphics card that
    is gone or fails into ``DEVICE_LOST``."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if is_shortage(error):
            if device.type == "cpu" or is_of_processor(error):
                raise UserError("OUT_OF_MEMORY") from error
            raise UserError("OUT_OF_GPU_MEMORY", device=str(device)) from error
        if device.type != "cpu" and any(sign in str(error) for sign in _LOST):
            reason = str(error).partition("\n")[0]
            raise UserError("DEVICE_LOST", device=str(device), reason=reason) from error
        raise


_LOST = ("CUDA error", "CUDNN_STATUS", "CUBLAS_STATUS", "MPS backend", "hipErr")
"""How messages of torch about a graphics card begin or are marked."""
