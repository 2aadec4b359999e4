"""The labelling page with the real assistant in its own process, on comments of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from test_label_page import labels_of, press, settle

from senti_studio.domain.comments import NewComment, SourceDraft
from senti_studio.operations import test_set
from senti_studio.storage.project import Project
from senti_studio.ui import assistant as assistant_module
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.label.queue_choice import Choice, view_of
from senti_studio.ui.pages.label.queue_view import Kind
from senti_studio.ui.pages.label.view import LabelPage

GOOD = ("味道很好，还会再来", "送得快，包装也好", "房间干净，前台热情", "性价比高，推荐")
BAD = ("太难吃了，再也不来", "送得慢，汤全洒了", "隔音差，床也脏", "又贵又难吃，失望")
ODD = ("👍👍👍👍👍", "مرحبا بالعالم، الغرفة نظيفة", "。", "好吃" * 20_000, "A\u200dB\r\n第二行\u2029第三段")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """140 comments, every fourth one labelled, and odd ones at the end."""
    made = Project.create(tmp_path / "真 助手.senti")
    source = made.sources.begin(
        SourceDraft(name="评.csv", path="/数据/评.csv", columns=("评论",), text_column=0)
    )
    texts = [f"{(GOOD, BAD)[n % 2][n // 2 % 4]}，第 {n} 次点" for n in range(140)] + list(ODD)
    rows = [
        NewComment(
            row=n + 1,
            text=text,
            values=(text,),
            label_id=(1, 3)[n % 2] if n % 7 < 3 and n < 140 else None,
        )
        for n, text in enumerate(texts)
    ]
    made.sources.append(source, rows)
    made.sources.finish(source)
    return made


def test_the_real_assistant_suggests_ranks_explains_and_counts_on_the_test_set(
    context: UiContext, project: Project, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant_module, "START_AFTER_MS", 0)
    test_set.set_aside(project, count=40, seed=1)
    aside = project.test_sets.visible()
    open_ones = [each for each in aside if project.comments.get(each).label_id is None and each <= 140]
    for each in open_ones:
        project.annotations.label([each], (1, 3)[(each - 1) % 2], annotator="甲").result()
    context.session.use(project)
    page = LabelPage(context)
    qtbot.addWidget(page)
    page.resize(1368, 836)
    page.set_up(project)
    page.show()
    page.on_shown()
    page._choose_queue(Choice.USEFUL)
    qtbot.waitUntil(lambda: page.labels.is_suggestion_seen, timeout=60_000)
    state = context.assistant.state
    assert state is not None
    assert state.quality is not None
    assert state.quality.source == "test_set"
    assert "测试集" in page.labels.quality.text()
    shares = [button.probability for button in page.labels.buttons]
    assert sum(share or 0.0 for share in shares) == pytest.approx(1.0, abs=0.01)
    qtbot.waitUntil(lambda: page.presenter.feed.queue.first_left > 0, timeout=30_000)
    assert aside.isdisjoint(page.presenter.feed.queue.ids)
    qtbot.waitUntil(lambda: page.comment.text.marks("influences") != [], timeout=30_000)
    # Emoji, Arabic, one stop, forty thousand characters, odd line ends: shown, suggested for, labelled.
    odd = range(141, 146)
    page._set_view(view_of(Choice.FILE, page.presenter.feed.view, None))
    assert page.presenter.feed.view.kind is Kind.PLAIN
    qtbot.waitUntil(lambda: not page.presenter.feed.is_filling)
    places = [button.geometry() for button in page.labels.buttons]
    left = [each for each in odd if each not in aside]
    for each in left:
        page.presenter.feed.jump(each)
        qtbot.waitUntil(lambda: page.labels.is_suggestion_seen, timeout=30_000)
        qtbot.waitUntil(lambda: not page.suggesting.explaining._ask.isActive(), timeout=10_000)
        assert page.suggesting._shown_id == each
        press(page, Qt.Key.Key_Return)
        settle(page, qtbot)
    assert places == [button.geometry() for button in page.labels.buttons]
    labels = labels_of(project)
    assert all(labels[each] is not None for each in left)
    qtbot.waitUntil(lambda: context.assistant.standing is assistant_module.Standing.READY)
    context.assistant.close()
