"""How fast a net learns, beside the tutorial program: Keras Embedding + LSTM 128 over 100 jieba words.

Both learn chnsenticorp, in turn in one call, medians of the rounds. ``rows/s``: the same net (one direction,
128 numbers a word, 128 of memory, 100 words, no n-grams), batch 64 here and the 32 of the tutorial there;
comments learnt by the seconds that the training took, evaluations and checkpoints included. ``whole``: the
default net with few epochs against the five epochs of the tutorial: seconds, and accuracy on the test part.
``beside``: the rate while another process keeps one core busy, by the undisturbed rate. ``matrix_share``: the
operations of the net's products at its rate, by what large products reach on all cores at that time;
``--profile`` shows the operations that take longest (``step_profile.py``).

The peer (``keras_lstm.py`` beside the data) needs a Python with tensorflow-cpu, jieba and scikit-learn:
``--keras-python`` or ``$SENTI_KERAS_PYTHON``; without one an environment is made for the call.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import accuracy
import bench

ROWS = 4000
"""Of the training part, for the rates: an epoch of the tutorial takes half a minute."""
SAME_NET = (
    "--embedding-size", "128", "--hidden-size", "128", "--max-length", "100", "--batch-size", "64",
    "--no-bidirectional", "--no-ngrams", "--units", "words", "--least-steps", "1", "--vectors", "none",
)  # fmt: skip
LAST: dict[str, Path] = {}
"""The latest run of each architecture."""
BUSY = "while True:\n    pass\n"


SIZE = 128
OPERATIONS = 3 * 2 * (4 * SIZE * 2 * SIZE + SIZE * SIZE)
"""Of the products of the LSTM and its attention for each unit of a row, forth and, twice as many, back."""


def rate(project: Path, architecture: str, *, epochs: int) -> float:
    """Comments learnt in a second of one training of the same net as the tutorial's."""
    found = accuracy.SETS[0]
    run = bench.senti(
        "train", str(project), "--architecture", architecture, *SAME_NET, "--seed", "1",
        "--epochs", str(epochs), "--patience", str(epochs),
        "--valid-source", found.files[1], "--test-source", found.files[2],
    )["run"]  # fmt: skip
    LAST[architecture] = project / "runs" / str(run["id"])
    events = LAST[architecture] / "events.jsonl"
    with events.open(encoding="utf-8") as lines:
        said = [json.loads(line) for line in lines]
    rows = next(each["total_rows"] for each in said if each["type"] == "Started")
    last = [each for each in said if each["type"] == "Progress"][-1]
    return float(rows * last["epoch"] / last["elapsed"])


def matrices(*, table: bool) -> dict[str, float]:
    """What `step_profile` says of the latest run of the LSTM, in a process of its own."""
    script = Path(__file__).with_name("step_profile.py")
    command = [sys.executable, str(script), str(LAST["lstm"]), *(["--table"] if table else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return bench.last_object(done.stdout.splitlines())


def keras(python: str, data: Path, *, epochs: int, rows: int = 0) -> dict[str, Any]:
    """One call of the tutorial program."""
    script = data.parent / "bench" / "keras_lstm.py"
    done = subprocess.run(
        [python, str(script), "--data", str(data), "--dataset", "chnsenticorp", "--epochs", str(epochs),
         "--rows", str(rows)],
        capture_output=True, encoding="utf-8", check=False, cwd=script.parent,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the peer failed:\n{done.stderr}")
    return bench.last_object(done.stdout.splitlines())


def keras_python(given: str, place: Path) -> str:
    """The Python of the peer; made in ``place`` when none is given."""
    if given:
        return given
    venv.create(place / "keras", with_pip=True)
    python = place / "keras" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [str(python), "-m", "pip", "install", "-q", "tensorflow-cpu", "jieba", "scikit-learn"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return str(python)


def rates(
    report: bench.Report, data: Path, place: Path, python: str, rounds: int, *, quick: bool, table: bool
) -> None:
    """The same net here and there, in turn; and beside a busy process."""
    found = accuracy.SETS[0]
    folder = place / "rates"
    folder.mkdir()
    accuracy.QUICK_ROWS = ROWS
    project = accuracy.prepare(data, folder, found, quick=True)
    ours: dict[str, list[float]] = {"lstm": [], "gru": []}
    theirs, beside, shares_of_peak = [], [], []
    for _ in range(rounds):
        for architecture, rates_of in ours.items():
            rates_of.append(rate(project, architecture, epochs=1 if quick else 3))
        peak = matrices(table=table and not shares_of_peak)
        done = ours["lstm"][-1] * peak["units_a_row"] * OPERATIONS / 1e9
        shares_of_peak.append(done / peak["gflops"])
        if not quick:
            theirs.append(float(keras(python, data, epochs=2, rows=ROWS)["train_rows_per_s"]))
        busy = subprocess.Popen([sys.executable, "-c", BUSY])
        try:
            beside.append(rate(project, "lstm", epochs=1 if quick else 3))
        finally:
            busy.kill()
            busy.wait()
    lstm, gru = (statistics.median(ours[name]) for name in ("lstm", "gru"))
    peer = {"name": "keras_lstm.py", "value": statistics.median(theirs)} if theirs else None
    report.figure(
        "train_speed.lstm", lstm, "rows/s", peer=peer, rounds=[round(each) for each in ours["lstm"]]
    )
    if peer:
        ratio = statistics.median(one / other for one, other in zip(ours["lstm"], theirs, strict=True))
        report.figure("train_speed.lstm.ratio", ratio, "x", at_least=4, peer=peer)
    report.figure(
        "train_speed.lstm.matrix_share", statistics.median(shares_of_peak), "share",
        gflops=round(peak["gflops"], 1), units_a_row=round(peak["units_a_row"], 1),
    )  # fmt: skip
    report.figure("train_speed.gru.by_lstm", gru / lstm, "x", at_least=0.85, value_of_gru=round(gru, 1))
    shares = [one / other for one, other in zip(beside, ours["lstm"], strict=True)]
    report.figure("train_speed.beside_a_busy_process", statistics.median(shares), "share", at_least=0.6)


def whole(report: bench.Report, data: Path, place: Path, python: str, epochs: int) -> None:
    """A better model in a quarter of the time."""
    found = accuracy.SETS[0]
    project = accuracy.prepare(data, place, found, quick=False)
    theirs = keras(python, data, epochs=5)
    got = accuracy.train(data, project, found, "lstm", 1, ("--epochs", str(epochs)))
    peer = {
        "name": "keras_lstm.py, 5 epochs",
        "value": theirs["train_s"],
        "accuracy": theirs["test_accuracy"],
    }
    share = got["seconds"] / theirs["train_s"]
    report.figure("train_speed.whole.time", share, "share", at_most=0.25, peer=peer, seconds=got["seconds"])
    report.figure(
        "train_speed.whole.accuracy", got["value"], "accuracy", at_least=theirs["test_accuracy"], peer=peer
    )


def main() -> int:
    parser = bench.parser(__doc__ or "")
    parser.add_argument("--keras-python", default=os.environ.get("SENTI_KERAS_PYTHON", ""))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=2, help="of the default net in the whole comparison")
    parser.add_argument("--profile", action="store_true", help="where the time of an epoch goes")
    given = parser.parse_args()
    data = bench.require_data(given.data)
    report = bench.Report(quick=given.quick)
    with bench.own_home() as place:
        python = "" if given.quick else keras_python(given.keras_python, place)
        rounds = 1 if given.quick else given.rounds
        rates(report, data, place, python, rounds, quick=given.quick, table=given.profile)
        if not given.quick:
            whole(report, data, place, python, given.epochs)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
