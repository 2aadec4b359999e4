"""What an encoder is called on the page: its second line, what a training takes, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from senti_studio.domain.encoder_size import EncoderSize
from senti_studio.domain.encoders import SCRATCH, encoder_label
from senti_studio.messages import joined, message
from senti_studio.ui import formats
from senti_studio.ui.i18n import current_language, marked, tr
from senti_studio.ui.pages.train.encoders.desk import Work
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Expected, Kind

_LEAST_CHINESE = 1000
_SHARE_OF_CHINESE = 0.3


_COMING = {
    "queued": marked("not there yet · its adaptation waits in the queue"),
    "made": marked("not there yet · an adaptation is making it"),
    "held": marked("not there yet · its adaptation is paused or broke off"),
}


def about_row(row: EncoderRow) -> str:
    """The second line: family, size, languages, or what there is of it."""
    if row.kind is Kind.GONE:
        return tr("no longer on this computer")
    if row.kind is Kind.UNKNOWN:
        return tr("looking for it…")
    if row.kind is Kind.FUTURE:
        return tr(_COMING[row.coming])
    if row.kind is Kind.UNFINISHED:
        share = f"{file_size(row.bytes_there)} / {file_size(row.bytes_in_all)}"
        words = tr("being downloaded: {share}") if row.is_at_work else tr("unfinished download: {share}")
        return words.format(share=share)
    if row.kind is Kind.ELSEWHERE:
        size = file_size(row.bytes_in_all)
        return tr("{family} · {size} · another program has it here").format(family=row.family, size=size)
    if row.kind is Kind.SCRATCH:
        new = SCRATCH[row.key]
        return tr("new, knows nothing yet · {shape}").format(shape=f"{new.layers} × {new.width}")
    if row.problem is not None:
        return str(message(*row.problem, current_language()).what)
    parts = [row.family, shape(row.size) if row.size is not None else "", languages(row)]
    return " · ".join(part for part in parts if part)


def shape(size: EncoderSize) -> str:
    """``3 × 768 · 38 M``: layers, width, parameters."""
    millions = size.parameters / 1e6
    count = f"{1000 * millions:,.0f} K" if millions < 1 else f"{millions:,.{0 if millions >= 10 else 1}f} M"
    return f"{size.layers} × {size.width} · {count}"


def languages(row: EncoderRow) -> str:
    """What its vocabulary was made for, as far as that tells."""
    if not row.vocabulary:
        return ""
    if row.chinese < _LEAST_CHINESE:
        return tr("hardly any Chinese")
    return tr("Chinese") if row.chinese >= _SHARE_OF_CHINESE * row.vocabulary else tr("many languages")


def file_size(count: float) -> str:
    """Bytes as hubs count them: 1,000 steps."""
    if count < 1e6:
        return f"{count / 1e3:,.0f} KB"
    return f"{count / 1e6:,.0f} MB" if count < 1e9 else f"{count / 1e9:,.1f} GB"


def size_words(row: EncoderRow) -> str:
    """What it takes on the disk."""
    return file_size(row.bytes_in_all) if row.bytes_in_all else formats.MISSING


def fit_words(found: Expected | None) -> tuple[str, str]:
    """Whether a training fits this computer, and the colour of that."""
    if found is None:
        return formats.MISSING, "text3"
    if not found.total:
        return tr("about {memory}").format(memory=formats.size(found.memory)), "text2"
    if found.memory < 0.9 * found.total:
        return tr("fits · {memory}").format(memory=formats.size(found.memory)), "text2"
    if found.batch:
        return tr("batch {batch} at most").format(batch=found.batch), "warn"
    return tr("too large"), "danger"


def time_words(found: Expected | None, *, on_card: bool) -> str:
    """About how long one training takes; a graphics card that has done none yet is faster than what was
    measured."""
    if found is None or found.seconds <= 0:
        return formats.MISSING
    if on_card and not found.runs:
        return tr("under {time}").format(time=formats.duration(found.seconds))
    return formats.about(found.seconds)


def spoken(row: EncoderRow, found: Expected | None, *, is_chosen: bool, on_card: bool) -> str:
    """One sentence for a screen reader."""
    parts = [row.name, about_row(row)]
    if row.may_be_chosen:
        parts += [fit_words(found)[0], time_words(found, on_card=on_card)]
    if is_chosen:
        parts.append(tr("chosen"))
    return ", ".join(part for part in parts if part and part != formats.MISSING)


def time_basis(found: Expected | None) -> str:
    """Where the time that is told comes from."""
    if found is None or found.seconds <= 0:
        return ""
    if found.runs:
        return tr("Time: as earlier trainings of this size went on this computer ({n}).").format(n=found.runs)
    return tr("Time: by a short measurement of the processor; after a training it is known better.")


def details(row: EncoderRow, found: Expected | None) -> tuple[str, str]:
    """The sentences below the list about one encoder, and their role."""
    words, role = _about(row, found)
    basis = time_basis(found) if row.may_be_chosen and role != "warn" else ""
    return "\n".join(part for part in (words, basis) if part), role


def _about(row: EncoderRow, found: Expected | None) -> tuple[str, str]:
    if row.kind is Kind.GONE:
        return (
            tr(
                "{name} was on this computer once. Models that learnt on it need it no more; to train on it "
                "again, bring it back or add it again."
            ).format(name=row.name),
            "warn",
        )
    if row.problem is not None:
        return str(message(*row.problem, current_language())), "warn"
    if row.kind is Kind.SCRATCH:
        return (
            tr(
                "Built anew, with a vocabulary of your comments; it learns the language from your labels "
                "alone. With a few thousand of them an LSTM is right more often, and faster."
            ),
            "second",
        )
    if row.kind is Kind.FUTURE:
        words = tr(
            "An adaptation of {source} makes it. A training on it waits in the queue until it is there, and "
            "says so should nothing come of it."
        )
        if row.coming == "held":
            words = joined(words, tr("Go on with the adaptation in the list of runs first."))
        return words.format(source=encoder_label(row.place)), "warn" if row.coming == "held" else "second"
    if row.kind is Kind.ELSEWHERE:
        return (
            tr("Another program has downloaded it. On the shelf it can be trained on; no network is needed."),
            "second",
        )
    if row.kind is Kind.UNFINISHED:
        words = tr("What is there stays until you go on or delete it. From {place}.")
        return words.format(place=row.place), "second"
    return _facts(row, found)


def _facts(row: EncoderRow, found: Expected | None) -> tuple[str, str]:
    if found is not None and found.total and not found.batch:
        words = message(
            "ENCODER_TOO_LARGE",
            {
                "name": row.name,
                "needed": formats.size(found.memory),
                "memory": formats.size(found.total),
            },
            current_language(),
        )
        return str(words), "warn"
    parts = []
    if row.vocabulary:
        parts.append(
            tr("vocabulary {n}, {chinese} with Chinese").format(
                n=formats.number(row.vocabulary), chinese=formats.number(row.chinese)
            )
        )
    if row.longest:
        parts.append(tr("reads {n} units at once").format(n=formats.number(row.longest)))
    if row.licence:
        parts.append(tr("licence {name}").format(name=row.licence))
    if row.place:
        name = tr("this program") if row.is_shipped else row.place
        parts.append(tr("source: {name}").format(name=name))
    return " · ".join(parts), "hint"


def findings(answer: Mapping[str, Any]) -> tuple[str, str]:
    """What a check has found, in sentences, and their role."""
    found = list(answer.get("findings") or [])
    told = [str(message(str(each["code"]), each["params"], current_language())) for each in found]
    if not answer.get("is_fit"):
        return "\n".join(told), "error"
    told.insert(0, tr("Checked: every file is what was put on the shelf, and it can be trained on."))
    return "\n".join(told), "warn" if found else "good"


def progress_words(work: Work) -> str:
    """Bytes, speed and time left."""
    if not work.total:
        return file_size(work.done) if work.done else ""
    parts = [f"{file_size(work.done)} / {file_size(work.total)}"]
    if work.per_s > 0:
        parts.append(tr("{size}/s").format(size=file_size(work.per_s)))
        if work.done < work.total:
            parts.append(formats.time_left(work.left))
    return " · ".join(parts)
