"""The devices that torch can use on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """``key`` is what a spec says (``cpu``, ``cuda``, ``cuda:1``, ``mps``); memory in bytes, -1 = unknown."""

    key: str
    name: str
    memory_total: int = -1
    memory_free: int = -1


def available_devices() -> list[DeviceInfo]:
    """Every device, the one that ``auto`` takes first; the CPU is always last."""
    found = []
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(number)
            key = "cuda" if number == 0 else f"cuda:{number}"
            found.append(DeviceInfo(key, torch.cuda.get_device_name(number), total, free))
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", "Apple GPU"))
    return [*found, _processor()]


def choose_device(wanted: str) -> torch.device | None:
    """The device of a spec (``auto`` = CUDA, then MPS, then CPU); None when this machine does not have it."""
    keys = [device.key for device in available_devices()]
    if wanted == "auto":
        return torch.device(keys[0])
    return torch.device(wanted) if wanted in keys else None


def card_of(key: str) -> str:
    """What names the graphics card of a device in all processes, however they count; empty for the CPU."""
    kind = torch.device(key).type
    if kind != "cuda":
        return "" if kind == "cpu" else key
    found = torch.cuda.get_device_properties(torch.device(key))
    return str(getattr(found, "uuid", "")) or key


def device_name(device: torch.device) -> str:
    """What the window shows: the name of the graphics card or ``CPU``."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU" if device.type == "mps" else _processor().name


def memory_used(device: torch.device) -> int:
    """Bytes that this process holds: on the graphics card, or in main memory."""
    if device.type == "cuda":
        return torch.cuda.memory_reserved(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    import psutil

    return int(psutil.Process().memory_info().rss)


def _processor() -> DeviceInfo:
    import psutil

    memory = psutil.virtual_memory()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return DeviceInfo("cpu", f"CPU ({cores})", memory.total, memory.available)
