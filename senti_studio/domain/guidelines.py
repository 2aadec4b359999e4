"""How the people of a project agreed to label: a Markdown text with a section for every label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_CHARACTERS = 200_000
KEPT_VERSIONS = 20
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"^\s{0,5}(?:[-*+>]|\d{1,3}[.)、])\s+(.*\S)\s*$")


@dataclass(frozen=True, slots=True)
class LabelGuide:
    """What the text says of one label: the rule (Markdown), and comments that are examples of it."""

    name: str
    rule: str
    examples: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.rule and not self.examples


@dataclass(frozen=True, slots=True)
class Guide:
    """A text taken apart: one entry a label, in their order; ``note`` is everything else (Markdown)."""

    labels: tuple[LabelGuide, ...]
    note: str

    @property
    def is_empty(self) -> bool:
        return not self.note and all(each.is_empty for each in self.labels)


@dataclass(frozen=True, slots=True)
class GuideVersion:
    """The text as somebody saved it: ``at`` in milliseconds since the epoch, ``by`` an annotator."""

    text: str
    at: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Guidelines:
    """The text of a project, and the ones before it, newest first; ``names`` are those that the labels had,
    by id, when the text was saved."""

    now: GuideVersion = GuideVersion("")
    earlier: tuple[GuideVersion, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)

    def changed(self, text: str, *, at: int, by: str, names: Mapping[int, str] | None = None) -> Guidelines:
        """With another text; the present one is kept among the earlier ones, unless it is empty."""
        if text == self.now.text:
            return self
        kept = (self.now, *self.earlier) if self.now.text else self.earlier
        return Guidelines(GuideVersion(text, at, by), kept[:KEPT_VERSIONS], dict(names or {}))

    def text_for(self, names: Mapping[int, str]) -> str:
        """The text with the headings of labels that were renamed since it was saved; ``names`` by id."""
        taken = {name.casefold() for name in names.values()}
        renamed = {
            self.names[each].strip().casefold(): name
            for each, name in names.items()
            if each in self.names and self.names[each].strip().casefold() not in taken
        }
        if not renamed:
            return self.now.text
        return "".join(_with_heading(line, renamed) for line in self.now.text.splitlines(keepends=True))

    def as_values(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {
            "now": _values(self.now),
            "earlier": [_values(version) for version in self.earlier],
            "names": {str(each): name for each, name in self.names.items()},
        }

    @classmethod
    def of_values(cls, values: object) -> Guidelines:
        """The reverse of `as_values`; what cannot be understood is left out."""
        if not isinstance(values, dict):
            return cls()
        earlier = values.get("earlier")
        found = [_version(each) for each in earlier] if isinstance(earlier, list) else []
        named = values.get("names")
        names = {
            int(each): name
            for each, name in (named.items() if isinstance(named, dict) else ())
            if str(each).isdecimal() and isinstance(name, str)
        }
        return cls(
            _version(values.get("now")) or GuideVersion(""),
            tuple(each for each in found if each is not None),
            names,
        )


def _with_heading(line: str, renamed: Mapping[str, str]) -> str:
    """A line; a heading that is one of ``renamed`` has the name that it stands for."""
    heading = _HEADING.match(line)
    name = renamed.get(heading.group(1).strip().casefold()) if heading is not None else None
    if heading is None or name is None:
        return line
    return line[: heading.start(1)] + name + line[heading.end(1) :]


def _values(version: GuideVersion) -> list[Any]:
    return [version.text, version.at, version.by]


def _version(values: object) -> GuideVersion | None:
    match values:
        case [str(text), int(at), str(by)]:
            return GuideVersion(text, at, by)
    return None


def guide_of(text: str, names: Sequence[str]) -> Guide:
    """Takes a text apart. A heading that is the name of a label begins its section: list items and quotations
    there are examples, everything else is the rule; any other heading ends it."""
    wanted = {name.strip().casefold(): name for name in names}
    rules: dict[str, list[str]] = {name: [] for name in names}
    examples: dict[str, list[str]] = {name: [] for name in names}
    note: list[str] = []
    section: str | None = None
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading is not None:
            section = wanted.get(heading.group(1).strip().casefold())
            if section is None:
                note.append(line)
            continue
        if section is None:
            note.append(line)
            continue
        item = _ITEM.match(line)
        if item is not None:
            examples[section].append(item.group(1))
        else:
            rules[section].append(line.strip())
    return Guide(
        tuple(LabelGuide(name, _joined(rules[name]), tuple(examples[name])) for name in names), _trimmed(note)
    )


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line for line in lines if line)


def _trimmed(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def template(names: Sequence[str], *, rule: str, example: str, note: str) -> str:
    """A text to begin with: the three hints stand where something is to be written."""
    sections = [
        f"## {name}\n\n{rule.format(label=name)}\n\n- {example.format(label=name)}\n" for name in names
    ]
    return f"{note}\n\n" + "\n".join(sections)
