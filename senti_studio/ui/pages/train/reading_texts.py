"""Titles and help of the options of what a net reads."""

from __future__ import annotations

from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.option_text import OptionText

READING_TEXTS: dict[str, OptionText] = {
    "max_length": OptionText(
        marked("Longest comment"),
        marked(
            "Units of a comment that are read; the rest is cut off. Automatic: long enough for 99 in 100."
        ),
        zero=marked("Automatic"),
    ),
    "truncation": OptionText(
        marked("What is kept"),
        marked(
            "Both ends: three quarters from the beginning, a quarter from the end, where people conclude."
        ),
        (
            ("head_tail", marked("Both ends")),
            ("head", marked("The beginning")),
            ("tail", marked("The end")),
        ),
    ),
    "own_words": OptionText(
        marked("Own words"),
        marked("Names of products and places that stay whole, separated by blanks or commas."),
    ),
    "full_width": OptionText(
        marked("Full-width as half-width"),
        marked("ＡＢＣ１２３！ is read like abc123!, a letter like its small form."),
    ),
    "simplified": OptionText(
        marked("Traditional as simplified"),
        marked("Traditional characters are read as simplified ones; for comments in both scripts."),
    ),
    "links": OptionText(
        marked("Links as one mark"), marked("All links and mail addresses are the same unit.")
    ),
    "user_names": OptionText(
        marked("User names as one mark"), marked("All names behind an @ are the same unit.")
    ),
    "repeats": OptionText(
        marked("Most repeats"),
        marked("哈哈哈哈哈哈 is read like 哈哈哈: at most so many of the same character in a row."),
        zero=marked("As written"),
    ),
    "vectors": OptionText(
        marked("Start from"),
        marked(
            "What each word means before training: known to Senti Studio from many Chinese texts (built in), "
            "learnt on all comments of this project, or from a file. Helps most where few are labelled."
        ),
        (
            ("none", marked("Nothing")),
            ("general", marked("Built in")),
            ("project", marked("All comments")),
            ("file", marked("A file")),
        ),
    ),
    "vectors_file": OptionText(
        marked("File of vectors"),
        marked("word2vec, GloVe or npz, read when they start from a file; it decides the embedding size."),
        is_file=True,
    ),
    "vectors_frozen": OptionText(
        marked("Leave them as they are"),
        marked("Otherwise they are tuned along with the network, which is better as a rule."),
    ),
}
