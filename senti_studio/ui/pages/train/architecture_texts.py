"""The options that only some architectures have, as the page calls them."""

from __future__ import annotations

from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.option_text import OptionText

ARCHITECTURE_TEXTS: dict[str, OptionText] = {
    "freeze": OptionText(
        marked("Frozen"),
        marked("What of the encoder stays as it is. All but the head: an epoch takes seconds."),
        (
            ("none", marked("Nothing frozen")),
            ("embeddings", marked("Embeddings")),
            ("layers", marked("Lowest layers")),
            ("body", marked("All but the head")),
        ),
    ),
    "frozen_layers": OptionText(
        marked("Frozen layers"),
        marked("How many of the lowest layers stay as they are, if those are frozen."),
    ),
    "layer_decay": OptionText(
        marked("Slower layers"),
        marked("Each layer learns so many times as fast as the one above it; 1 = all alike."),
        step=0.05,
    ),
    "reinit_layers": OptionText(
        marked("Redrawn layers"),
        marked("So many of the highest layers forget what they had learnt before."),
    ),
    "lora_rank": OptionText(
        marked("LoRA rank"),
        marked("Small weights learn beside a frozen encoder: less memory; 8 is usual."),
        zero=marked("off"),
    ),
    "gradient_checkpointing": OptionText(
        marked("Save memory"), marked("Layers are worked out again on the way back: less memory, more time.")
    ),
    "ngrams": OptionText(
        marked("N-grams"),
        marked(
            "Runs of one to three characters are weighed beside the net. A plain transformers export cannot "
            "hold them."
        ),
    ),
    "windows": OptionText(
        marked("Sliding windows"),
        marked(
            "Comments longer than the greatest length are read in overlapping windows instead of being cut."
        ),
    ),
    "window_overlap": OptionText(
        marked("Overlap of windows"), marked("Share of a window that the next one reads again."), step=0.05
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
    "mix": OptionText(
        marked("Mixing"),
        marked(
            "Several networks side by side, each of which reads comments in its own way; what they say "
            "together is the mean. Distilled: one more learns from them and takes their place if it is as "
            "right."
        ),
        (
            ("none", marked("One network")),
            ("views", marked("Ways of reading")),
            ("distilled", marked("Distilled")),
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
