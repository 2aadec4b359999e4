"""What an adaptation reads: the vocabulary of an encoder, or a new one, and the comments in its units."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from senti_studio.domain.adapting import AdaptOptions
from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.errors import UserError
from senti_studio.jobs.protocol import Event
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.adapting.masking import Units
from senti_studio.learning.adapting.net import config_of
from senti_studio.learning.adapting.pieces import Pieces, cut
from senti_studio.learning.bert.families import longest_text
from senti_studio.learning.bert.scratch import scratch_encoder
from senti_studio.learning.bert.source import read_source
from senti_studio.learning.bert.token_encoder import ENCODER, TOKENIZER, TokenEncoder
from senti_studio.learning.beside import WatchedTexts, beside
from senti_studio.learning.checkpoint import Checkpoints

SOURCE = "source"
"""Folder in the data of a run with the small files of the encoder that it begins with."""

_STAGES = ("vocabulary", "segmenting")

Read = Generator[Event, None, tuple[TokenEncoder, Pieces]]


def read_in(options: AdaptOptions, texts: Sequence[str], data: Path, checkpoints: Checkpoints) -> Read:
    """The encoder and the pieces of ``texts``; what the encoder knows is kept beside the checkpoints.

    Raises UserError ``ADAPT_NO_MASK``, ``ADAPT_NOT_THIS_FAMILY``, and those of `read_source`.
    """
    reads = TrainingOptions(
        encoder=options.encoder, max_length=options.max_length, min_frequency=options.min_frequency
    )
    if is_scratch(options.encoder):
        encoder = yield from beside(
            _STAGES, len(texts), lambda watch: _new(reads, WatchedTexts(texts, watch))
        )
    else:
        encoder = read_source(reads)
    try:
        Units.of(encoder)
    except ValueError as error:
        raise UserError("ADAPT_NO_MASK", encoder=options.encoder) from error
    longest = longest_text(config_of(encoder, None))
    if longest:
        encoder = replace(encoder, max_length=min(encoder.max_length, longest))
    checkpoints.folder.mkdir(parents=True, exist_ok=True)
    for name, content in encoder.contents().items():
        write_atomically(checkpoints.folder / name, content)
    return (yield from read_again(texts, checkpoints))


def read_again(texts: Sequence[str], checkpoints: Checkpoints) -> Read:
    """With the vocabulary that `read_in` has kept. Raises UserError ``CHECKPOINT_DAMAGED``."""
    folder = checkpoints.folder
    try:
        encoder = TokenEncoder.from_contents(
            (folder / TOKENIZER).read_bytes(), (folder / ENCODER).read_bytes()
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("CHECKPOINT_DAMAGED", path=str(folder), reason=str(error)[:300]) from error

    pieces = yield from beside(
        _STAGES[1:],
        len(texts),
        lambda watch: cut(encoder, [encoder.normalise(each) for each in WatchedTexts(texts, watch)]),
    )
    return encoder, pieces


def _new(options: TrainingOptions, texts: Sequence[str]) -> TokenEncoder:
    from senti_studio.text.normalise import Normalisation, normalise

    how = Normalisation.of(options)
    return scratch_encoder([normalise(text, how) for text in texts], options)
