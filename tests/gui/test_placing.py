"""Where the window lies on its screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize

from senti_studio.ui.placing import TITLE_BAR, first_on, placed, smallest_on

LAPTOP = QRect(0, 0, 1366, 728)
SCALED = QRect(0, 0, 1093, 574)
SECOND = QRect(-1280, 100, 1280, 984)


@pytest.mark.parametrize("available", [LAPTOP, SCALED, SECOND, QRect(0, 0, 800, 600)])
@pytest.mark.parametrize(
    "wanted", [QRect(2, 40, 1366, 768), QRect(1900, 1000, 1440, 900), QRect(-3000, -50, 5000, 4000)]
)
def test_the_window_lies_within_the_screen(available: QRect, wanted: QRect) -> None:
    there = placed(wanted, available)
    assert available.contains(there)
    assert there.top() - available.top() >= TITLE_BAR
    least = smallest_on(available)
    assert least.width() <= there.width() or there.width() == wanted.width()


def test_a_window_that_fits_stays_where_it_is() -> None:
    wanted = QRect(100, 80, 1200, 640)
    assert placed(wanted, LAPTOP) == wanted


def test_the_minimum_is_kept_where_there_is_room_only() -> None:
    assert smallest_on(QRect(0, 0, 1920, 1040)) == QSize(1120, 720)
    assert smallest_on(SCALED) == QSize(1093, 574 - TITLE_BAR)
    assert first_on(LAPTOP) == QSize(1366, 728 - TITLE_BAR)
    assert first_on(QRect(0, 0, 1920, 1040)) == QSize(1440, 900)
