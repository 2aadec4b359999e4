"""What is asked of the explaining helper for the comment that is chosen, and what is known already."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.domain.explaining import Attention, EvidenceFound, Reasons
from senti_studio.ui.explainer import Explainer

ASK_AFTER_MS = 80
"""Who runs through a list asks for nothing on the way."""
NEAREST = 3
CACHE = "explain"
"""The folder in the cache of a project that training comments are compared with the help of."""
_KEPT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, the model (its folder) that is asked, the classes that are to be explained (none: the
    likeliest), where the project keeps what helps, and the comment that the text is of."""

    model: Path
    text: str
    labels: tuple[int, ...]
    cache: Path
    comment: int | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """Where the net looks: in which of `Attention.layers` ("": the usual one), with which head (0: all)."""

    layer: str = ""
    head: int = 0


class ReasonsDesk(QObject):
    """`changed` when there is something new to show of `asked`: its `reasons`, or its `attention` where
    `looking` is not None."""

    changed = Signal()

    def __init__(self, explainer: Explainer, parent: QObject) -> None:
        super().__init__(parent)
        self._explainer = explainer
        self.asked: Asked | None = None
        self.reasons: Reasons | None = None
        self.evidence: EvidenceFound | None = None
        self.looking: Looking | None = None
        self.attention: Attention | None = None
        self.problem: tuple[str, dict[str, Any]] | None = None
        self._known: OrderedDict[Asked, tuple[Reasons | None, EvidenceFound | None]] = OrderedDict()
        self._looked: OrderedDict[tuple[Asked, Looking], Attention] = OrderedDict()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(ASK_AFTER_MS)
        self._later.timeout.connect(self._ask)

    def want(self, asked: Asked | None) -> None:
        """Explains another comment; None: none."""
        if asked == self.asked and self.problem is None:
            return
        if self.looking and asked and self.asked and asked.model != self.asked.model:
            self.looking = Looking()  # another net has other layers
        self._turn_to(asked)

    def look(self, looking: Looking | None) -> None:
        """Explains by attention, or by integrated gradients (None)."""
        if looking != self.looking:
            self.looking = looking
            self._turn_to(self.asked)

    @property
    def is_answered(self) -> bool:
        """Whether there is to see what was asked for."""
        return (self.reasons if self.looking is None else self.attention) is not None

    def _turn_to(self, asked: Asked | None) -> None:
        self._explainer.forget(self)
        self._later.stop()
        self.asked, self.problem = asked, None
        self.reasons, self.evidence = self._known.get(asked, (None, None)) if asked else (None, None)
        self.attention = self._looked.get((asked, self.looking)) if asked and self.looking else None
        if asked is not None and not (self.is_answered and self.evidence):
            self._later.start()
        self.changed.emit()

    @Slot()
    def _ask(self) -> None:
        asked, looking = self.asked, self.looking
        if asked is None:
            return
        if self.is_answered:
            self._ask_for_evidence(asked)
            return
        if looking is not None:
            self._explainer.attention(
                asked.model,
                asked.text,
                looking.layer,
                looking.head,
                owner=self,
                on_result=lambda found: self._seen(asked, looking, found),
                on_failure=self._failed,
            )
            return
        self._explainer.explain(
            asked.model,
            asked.text,
            list(asked.labels),
            owner=self,
            on_result=lambda found: self._explained(asked, found),
            on_failure=self._failed,
        )

    def _explained(self, asked: Asked, found: Reasons) -> None:
        if asked != self.asked:
            return
        self.reasons = found
        self._keep()
        self._ask_for_evidence(asked)
        self.changed.emit()

    def _seen(self, asked: Asked, looking: Looking, found: Attention) -> None:
        if (asked, looking) != (self.asked, self.looking):
            return
        self.attention = found
        self._looked[asked, looking] = found
        while len(self._looked) > _KEPT:
            self._looked.popitem(last=False)
        self._ask_for_evidence(asked)
        self.changed.emit()

    def _ask_for_evidence(self, asked: Asked) -> None:
        if self.evidence is not None:
            return
        self._explainer.evidence(
            asked.model,
            asked.text,
            NEAREST,
            comment=asked.comment,
            cache=asked.cache,
            owner=self,
            on_result=lambda found: self._found(asked, found),
            on_failure=lambda *_: None,  # the explanation stands without it
        )

    def _found(self, asked: Asked, found: EvidenceFound) -> None:
        if asked == self.asked:
            self.evidence = found
            self._keep()
            self.changed.emit()

    def _keep(self) -> None:
        if self.asked is not None:
            self._known[self.asked] = self.reasons, self.evidence
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def _failed(self, code: str, params: dict[str, Any]) -> None:
        self.problem = code, params
        self.changed.emit()
