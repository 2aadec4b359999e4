"""Every text of the window has a Chinese entry, no entry is left over, and the fields of both agree."""

from __future__ import annotations

import ast
import json
import string
from collections import Counter
from pathlib import Path

import senti_studio.ui
from senti_studio.resources import resources_folder

UI = Path(senti_studio.ui.__file__).parent
FOLDER = resources_folder() / "i18n" / "zh_CN"
MARKERS = {"tr", "marked"}


def _markers(tree: ast.Module) -> set[str]:
    """``tr``, ``marked`` and the names that they were imported under."""
    names = set(MARKERS)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "senti_studio.ui.i18n":
            names |= {alias.asname or alias.name for alias in node.names if alias.name in MARKERS}
    return names


def collect() -> tuple[dict[str, list[str]], list[str]]:
    """Source text -> places; and the places where a text is put together, which no translator can find."""
    found: dict[str, list[str]] = {}
    wrong = []
    for path in sorted(UI.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = _markers(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name not in names:
                continue
            place = f"{path.relative_to(UI)}:{node.lineno}"
            first = node.args[0]
            options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            for text in options:
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    found.setdefault(text.value, []).append(place)
                elif isinstance(text, ast.JoinedStr | ast.BinOp):
                    wrong.append(place)
    return found, wrong


def entries() -> dict[str, str]:
    merged: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.json")):
        merged |= json.loads(path.read_text("utf-8"))
    return merged


def fields(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_no_text_is_put_together() -> None:
    assert collect()[1] == []


def test_every_text_has_a_chinese_entry() -> None:
    known = entries()
    missing = {text: places[0] for text, places in collect()[0].items() if text not in known}
    assert missing == {}


def test_no_entry_is_left_over() -> None:
    used = collect()[0]
    assert [text for text in entries() if text not in used] == []


def test_fields_agree() -> None:
    wrong = [source for source, text in entries().items() if set(fields(source)) != set(fields(text))]
    assert wrong == []


def test_one_text_has_one_translation() -> None:
    seen: dict[str, tuple[str, str]] = {}
    clashes = []
    for path in sorted(FOLDER.glob("*.json")):
        for source, text in json.loads(path.read_text("utf-8")).items():
            if source in seen and seen[source][1] != text:
                clashes.append((source, seen[source], (path.name, text)))
            seen.setdefault(source, (path.name, text))
    assert clashes == []


def test_no_entry_is_empty() -> None:
    assert [source for source, text in entries().items() if not text.strip()] == []
