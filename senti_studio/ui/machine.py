"""What this computer offers for training, as `worker probe` reports it; asked after the window is painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.domain.several import ALL_CARDS
from senti_studio.ui.job_process import JobProcess


@dataclass(frozen=True, slots=True)
class Device:
    """``key`` is what a spec's ``device`` takes (cpu, cuda, cuda:1, cuda:all, mps); memory in bytes, 0 when
    unknown."""

    key: str
    name: str
    memory_total: int = 0
    memory_free: int = 0

    @property
    def is_graphics_card(self) -> bool:
        return not self.key.startswith("cpu")

    @property
    def is_several(self) -> bool:
        """All cards together, which only a training can use."""
        return self.key == ALL_CARDS


class Machine(QObject):
    """`changed` when devices became known; before that `devices` is empty and `is_known` False."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.devices: tuple[Device, ...] = ()
        self.versions: dict[str, str] = {}
        self.is_known = False
        self._is_closed = False
        self._probe: JobProcess | None = None

    @property
    def best(self) -> Device | None:
        """The graphics card if there is one, else the processor."""
        cards = [device for device in self.devices if device.is_graphics_card]
        return cards[0] if cards else (self.devices[0] if self.devices else None)

    @Slot()
    def look(self) -> None:
        """Starts the probe; nothing happens while one is under way."""
        if self._probe is not None or self._is_closed:
            return
        probe = JobProcess(self)
        probe.message.connect(self._take)
        probe.ended.connect(self._ended)
        self._probe = probe
        probe.start("probe")
        probe.request("devices")

    def close(self) -> None:
        """Ends a probe that is still under way; no other one is started."""
        self._is_closed = True
        if self._probe is not None:
            self._probe.close_and_wait()

    @Slot(dict)
    def _take(self, answer: dict[str, Any]) -> None:
        if answer.get("type") != "Result":
            return
        known = ("key", "name", "memory_total", "memory_free")
        self.devices = tuple(
            Device(**{name: device[name] for name in known if device.get(name) is not None})
            for device in answer.get("devices", ())
        )
        self.versions = dict(answer.get("versions", {}))
        self.is_known = True
        if self._probe is not None:
            self._probe.close()
        self.changed.emit()

    @Slot(object)
    def _ended(self, end: object) -> None:
        if self._probe is not None:
            self._probe.deleteLater()
            self._probe = None
