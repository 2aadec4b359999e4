"""What the label card says of the assistant: who suggests, how fresh, how good, how many are ranked."""

from __future__ import annotations

from senti_studio.domain.assisting import AssistState, Quality
from senti_studio.ui.assistant import Assistant, Standing
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr

FIRST_MODEL = 20


def source_words(assistant: Assistant, name: str, now: float) -> str:
    """``Quick baseline · updated 12 s ago``, or why there is no suggestion."""
    state = assistant.state
    if assistant.standing is Standing.GONE:
        return tr("No assistant; labelling goes on")
    if assistant.standing is Standing.SLOW:
        return tr("Assistant is slow; labelling goes on")
    if assistant.standing is Standing.STARTING:
        return _starting(assistant.progress)
    if state is None:
        return ""
    if state.needed > 0:
        return tr("Suggestions after {n} labels").format(n=number(FIRST_MODEL))
    if state.trained_at <= 0:
        return name
    return f"{name} · {age_words(now - state.trained_at)}"


def _starting(progress: tuple[str, float] | None) -> str:
    if progress is None:
        return tr("Assistant is starting…")
    stage, share = progress
    if stage == "hashing":
        return tr("Assistant is reading the comments {share}").format(share=f"{share * 100:.0f}%")
    return tr("Assistant is learning…")


def age_words(seconds: float) -> str:
    """``updated 12 s ago``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("updated {n} s ago").format(n=whole)
    if whole < 3600:
        return tr("updated {n} min ago").format(n=whole // 60)
    if whole < 86_400:
        return tr("updated {n} h ago").format(n=whole // 3600)
    return tr("updated {n} days ago").format(n=whole // 86_400)


def quality_words(assistant: Assistant, ceiling: float | None = None) -> str:
    """``about 86% ± 3 right (test set of 120) · ceiling 96% · 20,000 of 1,000,000 ranked``; empty before a
    model. ``ceiling``: how often people agree with themselves, where that is known."""
    state = assistant.state
    if state is None or state.needed > 0 or assistant.standing is Standing.GONE:
        return ""
    parts = [accuracy_words(state.quality)] if state.quality is not None else []
    if parts and ceiling is not None:
        parts.append(tr("ceiling {share}%").format(share=f"{ceiling * 100:.0f}"))
    parts.append(ranked_words(state))
    return " · ".join(part for part in parts if part)


def accuracy_words(quality: Quality) -> str:
    """``about 86% ± 3 right (test set of 120)``."""
    share = f"{quality.accuracy * 100:.0f}"
    margin = f"{max(1.0, (quality.high - quality.low) * 50):.0f}"
    if quality.source == "test_set":
        text = tr("about {share}% ± {margin} right (test set of {n})")
    else:
        text = tr("about {share}% ± {margin} right (cross-validated, {n})")
    return text.format(share=share, margin=margin, n=number(quality.count))


def ranked_words(state: AssistState) -> str:
    """How many comments the assistant has looked at; empty while it is none."""
    if not state.total:
        return ""
    if state.ranked >= state.total:
        return tr("all {n} ranked").format(n=number(state.total))
    return tr("{n} of {total} ranked").format(n=number(state.ranked), total=number(state.total))
