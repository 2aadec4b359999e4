"""Where a new encoder begins.

``random``; ``characters``: as the character vectors in the box, longer units as the mean of theirs;
``neighbours``: at what the corpus says of its units before any net has read. Two units are alike that stand
beside the same others: the positive pointwise mutual information of units at most `WINDOW` apart, in the few
directions in which it differs most (Levy & Goldberg 2014, "Neural word embedding as implicit matrix
factorization"). That takes a minute; a net would read millions of units to find as much.

Or with all weights of a finished folder with the same units, of which it goes on.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from senti_studio.learning.adapting.net import GuessingNet, begin_with_characters
from senti_studio.learning.adapting.pieces import Pieces
from senti_studio.learning.batches import Rows
from senti_studio.learning.bert.token_encoder import TOKENIZER, TokenEncoder, read_tokenizer
from senti_studio.shelf.entries import NOTE

STARTS = ("neighbours", "characters", "random")
WEIGHTS = "model.safetensors"

Table = npt.NDArray[np.float32]

WINDOW = 5
SMOOTHED = 0.75
"""Power of the frequency of a neighbour: rare ones would say too much (Levy et al. 2015)."""
_MORE, _TURNS = 32, 3
_AT_ONCE = 1 << 23


def start_of(given: str, begun: str = "") -> str:
    """What a plan says of ``given``: one of `STARTS` as it is; of a folder ``name@``, the hash of its
    weights, ``:`` and how many units it has read. Ends the script for anything else.

    ``begun``: what the plan of an earlier start says, which needs the folder no longer."""
    if given in STARTS:
        return given
    folder = Path(given)
    if not folder.exists() and begun.startswith(f"{folder.name}@"):
        return begun
    if not (folder / WEIGHTS).is_file():
        raise SystemExit(f"--start: {given} is none of {', '.join(STARTS)}, and no folder with {WEIGHTS}")
    _weights_of(folder)
    units_of(folder)
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()[:16]
    return f"{folder.resolve().name}@{digest}:{_read_before(folder)}"


def units_of(folder: Path) -> dict[str, int]:
    """The vocabulary of a finished folder. Ends the script where that cannot be read."""
    try:
        found: dict[str, int] = read_tokenizer((folder / TOKENIZER).read_bytes()).get_vocab()
    except (OSError, ValueError) as error:
        raise SystemExit(f"--start: {folder / TOKENIZER} cannot be read: {error}") from error
    return found


def _weights_of(folder: Path) -> dict[str, torch.Tensor]:
    try:
        return {name: value.float() for name, value in load_file(folder / WEIGHTS).items()}
    except (OSError, SafetensorError) as error:
        raise SystemExit(f"--start: {folder / WEIGHTS} cannot be read: {error}") from error


def _read_before(folder: Path) -> int:
    """Units that it has read, as its note says; a folder from elsewhere has none."""
    note = folder / NOTE
    try:
        return int(json.loads(note.read_bytes())["adapted"]["tokens"]) if note.is_file() else 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"--start: {note} cannot be read: {error}") from error


@torch.no_grad()
def go_on_from(net: GuessingNet, encoder: TokenEncoder, folder: Path) -> None:
    """Takes the weights of a finished folder, those of its guesses among them. Ends the script where it has
    other units or another shape."""
    if not folder.exists():
        raise SystemExit(f"--start: {folder} is gone, and there is no checkpoint yet; put it back")
    if units_of(folder) != encoder.tokenizer.get_vocab():
        raise SystemExit(f"--start: {folder} has other units than the texts; give the same ones and --often")
    weights = _weights_of(folder)
    model = getattr(net, "body", net.model)
    wanted = {name: value.shape for name, value in model.named_parameters()}
    other = [name for name, shape in wanted.items() if name not in weights or weights[name].shape != shape]
    # A folder has a pooler, which not every objective learns.
    other += [name for name in weights if name not in wanted and "pooler" not in name]
    if other:
        raise SystemExit(f"--start: {folder} is of another shape or objective: {', '.join(other[:3])}")
    model.load_state_dict(weights, strict=False)


@torch.no_grad()
def begin(net: GuessingNet, encoder: TokenEncoder, pieces: Pieces, times: Rows, start: str) -> None:
    """Gives the embeddings of a new net their first values, and the guesses how frequent each unit is."""
    model = getattr(net, "body", net.model)
    table = model.get_input_embeddings().weight
    if start == "characters":
        _begin_with_characters(model, table, encoder)
    elif start == "neighbours":
        found = torch.from_numpy(start_vectors(pieces, times, units=len(table), width=table.shape[1]))
        known = found.abs().sum(1) > 0
        centred = found - found[known].mean(0)
        table[known] = centred[known] * (table.std() / centred[known].std())
    share = np.bincount(pieces.ids, np.repeat(times, pieces.lengths), minlength=len(table)) + 1.0
    likely = torch.from_numpy(np.log(share / share.sum())).float()
    for name, bias in net.named_parameters():
        if name.endswith("bias") and bias.shape == likely.shape:
            bias.copy_(likely)


def _begin_with_characters(model: Any, table: torch.Tensor, encoder: TokenEncoder) -> None:
    begin_with_characters(model, encoder)
    known = encoder.tokenizer.get_vocab()
    for unit, at in known.items():
        parts = [known[each] for each in unit if each in known]
        if len(unit) > 1 and len(parts) == len(unit) and unit[0] >= "㐀":
            mean = table[parts].mean(0)
            table[at] = mean * (table[parts].norm(dim=1).mean() / mean.norm().clamp_min(1e-6))


def start_vectors(pieces: Pieces, times: Rows, *, units: int, width: int) -> Table:
    """(units, width): zero for a unit that stands beside none. The same pieces give the same vectors."""
    met = neighbours(pieces, times, units)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        known = torch.from_numpy(information(met))
        side = min(units, width + _MORE)
        left, strength, _ = torch.svd_lowrank(known, q=side, niter=_TURNS)
    found = torch.zeros(units, width)
    used = min(width, side)
    found[:, :used] = left[:, :used] * strength[:used].sqrt()
    return found.numpy()


def neighbours(pieces: Pieces, times: Rows, units: int) -> Table:
    """(units, units): how often two units of a piece stand near each other; a distance of *d* counts 1/*d*,
    a piece as often as ``times`` says."""
    met = np.zeros(units * units, dtype=np.float32)
    piece = np.repeat(np.arange(len(pieces), dtype=np.int32), pieces.lengths)
    counts = np.asarray(times, dtype=np.float32)
    ids = pieces.ids.astype(np.int64)
    for distance in range(1, WINDOW + 1):
        for at in range(0, len(ids) - distance, _AT_ONCE):
            here = slice(at, min(at + _AT_ONCE, len(ids) - distance))
            there = slice(here.start + distance, here.stop + distance)
            same = piece[here] == piece[there]
            keys = ids[here][same] * units + ids[there][same]
            weights = counts[piece[here][same]] / distance
            met += np.bincount(keys, weights, minlength=len(met)).astype(np.float32)
    square = met.reshape(units, units)
    return square + square.T


def information(met: Table) -> Table:
    """How much more often two units meet than chance would have them, as a logarithm; no less than zero."""
    own = met.sum(1, dtype=np.float64)
    beside = own**SMOOTHED
    share = (own / max(own.sum(), 1e-9)).astype(np.float32)
    found = met / np.maximum(beside / max(beside.sum(), 1e-9), 1e-12).astype(np.float32)
    found /= np.maximum(share, 1e-12)[:, None] * np.float32(max(own.sum(), 1e-9))
    with np.errstate(divide="ignore"):
        np.log(found, out=found)
    return np.maximum(found, 0, out=found)
