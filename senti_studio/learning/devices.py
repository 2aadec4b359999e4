"""The devices that torch can use on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from senti_studio.domain.several import ALL_CARDS, processes_in


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """``key`` is what a spec says (``cpu``, ``cuda``, ``cuda:1``, ``cuda:all``, ``mps``); memory in bytes,
    -1 = unknown."""

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
        if len(found) > 1 and _can_share():
            found.append(_together(found))
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", "Apple GPU"))
    return [*found, _processor()]


def choose_device(wanted: str) -> torch.device | None:
    """The device of a spec (``auto`` = CUDA, then MPS, then CPU), the first where it names several; None when
    this machine does not have it."""
    places = places_of(wanted)
    return places[0] if places else None


def places_of(wanted: str) -> tuple[torch.device, ...]:
    """The devices of the processes that learn together for the ``device`` of a spec; the first is that of the
    training itself. Empty when this machine does not have it."""
    keys = [device.key for device in available_devices()]
    processes = processes_in(wanted)
    if processes:
        return (torch.device("cpu"),) * processes
    if wanted == ALL_CARDS:
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return tuple(
            torch.device("cuda", number) for number in range(count if _can_share() else min(1, count))
        )
    if wanted == "auto":
        return (torch.device(keys[0]),)
    return (torch.device(wanted),) if wanted in keys else ()


def _can_share() -> bool:
    """Whether cards can add up what they have learnt; on Windows torch has nothing for that."""
    return torch.distributed.is_available() and torch.distributed.is_nccl_available()


def cards_of(key: str) -> list[str]:
    """As `card_of`, for all devices that ``key`` names, in an order that is the same in all processes."""
    if key != ALL_CARDS:
        return [card_of("cpu" if processes_in(key) else key)]
    return sorted(card_of(f"cuda:{number}") for number in range(torch.cuda.device_count()))


def card_of(key: str) -> str:
    """What names the graphics card of a device in all processes, however they count; empty for the CPU."""
    kind = torch.device(key).type
    if kind != "cuda":
        return "" if kind == "cpu" else key
    found = torch.cuda.get_device_properties(torch.device(key))
    return str(getattr(found, "uuid", "")) or key


def _together(cards: Sequence[DeviceInfo]) -> DeviceInfo:
    """All cards as one device; its memory is that of the smallest, since each holds the whole net."""
    names = " + ".join(dict.fromkeys(card.name for card in cards))
    total, free = min(card.memory_total for card in cards), min(card.memory_free for card in cards)
    return DeviceInfo(ALL_CARDS, f"{len(cards)} × {names}", total, free)


def place_name(places: Sequence[torch.device]) -> str:
    """What the window shows of one device, or of several that learn together."""
    name = device_name(places[0])
    return f"{len(places)} × {name}" if len(places) > 1 else name


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
