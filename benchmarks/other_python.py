"""Does a model folder made here say the same under another Python, in a new environment?

Every ``python3.N`` that is found (on the PATH, or by pyenv, or named with ``--python``), of another version
than this one and not older than the package asks for, gets a throw-away environment into which the package
is installed with ``constraints.txt``; on Linux PyPI's torch brings some gigabytes along. ``--quick`` tries
the newest alone, ``--environment PYTHON`` takes one that is there already. Ends with status 2 where no other
Python is found.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import ROOT, Report, own_home, parser, senti

import senti_studio
from senti_studio.resources import resource

OLDEST = (3, 11)
GOAL = 1e-6

TEXTS = [
    "房间很大，早餐不错，下次还来", "态度恶劣，再也不来", "一分钱一分货吧", "外卖送了两个小时，汤都洒了",
    "手机ＯＫ，就是电池不耐用……", "好好好好好好好！[doge]👍", "@客服 在吗 https://t.cn/abc", "", "龘龘龘",
    "电影前半段很闷，后半段把我看哭了" * 20,
]  # fmt: skip

PROGRAM = """
import json, sys
import senti_studio, torch
model = senti_studio.load(sys.argv[1], device="cpu")
print(json.dumps({
    "python": list(sys.version_info[:3]), "torch": torch.__version__, "package": senti_studio.__file__,
    "labels": model.labels, "probabilities": model.probabilities(json.loads(sys.stdin.read())).tolist(),
}))
"""


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--python", type=Path, action="append", default=[], help="another Python to try")
    arguments.add_argument(
        "--environment", type=Path, action="append", default=[], help="its Python has the package"
    )
    given = arguments.parse_args()
    report = Report(quick=given.quick)
    with own_home() as home:
        model = make_model(home, architecture="lstm")
        mine = senti_studio.load(model, device="cpu").probabilities(TEXTS).tolist()
        pythons = [*given.environment]
        if not pythons:
            others = given.python or other_pythons()[: 1 if given.quick else None]
            pythons = [
                install(python, home / f"environment {number}") for number, python in enumerate(others)
            ]
        if not pythons:
            print("no other Python of 3.11 or later found; name one with --python", file=sys.stderr)
            return 2
        for python in pythons:
            theirs = ask(python, model, home)
            rows = zip(mine, theirs["probabilities"], strict=True)
            difference = max(abs(a - b) for one, other in rows for a, b in zip(one, other, strict=True))
            version = ".".join(map(str, theirs["python"]))
            report.figure(
                f"Python {version}: largest difference of a probability over {len(TEXTS)} texts, millionths",
                difference * 1e6, "1e-6", at_most=GOAL * 1e6, judged_when_quick=True,
                peer={"python": version, "torch": theirs["torch"], "labels": theirs["labels"]},
            )  # fmt: skip
    return report.status()


def make_model(home: Path, *, architecture: str) -> Path:
    """A small model of the sample comments, alone in a folder: its project is gone before it is used."""
    project = home / "样例.senti"
    senti("new", str(project))
    senti(
        "import", str(project), str(resource("samples", "sample_comments.csv")), "--label-column", "人工标注"
    )
    senti("train", str(project), "--architecture", architecture, "--epochs", "2", "--device", "cpu")
    senti("models", str(project), "last", "--copy", "-o", str(home / "模型"))
    shutil.rmtree(project)
    return home / "模型"


def other_pythons() -> list[Path]:
    """One for each other version that is there, the newest first."""
    candidates = [Path(found) for minor in range(11, 20) if (found := shutil.which(f"python3.{minor}"))]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates += sorted((pyenv / "versions").glob("3.*/bin/python"))
    found: dict[tuple[int, int], Path] = {}
    for python in candidates:
        version = version_of(python)
        if version >= OLDEST and version != sys.version_info[:2]:
            found.setdefault(version, python)
    return [found[version] for version in sorted(found, reverse=True)]


def version_of(python: Path) -> tuple[int, int]:
    """(0, 0) for what does not answer."""
    done = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"Python (\d+)\.(\d+)\.\d+$", done.stdout.strip())
    return (int(match[1]), int(match[2])) if match else (0, 0)


def install(python: Path, folder: Path) -> Path:
    """A new environment with the package in it; gives its Python."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [inside, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", ROOT]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    return inside


def ask(python: Path, model: Path, home: Path) -> dict[str, Any]:
    """What the model says there; the package must be the installed one, not this checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [python, "-X", "utf8", "-c", PROGRAM, model], input=json.dumps(TEXTS), capture_output=True,
        encoding="utf-8", check=False, cwd=home, env=environment,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{python}:\n{done.stderr}")
    said: dict[str, Any] = json.loads(done.stdout)
    if Path(said["package"]).is_relative_to(ROOT):
        raise SystemExit(f"{python} has this checkout, not an installed package")
    return said


if __name__ == "__main__":
    raise SystemExit(main())
