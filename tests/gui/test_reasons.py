"""Why the model said so: under the list of the Evaluate page, with a real helper on a really trained
model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from label_pages import shown_label_page
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_projects import make_labelled_project

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.domain.explaining import ROLLOUT, Attention, Explanation, WordWeight
from senti_studio.domain.training_options import TrainingOptions
from senti_studio.operations import training
from senti_studio.operations.training import TrainingRequest
from senti_studio.storage.project import Project
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.evaluate.view import EvaluatePage
from senti_studio.ui.pages.label.text_marks import Stroke
from senti_studio.ui.reasons.desk import Looking
from senti_studio.ui.reasons.how_bar import HowBar
from senti_studio.ui.reasons.marks import AGAINST, FOR, LOOKED, marks_of, marks_of_attention
from senti_studio.ui.reasons.pane import LAYER

LONG = 120_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one training, which is wrong about one comment at least; tests work on copies."""
    project = make_labelled_project(tmp_path_factory.mktemp("训练 一次"), per_label=40)
    options = TrainingOptions(epochs=1, embedding_size=8, hidden_size=8, batch_size=16)
    folder = training.create_run(project, TrainingRequest("gru", options, "cpu"))
    training.start(project, folder.id)
    end = time.monotonic() + 280
    while folder.state().is_active and time.monotonic() < end:
        time.sleep(0.1)  # another process is at work; no event loop here to wait with
    assert folder.state().has_model, folder.log_tail()
    project.close()
    for path in (folder.path / "predictions" / "test.jsonl", folder.data / "test.jsonl"):
        first, *rest = path.read_text("utf-8").splitlines()
        row = json.loads(first)
        row["label"] = (row["label"] + 1) % 3  # somebody labelled it wrongly
        path.write_text("\n".join([json.dumps(row, ensure_ascii=False), *rest]) + "\n", "utf-8")
    return project.folder


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / trained.name
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("checkpoints"))  # they go a moment later
    with Project.open(folder) as project:
        yield project


@pytest.fixture
def page(project: Project, context: UiContext, qtbot: QtBot) -> Iterator[EvaluatePage]:
    context.session.use(project)
    page = EvaluatePage(context)
    qtbot.addWidget(page)
    page.resize(1368, 836)
    page.set_up(project)
    page.show()
    page.on_shown()
    qtbot.waitUntil(lambda: page.presenter.shown is not None, timeout=LONG)
    page.rows.which.set_index(1)
    page.rows.which.changed.emit(1)
    yield page
    context.explainer.close()


def test_the_chosen_comment_is_explained_and_the_helper_may_die(
    page: EvaluatePage, context: UiContext, qtbot: QtBot
) -> None:
    pane, desk = page.reasons.pane, page.reasons.desk
    assert not pane.isVisible()
    assert context.explainer.process_id == 0, "nobody has asked yet"
    model = page.rows.model
    for row in range(3):  # who runs through the list asks for the last one alone
        page.rows.view.selectRow(row)
    each = model.rows[2]
    assert pane.text.toPlainText() == each.row.text, "the text is there at once"
    assert pane.isVisible()
    qtbot.waitUntil(lambda: desk.reasons is not None, timeout=LONG)
    told = pane.explanation
    assert told is not None
    assert told.label == each.row.predicted
    assert len(told.characters) == len(each.row.text)
    assert desk.reasons is not None
    assert desk.reasons.probabilities == pytest.approx(each.row.probabilities, abs=1e-3)
    assert {mark.token for mark in pane.text.marks(LAYER)} <= {FOR, AGAINST}
    assert pane.text.marks(LAYER)
    strongest = max(told.words, key=lambda word: abs(word.weight))
    assert pane.bars.words[0] == (each.row.text[strongest.start : strongest.end], strongest.weight)
    qtbot.waitUntil(lambda: desk.evidence is not None, timeout=LONG)
    assert desk.evidence is not None
    assert len(desk.evidence.nearest) == 3
    assert pane.near[0].isVisible()

    wrong = next(place for place, one in enumerate(model.rows) if not one.is_right)
    page.rows.view.selectRow(wrong)
    qtbot.waitUntil(lambda: desk.reasons is not None, timeout=LONG)
    assert len(desk.reasons.explanations) == 2, "the predicted class and the true one"
    pane.which.set_index(1)
    pane.which.changed.emit(1)
    assert pane.explanation is not None
    assert pane.explanation.label == model.rows[wrong].row.label
    assert pane.grab().toImage().width() == pane.width()

    page.rows.view.selectRow(2)
    assert desk.reasons is not None, "what is known is shown at once"
    os.kill(context.explainer.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: context.explainer.process_id == 0, timeout=LONG)
    fresh = next(place for place in range(3, 9) if place != wrong)
    page.rows.view.selectRow(fresh)
    qtbot.waitUntil(lambda: desk.reasons is not None, timeout=LONG)
    assert desk.problem is None

    page.rows.which.set_index(0)
    page.rows.which.changed.emit(0)
    assert not pane.isVisible(), "another list, no row is chosen"


