"""The architectures that read words and characters by their ids, trained by steps on batches."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from senti_studio.domain.training_options import TrainingOptions, words_in
from senti_studio.jobs.protocol import Event
from senti_studio.learning.contract import Architecture, Classifier, Encoder, Lesson
from senti_studio.learning.net_training import train_net
from senti_studio.learning.plan import Plan
from senti_studio.learning.recurrent import RecurrentClassifier
from senti_studio.text.encoding import EncodedTexts, TextEncoder, build_encoder
from senti_studio.text.normalise import Normalisation

VOCABULARY = "vocabulary.json"


@dataclass(frozen=True, slots=True)
class NetConfig:
    """What ``config.json`` says about the net: enough to build it again."""

    embedding_size: int
    hidden_size: int
    layers: int
    bidirectional: bool

    @classmethod
    def of(cls, options: TrainingOptions) -> NetConfig:
        return cls(options.embedding_size, options.hidden_size, options.layers, options.bidirectional)

    def build(
        self, architecture: str, encoder: Encoder, classes: int, options: TrainingOptions | None = None
    ) -> RecurrentClassifier:
        """A new net with random weights; ``options`` bring the dropout that training needs."""
        if not isinstance(encoder, TextEncoder):
            raise TypeError(f"{architecture} reads words and characters")
        return RecurrentClassifier(
            architecture,
            vocabularies=[len(vocabulary) for vocabulary in encoder.vocabularies],
            ngrams=len(encoder.ngrams) if encoder.ngrams is not None else 0,
            classes=classes,
            embedding_size=self.embedding_size,
            hidden_size=self.hidden_size,
            layers=self.layers,
            bidirectional=self.bidirectional,
            dropout=options.dropout if options else 0.0,
            embedding_dropout=options.embedding_dropout if options else 0.0,
            word_dropout=options.word_dropout if options else 0.0,
            variational=options.variational if options else False,
        )


def reading_net(key: str) -> Architecture:
    """The architecture ``key`` of `RecurrentClassifier`."""

    def rebuild(config: Mapping[str, Any], encoder: Encoder, classes: int) -> Classifier:
        return NetConfig(**config).build(key, encoder, classes)

    def train(lesson: Lesson) -> Generator[Event, None, tuple[Classifier, str]]:
        options = lesson.spec.options
        net = NetConfig.of(options).build(key, lesson.encoder, len(lesson.spec.labels), options)
        return train_net(net, lesson)

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
    )


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
