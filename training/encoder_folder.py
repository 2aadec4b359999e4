"""What comes of it: a folder that plain transformers loads, in half precision, with its card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from encoder_nets import DetectingNet
from encoder_vocabulary import tokenizer_for_everybody

from senti_studio.domain.encoders import SCRATCH
from senti_studio.learning.adapting.net import GuessingNet, new_pooler
from senti_studio.learning.bert.library import transformers
from senti_studio.learning.bert.token_encoder import TokenEncoder
from senti_studio.shelf.check import check_folder
from senti_studio.shelf.copying import note_of
from senti_studio.shelf.entries import NOTE, Source, write_note
from senti_studio.shelf.findings import never

LARGEST = 16_000_000
"""Bytes of the weights."""


def write_folder(net: GuessingNet, encoder: TokenEncoder, target: Path, facts: Mapping[str, Any]) -> int:
    """Writes ``target``, whole or not at all; returns the bytes of the weights. Ends the script where they
    are more than `LARGEST`."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    model = net.body if isinstance(net, DetectingNet) else net.model
    if model.base_model.pooler is None:
        model.base_model.pooler = new_pooler(model.config)
    model.half().save_pretrained(part)
    # Halves are for the disk: whoever loads it computes in whole numbers unless he says otherwise.
    _change(part / "config.json", {"dtype": "float32"})
    _write_tokenizer(encoder, part)
    weights = part / "model.safetensors"
    weights.chmod(0o644)
    size = weights.stat().st_size
    if size > LARGEST:
        raise SystemExit(
            f"{size:,} bytes of weights, {LARGEST:,} are allowed: a smaller --size or --vocabulary"
        )
    (part / "README.md").write_text(card({**facts, "bytes": size}), "utf-8")
    _write_note(part, target.name, facts)
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    return size


def _write_tokenizer(encoder: TokenEncoder, target: Path) -> None:
    known = transformers().PreTrainedTokenizerFast(
        tokenizer_object=tokenizer_for_everybody(encoder),
        model_max_length=int(encoder.net["max_position_embeddings"]),
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
        **encoder.marks.names,
    )
    known.save_pretrained(target)
    _change(target / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})


def _change(file: Path, values: Mapping[str, Any]) -> None:
    whole = {**json.loads(file.read_bytes()), **values}
    file.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _write_note(folder: Path, name: str, facts: Mapping[str, Any]) -> None:
    """The note of the shelf. The program trains an encoder with the defaults of the size that it began from;
    a small one learns at other rates than those of a hub."""
    plan, read = facts["plan"], facts["read"]
    files = sorted(path for path in folder.iterdir() if path.name != NOTE)
    write_note(
        folder,
        name=name,
        facts=check_folder(folder).facts,
        source=Source("shipped", name),
        files={path.name: note_of(path, never) for path in files},
        adapted={
            "from": "scratch-mini" if plan["width"] <= SCRATCH["scratch-mini"].width else "scratch-small",
            "tokens": read["tokens"] + read_before(plan["start"]),
            "steps": read["steps"],
        },
    )


_START = {
    "neighbours": "as the units stand beside each other (PPMI, singular vectors)",
    "characters": "as character vectors",
    "random": "at random",
}
_OBJECTIVE = {
    "mlm": "single hidden units are guessed (masked language model)",
    "wwm": "whole hidden words are guessed (masked language model, words of jieba)",
    "wwm-bag": "whole hidden words are guessed (masked language model, words of jieba), and from the summary "
    "of a text which units it has",
    "electra": "units that a smaller net has replaced are found (ELECTRA; both share their embeddings)",
}


def _digest(known: object) -> str:
    """What is part of the project has none."""
    return f"`{str(known)[:16]}`" if known else "—"


def read_before(start: str) -> int:
    """Units that the folder had read with whose weights it began."""
    return int(start.rsplit(":", 1)[1]) if start not in _START else 0


