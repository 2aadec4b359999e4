"""The architectures on the Train page: a card for each, and only the options that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from senti_studio.domain.architectures import ARCHITECTURES, FACTS, default_options, options_of
from senti_studio.domain.training_options import AUTOMATIC, idle_options
from senti_studio.operations.encoders import IN_THE_BOX, usual_encoder
from senti_studio.ui.app import AppParts
from senti_studio.ui.context import UiContext
from senti_studio.ui.pages.train.options_form import GROUPS
from senti_studio.ui.pages.train.view import TrainPage


@pytest.fixture
def page(context: UiContext, qtbot: QtBot) -> Iterator[TrainPage]:
    made = TrainPage(context)
    qtbot.addWidget(made)
    made.resize(1368, 836)
    made.show()
    yield made
    made.presenter.open_project(None)


def test_every_architecture_has_its_card_and_its_options(page: TrainPage) -> None:
    assert tuple(page.architectures.cards) == ARCHITECTURES
    form = page.options
    for key, card in page.architectures.cards.items():
        card.click()
        assert page.form.wish.architecture == key
        shown = {name for name, field in form.fields.items() if not field.isHidden()}
        idle = idle_options(asdict(form.options))
        assert shown == (form.fields.keys() & set(options_of(key))) - idle
        for group, _, names in GROUPS:
            assert form.headers[group].isHidden() == (not shown & set(names))
        encoder = usual_encoder() if "encoder" in options_of(key) else form.options.encoder
        usual = replace(default_options(key, encoder), encoder=encoder)
        assert page.form.wish.options == usual, "nothing was changed but the architecture"


def test_what_was_changed_stays_when_the_architecture_changes(page: TrainPage) -> None:
    page.options.fields["max_length"].set_value(77)
    for key in reversed(ARCHITECTURES):
        page.architectures.cards[key].click()
        assert page.form.wish.options.max_length == 77
        unused = {name for name in FACTS[key].unused if name in page.options.fields}
        assert all(page.options.fields[name].isHidden() for name in unused)


@pytest.mark.parametrize(("language", "word"), [("zh_CN", "自动"), ("en", "Automatic")])
def test_how_far_rare_classes_are_preferred_may_be_left_open(
    page: TrainPage, parts: AppParts, qapp: QApplication, language: str, word: str
) -> None:
    parts.language.install(qapp, language)
    page.retranslate()
    page.architectures.cards["bert"].click()
    page.options.set_encoder(IN_THE_BOX)
    field = page.options.fields["logit_adjustment"]
    box = field.findChild(QDoubleSpinBox, "option_logit_adjustment")
    assert box is not None
    assert (field.value, box.text()) == (AUTOMATIC, word)
    assert word in box.toolTip()
    assert "-" not in box.toolTip(), "from 0"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert (field.value, box.text()) == (0.0, "0")
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert (field.value, page.form.wish.options.logit_adjustment) == (0.1, 0.1)
    for typed in ("-1", "-0.05", "-a1"):
        box.selectAll()
        QTest.keyClicks(box, typed)
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert (field.value, box.text()) == (AUTOMATIC, word), "nothing lies between it and 0"
        field.set_value(0.3)
    for before in (0.05, 0.25, 0.95):
        field.set_value(before)
        for _ in range(3):  # whatever the way down, 0 comes before the word
            QTest.keyClick(box, Qt.Key.Key_PageDown if before > 0.9 else Qt.Key.Key_Down)
        assert box.text() == ("0" if before == 0.25 else word)
        assert field.value == (0.0 if before == 0.25 else AUTOMATIC)
    told = QAccessible.queryAccessibleInterface(box)
    field.set_value(AUTOMATIC)
    assert told.text(QAccessible.Text.Value) == word
    field.set_value(0.3)
    field.reset_button.click()
    assert (field.value, box.text()) == (AUTOMATIC, word)
    page.architectures.cards["lstm"].click()
    assert (field.value, box.text()) == (0.0, "0")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_no_word_of_an_option_is_cut_off(
    page: TrainPage, parts: AppParts, qapp: QApplication, language: str
) -> None:
    parts.language.install(qapp, language)
    page.retranslate()
    for name, value in {"freeze": "layers", "windows": True, "vectors": "file"}.items():
        page.options.fields[name].set_value(value)  # so that no option is idle
    for key in ("lstm", "bert", "baseline"):
        page.architectures.cards[key].click()
        for group, header in page.options.headers.items():
            header.setChecked(not header.isHidden())
            qapp.processEvents()
            for name in next(names for each, _, names in GROUPS if each == group):
                field = page.options.fields[name]
                if not field.isVisible():
                    continue
                needed = field.help.heightForWidth(field.help.width())
                assert field.help.height() >= needed, f"{key}, {name}: the sentence"
                assert field.title.width() >= field.title.sizeHint().width(), f"{key}, {name}: the name"
                if isinstance(combo := field.findChild(QComboBox), QComboBox):
                    words = [combo.itemText(at) for at in range(combo.count())]
                    longest = max(map(combo.fontMetrics().horizontalAdvance, words))
                    assert combo.width() >= longest + 30, f"{key}, {name}: the choices"
