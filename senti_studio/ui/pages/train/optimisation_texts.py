"""Words of the options that say how a network learns."""

from __future__ import annotations

from senti_studio.ui.i18n import marked
from senti_studio.ui.pages.train.option_text import OptionText

OPTIMISATION_TEXTS: dict[str, OptionText] = {
    "optimiser": OptionText(
        marked("Optimiser"),
        marked("How steps follow from gradients. AdamW fits nearly always; SGD needs a far higher rate."),
        (
            ("adamw", "AdamW"),
            ("adam", "Adam"),
            ("adagrad", "Adagrad"),
            ("rmsprop", "RMSprop"),
            ("sgd", "SGD"),
        ),
    ),
    "schedule": OptionText(
        marked("Rate over time"),
        marked("How the rate goes down after its first climb; small steps at the end settle the result."),
        (
            ("cosine", marked("Cosine")),
            ("linear", marked("Linear")),
            ("exponential", marked("Exponential")),
            ("constant", marked("Constant")),
        ),
    ),
    "accumulation": OptionText(
        marked("Batches per step"),
        marked("Gathers several batches before each step: a large batch in the memory of a small one."),
    ),
    "class_weights": OptionText(
        marked("Weights of classes"),
        marked("Automatic: rare classes count for more, so that fewer of them are overlooked."),
        (("none", marked("All alike")), ("auto", marked("Automatic"))),
    ),
    "logit_adjustment": OptionText(
        marked("Rare classes"),
        marked(
            "Towards 1, more of the rare classes is found, and more of others taken for it; 0 is off. "
            "Automatic: 0.5 with more than two classes."
        ),
        step=0.1,
        zero=marked("Automatic"),
    ),
    "loss": OptionText(
        marked("Loss"),
        marked("Focal: comments that are easy already count less, hard ones more."),
        (("cross_entropy", marked("Plain")), ("focal", marked("Focal"))),
    ),
    "label_smoothing": OptionText(
        marked("Doubt about labels"),
        marked("Takes every label for a little uncertain; helps when some of them are wrong."),
        step=0.01,
    ),
    "averaging": OptionText(
        marked("Averaging"),
        marked("The model is the running mean of the weights, which is steadier than the last; 0 is off."),
        step=0.001,
        decimals=4,
    ),
    "r_drop": OptionText(
        marked("R-Drop"),
        marked("Two passes with different dropout must agree; steadier, at twice the time. 0 is off."),
        step=0.5,
    ),
    "adversarial": OptionText(
        marked("Adversarial push"),
        marked(
            "Also learns from word vectors pushed the wrong way; twice the time. 0 is off, 5 is strong. "
            "Automatic: 1 from 5,000 comments on."
        ),
        step=0.1,
        zero=marked("Automatic"),
    ),
    "precision": OptionText(
        marked("Numbers"),
        marked("Automatic: half-size numbers on devices that gain by them, whole ones elsewhere."),
        (
            ("auto", marked("Automatic")),
            ("fp32", marked("32 bits")),
            ("bf16", "bfloat16"),
            ("fp16", "float16"),
        ),
    ),
    "variational": OptionText(
        marked("Same dropout everywhere"),
        marked("Dropout hides the same signals at every place of a comment instead of new ones at each."),
    ),
    "stop_on": OptionText(
        marked("The best is the one with"),
        marked("The validation figure that decides which state is kept and when there is no gain any more."),
        (
            ("macro_f1", marked("Macro F1")),
            ("accuracy", marked("Accuracy")),
            ("loss", marked("Lowest loss")),
        ),
    ),
}
