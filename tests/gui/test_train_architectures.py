"""The architectures on the Train page: a card for each, and only the options that it uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from senti_studio.domain.architectures import ARCHITECTURES, FACTS, default_options, options_of
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
        assert shown == form.fields.keys() & set(options_of(key))
        for group, _, names in GROUPS:
            assert form.headers[group].isHidden() == (not shown & set(names))
        assert page.form.wish.options == default_options(key), "nothing was changed but the architecture"


def test_what_was_changed_stays_when_the_architecture_changes(page: TrainPage) -> None:
    page.options.fields["max_length"].set_value(77)
    for key in reversed(ARCHITECTURES):
        page.architectures.cards[key].click()
        assert page.form.wish.options.max_length == 77
        unused = {name for name in FACTS[key].unused if name in page.options.fields}
        assert all(page.options.fields[name].isHidden() for name in unused)
