"""Do exported models say what the models say? 1,000 comments that neither training nor export has seen.

Each architecture, and BERT with encoders of several families (made here, two layers without any learning, the
vocabulary of bert-base-chinese), is trained for an epoch through the command line, exported
(``models --onnx``, which checks itself on comments of the project), and then asked twice about the test texts
of the data set: through `senti_studio.load`, and through the program that lies beside the exported net, in a
process without torch.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import Report, own_home, parser, require_data, senti

import senti_studio
from senti_studio.domain.architectures import FACTS

GOAL = 1e-4
CHECKED = 1000
TRAINED = 2000
FAMILIES: dict[str, dict[str, object]] = {
    "roberta": {"max_position_embeddings": 514, "pad_token_id": 0},
    "electra": {"embedding_size": 32},
    "distilbert": {"dim": 64, "n_layers": 2, "n_heads": 4, "hidden_dim": 128},
    "xlnet": {"d_model": 64, "n_layer": 2, "n_head": 4, "d_inner": 128},
    "deberta-v2": {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 64,
                   "share_att_key": True, "pooler_hidden_size": 64},
    "modernbert": {"pad_token_id": 0, "cls_token_id": 101, "sep_token_id": 102},
}  # fmt: skip
NET = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
SETS = {
    "chnsenticorp": ("chnsenticorp/train.tsv", ("test.tsv", "dev.tsv"), "text_a", "label"),
    "waimai_10k": ("waimai_10k/waimai_10k.csv", (), "review", "label"),
}


def main() -> int:
    given = parser(__doc__ or "").parse_args()
    data = require_data(given.data)
    report = Report(quick=given.quick)
    sets = list(SETS)[:1] if given.quick else list(SETS)
    with own_home() as home:
        for name in sets:
            train, asked = texts_of(data, name)
            project = make_project(home / f"{name}.senti", train[: 600 if given.quick else TRAINED], home)
            asked = asked[: 100 if given.quick else CHECKED]
            for architecture in FACTS:
                compare(report, project, f"{name}, {architecture}", asked, "--architecture", architecture)
            for family in list(FAMILIES)[: 2 if given.quick else None]:
                encoder = home / family
                if not encoder.exists():
                    make_encoder(family, encoder, data / "vocab" / "google_zh_vocab.txt")
                wanted = ("--architecture", "bert", "--encoder", str(encoder))
                compare(report, project, f"{name}, bert ({family})", asked, *wanted)
    return report.status()


def make_encoder(family: str, folder: Path, vocabulary: Path) -> None:
    """As its authors would publish it: a net without a head, its config, its tokenizer."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    units = vocabulary.read_text("utf-8").split("\n")
    ids = {unit: number for number, unit in enumerate(units) if unit}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(mark, ids[mark]) for mark in ("[CLS]", "[SEP]")]
    single = "$A [SEP] [CLS]" if family == "xlnet" else "[CLS] $A [SEP]"
    tokenizer.post_processor = processors.TemplateProcessing(single=single, special_tokens=ends)
    known = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **{f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")},
    )
    known.save_pretrained(folder)
    torch.manual_seed(1)
    size = {} if "d_model" in FAMILIES[family] or "dim" in FAMILIES[family] else NET
    config = transformers.AutoConfig.for_model(family, vocab_size=len(units), **size, **FAMILIES[family])
    transformers.AutoModel.from_config(config).save_pretrained(folder)


def compare(report: Report, project: Path, name: str, texts: list[str], *wanted: str) -> None:
    senti("train", str(project), *wanted, "--epochs", "1", "--device", "cpu")
    folder = project.parent / name
    exported = senti("models", str(project), "last", "--onnx", "-o", f"{folder} onnx")
    senti("models", str(project), "last", "--copy", "-o", str(folder))
    native = senti_studio.load(folder, device="cpu").probabilities(texts)
    outside = ask(Path(f"{folder} onnx"), texts)
    difference = max(
        abs(one - other)
        for row, line in zip(native.tolist(), outside, strict=True)
        for one, other in zip(row, line, strict=True)
    )
    # Printed figures have four decimals: these differences have seven.
    report.figure(
        f"{name}: largest difference of a probability, millionths", difference * 1e6, "1e-6",
        at_most=GOAL * 1e6, judged_when_quick=True, rows=len(texts),
        checked_by_the_export={"rows": exported["rows"], "difference": exported["difference"]},
    )  # fmt: skip


def ask(folder: Path, texts: list[str]) -> list[list[float]]:
    """Probabilities from the program beside the net; a `torch` that cannot be imported lies in its way."""
    blocked = folder.parent / "no torch"
    blocked.mkdir(exist_ok=True)
    (blocked / "torch.py").write_text("raise ImportError", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(blocked), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", str(folder / "classify.py"), *texts],
        capture_output=True, encoding="utf-8", check=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    return [json.loads(line)[2] for line in done.stdout.splitlines()]


def texts_of(data: Path, name: str) -> tuple[list[tuple[str, str]], list[str]]:
    """(text, label) pairs to train on, and other texts to ask about."""
    train, others, text, label = SETS[name]
    rows = read(data / train)
    learnt, rest = (rows, []) if others else (rows[::2], rows[1::2])
    asked = [row[text] for row in rest + [row for other in others for row in read(data / name / other)]]
    known = {row[text] for row in learnt}
    step = max(1, len(learnt) // TRAINED)
    pairs = [(row[text], row[label]) for row in learnt[::step]]
    return pairs, list(dict.fromkeys(each for each in asked if each not in known))


def read(path: Path) -> list[dict[str, Any]]:
    table = {".tsv": {"delimiter": "\t", "quoting": csv.QUOTE_NONE}}.get(path.suffix, {})
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, **table))  # type: ignore[arg-type]


def make_project(folder: Path, pairs: list[tuple[str, str]], home: Path) -> Path:
    path = home / f"{folder.stem}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(pairs)
    senti("new", str(folder), "--labels", "1=正面,0=负面")
    senti("import", str(folder), str(path), "--text-column", "text", "--label-column", "label")
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
