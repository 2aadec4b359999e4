"""A Train page beside a shelf of its own: encoders written byte by byte, and a hub on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.encoder_size import Machine
from senti_studio.ui.context import UiContext
from senti_studio.ui.machine import Device
from senti_studio.ui.pages.train.encoders import shelf_side
from senti_studio.ui.pages.train.encoders.add_dialog import AddDialog
from senti_studio.ui.pages.train.encoders.rows import EncoderRow
from senti_studio.ui.pages.train.view import TrainPage

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shelf"))

from encoder_files import CONFIG, UNITS, shapes, write_encoder, zipped
from local_hub import LocalHub, local_hub

LONG = 90_000
NAME = "hfl/chinese-tiny"
WORK = Machine(8 << 30, 1e11)
Opened = Callable[[], TrainPage]


def shut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither proxies nor tokens nor caches of who runs the tests; how fast the processor is, is given."""
    names = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT"]
    names += ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"]
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        names += [name, name.upper()]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))
    monkeypatch.setattr(shelf_side, "measure", lambda: WORK)


def open_page(context: UiContext, qtbot: QtBot, tmp_path: Path, *, per_label: int = 20) -> TrainPage:
    """The page on a small project, BERT chosen, the shelf looked at."""
    context.machine.is_known = True
    context.machine.devices = (Device("cpu", "测试处理器", 8 << 30),)
    project = make_labelled_project(tmp_path, per_label=per_label)
    context.session.use(project)
    page = TrainPage(context)
    qtbot.addWidget(page)
    page.resize(1368, 836)
    page.set_up(project)
    page.show()
    page.on_shown()
    page.architectures.cards["bert"].click()
    qtbot.waitUntil(lambda: page.encoders.desk.is_known, timeout=LONG)
    qtbot.waitUntil(
        lambda: page.presenter.plan is not None and page.encoders.desk.machine.rate > 0, timeout=LONG
    )
    return page


def row_of(page: TrainPage, name: str) -> EncoderRow | None:
    """What the list shows under a name."""
    return next((line.row for line in page.encoder_card.view.lines.lines if line.row.name == name), None)


def go_to(page: TrainPage, name: str) -> None:
    assert page.encoder_card.view.go_to(lambda line: line.row.name == name), name


def name_dialog(page: TrainPage) -> AddDialog:
    """What asks for a name; it is there as soon as something was dropped."""
    dialog = page.encoders.adding.dialog
    assert dialog is not None
    return dialog


def add(page: TrainPage, path: Path, name: str, qtbot: QtBot) -> None:
    """As if it were dropped on the card, under the name that it brings along."""
    with qtbot.waitSignal(page.encoders.desk.arrived, timeout=LONG):
        page.encoder_card.dropped.emit(str(path))
        name_dialog(page).start.click()
    qtbot.waitUntil(lambda: row_of(page, name) is not None, timeout=LONG)


__all__ = [
    "CONFIG", "LONG", "NAME", "UNITS", "LocalHub", "add", "go_to", "local_hub", "name_dialog", "open_page",
    "row_of", "shapes", "shut_off", "write_encoder", "zipped",
]  # fmt: skip
