"""Are our files accepted by the importing code of Label Studio and doccano themselves, and do theirs come in?

Their published packages are installed into throw-away environments (minutes, more than a gigabyte), or given
with ``--label-studio PYTHON`` and ``--doccano PYTHON``. What they hold after their import is compared with
what was exported; what their own export then writes is imported here and compared with the same.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import venv
from itertools import chain
from pathlib import Path
from typing import Any

from bench import ROOT, Report, own_home, parser, senti

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.exporting import AnnotationsExport
from senti_studio.storage.project import Project
from senti_studio.worker.exporting import export_annotations

ROWS = 200
DISPUTED = "第 1 条"
_BESIDE = {"label-studio": ".labelling-config.xml", "doccano": ".labels.json"}

# What doccano 1.8 was made for: it does not say so itself.
_PACKAGES = {
    "label-studio": ("label-studio",),
    "doccano": ("doccano", "marshmallow<4", "numpy<2", "setuptools<81"),
}


def main() -> int:
    arguments = parser(__doc__ or "")
    for program in _BESIDE:
        arguments.add_argument(f"--{program}", type=Path, help=f"Python of an environment with {program}")
    given = arguments.parse_args()
    report = Report(quick=given.quick)
    with own_home() as home:
        expected = make_project(home / "来源.senti")
        for program, ending in _BESIDE.items():
            python = getattr(given, program.replace("-", "_")) or install(home / program, program)
            file = home / f"{program}.json"
            with Project.open(home / "来源.senti") as project:
                export_annotations(project, AnnotationsExport(str(file), program))
            beside = file.with_name(f"{program}{ending}")
            (home / f"{program} out").mkdir()
            script = f"interchange_{program.replace('-', '_')}.py"
            held = ask(python, script, file, beside, home / f"{program} out")
            right = {key: held.get(key) == value for key, value in expected[program].items()}
            report.figure(
                f"{program}: share of what was exported that it holds after its own import",
                sum(right.values()) / len(right), "share", at_least=1, judged_when_quick=True,
                rows=held["rows"],
                wrong=[key for key, is_right in right.items() if not is_right],
            )  # fmt: skip
            for written in map(Path, held["exports"]):
                read_back(report, program, written, home, expected["ours"])
    return report.status()


def read_back(
    report: Report, program: str, file: Path, home: Path, expected: list[tuple[str, str | None]]
) -> None:
    """Imports a file of the other program as the wizard proposes it, and compares texts and labels."""
    place = home / f"{program} {file.parent.name} {file.stem}.senti"
    senti("new", str(place))
    seen = senti("inspect", str(file))["files"][0]
    guesses = {name: seen[f"guessed_{name}_column"] for name in ("label", "annotator", "time")}
    chosen = [(f"--{name}-column", str(at + 1)) for name, at in guesses.items() if at is not None]
    senti("import", str(place), str(file), *chain.from_iterable(chosen))
    written = texts_in(file)
    expected = [pair for pair in expected if pair[0] in written]
    with Project.open(place) as project:
        names = {label.id: label.name for label in project.labels.list()}
        ids = [comment_id for part in project.comments.ids() for comment_id in part]
        found = [(row.text, names.get(row.label_id or 0)) for row in project.comments.rows(ids)]
    # Label Studio's import makes two people one and gives both labels one time: either may be the newest.
    disputed = {text for text, label in expected if text.startswith(DISPUTED) and program == "label-studio"}
    wrong = [
        (mine, theirs)
        for mine, theirs in zip(found, expected, strict=False)
        if mine != theirs and not (mine[0] in disputed and mine[1] is not None)
    ]
    right = min(len(found), len(expected)) - len(wrong)
    report.figure(
        f"{program}: share of the comments and labels of its own export that come in with us",
        right / max(len(expected), len(found)), "share", at_least=1, judged_when_quick=True,
        rows=len(found), file=f"{file.parent.name}/{file.name}",
        wrong=wrong[:2],
    )  # fmt: skip


def texts_in(file: Path) -> set[str]:
    """By the standard library alone: Label Studio leaves skipped tasks out of its short formats."""
    text = file.read_text("utf-8")
    if file.suffix == ".csv":
        return {row["text"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    rows = map(json.loads, text.splitlines()) if file.suffix == ".jsonl" else json.loads(text)
    return {row["data"]["text"] if "data" in row else row["text"] for row in rows}


def install(folder: Path, program: str) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *_PACKAGES[program]], check=True)
    return python


def ask(python: Path, script: str, *words: Path) -> dict[str, Any]:
    command = [str(python), str(ROOT / "benchmarks" / script), *map(str, words)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"{script} was refused:\n{done.stderr}")
    values: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return values


def make_project(folder: Path) -> dict[str, Any]:
    """A project with every kind of annotation; gives what each program should hold of it."""
    texts = [f'第 {n} 条评论，"引号"，=公式😋\n第二行' for n in range(ROWS)]
    with Project.create(folder) as project:
        first, _, last = project.labels.list()
        source = project.sources.begin(SourceDraft("外卖.csv", "/外卖.csv", ("编号", "评论"), 1))
        rows = [NewComment(n, text, (f"{n:06d}", text)) for n, text in enumerate(texts, 1)]
        project.sources.append(source, rows)
        project.sources.finish(source)
        say = project.annotations
        say.label([1, 2], first.id, annotator="李雷", seconds=2.5).result()
        say.label([3], last.id, annotator="韩梅梅").result()
        say.label([2], last.id, annotator="韩梅梅").result()
        say.skip([4], annotator="李雷").result()
        shown = [row.label_id for row in project.comments.rows([1, 2, 3])]
        names = {label.id: label.name for label in project.labels.list()}
    labels_of_all = [names.get(label_id or 0) for label_id in shown]
    return {
        "ours": list(zip(texts, [*labels_of_all, *([None] * (ROWS - 3))], strict=True)),
        "label-studio": {
            "rows": ROWS,
            "texts": texts,
            "labels": [first.name, first.name, last.name, last.name],
            "skipped": 1,
        },
        "doccano": {
            "rows": ROWS,
            "texts": texts,
            "labels": [*labels_of_all, *([None] * (ROWS - 3))],
            "errors": [],
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())
