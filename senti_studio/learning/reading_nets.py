"""The architectures that read words and characters by their ids, trained by steps on batches."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from senti_studio.domain.training_options import TrainingOptions, words_in
from senti_studio.jobs.protocol import Event
from senti_studio.learning.contract import Architecture, Classifier, Encoder, Lesson
from senti_studio.learning.convolution import ConvolutionView
from senti_studio.learning.distilling import best_of_mix
from senti_studio.learning.net_training import train_net
from senti_studio.learning.plan import Plan
from senti_studio.learning.reading import set_vectors
from senti_studio.learning.recurrent import Cell, RecurrentView
from senti_studio.learning.text_net import MixedNet, TextNet
from senti_studio.learning.views import Hiding, View
from senti_studio.text.encoding import EncodedTexts, TextEncoder, build_encoder
from senti_studio.text.normalise import Normalisation

VOCABULARY = "vocabulary.json"


@dataclass(frozen=True, slots=True)
class NetConfig:
    """What ``config.json`` says about the net: enough to build it again. What a net has no use for is there
    all the same. ``members``: ``one`` | ``views`` | ``views+pupil`` (while it learns)."""

    embedding_size: int
    hidden_size: int
    layers: int
    bidirectional: bool
    pooling: str = "max+attention"
    members: str = "one"

    @classmethod
    def of(cls, options: TrainingOptions) -> NetConfig:
        return cls(
            options.embedding_size,
            options.hidden_size,
            options.layers,
            options.bidirectional,
            options.pooling,
            {"none": "one", "views": "views", "distilled": "views+pupil"}[options.mix],
        )


MakeView = Callable[[NetConfig, int, Hiding], View]
"""A view of a vocabulary with this many ids."""


def recurrent_view(cell: Cell) -> MakeView:
    """Views of the given kind of recurrent cells."""

    def make(config: NetConfig, vocabulary: int, hiding: Hiding) -> View:
        return RecurrentView(
            cell,
            vocabulary=vocabulary,
            embedding=config.embedding_size,
            hidden=config.hidden_size,
            layers=config.layers,
            directions=2 if config.bidirectional else 1,
            pooling=config.pooling,
            hiding=hiding,
        )

    return make


def convolution_view(config: NetConfig, vocabulary: int, hiding: Hiding) -> View:
    """A view of filters, ``hidden_size`` of each width."""
    return ConvolutionView(
        vocabulary=vocabulary,
        embedding=config.embedding_size,
        hidden=config.hidden_size,
        hiding=hiding,
    )


def reading_net(key: str, make_view: MakeView) -> Architecture:
    """The architecture ``key``, which reads each vocabulary with a view from ``make_view``."""

    def build(config: NetConfig, encoder: Encoder, classes: int, hiding: Hiding) -> TextNet | MixedNet:
        if not isinstance(encoder, TextEncoder):
            raise TypeError(f"{key} reads words and characters")
        known, weighed = encoder.vocabularies, len(encoder.ngrams) if encoder.ngrams is not None else 0

        def net(numbers: Sequence[int], ngrams: int) -> TextNet:
            views = [make_view(config, len(known[number]), hiding) for number in numbers]
            return TextNet(
                views,
                ngrams=ngrams,
                classes=classes,
                dropout=hiding.dropout,
                ngram_dropout=hiding.ngram_dropout,
            )

        each = range(len(known))
        if config.members == "one":
            return net(each, weighed)
        pupil = net([0], weighed) if "pupil" in config.members else None
        # N-grams are learnt fast and leave little to learn to the net beside them: one has them, the others
        # see for themselves.
        reads = [0, *each] if weighed else list(each)
        members = [net([at], 0 if number else weighed) for number, at in enumerate(reads)]
        return MixedNet(members, reads, pupil)

    def rebuild(config: Mapping[str, Any], encoder: Encoder, classes: int) -> Classifier:
        return build(NetConfig(**config), encoder, classes, Hiding())

    def train(lesson: Lesson) -> Generator[Event, None, tuple[Classifier, str]]:
        options = lesson.spec.options
        classes = len(lesson.spec.labels)
        net = build(NetConfig.of(options), lesson.encoder, classes, Hiding.of(options))
        set_vectors(net, lesson)
        if isinstance(net, MixedNet):
            lesson.state.reading.setdefault("members", _told_of(net, lesson.encoder))
        return (yield from train_net(net, lesson))

    return Architecture(
        key=key,
        encoder_files=(VOCABULARY,),
        learn_encoder=learn_encoder,
        encoder_contents=encoder_contents,
        read_encoder=read_encoder,
        config=lambda options: dataclasses.asdict(NetConfig.of(options)),
        rebuild=rebuild,
        plan=Plan.of,
        train=train,
        chosen=best_of_mix,
    )


def _told_of(net: MixedNet, encoder: Encoder) -> list[dict[str, Any]]:
    """What each member reads, for the card; `Loop` adds the epoch at which it is kept."""
    views = encoder.views if isinstance(encoder, TextEncoder) else ()
    return [{"reads": views[at], "ngrams": member.ngrams is not None} for member, at in net.pairs]


def learn_encoder(texts: Sequence[str], options: TrainingOptions) -> tuple[Encoder, EncodedTexts]:
    """The vocabulary of the options' units, and the n-grams that are weighed beside."""
    return build_encoder(
        texts,
        units=options.units,
        ngrams=options.ngrams,
        min_frequency=options.min_frequency,
        max_length=options.max_length,
        truncation=options.truncation,
        normalisation=Normalisation.of(options),
        own_words=words_in(options.own_words),
    )


def encoder_contents(encoder: Encoder) -> Mapping[str, bytes]:
    """``vocabulary.json`` of a `TextEncoder`."""
    if not isinstance(encoder, TextEncoder):
        raise TypeError(type(encoder).__name__)
    return {VOCABULARY: json.dumps(encoder.to_json(), ensure_ascii=False).encode()}


def read_encoder(folder: Path) -> TextEncoder:
    """Reads what `encoder_contents` gave. Raises OSError, KeyError, TypeError or ValueError."""
    values = json.loads((folder / VOCABULARY).read_bytes())
    if not isinstance(values, dict):
        raise TypeError(VOCABULARY)
    return TextEncoder.from_json(values)
