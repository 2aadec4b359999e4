"""A million rows in and out, against pandas in the same run.

Import: our import of a file with 4 columns (about 240 MB) into a project, against ``pandas.read_csv``
and one ``executemany`` into SQLite; UTF-8 and GB18030. Export: the same 4 columns as CSV (formulas made
harmless, SHA-256, manifest), and all columns with ours, against ``DataFrame.to_csv`` of the same table. Every
measurement is a process of its own; memory is the highest that the process ever held.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import Report, own_home, parser, require_data

ROWS, LONG_ROWS, QUICK_ROWS = 1_000_000, 3_000_000, 20_000
RATIO, MEMORY_MB, GROWTH = 1.5, 600, 1.15
COLUMNS = ("编号", "评论", "店铺", "时间")


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--rows", type=int, help=f"default {ROWS:,}, with --quick {QUICK_ROWS:,}")
    arguments.add_argument("--repeats", type=int, default=3, help="medians over so many runs (default 3)")
    arguments.add_argument("--long", type=int, default=LONG_ROWS, help="rows of the memory test, 0: none")
    arguments.add_argument("--step", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.step:
        print(json.dumps(STEPS[given.step[0]](*given.step[1:])))
        return 0
    data = require_data(given.data)
    rows = given.rows or (QUICK_ROWS if given.quick else ROWS)
    repeats = 1 if given.quick else given.repeats
    report = Report(quick=given.quick)
    with own_home() as home:
        texts = weibo_texts(data)
        memory = {}
        for encoding in ("utf-8", "gb18030"):
            file = made(home, texts, rows, encoding)
            memory[encoding] = measure_import(report, home, file, encoding, repeats)
            measure_export(report, home, file, encoding, repeats)
        if given.long and not given.quick:
            file = made(home, texts, given.long, "utf-8")
            measure_growth(report, home, file, memory["utf-8"])
    return report.status()


def weibo_texts(data: Path) -> list[str]:
    with (data / "weibo_gb18030" / "unlabeled_2.17.csv").open(encoding="gb18030", newline="") as file:
        return [row[1] for row in csv.reader(file) if len(row) > 1 and 20 < len(row[1]) < 130]


def made(home: Path, texts: list[str], rows: int, encoding: str) -> Path:
    """A file of ``rows`` rows, about 240 bytes each in UTF-8; no text comes twice."""
    path = home / f"{rows}.{encoding}.csv"
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            (f"{n:07d}", f"{texts[n % len(texts)]}{n}", f"门店{n % 97}", f"2026-07-{n % 28 + 1:02d} 12:00")
            for n in range(rows)
        )
    return path


def step(name: str, *words: object) -> dict[str, Any]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--step", name, *map(str, words)],
        capture_output=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr}")
    values: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return values


def alternating(repeats: int, ours: Callable[[], Any], peer: Callable[[], Any]) -> tuple[Any, Any, float]:
    """Results of both, of the pair with the median ratio; both by turns, so that both meet the same noise."""
    pairs = []
    for _ in range(repeats):
        pairs.append((ours(), peer()))
    ratios = [one["seconds"] / other["seconds"] for one, other in pairs]
    middle = statistics.median_low(ratios)
    one, other = pairs[ratios.index(middle)]
    return one, other, middle


def measure_import(report: Report, home: Path, file: Path, encoding: str, repeats: int) -> float:
    ours, peer, ratio = alternating(
        repeats,
        lambda: step("import", file, encoding, home / f"{file.name}.senti"),
        lambda: step("pandas-import", file, encoding, home / "pandas.db"),
    )
    report.figure(
        f"import {encoding}: time against pandas.read_csv + executemany", ratio, "x", at_most=RATIO,
        peer={name: round(peer[name], 2) for name in ("seconds", "cpu", "memory_mb")},
        seconds=round(ours["seconds"], 2), cpu_seconds=round(ours["cpu"], 2), rows=ours["rows"],
        size_mb=file.stat().st_size >> 20,
    )  # fmt: skip
    report.figure(
        f"import {encoding}: peak memory", ours["memory_mb"], "MB", at_most=MEMORY_MB, rows=ours["rows"]
    )
    return float(ours["memory_mb"])


def measure_export(report: Report, home: Path, file: Path, encoding: str, repeats: int) -> None:
    project = home / f"{file.name}.senti"
    for name, words in (("4 columns", COLUMNS), ("all columns and ours", ())):
        ours, peer, ratio = alternating(
            repeats,
            lambda words=words: step("export", project, home / "ours.csv", encoding, *words),
            lambda words=words: step("pandas-export", file, home / "pandas.csv", encoding, len(words)),
        )
        report.figure(
            f"export {encoding}, {name}: time against DataFrame.to_csv", ratio, "x", at_most=RATIO,
            peer={name: round(peer[name], 2) for name in ("seconds", "cpu", "memory_mb")},
            seconds=round(ours["seconds"], 2), cpu_seconds=round(ours["cpu"], 2), rows=ours["rows"],
        )  # fmt: skip
        report.figure(
            f"export {encoding}, {name}: peak memory", ours["memory_mb"], "MB", at_most=MEMORY_MB,
            rows=ours["rows"],
        )  # fmt: skip


def measure_growth(report: Report, home: Path, file: Path, before_mb: float) -> None:
    """The same with three times the rows: memory must not grow with them."""
    project = home / f"{file.name}.senti"
    short = step("export", home / f"{ROWS}.utf-8.csv.senti", home / "ours.csv", "utf-8")
    long_in = step("import", file, "utf-8", project)
    long_out = step("export", project, home / "ours.csv", "utf-8")
    for name, long, base in (
        ("import", long_in, before_mb),
        ("export", long_out, short["memory_mb"]),
    ):
        report.figure(
            f"{name}: peak memory at {long['rows']:,} rows", long["memory_mb"], "MB", at_most=MEMORY_MB
        )
        report.figure(f"{name}: growth of memory", long["memory_mb"] / base, "x", at_most=GROWTH)


# ---- steps, each in a process of its own ------------------------------------------------------------


def _timed(work: Callable[[], int]) -> dict[str, Any]:
    began, used = time.perf_counter(), time.process_time()
    rows = work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": seconds, "cpu": cpu, "rows": rows, "memory_mb": peak}


def import_ours(path: str, encoding: str, folder: str) -> dict[str, Any]:
    import shutil

    from senti_studio.domain.importing import ImportRequest, ReadOptions
    from senti_studio.storage.project import Project
    from senti_studio.worker.importing import import_file

    shutil.rmtree(folder, ignore_errors=True)
    with Project.create(Path(folder)) as project:
        request = ImportRequest(path, 1, ReadOptions(encoding))
        return _timed(lambda: import_file(project, request).rows)


def import_with_pandas(path: str, encoding: str, database: str) -> dict[str, Any]:
    import pandas as pd

    def work() -> int:
        table = pd.read_csv(path, dtype=str, encoding=encoding)
        connection = sqlite3.connect(database)
        connection.execute("CREATE TABLE comments (a TEXT, b TEXT, c TEXT, d TEXT)")
        connection.executemany(
            "INSERT INTO comments VALUES (?, ?, ?, ?)", table.itertuples(index=False, name=None)
        )
        connection.commit()
        connection.close()
        return len(table)

    Path(database).unlink(missing_ok=True)
    return _timed(work)


def export_ours(folder: str, target: str, encoding: str, *columns: str) -> dict[str, Any]:
    from senti_studio.domain.exporting import AnnotationsExport
    from senti_studio.storage.project import Project
    from senti_studio.worker.exporting import export_annotations

    request = AnnotationsExport(target, "csv", encoding, existing="overwrite", columns=columns or None)
    with Project.open(Path(folder)) as project:
        return _timed(lambda: export_annotations(project, request).rows)


def export_with_pandas(path: str, target: str, encoding: str, columns: str) -> dict[str, Any]:
    import pandas as pd

    table = pd.read_csv(path, dtype=str, encoding=encoding, keep_default_na=False)
    if not int(columns):
        table = table.assign(
            senti_label="", senti_annotator="", senti_time="", senti_source=Path(path).name,
            senti_row=[str(number) for number in range(1, len(table) + 1)],
        )  # fmt: skip

    def work() -> int:
        table.to_csv(target, index=False, encoding=encoding)
        return len(table)

    return _timed(work)


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "import": import_ours,
    "pandas-import": import_with_pandas,
    "export": export_ours,
    "pandas-export": export_with_pandas,
}


if __name__ == "__main__":
    raise SystemExit(main())
