"""The Classify page offers int8 where it is of use, passes it on, and says what came of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from test_classify_page import ROWS, add, click, page, trained, wait_state, write_csv  # noqa: F401

from senti_studio.domain.specs import ClassificationSpec
from senti_studio.operations import classifying
from senti_studio.ui.pages.classify.queue_item import ItemState
from senti_studio.ui.pages.classify.view import ClassifyPage


def test_int8_is_offered_for_a_bert_alone_and_reaches_the_worker(
    page: ClassifyPage,  # noqa: F811
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = page.numbers
    assert not card.isVisibleTo(page), "a GRU gains nothing by it"
    (model,) = page.presenter.models
    # What the worker says when the model is none after all comes back as a sentence.
    taken_for_bert = [dataclasses.replace(model, architecture="bert")]
    monkeypatch.setattr("senti_studio.ui.pages.classify.presenter.list_models", lambda _: taken_for_bert)
    page.presenter.look_for_models()
    (item,) = add(qtbot, page, write_csv(tmp_path / "七月.csv", ROWS, encoding="utf-8"))
    qtbot.waitUntil(lambda: card.isVisibleTo(page))
    assert not card.eight.isVisibleTo(page)
    assert card.fold.summary.text() == "关"
    card.fold.set_open(True)
    assert not card.insist.isEnabled()
    card.eight.click()
    card.insist.click()
    page.presenter.device = "cuda"
    page._show_numbers()
    assert not card.isVisibleTo(page)
    page.presenter.device = "cpu"
    page._show_numbers()
    assert card.isVisibleTo(page)
    click(qtbot, page.queue.start)
    wait_state(qtbot, item, ItemState.DONE, ItemState.FAILED)
    project = page.context.session.project
    assert project is not None
    spec = classifying.batch_run_folder(project, item.batch_id).spec()
    assert isinstance(spec, ClassificationSpec)
    assert (spec.precision, spec.insists) == ("int8", True)
    assert Path(spec.known_rows) == project.runs_folder / model.run_id / "data" / "valid.jsonl"
    assert Path(spec.known_rows).is_file()
    assert "这个模型是 GRU" in page.result.warnings.text()
    assert ("计算精度", "fp32") in page.result._facts(item)
    page.chosen.refresh()
    told = {"precision": "int8", "rows": 480, "is_labelled": True, "lost": 0.21, "same": 99.4, "speed": 1.9}
    item.output = {**item.output, "numbers": told}
    assert (
        "计算精度",
        "int8 · 速度 1.9 倍 · 480 条评论上准确率损失 0.21 个百分点 · 99.4% 的标签相同",
    ) in page.result._facts(item)
