"""The options that only some architectures have, as the page calls them."""

from __future__ import annotations

from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.option_text import OptionText

ARCHITECTURE_TEXTS: dict[str, OptionText] = {
    "encoder": OptionText(
        marked("Encoder"),
        marked("Folder of an encoder that has learnt before, or a new one: scratch-tiny, -mini or -small."),
        is_folder=True,
    ),
    "linear_model": OptionText(
        marked("Linear model"),
        marked("What weighs the runs of one to three characters. Logistic regression is the best as a rule."),
        (
            ("logistic", marked("Logistic regression")),
            ("svm", marked("Support vectors (SVM)")),
            ("bayes", marked("Naive Bayes")),
        ),
    ),
    "pooling": OptionText(
        marked("Summary of a comment"),
        marked("What is kept of the states of all words: attention finds the words that matter."),
        (
            ("max+attention", marked("Maximum + attention")),
            ("max+mean", marked("Maximum + average")),
            ("max", marked("Maximum")),
            ("mean", marked("Average")),
            ("attention", marked("Attention")),
            ("last", marked("Last state")),
            ("last+max", marked("Last state + maximum")),
            ("max+mean+attention", marked("Maximum + average + attention")),
        ),
    ),
}
