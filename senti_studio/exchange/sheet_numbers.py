"""Numbers as a workbook stores them: no digit is made up, and it is noted where digits are missing."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation

from senti_studio.exchange.workbook_parts import NumberFormats

KEPT_DIGITS = 15
"""So many digits of a number Excel keeps; the rest of a long id became zeros when it was typed."""
_MOST_DIGITS = 21
"""A longer whole number is no id, and is shown as 1E+300."""


def stored_value(stored: str, kind: str, style: int, formats: NumberFormats) -> tuple[object, str]:
    """The value of a cell of type ``n`` or ``d`` (a date in words), and the number format that shows it.

    What is no number stays the text that it is. Whole numbers keep the digits that are written down: as a
    float, 4.40106199001011E+17 would end in digits that nobody ever typed.
    """
    from openpyxl.utils.datetime import from_excel, from_ISO8601

    number_format = formats.names[style] if style < len(formats.names) else "General"
    if kind == "d":
        try:
            return from_ISO8601(stored), number_format
        except ValueError:
            return stored, number_format
    value = number_of(stored)
    if style in formats.dates and not isinstance(value, str):
        try:
            return from_excel(value, formats.epoch, timedelta=style in formats.spans), number_format
        except (OverflowError, ValueError):
            return value, "General"  # no day that there is: Excel shows ####, its value says more
    return value, number_format


def number_of(stored: str) -> int | float | str:
    """The number, or the text where it is none (or none that a computer can hold)."""
    try:
        if len(stored) < 4000 and stored.lstrip("-").isdecimal():
            return int(stored)
        value = float(stored)
    except ValueError:
        return stored
    if value != value or value in (float("inf"), float("-inf")):
        return stored
    if value.is_integer() and abs(value) < 10**_MOST_DIGITS:
        try:
            exact = Decimal(stored.strip())
        except InvalidOperation:
            return value
        return int(exact) if exact == exact.to_integral_value() else value
    return value


class LongNumbers:
    """Whole numbers of more digits than Excel keeps, by column."""

    def __init__(self) -> None:
        self._cut: Counter[int] = Counter()
        self._even: Counter[int] = Counter()
        self._whole: set[int] = set()

    def look_at(self, column: int, stored: str, value: int) -> None:
        """A whole number of a cell, as it is stored and as it was read."""
        if -(10**KEPT_DIGITS) < value < 10**KEPT_DIGITS:
            return
        if "e" in stored or "E" in stored:
            self._cut[column] += 1
        elif str(abs(value))[KEPT_DIGITS:].strip("0"):
            self._whole.add(column)
        else:
            self._even[column] += 1

    def lost(self) -> dict[int, int]:
        """Column (from 1) -> cells of which only the first digits are left. Zeros at the end prove nothing in
        a column that holds longer numbers in full: another program wrote it."""
        found = self._cut.copy()
        for column, count in self._even.items():
            if column not in self._whole:
                found[column] += count
        return dict(sorted(found.items()))
