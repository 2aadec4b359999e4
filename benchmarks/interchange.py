"""Are our files accepted by the importing code of Label Studio and doccano themselves?

Their published packages are installed into throw-away environments (minutes, more than a gigabyte), or given
with ``--label-studio PYTHON`` and ``--doccano PYTHON``. What they hold afterwards is compared with what was
exported.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from bench import ROOT, Report, own_home, parser

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.exporting import AnnotationsExport
from senti_studio.storage.project import Project
from senti_studio.worker.exporting import export_annotations

ROWS = 200
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
            held = ask(python, f"interchange_{program.replace('-', '_')}.py", file, beside)
            right = {key: held.get(key) == value for key, value in expected[program].items()}
            report.figure(
                f"{program}: share of what was exported that it holds after its own import",
                sum(right.values()) / len(right), "share", at_least=1, judged_when_quick=True,
                rows=held["rows"],
                wrong=[key for key, is_right in right.items() if not is_right],
            )  # fmt: skip
    return report.status()


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


def make_project(folder: Path) -> dict[str, dict[str, Any]]:
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
    labels = [names[label_id] for label_id in shown if label_id is not None]
    return {
        "label-studio": {
            "rows": ROWS,
            "texts": texts,
            "labels": [first.name, first.name, last.name, last.name],
            "skipped": 1,
        },
        "doccano": {
            "rows": ROWS,
            "texts": texts,
            "labels": [*labels, *([None] * (ROWS - 3))],
            "errors": [],
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())
