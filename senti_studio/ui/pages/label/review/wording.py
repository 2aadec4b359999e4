"""What the page says of lists that are looked through, and of what came of it."""

from __future__ import annotations

from senti_studio.domain.assisting import Quality
from senti_studio.messages import joined, message
from senti_studio.ui.formats import number, percent
from senti_studio.ui.i18n import counted, current_language, marked, tr
from senti_studio.ui.pages.label.review.finding import Finder
from senti_studio.ui.pages.label.review.frozen_list import Kind, Outcome
from senti_studio.ui.pages.label.review.reviewing import Reviewing


def heading(kind: Kind) -> str:
    return tr("Likely mistakes") if kind is Kind.MISTAKES else tr("Contradicting pairs")


def invitation(kind: Kind) -> str:
    """What is looked for, and what it is good for."""
    if kind is Kind.MISTAKES:
        return tr(
            "The assistant judges every label by a model that has not learnt from it, and lists those that "
            "look wrong most of all. You decide each by one key."
        )
    return tr(
        "Comments that nearly say the same and have different labels stand side by side, with the words "
        "marked in which they differ. You decide each pair by one key."
    )


def trouble(finder: Finder) -> str:
    """Why the last look found nothing out; empty when all is well."""
    if finder.failure is None:
        return ""
    words = message(*finder.failure, current_language())
    return str(words)


def progress(reviewing: Reviewing) -> str:
    """``12 / 50 · 7 changed · 4 right``."""
    decided = len(reviewing.items) - reviewing.count(Outcome.OPEN)
    parts = [
        f"{number(decided)} / {number(len(reviewing.items))}",
        tr("{n} changed").format(n=number(reviewing.corrected)),
        tr("{n} kept").format(n=number(reviewing.count(Outcome.KEPT))),
    ]
    return " · ".join(parts)


def summary(reviewing: Reviewing) -> str:
    """How the list ended, in one sentence."""
    changed, kept = reviewing.corrected, reviewing.count(Outcome.KEPT)
    text = tr("{n} looked at: {changed} changed, {kept} kept.").format(
        n=number(changed + kept), changed=number(changed), kept=number(kept)
    )
    put_off = reviewing.count(Outcome.OPEN)
    if put_off:
        text = joined(text, tr("{n} put off.").format(n=number(put_off)))
    return text


def measured(reviewing: Reviewing) -> str:
    """What the corrections were worth: the estimate before and after, with intervals and what they leave
    open."""
    listed = reviewing.listed
    if listed is None or not reviewing.corrected:
        return ""
    before, after = listed.before, listed.after
    if after is None:
        return tr("Learning from the corrections…") if reviewing.finder.is_learning else ""
    if before is None or before.source != after.source:
        return tr("Estimated quality now: {after}.").format(after=_share(after)) + "\n" + _where(after)
    one = marked("1 correction: estimated quality {before} → {after}.")
    many = marked("{n} corrections: estimated quality {before} → {after}.")
    said = counted(reviewing.corrected, one, many).format(
        n=number(reviewing.corrected), before=_share(before), after=_share(after)
    )
    return said + "\n" + _where(after) + "\n" + _caution(before, after)


def _share(quality: Quality) -> str:
    return f"{percent(quality.accuracy)} ({percent(quality.low)} – {percent(quality.high)})"


def _where(quality: Quality) -> str:
    where = tr("on the test set") if quality.source == "test_set" else tr("by cross-validation")
    return tr("Measured {where}, {n} comments; in brackets the 95 % interval.").format(
        where=where, n=number(quality.count)
    )


def _caution(before: Quality, after: Quality) -> str:
    """What the two figures do not prove."""
    said = []
    if before.low <= after.high and after.low <= before.high:
        said.append(tr("The intervals overlap: a part of the change, or all of it, may be chance."))
    else:
        said.append(tr("The intervals do not overlap."))
    if after.source != "test_set":
        said.append(
            tr(
                "The corrected labels are part of what is measured against, so some of the change is the "
                "measure itself."
            )
        )
    return "\n".join(said)
