"""Learns the word vectors in the box (``resources/vectors``) from a folder of plain texts.

    python training/general_vectors.py CORPUS -o resources/vectors

CORPUS holds ``*.txt`` or ``*.txt.xz``, UTF-8, a text a line; ``--often NAME=TIMES`` counts the lines of a
file several times. Texts are normalised and cut as in a training; skip-gram with negative sampling by gensim
(Mikolov et al. 2013) in one thread: the same corpus gives the same vectors. About 10 minutes a view for 60
million characters. The numbers are kept as whole ones from -127 to 127 with a scale for each unit, which
loses nothing that a training could notice.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import lzma
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from senti_studio.text.encoding import VIEWS, cutter_of
from senti_studio.text.normalise import normalise

SIZE = 128
WINDOW = 5
NEGATIVE = 5
LEAST = 10
"""Rarer units have no vector."""
MOST = {"words": 30_000, "characters": 8_000}
SAMPLE = 1e-4


def lines(file: Path) -> Iterator[str]:
    with lzma.open(file) if file.suffix == ".xz" else file.open("rb") as raw:
        for line in io.TextIOWrapper(raw, encoding="utf-8", newline="\n"):
            yield line.rstrip("\n")


def cut_rows(files: list[Path], often: dict[str, int], view: str) -> list[list[str]]:
    """All texts as units; one object for each unit, however often it occurs."""
    one: dict[str, str] = {}
    cut = cutter_of(view)
    rows: list[list[str]] = []
    for file in files:
        for line in lines(file):
            units = [one.setdefault(unit, unit) for unit in cut(normalise(line))]
            if len(units) > 1:
                rows.extend([units] * often.get(file.name, 1))
    random.Random(0).shuffle(rows)
    return rows


def learn(rows: list[list[str]], view: str, epochs: int) -> tuple[list[str], np.ndarray]:
    from gensim.models import Word2Vec

    model = Word2Vec(
        rows,
        vector_size=SIZE,
        window=WINDOW,
        negative=NEGATIVE,
        sg=1,
        sample=SAMPLE,
        min_count=LEAST,
        workers=1,
        seed=1,
        epochs=epochs,
        sorted_vocab=1,
    )
    most = MOST[view]
    return list(model.wv.index_to_key[:most]), model.wv.vectors[:most]


def write(target: Path, view: str, units: list[str], vectors: np.ndarray) -> None:
    scale = np.abs(vectors).max(axis=1) / 127
    np.savez_compressed(
        target / f"{view}.npz",
        numbers=np.rint(vectors / scale[:, None]).astype(np.int8),
        scale=scale.astype(np.float32),
        units=np.frombuffer("\n".join(units).encode(), dtype=np.uint8),
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--often", action="append", default=[], metavar="NAME=TIMES")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--view", choices=VIEWS, action="append")
    given = parser.parse_args()
    files = sorted((*given.corpus.glob("*.txt"), *given.corpus.glob("*.txt.xz")))
    if not files:
        raise SystemExit(f"{given.corpus}: no *.txt, no *.txt.xz")
    often = {name: int(times) for name, times in (each.rsplit("=", 1) for each in given.often)}
    given.output.mkdir(parents=True, exist_ok=True)
    for view in given.view or VIEWS:
        started = time.monotonic()
        rows = cut_rows(files, often, view)
        print(f"{view}: {len(rows):,} texts, {sum(map(len, rows)):,} units", flush=True)
        units, vectors = learn(rows, view, given.epochs)
        write(given.output, view, units, vectors)
        digest = hashlib.sha256((given.output / f"{view}.npz").read_bytes()).hexdigest()
        facts = {
            "view": view,
            "units": len(units),
            "size": SIZE,
            "sha256": digest,
            "seconds": round(time.monotonic() - started),
        }
        print(json.dumps(facts), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
