"""What has become of the labels, and of the test set, since a run began, in a sentence."""

from __future__ import annotations

from senti_studio.operations.models import Evaluation
from senti_studio.ui import formats
from senti_studio.ui.i18n import counted, marked, tr


def since_words(found: Evaluation) -> str:
    """Empty when nothing has changed."""
    since, parts = found.since, []
    for count, one, many in (
        (since.relabelled, marked("1 row has another label now"), marked("{n} rows have another label now")),
        (since.unlabelled, marked("1 row has no label any more"), marked("{n} rows have no label any more")),
        (since.gone, marked("1 row has left the project"), marked("{n} rows have left the project")),
        (
            found.outside,
            marked("the test set was drawn anew, and 1 of these rows is not in it"),
            marked("the test set was drawn anew, and {n} of these rows are not in it"),
        ),
    ):
        if count:
            parts.append(counted(count, one, many).format(n=formats.number(count)))
    parts += [tr("“{old}” is called “{new}” now").format(old=old, new=new) for old, new in since.renamed]
    parts += [tr("the label “{name}” is gone").format(name=name) for name in since.removed]
    words = tr("Changed since this training: {changes}. The figures are of the labels that it began with.")
    return words.format(changes=tr("; ").join(parts)) if parts else ""
