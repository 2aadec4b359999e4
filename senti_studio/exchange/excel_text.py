"""A cell of a workbook as the text that Excel shows: dates, percentages, fixed places, leading zeros.

Formats beyond that (fractions, scientific notation, conditions) give the plain value; whole numbers are never
shortened to 6.1E+18, because they are mostly ids.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_BRACKETS = re.compile(r"\[(?:\$([^-\]]*)(?:-[^\]]*)?|[^\]]*)\]")
_NUMBER = re.compile(r"[#0?,]*[#0?](?:\.[#0?]+)?")
_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|AM/PM|上午/下午|A/P|y+|m+|d+|h+|s+(?:\.0+)?|.', re.I | re.S)
_SPAN = re.compile(r"\[(h+|m+|s+)\](:m+)?(:s+)?", re.I)
_LONGEST_WHOLE = 10**21
_SMALLEST = 1e-9
_BUILTIN_SHORT_DATE = "mm-dd-yy"
"""Number 14: Excel shows it as the system writes short dates, in Chinese 2024/1/2."""


def excel_text(value: object, number_format: str) -> str:
    """What Excel shows of a value with a number format."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number_text(value, number_format)
    if isinstance(value, timedelta):
        return _span_text(value, number_format)
    if isinstance(value, (datetime, date, time)):
        return _moment_text(value, number_format)
    return str(value)


class _Pattern(NamedTuple):
    """Text before and after the digits, places behind the point, digits before it, and how they stand."""

    before: str
    after: str
    places: int
    digits: int
    has_commas: bool
    percent: int
    optional_places: int


def _number_text(value: int | float, number_format: str) -> str:
    pattern = None if number_format in ("", "General", "@") else _pattern(number_format, value < 0)
    if pattern is None or value != value or value in (float("inf"), float("-inf")):
        return general(value)
    if isinstance(value, int) and not pattern.percent and not pattern.places:
        digits = f"{abs(value):{',' if pattern.has_commas else ''}}"
    else:
        digits = f"{abs(value) * 100**pattern.percent:{',' if pattern.has_commas else ''}.{pattern.places}f}"
        if pattern.optional_places:
            kept = pattern.places - pattern.optional_places
            whole, _, rest = digits.partition(".")
            rest = rest[:kept] + rest[kept:].rstrip("0")
            digits = f"{whole}.{rest}" if rest or kept else whole
    if not pattern.has_commas:
        whole, point, rest = digits.partition(".")
        digits = whole.zfill(pattern.digits) + point + rest
    sign = "-" if value < 0 and ";" not in number_format and digits.strip("0.,") else ""
    return f"{sign}{pattern.before}{digits}{pattern.after}"


