"""The Train page: a preset sets the options that belong together and shows when they are its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.cli.chinese_help import OPTIONS
from senti_studio.domain.architectures import PRESETS, preset_name, preset_options
from senti_studio.domain.run_states import RunState
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.storage.project import Project
from senti_studio.ui import formats
from senti_studio.ui.models.run_table import RunRow
from senti_studio.ui.pages.train.view import TrainPage


@pytest.fixture
def page(open_train_page: Callable[[Project], TrainPage], tmp_path: Path) -> TrainPage:
    return open_train_page(make_labelled_project(tmp_path))


def test_the_best_preset_sets_what_belongs_together(page: TrainPage, qtbot: QtBot) -> None:
    row, form = page.options.presets, page.options
    assert row.choice.index == 0
    form.fields["epochs"].set_value(5)
    qtbot.keyClick(row.choice, Qt.Key.Key_Right)
    now = form.options
    assert {name: getattr(now, name) for name in PRESETS["best"]} == PRESETS["best"]
    assert now.epochs == 5, "a preset leaves the rest"
    assert row.choice.index == 1
    assert page.form.wish.options.mix == "views"
    qtbot.keyClick(row.choice, Qt.Key.Key_Left)
    assert (form.options.mix, form.options.units, form.options.vectors) == ("none", "words", "general")


def test_options_of_ones_own_are_no_preset(page: TrainPage, qtbot: QtBot) -> None:
    form = page.options
    qtbot.keyClick(form.presets.choice, Qt.Key.Key_Right)
    form.fields["units"].set_value("characters")
    form._edited()
    assert form.presets.choice.index == -1
    assert "own" in form.presets._help.text() or "自己" in form.presets._help.text()


def test_only_nets_that_read_units_have_presets(page: TrainPage) -> None:
    for key, there in (("gru", True), ("textcnn", True), ("baseline", False), ("bert", False)):
        page.architectures.choose(key)
        assert page.options.presets.isVisibleTo(page.options) == there


def test_a_card_tells_of_the_preset_that_is_chosen(page: TrainPage, qtbot: QtBot) -> None:
    def run(name: str, macro_f1: float, preset: str) -> RunRow:
        return RunRow(
            name, name, RunState.FINISHED, ("", "", ""), macro_f1=macro_f1, seconds=60.0,
            architecture="lstm", preset=preset,
        )  # fmt: skip

    best, balanced = run("LSTM 最准 #2", 0.93, "best"), run("LSTM #1", 0.91, "balanced")
    card = page.architectures.cards["lstm"]
    page.architectures.set_runs([best, balanced])
    assert [value for _, value in card.figures] == [formats.score(0.91), formats.duration(60.0)]
    qtbot.keyClick(page.options.presets.choice, Qt.Key.Key_Right)
    assert card.figures[0][1] == formats.score(0.93)
    page.architectures.set_runs([balanced])
    assert card.figures[0][1] == formats.score(0.91)
    assert card.figures[0][0] == "均衡：宏 F1", "of which preset it is, where it is another"


def test_a_run_that_is_shown_chooses_the_preset_of_the_cards(page: TrainPage) -> None:
    labels = (LabelName("1", "正面"), LabelName("3", "负面"))
    options = preset_options(TrainingOptions(), "best")
    page.form.show_run(TrainingSpec("一", "一号", "lstm", labels, options))
    assert page.architectures._preset == "best"
    page.form.show_wish()
    assert page.architectures._preset == "balanced"


def test_a_preset_is_called_as_in_the_terminal(page: TrainPage) -> None:
    names = [preset_name(preset, "zh") for preset in PRESETS]
    assert page.options.presets.choice._texts == names
    for preset, name in zip(PRESETS, names, strict=True):
        assert f"{preset}（{name}）" in OPTIONS["train"]["preset"]
