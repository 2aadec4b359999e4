"""The layer rules of docs/architecture.md, checked on every run."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "senti_studio"
FOUNDATION = {"errors.py", "resources.py", "file_lock.py"}


def test_every_package_keeps_to_its_layer() -> None:
    linter = Path(sys.executable).with_name("lint-imports" + Path(sys.executable).suffix)
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_domain_and_foundation_need_the_standard_library_only() -> None:
    files = [*(PACKAGE / "domain").glob("*.py"), *(PACKAGE / "messages").glob("*.py")]
    files += [PACKAGE / name for name in FOUNDATION if (PACKAGE / name).exists()]
    assert len(files) > 8
    for file in files:
        for name in _imported(file):
            assert name in sys.stdlib_module_names or name == "senti_studio", f"{file.name} imports {name}"


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "manager", "common", "misc"}
    assert not [file for file in PACKAGE.rglob("*.py") if file.stem in vague]


def _imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_each_test_file_has_a_name_of_its_own() -> None:
    """Two of one name end a whole run, and no run of either."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
