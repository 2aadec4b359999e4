"""A report of what merging would do, in sentences."""

from __future__ import annotations

from senti_studio.domain.merging import MergeReport
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr


def head_of(report: MergeReport) -> str:
    """What it comes to."""
    if report.is_empty:
        return tr("{name} holds nothing new.").format(name=report.name)
    if report.unknown and not report.new:
        one, many = marked("{name} brings one new comment."), marked("{name} brings {n} new comments.")
        words = counted(report.unknown, one, many).format(name=report.name, n=number(report.unknown))
    else:
        one, many = marked("{name} brings one new label."), marked("{name} brings {n} new labels.")
        words = counted(report.new, one, many).format(name=report.name, n=number(report.new))
    if not report.is_copy:
        words += " " + tr("It is no copy of this project; only contents are compared.")
    return words


def offer_of(report: MergeReport) -> str:
    """The words beside the tick: comments that only the copy has."""
    one = marked("Also bring the comment that is not here, with its labels (untick to leave it out)")
    many = marked(
        "Also bring the {n} comments that are not here, with their labels (untick to leave them out)"
    )
    return counted(report.unknown, one, many).format(n=number(report.unknown))


def sentences_of(report: MergeReport) -> list[str]:
    """One line a fact."""
    one = marked("1 comment: {place} found by file and row, {text} by text, {unknown} not here")
    many = marked("{n} comments: {place} found by file and row, {text} by text, {unknown} not here")
    found = counted(report.comments, one, many).format(
        n=number(report.comments),
        place=number(report.same_place),
        text=number(report.same_text),
        unknown=number(report.unknown),
    )
    people = [tr("{name} {n}").format(name=name, n=number(count)) for name, count in report.people]
    lines = [found]
    if people:
        lines.append(tr("New labels by {people}").format(people=" · ".join(people)))
    marks = [
        counted(count, one, many).format(n=number(count))
        for one, many, count in (
            (marked("1 label is the same here"), marked("{n} labels are the same here"), report.equal),
            (
                marked("1 was taken back here and stays away"),
                marked("{n} were taken back here and stay away"),
                report.cleared,
            ),
            (marked("1 note"), marked("{n} notes"), report.notes),
            (marked("1 flag"), marked("{n} flags"), report.flagged),
            (marked("1 skipped"), marked("{n} skipped"), report.skipped),
            (marked("1 left out of training"), marked("{n} left out of training"), report.excluded),
            (marked("1 second look"), marked("{n} second looks"), report.looks),
        )
        if count
    ]
    if marks:
        lines.append(" · ".join(marks))
    lines += [
        tr("Label “{there}” is called “{here}” here").format(there=there.name, here=here.name)
        for here, there in report.renamed
    ]
    if report.added:
        names = " · ".join(label.name for label in report.added)
        lines.append(tr("New labels in the label set: {names}").format(names=names))
    return lines
