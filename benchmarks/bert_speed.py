"""How fast an encoder is fine-tuned, beside transformers' Trainer as tutorials use it.

Both learn the same random encoder (``--layers`` × ``--width`` over the vocabulary of Google's Chinese BERT)
on the same first rows of a set, 32 comments a step, at most 128 units a comment, in turn in one call. Only
steps count: comments learnt between the first tenth and the end of an epoch by the seconds between.
The peer is ``hf_trainer.py`` beside the data; it pads to 128 as the tutorials do.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import accuracy
import bench

BATCH, LENGTH = 32, 128
GOALS = {256: 3.0, 768: 2.0}


def make_encoder(folder: Path, data: Path, *, layers: int, width: int) -> Path:
    """An encoder with random weights, as its authors would publish it."""
    import transformers

    folder.mkdir()
    vocabulary = (data / "vocab" / "google_zh_vocab.txt").read_text("utf-8")
    (folder / "vocab.txt").write_text(vocabulary, "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}), "utf-8")
    config = transformers.BertConfig(
        vocab_size=len(vocabulary.splitlines()),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=4 * width,
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def rate(project: Path, found: accuracy.DataSet, encoder: Path) -> float:
    """Comments learnt in a second of the steps of one epoch."""
    parts = ("--valid-source", found.files[1]) if found.files[1] else ()
    run = bench.senti(
        "train", str(project), "--architecture", "bert", "--encoder", str(encoder), "--seed", "1",
        "--epochs", "1", "--batch-size", str(BATCH), "--least-steps", "1", "--max-length", str(LENGTH),
        *parts, "--test-source", found.files[2],
    )["run"]  # fmt: skip
    events = project / "runs" / str(run["id"]) / "events.jsonl"
    with events.open(encoding="utf-8") as lines:
        said = [json.loads(line) for line in lines]
    steps = [each for each in said if each["type"] == "Progress"]
    first = next(each for each in steps if each["step"] >= steps[-1]["step"] / 10)
    rows = BATCH * (steps[-1]["step"] - first["step"])
    return float(rows / (steps[-1]["elapsed"] - first["elapsed"]))


def trainer(data: Path, dataset: str, *, layers: int, width: int, steps: int) -> dict[str, Any]:
    """One call of the peer."""
    script = data.parent / "bench" / "hf_trainer.py"
    done = subprocess.run(
        [
            sys.executable, str(script), "--data", str(data), "--dataset", dataset, "--layers", str(layers),
            "--hidden", str(width), "--heads", str(width // 64), "--steps", str(steps), "--rows", "100",
            "--length", str(LENGTH),
        ],
        capture_output=True, encoding="utf-8", check=False, cwd=script.parent,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the peer failed:\n{done.stderr}")
    return bench.last_object(done.stdout.splitlines())


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument(
        "--dataset", default="smp2020_virus_3class", choices=[each.name for each in accuracy.SETS]
    )
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=256, help="a multiple of 64")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    found = next(each for each in accuracy.SETS if each.name == given.dataset)
    steps, rounds = (20, 1) if given.quick else (given.steps, given.rounds)
    accuracy.QUICK_ROWS = BATCH * steps
    ours, theirs = [], []
    with bench.own_home() as place:
        encoder = make_encoder(place / "encoder", data, layers=given.layers, width=given.width)
        project = accuracy.prepare(data, place, found, quick=True)
        for _ in range(rounds):
            ours.append(rate(project, found, encoder))
            peer = trainer(data, found.peer_name, layers=given.layers, width=given.width, steps=steps)
            theirs.append(float(peer["train_rows_per_s"]))
    name = f"bert_speed.{given.layers}x{given.width}.{given.dataset}"
    median = statistics.median(theirs)
    peer_said = {"name": "hf_trainer.py", "value": median, "rounds": [round(each, 1) for each in theirs]}
    report.figure(
        name, statistics.median(ours), "rows/s", peer=peer_said, rounds=[round(each, 1) for each in ours]
    )
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    report.figure(f"{name}.ratio", ratio, "x", at_least=GOALS.get(given.width), peer=peer_said)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
