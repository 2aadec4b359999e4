"""What a key press means on the labelling page, whatever keyboard layout or input method is on.

The digits belong to the labels, in their order; all other keys are those of the table of actions, as the user
has them, and the keys that labels have of their own.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtGui import QKeyEvent

from senti_studio.domain.labels import Label
from senti_studio.ui.actions import ActionList
from senti_studio.ui.key_names import key_name, plain_name

PAGE = "label"
_ALL = "Ctrl+Shift+"


class Verb(enum.StrEnum):
    """What the labelling page can be asked to do by one key."""

    LABEL = "label"
    LABEL_ALL = "label_all"
    LETTER = "letter"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Press:
    """A verb; ``index`` is the place of the label in the set (from 0), ``letter`` a typed a–z, ``action`` the
    id of an action of the table."""

    verb: Verb
    index: int = -1
    letter: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class PageKeys:
    """``labels`` is the number of labels; ``own`` holds the keys that labels have beside their digits."""

    labels: int = 0
    actions: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, int] = field(default_factory=dict)


def keys_for(actions: ActionList, labels: Sequence[Label]) -> PageKeys:
    """The keys as they are now; an action of the table comes before a label."""
    ids: dict[str, str] = {}
    for spec in actions.specs:
        if spec.page == PAGE and " " not in spec.key:
            for key in (spec.key, *actions.keys.also(spec.id)):
                if key:
                    ids[key] = spec.id
    own: dict[str, int] = {}
    for place, label in enumerate(labels):
        key = own_key(label)
        if key and not actions.keys.users(key, PAGE):
            own.setdefault(key, place)
    return PageKeys(len(labels), ids, own)


def own_key(label: Label) -> str:
    """The key that a label has beside its digit: a letter or a sign; digits follow the order."""
    key = plain_name(label.shortcut)
    return "" if key.isdigit() else key


def key_of(place: int) -> str:
    """What the keycap of the label at ``place`` (from 0) says: 1 … 9, ⇧1 … ⇧9, nothing."""
    if place < 9:
        return str(place + 1)
    return f"⇧{place - 8}" if place < 18 else ""


def keycaps(keys: PageKeys) -> list[str]:
    """What stands on the buttons of the labels."""
    own = {place: key for key, place in keys.own.items()}
    return [own.get(place) or key_of(place) for place in range(keys.labels)]


def press_of(event: QKeyEvent, keys: PageKeys) -> Press | None:
    """What the key means, or None if it means nothing here.

    1–9 are the first nine labels, Shift+1–9 the next nine, Ctrl+Shift+1–9 label all that the queue holds;
    Shift+letter starts the search by first letters, unless it has another meaning.
    """
    name = key_name(event)
    action = keys.actions.get(name)
    if action is not None:
        return Press(Verb.ACT, action=action)
    if name in keys.own:
        return Press(Verb.LABEL, keys.own[name])
    shift = name.startswith("Shift+")
    plain = name.removeprefix(_ALL) if name.startswith(_ALL) else name.removeprefix("Shift+")
    if len(plain) != 1 or not plain.isascii() or not plain.isalnum():
        return None
    if name.startswith(_ALL):
        index = int(plain) - 1 if plain.isdigit() else -1
        return Press(Verb.LABEL_ALL, index) if 0 <= index < keys.labels else None
    if plain.isdigit():
        return _digit(int(plain), keys, shift=shift)
    return Press(Verb.LETTER, letter=plain.lower()) if shift else None


def press_of_text(text: str, keys: PageKeys) -> Press | None:
    """What a text committed by an input method means: full-width and plain digits label, 0 skips."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(plain) != 1 or plain not in "0123456789":
        return None
    return _digit(int(plain), keys, shift=False)


def _digit(digit: int, keys: PageKeys, *, shift: bool) -> Press | None:
    # some layouts need Shift for any digit: with nine labels or fewer it changes nothing
    if digit == 0:
        return Press(Verb.ACT, action=keys.actions["0"]) if "0" in keys.actions else None
    index = digit - 1 + (9 if shift and keys.labels > 9 else 0)
    return Press(Verb.LABEL, index) if index < keys.labels else None