def test_where_the_net_looks(page: EvaluatePage, context: UiContext, qtbot: QtBot) -> None:
    pane, desk = page.reasons.pane, page.reasons.desk
    page.rows.view.selectRow(0)
    assert not pane.how.layers.isVisible()
    pane.how.how.set_index(1)
    pane.how.how.changed.emit(1)
    assert desk.looking is not None
    qtbot.waitUntil(lambda: desk.attention is not None, timeout=LONG)
    found = desk.attention
    assert found is not None
    assert found.layers == ("words",), "attention pooling of a net that reads words"
    assert not pane.how.layers.isVisible(), "there is nothing to choose"
    assert not pane.which.isVisible(), "attention is of no class"
    assert {mark.token for mark in pane.text.marks(LAYER)} <= {LOOKED}
    assert "不说明什么支持这一类" in pane.sum.text()
    assert sum(share for _, share in pane.bars.words) <= 1 + 1e-6
    page.rows.view.selectRow(1)
    qtbot.waitUntil(lambda: desk.attention not in (None, found), timeout=LONG)
    assert desk.reasons is None, "only what is shown is asked for"
    page.rows.view.selectRow(0)
    assert desk.attention == found, "what is known is shown at once"
    pane.how.how.set_index(0)
    pane.how.how.changed.emit(0)
    qtbot.waitUntil(lambda: desk.reasons is not None, timeout=LONG)
    assert pane.which.isVisible()
    assert {mark.token for mark in pane.text.marks(LAYER)} <= {FOR, AGAINST}


def test_layers_and_heads_to_choose_from(context: UiContext, qtbot: QtBot) -> None:
    bar = HowBar(context.theme)
    qtbot.addWidget(bar)
    bar.retranslate()
    bar.show()
    wanted: list[Looking | None] = []
    bar.changed.connect(lambda: wanted.append(bar.looking))
    bar.show_looking(Looking(), None)
    assert not bar.layers.isVisible(), "the net has not said what it has"
    layers = (ROLLOUT, "1", "2")
    bar.show_looking(Looking(), Attention(layers, ROLLOUT, 0, 0, (), (), 0.0))
    assert [bar.layers.itemText(place) for place in range(3)] == [
        "所有层汇总（rollout）",
        "第 1 层",
        "第 2 层",
    ]
    assert not bar.heads.isVisible()
    bar.layers.setCurrentIndex(2)
    bar.layers.activated.emit(2)
    bar.show_looking(Looking("2"), Attention(layers, "2", 2, 0, (), (), 0.0))
    assert [bar.heads.itemText(place) for place in range(3)] == ["所有头的平均", "第 1 个头", "第 2 个头"]
    bar.heads.setCurrentIndex(1)
    bar.heads.activated.emit(1)
    bar.layers.setCurrentIndex(0)
    bar.layers.activated.emit(0)
    assert wanted == [Looking("2"), Looking("2", 1), Looking(ROLLOUT)]
    bar.show_looking(None, None)
    assert not bar.layers.isVisible()
    assert bar.looking is None


