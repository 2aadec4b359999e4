"""The architecture BERT, as the program knows architectures."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from senti_studio.domain.encoders import is_scratch
from senti_studio.domain.specs import TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Event
from senti_studio.learning.bert.families import build_config, longest_text
from senti_studio.learning.bert.held import hold
from senti_studio.learning.bert.net import EncoderNet, empty_net, new_net, resumed_net
from senti_studio.learning.bert.scratch import scratch_encoder
from senti_studio.learning.bert.source import read_source
from senti_studio.learning.bert.token_encoder import ENCODER, TOKENIZER, TokenEncoder
from senti_studio.learning.bert.transfer import add_low_rank, draw_anew, freeze, work_out_again
from senti_studio.learning.contract import Architecture, Classifier, Encoder, Lesson
from senti_studio.learning.net_training import train_net
from senti_studio.learning.plan import Plan
from senti_studio.learning.precision import best_for_products
from senti_studio.learning.warm_start import take_over
from senti_studio.text.encoding import EncodedTexts


def learn_encoder(texts: Sequence[str], options: TrainingOptions) -> tuple[Encoder, EncodedTexts]:
    """The vocabulary of the encoder that the options name, or a new one, and n-grams where they want some;
    and the texts encoded."""
    made = scratch_encoder(texts, options) if is_scratch(options.encoder) else read_source(options)
    longest = longest_text(build_config(made.net))
    return made.fitted(texts, longest, ngrams=options.ngrams, min_frequency=options.min_frequency)


def encoder_contents(encoder: Encoder) -> Mapping[str, bytes]:
    """``tokenizer.json`` and ``encoder.json``."""
    return _own(encoder).contents()


def read_encoder(folder: Path) -> TokenEncoder:
    """Reads what `encoder_contents` gave. Raises OSError, KeyError, TypeError or ValueError."""
    return TokenEncoder.from_contents((folder / TOKENIZER).read_bytes(), (folder / ENCODER).read_bytes())


def rebuild(config: Mapping[str, Any], encoder: Encoder, classes: int) -> Classifier:
    """The net of an encoder; the config of a model has nothing to add to it."""
    return empty_net(_own(encoder), classes)


def train(lesson: Lesson) -> Generator[Event, None, tuple[Classifier, str]]:
    """Fine-tunes the encoder."""
    options, encoder = lesson.spec.options, _own(lesson.encoder)
    classes = len(lesson.spec.labels)
    if lesson.resume:
        net = resumed_net(encoder, classes, options)
    else:
        source = "" if is_scratch(options.encoder) or lesson.start else options.encoder
        net = new_net(encoder, classes, options, source=source)
        take_over(net, lesson)
        draw_anew(net.model, options.reinit_layers)
    freeze(net.model, options)
    if options.freeze == "body":
        if lesson.resume:
            net.load_state_dict(lesson.resume.weights())
        net.held, (train, valid) = yield from hold(net, (lesson.train, lesson.valid), lesson.device)
        return (yield from train_net(net, replace(lesson, train=train, valid=valid, start=None)))
    if options.lora_rank:
        add_low_rank(net.model, options.lora_rank)
    if options.gradient_checkpointing:
        # A layer that is worked out again must draw the same numbers again: torch sees to that of its own.
        work_out_again(net.model)
    else:
        net.learn_in_parts()
    return (yield from train_net(net, replace(lesson, spec=_precise(lesson, net), start=None)))


def _precise(lesson: Lesson, net: EncoderNet) -> TrainingSpec:
    """The spec with the precision that ``auto`` stands for where an encoder learns."""
    spec = lesson.spec
    if spec.options.precision != "auto":
        return spec
    precision = best_for_products(lesson.device, net.model.config)
    return replace(spec, options=replace(spec.options, precision=precision))


def _own(encoder: Encoder) -> TokenEncoder:
    if not isinstance(encoder, TokenEncoder):
        raise TypeError(f"bert reads tokens, not {type(encoder).__name__}")
    return encoder


BERT = Architecture(
    key="bert",
    encoder_files=(TOKENIZER, ENCODER),
    learn_encoder=learn_encoder,
    encoder_contents=encoder_contents,
    read_encoder=read_encoder,
    config=lambda options: {},
    rebuild=rebuild,
    plan=Plan.of,
    train=train,
)
