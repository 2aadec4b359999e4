"""How much faster a BERT classifies in int8 than in fp32 on two cores, and what is lost by it.

A new encoder of 4 × 256 (`scratch-mini`; ``--encoder`` takes another) learns the training part of waimai_10k
through the command line; then one process judges the test part with it in both numbers in turn, as
``senti-studio classify`` does: 1,024 comments at a time, those of about the same length together. Medians of
the rounds; the peer is the same model in fp32 in the same process. Where onnxruntime is installed, its int8
(``quantize_dynamic`` of our export) does the same rows in the same batches: that is what ADR 0009 compares.
``--epochs`` shortens the training: speed does not depend on it, what is lost does a little.
``--base``: a net of the size of bert-base (12 × 768, random weights, the same vocabulary) judges the same
comments in fp32, too; the model is to be 12 times as fast.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import accuracy
import bench
import numpy as np
import numpy.typing as npt
import torch

AT_ONCE = 1024
"""As `senti_studio.worker.classify`."""
ROUNDS = 7
BASE = "12 x 768"
Judge = Callable[[Sequence[str]], npt.NDArray[np.float32]]
Found = dict[str, dict[str, list[float]]]
"""Way to judge -> rows a second of each round, and the classes of the last."""


def measured(
    model: Path, looked_at: Sequence[str], texts: Sequence[str], rounds: int, *, base: bool
) -> Found:
    """In a process of its own, which has the cores to itself. ``looked_at``: texts by which scales are
    found."""
    wanted = {"model": str(model), "looked_at": looked_at, "texts": texts, "rounds": rounds, "base": base}
    with tempfile.TemporaryDirectory() as place:
        given = Path(place) / "given.json"
        given.write_text(json.dumps(wanted), "utf-8")
        done = subprocess.run(
            [sys.executable, __file__, "--judge", str(given)],
            capture_output=True, encoding="utf-8", check=False, env=dict(os.environ),
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"a program failed:\n{done.stderr[-3000:]}")
    found: Found = bench.last_object(done.stdout.splitlines())
    return found


def judge(given: Path) -> None:
    """The other process."""
    import time

    from senti_studio.learning.predict import Predictor

    wanted = json.loads(given.read_text("utf-8"))
    model, texts = Path(wanted["model"]), wanted["texts"]
    whole = Predictor.load(model, "cpu")
    ways: dict[str, Judge] = {
        "fp32": whole.probabilities,
        "int8": whole.in_eight_bits(wanted["looked_at"]).probabilities,
    }
    with tempfile.TemporaryDirectory() as place:
        ways |= {BASE: of_base_size(model)} if wanted["base"] else of_onnxruntime(model, texts, Path(place))
        found: Found = {name: {"rates": [], "guesses": []} for name in ways}
        for way in ways.values():
            way(texts[:64])
        for _ in range(wanted["rounds"]):
            for name, way in ways.items():
                began = time.perf_counter()
                parts = [way(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
                found[name]["rates"].append(len(texts) / (time.perf_counter() - began))
                found[name]["guesses"] = np.concatenate(parts).argmax(axis=1).tolist()
    print(json.dumps(found))


def of_base_size(model: Path) -> Judge:
    """The way of a net as large as bert-base that reads the same units."""
    from senti_studio.learning.bert.net import empty_net
    from senti_studio.learning.bert.token_encoder import TokenEncoder
    from senti_studio.learning.model_folder import load_model
    from senti_studio.learning.predict import Predictor

    known = load_model(model)
    encoder = known.encoder
    if not isinstance(encoder, TokenEncoder):
        raise SystemExit(f"{model} is no BERT")
    size = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
    large = replace(encoder, net={**encoder.net, **size}, ngrams=None)
    net = empty_net(large, len(known.labels))
    with torch.no_grad():
        for weight in net.parameters():
            weight.normal_(0.0, 0.02)
    return Predictor(replace(known, net=net, encoder=large), torch.device("cpu")).probabilities


def of_onnxruntime(model: Path, texts: Sequence[str], place: Path) -> dict[str, Judge]:
    """The same model in int8 and fp32 by onnxruntime, in our batches; nothing where it is not installed."""
    try:
        import onnxruntime
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError:
        return {}
    from senti_studio.learning.batches import by_length
    from senti_studio.learning.bert.onnx_form import tokens_form
    from senti_studio.learning.model_folder import load_model
    from senti_studio.learning.onnx_export import NET, export_onnx
    from senti_studio.learning.onnx_form import OUTPUT
    from senti_studio.learning.side_by_side import each, parts_of

    export_onnx(model, place / "onnx", texts[:64])
    quantize_dynamic(place / "onnx" / NET, place / "int8.onnx", per_channel=True, weight_type=QuantType.QInt8)
    loaded = load_model(model)
    form = tokens_form(loaded)
    if form is None:
        return {}

    def way(file: Path) -> Judge:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1  # parts of a batch stand side by side, as ours do
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

        def probabilities(some: Sequence[str]) -> npt.NDArray[np.float32]:
            encoded = loaded.encoder.encode([loaded.encoder.normalise(text) for text in some])
            found = np.empty((len(some), len(loaded.labels)), dtype=np.float32)

            def run(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
                given = {name: value.numpy() for name, value in form.inputs(encoded, rows).items()}
                said: npt.NDArray[np.float32] = session.run([OUTPUT], given)[0]
                return said

            units = loaded.net.units_of_pass
            for rows in by_length(encoded.lengths, batch_size=256, units=units):
                parts = parts_of(rows, torch.device("cpu"), loaded.net.rows_of_part)
                for part, said in zip(parts, each(run, parts), strict=True):
                    found[part] = said
            return found

        return probabilities

    return {"onnxruntime fp32": way(place / "onnx" / NET), "onnxruntime int8": way(place / "int8.onnx")}


def test_part(data: Path, place: Path, found: accuracy.DataSet) -> tuple[list[str], list[int]]:
    """Texts and class numbers of the test part, in the order of the labels of the project."""
    keys = [each.partition("=")[0] for each in found.labels.split(",")]
    accuracy.split_waimai(data / found.folder, place)
    with (place / "test.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["review"] for row in rows], [keys.index(row["label"]) for row in rows]


def right(guesses: Sequence[float], truth: Sequence[int]) -> float:
    return 100 * sum(one == other for one, other in zip(guesses, truth, strict=True)) / len(truth)


def trained(data: Path, place: Path, given: argparse.Namespace) -> Path:
    """The folder of the model."""
    found = next(each for each in accuracy.SETS if each.name == "waimai_10k")
    project = accuracy.prepare(data, place, found, quick=given.quick)
    epochs = ("--epochs", str(given.epochs)) if given.epochs else ()
    run = bench.senti(
        "train", str(project), "--architecture", "bert", "--encoder", given.encoder, "--seed", "1",
        "--test-source", "test.csv", *epochs,
    )["run"]  # fmt: skip
    return project / "runs" / str(run["id"]) / "model"


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--encoder", default="scratch-mini")
    parser.add_argument("--epochs", type=int, default=0, help="default: those of the encoder")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--model", type=Path, help="the folder of a model that is there: nothing is trained")
    parser.add_argument("--base", action="store_true", help="beside a net of the size of bert-base")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.judge:
        judge(given.judge)
        return 0
    data = bench.require_data(given.data)
    if given.quick and not given.epochs:
        given.epochs = 1
    report = bench.Report(quick=given.quick)
    with bench.own_home() as place:
        model = given.model or trained(data, place, given)
        found = next(each for each in accuracy.SETS if each.name == "waimai_10k")
        texts, truth = test_part(data, place, found)
        if given.quick:
            texts, truth = texts[:512], truth[:512]
        with (place / "train.csv").open(encoding="utf-8", newline="") as file:
            looked_at = [row["review"] for row in csv.DictReader(file)][:512]
        ways = measured(model, looked_at, texts, 3 if given.quick else given.rounds, base=given.base)
    tell(report, ways, truth)
    return report.status()


def tell(report: bench.Report, ways: Found, truth: Sequence[int]) -> None:
    """The figures; those of onnxruntime are no goal."""
    whole = ways["fp32"]
    score = right(whole["guesses"], truth)
    peer = {"name": "the same model in fp32", "value": statistics.median(whole["rates"]), "accuracy": score}
    for name, way in ways.items():
        if name == "fp32":
            continue
        ratio = statistics.median(
            one / other for one, other in zip(way["rates"], whole["rates"], strict=True)
        )
        same = np.mean(np.array(way["guesses"]) == np.array(whole["guesses"]))
        if name == BASE:
            report.figure("encoder.small.ratio", 1 / ratio, "x", at_least=12, peer={
                "name": "the size of bert-base", "value": statistics.median(way["rates"])})  # fmt: skip
            continue
        is_ours = name == "int8"
        rates = [round(each, 1) for each in way["rates"]]
        key = name.replace(" ", ".")
        report.figure(f"int8.{key}.rows", statistics.median(way["rates"]), "rows/s", rounds=rates, peer=peer)
        report.figure(f"int8.{key}.ratio", ratio, "x", at_least=1.5 if is_ours else None, peer=peer)
        report.figure(
            f"int8.{key}.lost", score - right(way["guesses"], truth), "points",
            at_most=0.3 if is_ours else None, peer=peer, same=round(float(same), 4),
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
