"""What a frozen encoder says of every text, worked out once: an epoch of the head then takes seconds."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from senti_studio.jobs.protocol import Event, Preparing
from senti_studio.learning.batches import by_length, make_batch
from senti_studio.learning.bert.windows import apart
from senti_studio.learning.evaluate import BATCH_SIZE, EVENT_INTERVAL_S
from senti_studio.text.encoding import EncodedTexts, UnitRows


class Held:
    """``table``: (windows, width), a row for each window of each text. Copies of a net share it."""

    def __init__(self, table: Tensor) -> None:
        self.table = table

    def __deepcopy__(self, _: object) -> Held:
        return self

    def at(self, rows: Tensor) -> Tensor:
        """The rows with these numbers, on their device."""
        self.table = self.table.to(rows.device)
        return self.table[rows]


def hold(
    net: Any, texts: tuple[EncodedTexts, ...], device: torch.device
) -> Generator[Event, None, tuple[Held, list[EncodedTexts]]]:
    """The table of the windows of all texts, and the texts as numbers of their rows in it."""
    parted = [apart(each, net.window) for each in texts]
    parts = [windows for windows, _ in parted]
    total = sum(map(len, parts))
    width = int(net.model.config.hidden_size)
    table = torch.zeros(total, width)
    net.to(device).eval()
    units = net.units_of_pass if device.type == "cpu" else 0
    done, told, start = 0, 0.0, 0
    for part in parts:
        for rows in by_length(part.lengths, batch_size=BATCH_SIZE, units=units):
            if time.monotonic() - told >= EVENT_INTERVAL_S:
                told = time.monotonic()
                yield Preparing(stage="evaluating", done=done, total=total)
            with torch.inference_mode():
                table[start + torch.from_numpy(rows)] = net.summary(make_batch(part, rows, device)).cpu()
            done += len(rows)
        start += len(part)
    numbers, start = [], 0
    for (windows, whose), given in zip(parted, texts, strict=True):
        ids = np.arange(start, start + len(windows), dtype=np.int32)
        numbers.append(EncodedTexts((UnitRows(ids, whose),), given.ngrams))
        start += len(windows)
    return Held(table), numbers


def summary_of(model: Any, real: Tensor, ids: Tensor, *, at_end: bool) -> Tensor:
    """(rows, width): the one state of each text that the head of its family begins with."""
    more = {}
    if model.config.model_type == "longformer":  # its head lets the first mark see the whole text
        more["global_attention_mask"] = torch.zeros_like(ids)
        more["global_attention_mask"][:, 0] = 1
    states: Tensor = model.base_model(input_ids=ids, attention_mask=real.long(), **more)[0]
    if getattr(model.config, "classifier_pooling", "") == "mean":
        weights = real.unsqueeze(2).to(states.dtype)
        return (states * weights).sum(1) / weights.sum(1)
    return states[:, -1] if at_end else states[:, 0]


def replayed(base: Any, states: Tensor, *_: Any, **__: Any) -> Any:
    """Stands in for the pass of the encoder ``base``: as if each text were one unit with this state."""
    from transformers.modeling_outputs import BaseModelOutputWithPooling

    last = states.unsqueeze(1)
    found = BaseModelOutputWithPooling(last_hidden_state=last, pooler_output=_pooled(base, last))
    # Of some families the head passes these on.
    found.global_attentions = found.mems = None
    return found


def _pooled(base: Any, last: Tensor) -> Tensor | None:
    pooler = getattr(base, "pooler", None)
    if pooler is None:
        return None
    if isinstance(pooler, nn.Linear):  # of families that keep its activation elsewhere
        activation = getattr(base, "pooler_activation", None) or base.activation
        return activation(pooler(last[:, 0]))  # type: ignore[no-any-return]
    return pooler(last)  # type: ignore[no-any-return]