def test_a_model_that_has_gone_is_told(page: EvaluatePage, context: UiContext, qtbot: QtBot) -> None:
    assert page.presenter.shown is not None
    folder = page.presenter.shown.run.folder
    folder.rename(folder.with_name("anders"))
    page.rows.view.selectRow(0)
    qtbot.waitUntil(lambda: page.reasons.desk.problem is not None, timeout=LONG)
    assert "模型" in page.reasons.pane.state.text()
    assert not page.reasons.pane.which.isVisible()


def test_the_newest_model_beside_the_label_page(project: Project, context: UiContext, qtbot: QtBot) -> None:
    source = project.sources.begin(SourceDraft("八月.csv", "/八月.csv", ("评论",), 0))
    texts = ["早餐不错😂，服务热情", "房间太小，再也不来", "还行吧"]
    project.sources.append(source, [NewComment(row, text, (text,)) for row, text in enumerate(texts, 1)])
    project.sources.finish(source)
    page = shown_label_page(context, qtbot, project)
    reasons = page.suggesting.reasons
    qtbot.waitUntil(lambda: reasons.model is not None, timeout=LONG)
    action = context.actions.action("view.reasons")
    action.trigger()
    dialog = reasons.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.desk.reasons is not None, timeout=LONG)
    assert dialog.pane.text.toPlainText() == texts[0]
    assert "GRU" in dialog.windowTitle()
    QTest.keyClick(page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: dialog.pane.text.toPlainText() == texts[1], timeout=LONG)
    qtbot.waitUntil(lambda: dialog.desk.reasons is not None, timeout=LONG)
    page.suggesting.toggle()
    assert dialog.desk.asked is None, "who labels without suggestions is shown no reasons"
    assert dialog.pane.text.toPlainText() == ""
    page.suggesting.toggle()
    assert dialog.pane.text.toPlainText() == texts[1]
    action.trigger()
    assert reasons.dialog is None
    page.shut_down()
    context.explainer.close()


def explained(characters: tuple[float, ...]) -> Explanation:
    words = (WordWeight(0, len(characters), sum(characters)),)
    return Explanation(0, sum(characters), 0.0, characters, words, 0.0, 0.0)


def test_marks() -> None:
    found = marks_of(explained((0.0, 1.0, 0.99, 0.01, -0.3, -1.0)))
    grounds = [(mark.start, mark.end, mark.token) for mark in found if mark.stroke is Stroke.GROUND]
    assert grounds == [(1, 3, FOR), (4, 5, AGAINST), (5, 6, AGAINST)]
    lines = [(mark.start, mark.end) for mark in found if mark.stroke is Stroke.DASHED]
    assert lines == [(4, 6)], "colour alone tells nothing"
    assert marks_of(explained((0.0, 0.0))) == []
    assert marks_of(explained(())) == []


def test_marks_of_attention() -> None:
    peaked = Attention(("1",), "1", 2, 0, (0.1, 0.6, 0.1, 0.1, 0.0), (), 0.1)
    (mark,) = marks_of_attention(peaked)
    assert (mark.start, mark.end, mark.token) == (1, 2, LOOKED)
    even = Attention(("1",), "1", 2, 0, (0.2, 0.201, 0.2, 0.199), (), 0.2)
    assert marks_of_attention(even) == [], "no noise is made to look like something"
    assert marks_of_attention(Attention(("1",), "1", 0, 0, (), (), 0.0)) == []


def test_pictures(page: EvaluatePage, context: UiContext, qtbot: QtBot) -> None:
    """Light and dark show something else, and the marks are to be seen."""
    page.rows.view.selectRow(0)
    qtbot.waitUntil(lambda: page.reasons.desk.evidence is not None, timeout=LONG)
    assert page.reasons.pane.sum.toolTip(), "what the score is held against"
    looks = []
    for mode in ("light", "dark"):
        context.theme.set_choice(mode)
        image = page.reasons.pane.text.grab().toImage()
        across, down = range(0, image.width(), 3), range(0, image.height(), 3)
        looks.append({image.pixel(x, y) for x in across for y in down})
        assert len(looks[-1]) > 10
    assert looks[0] != looks[1]
    context.theme.set_choice("light")
