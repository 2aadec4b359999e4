"""What the Train page says before a start and of a run in view, where silence would say that all is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.architectures import default_options
from senti_studio.domain.specs import LabelName, TrainingSpec
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.jobs.protocol import Evaluated, Finished, Read, Started, Warned
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.train.history import RunHistory
from senti_studio.ui.pages.train.ladder import Ladder
from senti_studio.ui.pages.train.options_form import OptionsForm
from senti_studio.ui.pages.train.plan_notes import PlanNotes
from senti_studio.ui.pages.train.plan_view import PlanView
from senti_studio.ui.pages.train.side_cards import LINES_SHOWN, MOST_LINES, LogCard, log_text
from senti_studio.ui.pages.train.status_card import StatusCard
from senti_studio.ui.pages.train.view import TrainPage

Opened = Callable[[Project], TrainPage]
LONG = 30_000
LABELS = (LabelName("1", "正面"), LabelName("3", "负面"))


def notes(page: TrainPage) -> str:
    labels = page.start_card.notes.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def links(page: TrainPage) -> dict[str, QPushButton]:
    buttons = page.start_card.notes.findChildren(QPushButton)
    return {each.text(): each for each in buttons if each.isVisible()}


def test_a_label_that_no_comment_has_is_named(tmp_path: Path, open_train_page: Opened, qtbot: QtBot) -> None:
    page = open_train_page(make_labelled_project(tmp_path, only=[0, 2]))
    qtbot.waitUntil(lambda: "没有评论标为 “中性”：模型不会认识它" in notes(page), timeout=LONG)
    assert page.start_card.start.isEnabled(), "whoever wants no neutral comments may train"
    project = page.presenter.project
    assert project is not None
    first = next(iter(project.comments.labelled())).id
    neutral = project.labels.list()[1].id
    project.annotations.label([first], neutral, annotator="小王").result(10)
    page.presenter.planner.later()
    qtbot.waitUntil(lambda: "没有评论标为" not in notes(page), timeout=LONG)


def test_rare_labels_are_one_note(context: UiContext, qtbot: QtBot) -> None:
    made = PlanNotes(context.theme)
    qtbot.addWidget(made)
    few = [
        ("TOO_FEW_COMMENTS", {"label": f"第{count}类", "count": count, "least": 5})
        for count in range(9, 1, -1)
    ]
    made.show_plan(PlanView(labelled=60, warnings=tuple(few)), is_refused=False)
    (told,) = [label.text() for label in made.findChildren(QLabel) if label.text()]
    assert "第2类 2、第3类 3、第4类 4、第5类 5、第6类 6、另有 3 个。" in told
    made.show_plan(PlanView(labelled=60, warnings=tuple(few[:1])), is_refused=False)
    told = " ".join(label.text() for label in made.findChildren(QLabel) if not label.isHidden())
    assert "标签“第9类”只有 9 条训练评论（建议至少 5 条），模型很难学会它。请多标注" in told, (
        "no blank after 。"
    )


def test_a_batch_that_gets_smaller_is_told(tmp_path: Path, open_train_page: Opened, qtbot: QtBot) -> None:
    page = open_train_page(make_labelled_project(tmp_path))
    qtbot.waitUntil(lambda: "个单位" in notes(page), timeout=LONG)
    assert "每步学习" not in notes(page), "nobody has asked for another batch"
    assert page.options.headers["key"].summary.endswith("批 8")
    field = page.options.fields["batch_size"]
    assert field.help.text().endswith("评论少时按更小的批学习：这里会是 8。")
    page.options.fields["batch_size"].set_value(64)
    page.form.tell()
    qtbot.waitUntil(lambda: "每步学习 8 条评论，不是 64 条" in notes(page), timeout=LONG)
    assert page.options.headers["key"].summary.endswith("批 8")
    field.set_value(8)
    assert field.help.text() == "每一步同时学习几条评论；越大越快，也越占内存。"
    field.set_value(4)
    assert page.options.headers["key"].summary.endswith("批 4")


def test_near_copies_are_looked_for_from_here(tmp_path: Path, open_train_page: Opened, qtbot: QtBot) -> None:
    """With the real look, in a process of its own."""
    page = open_train_page(make_labelled_project(tmp_path))
    qtbot.waitUntil(lambda: "还没有查找近似文本" in notes(page), timeout=LONG)
    qtbot.mouseClick(links(page)["查找近似文本"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "停止查找" in links(page), timeout=LONG)
    assert "还没有" not in notes(page)
    qtbot.waitUntil(
        lambda: page.presenter.plan is not None and page.presenter.plan.near_copies == "known", timeout=LONG
    )
    qtbot.waitUntil(lambda: "个单位" in notes(page), timeout=LONG)
    assert "近似" not in notes(page)
    assert not links(page)


def test_a_look_that_is_stopped_leaves_the_warning(
    tmp_path: Path, open_train_page: Opened, qtbot: QtBot
) -> None:
    page = open_train_page(make_labelled_project(tmp_path))
    qtbot.waitUntil(lambda: "查找近似文本" in links(page), timeout=LONG)
    qtbot.mouseClick(links(page)["查找近似文本"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "停止查找" in links(page), timeout=LONG)
    page.context.near.close()
    page.context.near.changed.emit()
    qtbot.waitUntil(lambda: "查找近似文本" in links(page), timeout=LONG)
    assert "还没有查找近似文本" in notes(page)


def shown(
    context: UiContext, qtbot: QtBot, options: TrainingOptions, architecture: str = "lstm"
) -> StatusCard:
    card = StatusCard(context.theme)
    qtbot.addWidget(card)
    card.resize(296, 420)
    card.retranslate()
    history = RunHistory(TrainingSpec("一", "一号", architecture, LABELS, options))
    card.show_run("一号", history, Ladder())
    card.show()
    return card


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "截短 0%"), (0.0004, "截短 <0.1%"), (0.0123, "截短 1.2%"), (0.4, "截短 40.0%")]
)
def test_a_run_says_how_many_comments_it_cuts(
    context: UiContext, qtbot: QtBot, share: float, words: str
) -> None:
    card = shown(context, qtbot, TrainingOptions(max_length=0))
    assert card._history is not None
    assert card.length.words.whole == "自动 · 截短多少还不知道"
    card._history.feed([Started(run_id="一"), Read(max_length=117, cut_share=share)])
    card.refresh()
    assert card.length.words.whole == f"117 个单位 · {words}"
    assert card.length.words.property("role") == ("warn" if share > 0.05 else "second")


def test_a_run_of_an_earlier_version_says_it_at_its_end(context: UiContext, qtbot: QtBot) -> None:
    card = shown(context, qtbot, TrainingOptions(max_length=64))
    assert card._history is not None
    card._history.feed([Started(run_id="一"), Finished(metrics={"cut_share": 0.0})])
    card.refresh()
    assert card.length.words.whole == "64 个单位 · 截短 0%"


def test_what_reads_whole_comments_says_nothing_of_a_length(context: UiContext, qtbot: QtBot) -> None:
    card = shown(context, qtbot, default_options("baseline"), "baseline")
    assert not card.length.isVisible()


def test_lines_of_the_log_use_the_room_that_there_is(context: UiContext, qtbot: QtBot) -> None:
    history = RunHistory(TrainingSpec("一", "一号", "lstm", LABELS))
    name = "一个名字特别特别长的标签" * 3
    few = {"label": name, "count": 1, "least": 5}
    history.feed([Started(at=1.0, device_name="处理器"), Warned(at=2.0, code="TOO_FEW_COMMENTS", params=few)])
    history.feed([Evaluated(at=3.0, step=20, macro_f1=0.71234)])
    card = LogCard(context.theme)
    qtbot.addWidget(card)
    card.resize(260, 200)
    card.retranslate()
    card.show_run(history)
    card.show()
    card.resize(260, 240)
    long = card._lines[1][1]
    qtbot.waitUntil(lambda: long.text().endswith("…"))
    assert long.fontMetrics().horizontalAdvance(long.text()) <= long.width()
    assert long.toolTip() == long.accessibleName() == long.whole
    assert name in long.whole
    card.resize(3000, 240)
    qtbot.waitUntil(lambda: long.text() == long.whole)
    assert not long.toolTip()
    assert "0.712" in card._lines[2][1].text()


def test_a_high_log_shows_more_lines_and_shrinks_again(context: UiContext, qtbot: QtBot) -> None:
    history = RunHistory(TrainingSpec("一", "一号", "lstm", LABELS))
    history.feed([Evaluated(at=float(step), step=step, macro_f1=0.5) for step in range(1, 31)])
    card = LogCard(context.theme)
    qtbot.addWidget(card)
    card.retranslate()
    card.show_run(history)
    card.resize(300, 600)
    card.show()

    def lines() -> list[str]:
        return [words.whole for _, words in card._lines if words.isVisible()]

    qtbot.waitUntil(lambda: len(lines()) == MOST_LINES)
    assert "步 30" in lines()[-1]
    assert "步 19" in lines()[0]
    least = card.minimumSizeHint().height()
    card.resize(300, least)
    qtbot.waitUntil(lambda: len(lines()) == LINES_SHOWN)
    assert "步 29" in lines()[0]
    qtbot.waitUntil(lambda: card.minimumSizeHint().height() == least)
    last = card._rows[LINES_SHOWN - 1]
    qtbot.waitUntil(lambda: last.mapTo(card, last.rect().bottomLeft()).y() < least)  # none of them is cut


@pytest.mark.parametrize(
    ("name", "chooser", "idle", "used"),
    [
        ("frozen_layers", "freeze", "none", "layers"),
        ("frozen_layers", "freeze", "body", "layers"),
        ("window_overlap", "windows", False, True),
    ],
)
def test_an_option_that_counts_for_nothing_is_not_shown(
    context: UiContext, qtbot: QtBot, name: str, chooser: str, idle: str | bool, used: str | bool
) -> None:
    form = OptionsForm(context.theme, context.dialogs.window)
    form.set_architecture("bert")
    form.set_options(default_options("bert"))
    field = form.fields[name]
    form.fields[chooser].set_value(idle)
    assert field.isHidden()
    form.fields[chooser].set_value(used)
    assert not field.isHidden()
    form.set_architecture("lstm")
    assert field.isHidden()


def test_the_log_says_how_much_the_word_vectors_know(context: UiContext) -> None:
    history = RunHistory(TrainingSpec("一", "一号", "lstm", LABELS))
    history.feed([Finished(at=1.0, metrics={"vectors_running": 0.96647})])
    text = log_text(history, "")
    assert "词向量认识其中 96.6% 的词" in text
    assert text.index("词向量认识") < text.index("最佳")
