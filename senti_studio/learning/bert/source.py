"""Encoders that have learnt before, in a folder as transformers writes it: vocabulary, config and weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.learning.bert.families import build_config, longest_text, plain_config
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.panics import broken_told
from senti_studio.learning.bert.pieces import piece_tokenizer, pieces_of
from senti_studio.learning.bert.token_encoder import (
    TOKENIZER,
    Marks,
    TokenEncoder,
    read_tokenizer,
    segmenter,
)
from senti_studio.learning.bert.windows import overlap_of
from senti_studio.learning.memory import require_room
from senti_studio.learning.model_files import shapes_of
from senti_studio.shelf import find
from senti_studio.text.normalise import Normalisation

CONFIG = "config.json"
WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
PICKLED = "pytorch_model.bin"
_PROBES = ("好", "a", "1", ".")
_NAMES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token", "bos_token", "eos_token")


def read_source(options: TrainingOptions) -> TokenEncoder:
    """The vocabulary of the encoder that the options name, and the config of its net.

    Raises UserError ``ENCODER_…``; nothing of the folder runs.
    """
    folder = find(options.encoder)
    with told(folder):
        values = json.loads((folder / CONFIG).read_bytes())
        config = build_config(plain_config(values))
        kept = plain_config({**config.to_diff_dict(), "model_type": config.model_type})
        if config.model_type == "big_bird":
            # Its sparse attention draws blocks at random: no training could be repeated or resumed.
            kept["attention_type"] = "original_full"
        if (folder / TOKENIZER).is_file():
            read_tokenizer(
                (folder / TOKENIZER).read_bytes()
            )  # whether it is one, before anything builds on it
        pieces = pieces_of(folder)
        known = piece_tokenizer(folder, pieces, config.model_type) if pieces else _tokenizer(folder)
        backend = read_tokenizer(known.backend_tokenizer.to_str().encode())
        marks = _marks(known, backend)
        _require_sense(config, marks, backend, folder)
    return TokenEncoder(
        backend,
        marks,
        {**kept, "vocab_size": int(config.vocab_size)},
        options.max_length,
        options.truncation,
        Normalisation.of(options),
        segmenter(),
        overlap_of(options),
    )


def load_weights(folder: Path, config: Any) -> Any:
    """The net of ``config`` with the weights of the folder; its head is new unless it fits.

    Pickled weights are read by the loader of torch that makes nothing but tensors. Raises UserError
    ``ENCODER_NOT_LOADED``, ``ENCODER_LAYERS_OTHER`` or ``ENCODER_WEIGHTS_DAMAGED``, and MemoryError.
    """
    return load_net(folder, config, "AutoModelForSequenceClassification")[0]


def load_net(folder: Path, config: Any, kind: str) -> tuple[Any, list[str]]:
    """The same as a net of the class ``kind`` of transformers, and the names of the weights that are new."""
    with told(folder):
        shapes = shapes_of(lambda: getattr(transformers(), kind).from_config(config))
        require_room(shapes.values(), torch.device("cpu"))
        net, found = getattr(transformers(), kind).from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=None if any((folder / name).is_file() for name in WEIGHTS) else False,
            weights_only=True,
            ignore_mismatched_sizes=True,
            dtype="float32",
            output_loading_info=True,
        )
    body = f"{net.base_model_prefix}."
    other = [*found["missing_keys"], *(each[0] for each in found["mismatched_keys"])]
    lost = sorted(name for name in other if name.startswith(body) and ".pooler." not in name)
    if lost:
        raise UserError("ENCODER_LAYERS_OTHER", path=str(folder), weights=lost)
    _begin_biases(net, other)
    for name, value in net.named_parameters():
        if not bool(value.isfinite().all()):
            file = next((each for each in WEIGHTS if (folder / each).is_file()), PICKLED)
            raise UserError("ENCODER_WEIGHTS_DAMAGED", path=str(folder), file=file, reason=f"{name}: NaN / ∞")
    return net, sorted(other)


def _begin_biases(net: nn.Module, new: Sequence[str]) -> None:
    """Sets biases that a head itself holds, and that are not in the folder, to 0: transformers leaves that of
    a Longformer's head as whatever lay in memory before."""
    for name in new:
        owner, _, leaf = name.rpartition(".")
        module = net.get_submodule(owner)
        value = getattr(module, leaf, None)
        if leaf == "bias" and isinstance(value, Tensor) and not isinstance(module, (nn.Linear, nn.LayerNorm)):
            nn.init.zeros_(value)


def _require_sense(config: Any, marks: Marks, backend: Any, folder: Path) -> None:
    """Whether there is such a net and the tokenizer is for it; asked before anything is read of the texts.

    Raises UserError ``ENCODER_VOCABULARY_OTHER``, and whatever libraries say of a net that cannot be."""
    known = backend.get_vocab().values()
    largest = max((*known, *marks.before, *marks.behind, marks.padding, marks.unknown))
    if largest >= config.vocab_size:
        # What the vocabulary does not have is added behind its end: marks of another name, words beside it.
        params = {"vocabulary": largest + 1, "file": "tokenizer", "table": config.vocab_size}
        raise UserError("ENCODER_VOCABULARY_OTHER", path=str(folder), **params)
    longest = longest_text(config)
    if longest and longest <= marks.count:
        raise ValueError(f"max_position_embeddings: {config.max_position_embeddings}")
    net = transformers().AutoModelForSequenceClassification
    shapes_of(lambda: net.from_config(config))
    for name, value in config.to_dict().items():
        if "drop" in name and isinstance(value, int | float) and not 0 <= value < 1:
            raise ValueError(f"{name}: {value}")


def told(folder: Path) -> AbstractContextManager[None]:
    """Whatever a library says of a folder that it cannot read, as UserError ``ENCODER_NOT_LOADED``."""

    def tell(error: BaseException) -> UserError:
        reason = f"{type(error).__name__}: {error}"[:300]
        return UserError("ENCODER_NOT_LOADED", path=str(folder), reason=reason)

    # Three libraries with exceptions of their own stand behind this, and the files are anybody's.
    return broken_told(tell, told=Exception, passing=(UserError, MemoryError))


def _tokenizer(folder: Path) -> Any:
    found = transformers().AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_fast=True
    )
    if not getattr(found, "is_fast", False):
        raise TypeError(f"{type(found).__name__} is no fast tokenizer")
    return found


def _marks(known: Any, backend: Any) -> Marks:
    names = {name: str(getattr(known, name)) for name in _NAMES if getattr(known, name, None) is not None}
    ids = {name: int(backend.token_to_id(token)) for name, token in names.items() if _has(backend, token)}
    before, behind = _ends(backend)
    if not before and not behind and {"cls_token", "sep_token"} <= ids.keys():
        before, behind = (ids["cls_token"],), (ids["sep_token"],)
    padding = ids.get("pad_token", 0)
    return Marks(before, behind, padding, ids.get("unk_token", padding), names)


def _has(backend: Any, token: str) -> bool:
    return backend.token_to_id(token) is not None


def _ends(backend: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ids that the tokenizer puts before and behind a text."""
    for text in _PROBES:
        plain = backend.encode(text, add_special_tokens=False).ids
        whole = backend.encode(text, add_special_tokens=True).ids
        for at in range(len(whole) - len(plain) + 1):
            if plain and whole[at : at + len(plain)] == plain:
                return tuple(whole[:at]), tuple(whole[at + len(plain) :])
    return (), ()
