"""Learns a small Chinese encoder from a folder of plain texts: ``resources/encoders/senti-mini``.

    python training/encoder.py CORPUS -o resources/encoders/senti-mini --data DEVELOPMENT \\
        --often reviews_other.txt.xz=4 --tokens 300000000

CORPUS holds ``*.txt`` or ``*.txt.xz``, UTF-8, a text a line; ``--often NAME=TIMES`` counts the texts of a
file several times. ``--data`` is the folder of the development sets, ``--never FILE`` any other file, whose
texts must not be read: they are dropped and counted, also within longer texts and as near-copies, and the
script ends where one is left. Beside OUTPUT lies ``OUTPUT.work`` with the vocabulary, the texts in units and
the checkpoints: killed at any moment, the same command goes on from there, on the same CPU bit by bit. JSON
lines say how far it is; OUTPUT appears when all is read. The other objectives: ``encoder_nets.py``.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from encoder_folder import write_folder
from encoder_nets import OBJECTIVES, Order, ReadingLoop, as_hidden, course_of, new_net
from encoder_start import STARTS, begin, go_on_from, start_of
from encoder_texts import EMOJI, Corpus, drop_held, held_texts, read_corpus, require_none
from encoder_vocabulary import make_encoder

from senti_studio.domain.adapting import AdaptOptions
from senti_studio.jobs.launch import RUN_ENVIRONMENT
from senti_studio.jobs.run_folder import write_atomically
from senti_studio.learning.adapting.loop import Guesses
from senti_studio.learning.adapting.net import config_of
from senti_studio.learning.adapting.pieces import Pieces, cut
from senti_studio.learning.batches import Rows
from senti_studio.learning.bert.token_encoder import ENCODER, TOKENIZER, TokenEncoder
from senti_studio.learning.checkpoint import Checkpoints, TrainingState
from senti_studio.learning.conclude import versions
from senti_studio.learning.devices import choose_device, device_name
from senti_studio.learning.precision import best_for_products, chosen

HEAD = 64
"""Width of a head of attention."""
POSITIONS = 512
VALID = 1000
"""Texts that are held back, at most; never more than one in ten."""
EVALUATIONS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides what comes out, beside the texts."""

    name: str
    objective: str
    layers: int
    width: int
    tokens: int
    vocabulary: int
    least: int
    start: str
    batch_tokens: int
    learning_rate: float
    mask_share: float
    max_length: int
    short: int
    short_share: float
    seed: int
    often: dict[str, int]
    near: bool

    def options(self, precision: str) -> AdaptOptions:
        return AdaptOptions(
            tokens=self.tokens,
            batch_tokens=self.batch_tokens,
            learning_rate=self.learning_rate,
            dropout=0.0,
            mask_share=self.mask_share,
            max_length=self.max_length,
            precision=precision,
            seed=self.seed,
        )

    def net(self) -> dict[str, Any]:
        return {
            "model_type": "bert",
            "hidden_size": self.width,
            "num_hidden_layers": self.layers,
            "num_attention_heads": max(1, self.width // HEAD),
            "intermediate_size": 4 * self.width,
            "max_position_embeddings": max(POSITIONS, self.max_length),
            "type_vocab_size": 1,
        }


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is read: ``times`` for each of the ``pieces``; ``valid``: pieces that are held back."""

    encoder: TokenEncoder
    pieces: Pieces
    times: Rows
    valid: Pieces
    facts: dict[str, Any]


def say(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False), flush=True)


def prepare(plan: Plan, given: argparse.Namespace, work: Path) -> Prepared:
    """Texts in units, made once: later starts find them in ``work``."""
    place = work / "prepared"
    if not place.exists():
        part = work / "prepared.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        _write(_prepare(plan, given, part), part)
        part.rename(place)
    return _read(place)


def _prepare(plan: Plan, given: argparse.Namespace, scratch: Path) -> Prepared:
    held = held_texts(given.never, given.data)
    corpus = read_corpus(given.corpus, plan.often)
    drop_held(corpus, held, scratch, near=plan.near)
    say(stage="read", texts=len(corpus.texts), held=len(held), dropped=corpus.dropped)
    encoder = make_encoder(corpus, plan.net(), size=plan.vocabulary, least=plan.least, length=plan.max_length)
    read, valid = _parts(corpus)
    proved = require_none((*read.texts, *valid.texts), held)
    read.put_emoji_in()
    valid.put_emoji_in()
    pieces = cut(encoder, read.texts)
    parts = cut(encoder, valid.texts)
    times = _times_of_pieces(encoder, read, pieces)
    facts = {
        "files": corpus.files, "dropped": dict(corpus.dropped), "held": len(held), "proved": proved,
        "texts": len(read.texts), "valid": len(valid.texts), "tokens": int((pieces.lengths * times).sum()),
        "units": int(encoder.net["vocab_size"]),
    }  # fmt: skip
    say(stage="cut", **facts)
    return Prepared(encoder, pieces, times, parts, facts)


def _parts(corpus: Corpus) -> tuple[Corpus, Corpus]:
    """The texts that are read, and those that are held back: of all files alike, none of them read, too; but
    the names of the emoji, the last texts of all, are all read."""
    count = len(corpus.texts) - int(corpus.files[EMOJI.name]["texts"])
    chosen = np.random.default_rng(0).permutation(count)[: min(VALID, count // 10)]
    back = {corpus.texts[number] for number in chosen}
    read = Corpus()
    for text, times in zip(corpus.texts, corpus.times, strict=True):
        if text not in back:
            read.texts.append(text)
            read.times.append(times)
    return read, Corpus(sorted(back), [1] * len(back))


def _times_of_pieces(encoder: TokenEncoder, read: Corpus, pieces: Pieces) -> Rows:
    """How many times each piece counts: as many as its text."""
    room = encoder.max_length - encoder.marks.count
    found: list[int] = []
    at = 0
    for text, times in zip(read.texts, read.times, strict=True):
        parts = -(-len(encoder.tokenizer.encode(text, add_special_tokens=False)) // room)
        found += [times] * parts
        at += parts
    if at != len(pieces):
        raise SystemExit(f"{at} pieces, {len(pieces)} were cut")
    return np.array(found, dtype=np.int64)


def _write(prepared: Prepared, place: Path) -> None:
    for name, content in prepared.encoder.contents().items():
        (place / name).write_bytes(content)
    hashes = {}
    for name, pieces in (("pieces", prepared.pieces), ("valid", prepared.valid)):
        file = place / f"{name}.npz"
        times = prepared.times if name == "pieces" else np.ones(len(pieces), np.int64)
        np.savez(
            file, ids=pieces.ids, starts=pieces.starts, offsets=pieces.offsets, times=times,
            comments=np.int64(pieces.comments),
        )  # fmt: skip
        hashes[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    facts = {**prepared.facts, "sha256": hashes}
    (place / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")


def _read(place: Path) -> Prepared:
    facts = json.loads((place / "facts.json").read_bytes())
    found = []
    for name in ("pieces", "valid"):
        file = place / f"{name}.npz"
        if hashlib.sha256(file.read_bytes()).hexdigest() != facts["sha256"][name]:
            raise SystemExit(f"{file} is not what was checked against the held-out texts; remove {place}")
        with np.load(file, allow_pickle=False) as held:
            pieces = Pieces(held["ids"], held["starts"], held["offsets"], int(held["comments"]))
            found.append((pieces, held["times"]))
    encoder = TokenEncoder.from_contents((place / TOKENIZER).read_bytes(), (place / ENCODER).read_bytes())
    return Prepared(encoder, found[0][0], found[0][1], found[1][0], facts)


def make_loop(plan: Plan, prepared: Prepared, device: torch.device, work: Path, start: str) -> ReadingLoop:
    """The loop at its beginning (``start``: as `arguments` has it), or where the last checkpoint stands."""
    encoder = prepared.encoder
    precision = best_for_products(device, config_of(encoder, 0.0))
    options = plan.options(precision)
    torch.manual_seed(plan.seed)
    pieces = as_hidden(prepared.pieces, plan.objective)
    course = course_of(options, pieces, prepared.times, encoder.marks.count, EVALUATIONS)
    checkpoints = Checkpoints(work / "checkpoints")
    last = checkpoints.last()
    net = new_net(encoder, plan.objective, dropout=0.0)
    net.weigh(pieces, encoder)
    if last:
        net.take(last.weights())
    else:
        begin(net, encoder, prepared.pieces, prepared.times, start if start in STARTS else "random")
        if start not in STARTS:
            go_on_from(net, encoder, Path(start))
    loop = ReadingLoop(
        options, course, net, encoder, pieces, last.state() if last else TrainingState(), device, checkpoints,
        chosen(precision, device) or torch.float32,
    )  # fmt: skip
    total = course.total_steps
    loop.order = Order.of(pieces, prepared.times, short=plan.short, short_share=plan.short_share, total=total)
    if last:
        loop.restore(last)
    return loop


def read_on(loop: ReadingLoop, valid: Pieces, *, save_every: float) -> None:
    """Steps to the end; a checkpoint every ``save_every`` seconds and after every evaluation."""
    state, total = loop.state, loop.course.total_steps
    saved = began = time.monotonic()
    while state.step < total:
        loop.step()
        is_judged = loop.course.is_evaluated_after(state.step)
        if not is_judged and time.monotonic() - saved < save_every:
            continue
        loss = loop.collect()
        state.elapsed += time.monotonic() - began
        if is_judged:
            _judge(loop, valid, loss)
        loop.save()
        saved = began = time.monotonic()


def _judge(loop: ReadingLoop, valid: Pieces, train_loss: float) -> None:
    state = loop.state
    found = next(each for each in loop.guesses(valid) if isinstance(each, Guesses))
    loop.judge(found)
    told = {"loss": found.loss, "accuracy": found.accuracy, "detection": loop.detection(valid)}
    state.reading["found"] = told
    rate = round(state.reading["tokens"] / max(1e-6, state.elapsed))
    say(
        stage="reading", step=state.step, steps=loop.course.total_steps, tokens=state.reading["tokens"],
        tokens_per_s=rate, train_loss=train_loss, **told,
    )  # fmt: skip


def finish(plan: Plan, prepared: Prepared, loop: ReadingLoop, target: Path) -> dict[str, Any]:
    """The folder. The weights are those of the last step: its rate was nearly nothing."""
    state, net = loop.state, loop.net.cpu()
    read = {
        "steps": state.step, "tokens": state.reading["tokens"], "seconds": state.elapsed,
        "device": device_name(loop.device) or str(loop.device), "versions": versions(),
        **state.reading["found"],
    }  # fmt: skip
    kept = getattr(net, "body", net.model).base_model
    facts = {
        "plan": dataclasses.asdict(plan), "prepared": prepared.facts, "read": read,
        "weights": sum(each.numel() for each in kept.parameters()),
        "positions": prepared.encoder.net["max_position_embeddings"],
    }  # fmt: skip
    size = write_folder(net, prepared.encoder, target, facts)
    return {"stage": "done", "bytes": size, "weights": facts["weights"], **read}


def keep_plan(plan: Plan, work: Path) -> None:
    """Notes the plan at the first start. Ends the script where another one was begun there."""
    work.mkdir(parents=True, exist_ok=True)
    file = work / "plan.json"
    values = dataclasses.asdict(plan)
    if not file.exists():
        write_atomically(file, json.dumps(values, ensure_ascii=False, indent=1).encode())
    known = json.loads(file.read_bytes())
    if other := sorted(name for name in values if values[name] != known.get(name)):
        raise SystemExit(f"{work} was begun with another {', '.join(other)}; remove it, or give another -o")


def _begun(work: Path) -> str:
    file = work / "plan.json"
    return str(json.loads(file.read_bytes()).get("start", "")) if file.exists() else ""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("corpus", type=Path)
    add("-o", "--output", type=Path, required=True)
    add("--data", type=Path, help="folder of the development sets, whose dev and test texts are never read")
    add("--never", type=Path, action="append", default=[], metavar="FILE", help="texts that are never read")
    add("--often", action="append", default=[], metavar="NAME=TIMES")
    add("--objective", choices=OBJECTIVES, default="wwm")
    add("--size", default="4x256", metavar="LAYERSxWIDTH")
    add("--tokens", type=int, default=300_000_000, help="units that are read, repetitions included")
    add("--vocabulary", type=int, default=10_000)
    add("--least", type=int, default=10, help="rarer characters and words are not in the vocabulary")
    add(
        "--start", default="neighbours", metavar="|".join((*STARTS, "FOLDER")),
        help="what the embeddings begin as, or a finished folder with the same units, to go on with",
    )  # fmt: skip
    add("--batch-tokens", type=int, default=8192)
    add("--learning-rate", type=float, default=1e-3)
    add("--mask-share", type=float, default=0.2)
    add("--max-length", type=int, default=256)
    add("--short", type=int, default=48, help="units of the texts that are read first")
    add("--short-share", type=float, default=0.5, help="of the steps, on short texts alone")
    add("--seed", type=int, default=1)
    add("--no-near", action="store_true", help="near-copies of held-out texts are not looked for")
    add("--device", default="auto")
    add("--save-every", type=float, default=60.0, metavar="SECONDS")
    return parser


def plan_of(given: argparse.Namespace, begun: str = "") -> Plan:
    """``begun``: the start that the plan of an earlier start names."""
    layers, width = map(int, given.size.split("x"))
    if width % HEAD:
        raise SystemExit(f"--size: {width} is no multiple of {HEAD}")
    often = {name: int(times) for name, times in (each.rsplit("=", 1) for each in given.often)}
    return Plan(
        given.output.name, given.objective, layers, width, given.tokens, given.vocabulary, given.least,
        start_of(given.start, begun), given.batch_tokens, given.learning_rate, given.mask_share,
        given.max_length, given.short, given.short_share, given.seed, often, not given.no_near,
    )  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    given = arguments().parse_args(argv)
    if given.data is None and not given.never:
        raise SystemExit("--data or --never: say what must not be read")
    work = given.output.with_name(f"{given.output.name}.work")
    plan = plan_of(given, _begun(work))
    if (given.output / "model.safetensors").exists():
        raise SystemExit(f"{given.output} is there already")
    keep_plan(plan, work)
    prepared = prepare(plan, given, work)
    device = choose_device(given.device)
    if device is None:
        raise SystemExit(f"no device {given.device} here")
    loop = make_loop(plan, prepared, device, work, given.start)
    read_on(loop, prepared.valid, save_every=given.save_every)
    say(**finish(plan, prepared, loop, given.output))
    return 0


if __name__ == "__main__":
    os.environ.update(RUN_ENVIRONMENT)  # how many plans oneDNN keeps, which it asks for at its first product
    sys.exit(main())
