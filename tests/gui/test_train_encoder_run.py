"""The Train page: a real encoder from a zip, a real training on it, and the encoder removed afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shelf_pages import LONG, add, go_to, open_page, shut_off, zipped

from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import TrainingSpec
from senti_studio.jobs.launch import end_by_force, reap_children
from senti_studio.jobs.protocol import Finished
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.train.view import TrainPage

LEARNING = Path(__file__).resolve().parents[1] / "learning"
MAKE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tiny_encoders import make_encoder
make_encoder("bert", Path(sys.argv[2]))
"""


@pytest.fixture
def page(
    context: UiContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TrainPage]:
    shut_off(monkeypatch, tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = open_page(context, qtbot, tmp_path, per_label=12)
    yield made
    made.encoders.close()
    for live in list(made.presenter._live.values()):
        started = live.history.status.started
        end_by_force(live.folder, started.pid if started is not None else 0)
    made.presenter.open_project(None)
    reap_children()


def test_a_training_on_an_encoder_from_the_card(page: TrainPage, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "真的 编码器"
    # In a process of its own: the window has no torch, and so has its test.
    subprocess.run([sys.executable, "-c", MAKE, str(LEARNING), str(folder)], check=True, capture_output=True)
    add(page, zipped(folder, tmp_path / "真的.zip"), "真的", qtbot)
    page.options.fields["epochs"].set_value(1)
    page.form.tell()
    qtbot.waitUntil(page.start_card.start.isEnabled, timeout=LONG)
    qtbot.mouseClick(page.start_card.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    live = page.presenter.shown
    assert live is not None
    assert live.name == "BERT #1 · 真的"
    assert page.status.encoder.name.text() == "真的"
    spec = live.folder.spec()
    assert isinstance(spec, TrainingSpec)
    assert (spec.architecture, spec.options.encoder) == ("bert", "真的")
    qtbot.waitUntil(lambda: not live.history.state.is_active, timeout=4 * LONG)
    assert live.history.state is RunState.FINISHED, live.folder.log_tail(20)
    assert isinstance(live.history.status.terminal, Finished)
    assert (live.folder.model / "weights.safetensors").exists()

    page.presenter.show_form()
    assert page.encoder_card.isVisible()
    assert page.form.wish.options.encoder == "真的"
    go_to(page, "真的")
    with qtbot.waitSignal(page.encoders.desk.removed, timeout=LONG):
        qtbot.mouseClick(page.encoder_card.remove, Qt.MouseButton.LeftButton)
    page.presenter.show_run(live.id)
    qtbot.waitUntil(lambda: "已不在" in page.status.encoder.name.text(), timeout=LONG)
    assert page.status.evaluation.isVisible(), "its model needs the encoder no more"
