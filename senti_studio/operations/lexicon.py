"""The words that the labelling page underlines: the program's own, and how a project changed them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from concurrent.futures import Future

from senti_studio.domain.lexicon import Lexicon, WordChanges, WordClass
from senti_studio.resources import resource
from senti_studio.storage.project import Project

_SETTING = "lexicon"


@functools.cache
def own_words() -> Mapping[str, WordClass]:
    """The words of ``resources/lexicon``; see the README there."""
    words: dict[str, WordClass] = {}
    for kind in WordClass:
        for line in resource("lexicon", f"{kind}.txt").read_text("utf-8").splitlines():
            if not line.startswith("#"):
                words |= dict.fromkeys(line.split(), kind)
    return words


def word_changes(project: Project) -> WordChanges:
    """What this project adds and leaves out."""
    return WordChanges.of_values(project.settings.get(_SETTING))


def lexicon_of(project: Project) -> Lexicon:
    """The words of a project, ready to be found in texts."""
    return Lexicon(word_changes(project).applied(own_words()))


def store_word_changes(project: Project, changes: WordChanges) -> Future[None]:
    """Keeps them in the project, for all its windows."""
    return project.settings.set(_SETTING, changes.as_values())