def _begins(start: str) -> str:
    if start in _START:
        return f"embeddings begin {_START[start]}"
    name, before = start.rsplit("@", 1)
    weights, read = before.split(":")
    return f"went on with the weights of a `{name}` that had read {int(read):,} units (SHA-256 {weights}…)"


def card(facts: Mapping[str, Any]) -> str:
    """The model card. ``facts``: what `encoder.finish` found out."""
    plan, prepared, read = facts["plan"], facts["prepared"], facts["read"]
    rows = [
        f"| `{name}` | {file['texts']:,} | {file['times']} | {_digest(file.get('sha256'))} |"
        for name, file in prepared["files"].items()
    ]
    dropped = ", ".join(f"{count:,} ({reason})" for reason, count in sorted(prepared["dropped"].items()))
    figures = [f"| guesses of hidden units that are right | {read['accuracy']:.4f} |"]
    figures += [f"| loss of the guesses | {read['loss']:.4f} |"]
    if read.get("detection") is not None:
        figures.append(
            f"| replaced units told from others (area under the curve) | {read['detection']:.4f} |"
        )
    return "\n".join(
        (
            "---", "language: zh", "license: apache-2.0", "library_name: transformers", "tags:", "- bert",
            "- sentiment-analysis", "---", "",
            f"# {plan['name']}", "",
            f"A small Chinese encoder: {plan['layers']} layers, {plan['width']} wide, "
            f"{prepared['units']:,} units (characters, frequent words, emoji), {facts['weights']:,} "
            f"weights, {facts['bytes'] / 1e6:.1f} MB in half precision. Made by `training/encoder.py` of "
            "Senti Studio.",
            "", "## Data", "",
            "| file | texts | counted | SHA-256 |", "|---|---:|---:|---|", *rows, "",
            f"Read: {prepared['texts']:,} texts, {prepared['tokens']:,} units; {prepared['valid']:,} more "
            "texts were held back for the figures below.",
            f"Never read: the {prepared['held']:,} texts of the development and test sets that were named. "
            f"Texts left out because of them: {dropped or 'none'}. ",
            f"All {prepared['proved']:,} texts were compared with them once more before the first step.",
            "", "## Training", "",
            f"- objective: {_OBJECTIVE[plan['objective']]}; {plan['mask_share']:.0%} of the units hidden",
            f"- {read['steps']:,} steps of about {read['tokens'] / max(1, read['steps']):,.0f} units, "
            f"{read['tokens']:,} units in all; {read['seconds']:,.0f} s on {read['device']} "
            f"({read['tokens'] / max(1e-6, read['seconds']):,.0f} units/s)",
            f"- learning rate {plan['learning_rate']:g}, seed {plan['seed']}; texts of at most "
            f"{plan['short']} units in the first {plan['short_share']:.0%} of the steps",
            f"- {_begins(plan['start'])}",
            f"- versions: {', '.join(f'{name} {each}' for name, each in read['versions'].items())}",
            "", "## Figures", "", "| of held-back texts | |", "|---|---:|", *figures, "",
            "## Limits", "",
            "- It knows what its texts know: short posts and reviews, their topics and years. Other kinds of "
            "text (law, medicine, poems) it has hardly seen.",
            "- Emoji come from the codes of posts and from their names; of rare ones it knows little.",
            f"- It reads {facts['positions']} units at a time. Texts are put into half width and lower case, "
            "links and user names become one mark each (the tokenizer does all of it).",
            "- It repeats the prejudices of what people post. Check it on your own texts before you rely on "
            "it.",
            "- The pooler has learnt nothing: it passes the first state on."
            if plan["objective"] != "wwm-bag"
            else "- The pooler tells which units a text has; what a text means it learns from labels.",
            "", "## Licence", "",
            "Apache-2.0, as Senti Studio. The texts belong to those who wrote them; none is part of this "
            "folder.",
            "",
        )
    )  # fmt: skip