def general(value: int | float) -> str:
    """Whole numbers in full up to 21 digits, others with the 15 digits that Excel keeps; what is very large
    or very small as 1E+300, 1E-10."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_WHOLE:
        value = int(value)
    if isinstance(value, int):
        return str(value)
    text = f"{value:.15g}"
    if "e" not in text:
        return text
    return text.upper() if abs(value) >= 1 or abs(value) < _SMALLEST else f"{value:.20f}".rstrip("0")


def _span_text(value: timedelta, number_format: str) -> str:
    """A span of time: ``[h]:mm`` counts all hours and shows no seconds."""
    total = round(abs(value.total_seconds()))
    sign = "-" if value < timedelta() else ""
    section = _SECTIONS.split(number_format)[0]
    found = _SPAN.search(section)
    if found is None:
        return f"{sign}{total // 3600}:{total % 3600 // 60:02}:{total % 60:02}"
    unit, width = found[1][0].lower(), len(found[1])
    if unit == "s":
        return f"{sign}{total:0{width}}"
    count, rest = (total // 3600, total % 3600) if unit == "h" else (total // 60, total % 60)
    pieces = [f"{count:0{width}}"]
    if unit == "h" and found[2]:
        pieces.append(f"{rest // 60:02}")
    if found[3] and (unit == "m" or found[2]):
        pieces.append(f"{rest % 60:02}")
    return sign + ":".join(pieces)


@lru_cache(maxsize=500)
def _pattern(number_format: str, is_negative: bool) -> _Pattern | None:
    """None where the format says something that is not shown here."""
    sections = _SECTIONS.split(number_format)
    section = sections[1] if is_negative and len(sections) > 1 else sections[0]
    if re.search(r"\[[<>=]", section):
        return None
    section = _BRACKETS.sub(lambda found: found[1] or "", section)
    section = re.sub(r"_.|\*.", "", section)
    literals: list[str] = []

    def keep(found: re.Match[str]) -> str:
        literals.append(found[0][1:-1] if found[0].startswith('"') else found[0][1:])
        return "\x00"

    bare = re.sub(r'"[^"]*"|\\.', keep, section)
    found = _NUMBER.search(bare)
    rest = bare[: found.start()] + bare[found.end() :] if found else bare
    if found is None or re.search(r"[#0?/]|[eE][+-]|[A-Za-z]", rest):
        return None
    if bare[found.end() :].startswith(",") or re.search(r",(?:\.|$)", found[0]):
        return None  # shown in thousands
    whole, _, places = found[0].partition(".")
    texts = iter(literals)
    before = "".join(next(texts) if char == "\x00" else char for char in bare[: found.start()])
    after = "".join(next(texts) if char == "\x00" else char for char in bare[found.end() :])
    return _Pattern(
        before, after, len(places), whole.count("0"), "," in whole, rest.count("%"), places.count("#")
    )


def _moment_text(value: datetime | date | time, number_format: str) -> str:
    section = _BRACKETS.sub("", _SECTIONS.split(number_format)[0])
    if section.lower() == _BUILTIN_SHORT_DATE and not isinstance(value, time):
        return f"{value.year}/{value.month}/{value.day}"
    text = _formatted(value, section)
    return text if text is not None else _iso(value)


def _iso(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else value.isoformat("seconds")


def _formatted(value: datetime | date | time, section: str) -> str | None:
    tokens = [found[0] for found in _DATE_TOKEN.finditer(section)]
    if not any(token[:1].lower() in "ymdhs" for token in tokens):
        return None
    half_day = any(token.upper() in ("AM/PM", "A/P", "上午/下午") for token in tokens)
    pieces: list[str] = []
    last = ""
    for place, token in enumerate(tokens):
        kind = token[0].lower()
        if kind == "m" and set(token.lower()) == {"m"} and len(token) <= 2:
            following = next((t[0].lower() for t in tokens[place + 1 :] if t[0].lower() in "ymdhs"), "")
            if last == "h" or following == "s":
                kind = "minute"
        piece = _piece(value, token, kind, half_day=half_day)
        if piece is None:
            return None
        if kind in ("y", "m", "d", "h", "s", "minute"):
            last = kind
        pieces.append(piece)
    return "".join(pieces).strip()


def _piece(value: datetime | date | time, token: str, kind: str, *, half_day: bool) -> str | None:
    if token[0] in ('"', "\\"):
        return token[1:-1] if token[0] == '"' else token[1:]
    if kind == "a" or token == "上午/下午":
        afternoon = not isinstance(value, date) or isinstance(value, datetime)
        hour = value.hour if afternoon and not _is_plain_date(value) else 0  # type: ignore[union-attr]
        return _half(token, hour)
    if kind in ("y", "d") or kind == "m":
        return None if isinstance(value, time) else _date_piece(value, token, kind)
    if kind in ("h", "s", "minute"):
        return _time_piece(value, token, kind, half_day=half_day)
    return None if kind in "ebg@" else token


def _is_plain_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _half(token: str, hour: int) -> str | None:
    words = {"AM/PM": ("AM", "PM"), "A/P": ("A", "P"), "上午/下午": ("上午", "下午")}.get(token.upper())
    return None if words is None else words[hour >= 12]


def _date_piece(value: date, token: str, kind: str) -> str | None:
    number = {"y": value.year, "m": value.month, "d": value.day}[kind]
    if kind == "y":
        return f"{number % 100:02}" if len(token) <= 2 else str(number)
    if len(token) > 2:
        return None  # names of months and weekdays are of some language
    return f"{number:0{len(token)}}"


def _time_piece(value: datetime | date | time, token: str, kind: str, *, half_day: bool) -> str | None:
    if _is_plain_date(value) or not isinstance(value, (datetime, time)):
        return "0".zfill(len(token.partition(".")[0]))
    number = {"h": value.hour, "s": value.second, "minute": value.minute}[kind]
    if kind == "h" and half_day:
        number = number % 12 or 12
    whole, point, places = token.partition(".")
    text = f"{number:0{min(len(whole), 2)}}"
    return text + (f".{value.microsecond:06}"[: len(places) + 1] if point else "")
