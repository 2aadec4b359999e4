"""In which numbers a net computes: whole 32-bit, or half of them where the device gains by it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from senti_studio.domain.encoder_memory import LEAST_WIDTH_OF_HALVES

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}

_TENSOR_CORES = (7, 0)
"""Graphics cards from this compute capability on compute faster in half precision."""


def chosen(wanted: str, device: torch.device) -> torch.dtype | None:
    """The type for ``precision``; None where the device cannot compute recurrent nets in it.

    ``auto``: half precision on graphics cards that are made for it, 32 bits elsewhere.
    """
    if wanted == "auto":
        if device.type == "cuda" and torch.cuda.get_device_capability(device) >= _TENSOR_CORES:
            return torch.float16
        return torch.float32
    if wanted == "fp32":
        return torch.float32
    if device.type == "cuda" or (device.type == "cpu" and wanted == "bf16"):
        return HALVES[wanted]
    return None


def best_for_products(device: torch.device, config: Any) -> str:
    """The precision for an encoder of this ``config``, which is nearly all products of matrices: ``bf16``
    where the device multiplies these numbers itself and the net is wide enough to gain, else ``auto``."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "auto"
    able: Mapping[str, Any] = {}
    if device.type == "cpu" and int(getattr(config, "hidden_size", 0)) >= LEAST_WIDTH_OF_HALVES:
        able = getattr(torch.cpu, "get_capabilities", dict)()
    return "bf16" if any(able.get(sign) for sign in _MULTIPLIES_HALVES) else "auto"


_MULTIPLIES_HALVES = ("avx512_bf16", "amx_bf16")


class Precision:
    """Casts where that is safe, and scales the loss where small gradients would vanish.

    Scaled in half precision, and on graphics cards always: their recurrent kernels compute in float16 also
    under bfloat16.
    """

    def __init__(self, device: torch.device, kind: torch.dtype) -> None:
        self._device, self._kind = device, kind
        self.is_whole = kind is torch.float32
        needs_scale = kind is torch.float16 or (not self.is_whole and device.type == "cuda")
        self._scaler = torch.amp.GradScaler(device.type) if needs_scale else None
        if device.type == "cuda":
            # Products of what stays in 32 bits run through the tensor cores (TF32).
            torch.set_float32_matmul_precision("high")

    @property
    def is_scaled(self) -> bool:
        return self._scaler is not None

    def begin(self) -> None:
        """Makes ready to scale before anything is scaled: a process may have no row in its first step."""
        if self._scaler is not None:
            self._scaler.scale(torch.zeros((), device=self._device))

    def cast(self) -> contextlib.AbstractContextManager[Any]:
        """The context of a pass through the net."""
        if self.is_whole:
            return contextlib.nullcontext()
        # Parts that are learnt at the same time must not share what one of them has cast.
        return torch.autocast(self._device.type, self._kind, cache_enabled=self._device.type != "cpu")

    def backward(self, loss: Tensor) -> None:
        loss = loss if self._scaler is None else self._scaler.scale(loss)
        loss.backward()  # type: ignore[no-untyped-call]

    def unscale(self, optimiser: Optimizer) -> None:
        """Before gradients are clipped."""
        if self._scaler is not None:
            self._scaler.unscale_(optimiser)

    def step(self, optimiser: Optimizer) -> None:
        """The step of the optimiser; left out, and the scale lowered, when a gradient is no number."""
        if self._scaler is None:
            optimiser.step()
        else:
            self._scaler.step(optimiser)
            self._scaler.update()

    def state_dict(self) -> dict[str, Any]:
        return self._scaler.state_dict() if self._scaler is not None else {}

    def load_state_dict(self, values: Mapping[str, Any]) -> None:
        """Raises RuntimeError, KeyError or TypeError when ``values`` are none of `state_dict`."""
        if self._scaler is not None and values:
            self._scaler.load_state_dict(dict(values))
