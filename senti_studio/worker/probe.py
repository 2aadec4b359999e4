"""What this machine has to work with: devices, memory, versions. torch is imported in this helper, not in
the window."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from typing import Any

import psutil

from senti_studio.domain.several import ALL_CARDS
from senti_studio.jobs.helper_protocol import to_json
from senti_studio.worker.helper import Handler
from senti_studio.worker.progress import Emit, ShouldStop

_PACKAGES = ("torch", "numpy", "jieba", "rjieba", "pyarrow", "safetensors")


def handlers() -> Mapping[str, Handler]:
    """The requests of ``worker probe``."""
    return {"devices": _devices}


def devices() -> dict[str, Any]:
    """Devices (the one that ``auto`` takes first), versions, cores, memory in bytes."""
    from senti_studio.learning.devices import available_devices

    memory = psutil.virtual_memory()
    return {
        "devices": [to_json(device) | _driver_memory(device.key) for device in available_devices()],
        "versions": versions(),
        "cpu_count": os.cpu_count() or 1,
        "memory_total": int(memory.total),
        "memory_free": int(memory.available),
    }


def versions() -> dict[str, str]:
    """Of the system, of Python and of what results depend on."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in ("senti-studio", *_PACKAGES):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _driver_memory(key: str) -> dict[str, int]:
    """Memory as the driver counts it: also what other programs hold, which torch may not know of."""
    if not key.startswith("cuda") or key == ALL_CARDS or os.environ.get("CUDA_VISIBLE_DEVICES"):
        # With that variable torch counts the cards otherwise than the driver does.
        return {}
    import pynvml

    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(int(key.partition(":")[2] or 0))
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    except pynvml.NVMLError:
        return {}
    return {"memory_total": int(memory.total), "memory_free": int(memory.free)}


def _devices(params: Mapping[str, Any], emit: Emit, should_stop: ShouldStop) -> dict[str, Any]:
    return devices()
