"""``senti-studio train``: one training run, followed in the terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from senti_studio.cli.chosen_options import chosen_options
from senti_studio.cli.options import json_option, opened, project_argument
from senti_studio.cli.terminal import Terminal
from senti_studio.cli.training_plan import say_kept_together, say_plan
from senti_studio.cli.training_report import finish
from senti_studio.cli.transfer_options import pseudo_of, pseudo_options, teacher_options, teaching_of
from senti_studio.cli.watching import follow
from senti_studio.domain.architectures import (
    ARCHITECTURES,
    FACTS,
    PRESETS,
    ArchitectureFacts,
    default_options,
    options_of,
    preset_flags,
)
from senti_studio.domain.encoders import IN_THE_BOX
from senti_studio.domain.repetition import COUNTS, ONCE, Repetition
from senti_studio.domain.training_options import CHOICES, RANGES, TrainingOptions
from senti_studio.operations import training
from senti_studio.operations.encoders import usual_encoder
from senti_studio.operations.training import TrainingRequest

F = TypeVar("F", bound=Callable[..., Any])
MANY = 20_000

HELP = {
    "epochs": "How often the whole training part is seen, at most; patience usually ends a run earlier. 0 = as suits a small encoder that has learnt before: few comments more often (12 times 100, twice 8,000).",
    "batch_size": "Comments a step. Smaller learns more a row and runs slower.",
    "learning_rate": "Size of a step. Lower it when the loss jumps.",
    "embedding_size": "Numbers that describe a word.",
    "hidden_size": "Memory of the net, for each direction.",
    "layers": "Recurrent layers on top of each other.",
    "dropout": "Share of the features hidden at random while learning; more when training is far better than validation.",
    "patience": "Evaluations without gain before the run ends.",
    "valid_share": "Share of the labelled comments held back for validation when no validation part is given.",
    "seed": "Start of the random numbers; the same seed gives the same model on a CPU.",
    "max_length": "Units of a comment that are read; the rest is cut off. 0 = long enough for 99 in 100 of them.",
    "truncation": "What stays of a longer comment: beginning and end, or one of them.",
    "full_width": "Full-width letters and signs are read as half-width ones.",
    "simplified": "Traditional characters are read as simplified ones.",
    "links": "All links and mail addresses are one unit.",
    "user_names": "All @user names are one unit.",
    "repeats": "Most times that a character is read in a row (哈哈哈哈哈 → 哈哈哈); 0 = as written.",
    "vectors": "First weights of the words: none, built in (general: learnt on many Chinese texts, part of the program), learnt on all comments of the project, or from a file.",
    "mix": "views: a net for each kind of units and one for n-grams, each for itself; their mean counts; distilled: one more learns from them and takes their place if it is as right.",
    "vectors_file": "File of word vectors (word2vec, GloVe, npz), with or without --vectors file; it decides the embedding size.",
    "vectors_frozen": "Leave the vectors as they are while learning.",
    "own_words": "Words that stay whole when comments are cut into words, separated by blanks or commas.",
    "min_frequency": "Rarer words count as unknown.",
    "weight_decay": "Pull of all weights towards zero.",
    "label_smoothing": "Doubt about every label; helps when some labels are wrong.",
    "warmup_share": "Share of all steps in which the learning rate rises from zero.",
    "embedding_dropout": "Share of the word vectors' numbers hidden at random while learning.",
    "clip_norm": "Longest gradient that is followed.",
    "bidirectional": "Read comments in both directions.",
    "units": "What the net reads; both: words and characters side by side, as a rule hardly better and two and a half times as slow.",
    "word_dropout": "Share of the words hidden at random while learning.",
    "ngrams": "Also weigh runs of one to three characters, beside the net.",
    "ngram_rate": "How fast their weights learn, compared with the rest.",
    "ngram_dropout": "Share of the n-grams that is hidden at random while the net learns.",
    "least_steps": "Small sets take smaller batches (down to 8), so that an epoch has about this many steps.",
    "linear_model": "What the baseline makes of its n-grams: logistic regression, linear SVM, naive Bayes.",
    "pooling": "What a recurrent net keeps of its states: last, max, mean, attention, or several side by side.",
    "averaging": "Memory of the running mean of the weights, which becomes the model; 0 = the last weights.",
    "optimiser": "How steps follow from gradients; sgd needs a far higher learning rate. Weight decay is adamw's only.",
    "momentum": "Momentum of sgd.",
    "schedule": "How the learning rate goes down after the warm-up.",
    "accumulation": "Batches whose gradients make one step: a large batch in the memory of a small one.",
    "class_weights": "auto: rare classes count for more, at most ten times as much as the most frequent one.",
    "logit_adjustment": "How far rare classes are preferred: 0 = not at all, 1 = as if all were equally frequent; finds more of them, and takes others for them; -1 = 0.5 with more than two classes, else 0.",
    "loss": "focal: comments that are easy already count less.",
    "focal_gamma": "How much less, with the focal loss.",
    "r_drop": "Weight of the agreement between two passes with different dropout, at twice the time; 0 = off.",
    "adversarial": "How far word vectors are pushed the wrong way in a second pass, at twice the time; 0 = off, -1 = 1 from 5,000 learnt comments on, else 0.",
    "variational": "Dropout of and between layers hides the same numbers at every place of a comment.",
    "stop_on": "The validation figure that says which state is the best.",
    "precision": "Numbers to compute in; auto: halves where the device gains by them, else fp32.",
    "freeze": "What of an encoder does not learn: nothing, its embeddings, also its lowest layers, or all but the head (body; an epoch takes seconds).",
    "frozen_layers": "How many of the lowest layers do not learn with --freeze layers.",
    "layer_decay": "Each layer learns so many times as fast as the one above it; 1 = all alike.",
    "reinit_layers": "So many of the highest layers are drawn anew before training.",
    "lora_rank": "Rank of low-rank weights (LoRA) that learn beside a frozen encoder, with less memory; 0 = off.",
    "windows": "Read comments that are longer than --max-length in overlapping windows of that length, whose mean counts, instead of cutting them.",
    "window_overlap": "Share of a window that the next one reads again.",
    "gradient_checkpointing": "Work layers out again on the way back: less memory, more time.",
    "encoder": "What a BERT starts from: an encoder on the shelf (`encoders list`), a folder, or a new scratch-tiny, scratch-mini, scratch-small.",
}


def hyper_parameters(function: F) -> F:
    """One option for each field of `TrainingOptions`, with its default, range and sentence."""
    defaults = TrainingOptions()
    for field in reversed(dataclasses.fields(TrainingOptions)):
        value = getattr(defaults, field.name)
        flag = "--" + field.name.replace("_", "-")
        if isinstance(value, bool):
            name = flag[2:]
            what = HELP[field.name]
            function = click.option(
                f"--{name}/--no-{name}",
                field.name,
                default=value,
                show_default=_default(field.name, value),
                help=what,
            )(function)
            continue
        low, high = RANGES.get(field.name, (None, None))
        span = f" {_plain(low)} to {_plain(high)}." if low is not None and high is not None else ""
        kind: Any = type(value)
        if field.name in CHOICES:
            kind = click.Choice(CHOICES[field.name])
        text = HELP.get(field.name, field.name.replace("_", " ").capitalize() + ".")
        function = click.option(
            flag,
            field.name,
            type=kind,
            default=value,
            show_default=_default(field.name, value),
            help=text + span,
        )(function)
    return function


def data_options(function: F) -> F:
    """What every command that trains takes beside the hyper-parameters."""
    made = (
        click.option(
            "--architecture",
            "-a",
            type=click.Choice(ARCHITECTURES),
            default="lstm",
            show_default=True,
            help="The kind of net.",
        ),
        click.option(
            "--preset",
            type=click.Choice(list(PRESETS)),
            default="balanced",
            show_default=True,
            help="balanced: one network, learns and classifies fast. best: three networks read each comment in "
            "their own way and decide together; right more often, takes about eight times as long, and the model "
            f"has some 40 MB (it stands for {preset_flags('best')}; options that you give win).",
        ),
        click.option(
            "--valid-source", metavar="SOURCE", help="Source (its name) that is the validation part."
        ),
        click.option(
            "--test-source",
            metavar="SOURCE",
            help="Source that is the test part. Default: the project's own test set.",
        ),
        click.option(
            "--split-column",
            metavar="COLUMN",
            help="Original column that says train / validation / test for each comment.",
        ),
        click.option(
            "--group-column",
            metavar="COLUMN",
            help="Original column (user, product) whose comments stay on one side of the split, as copies do.",
        ),
        click.option(
            "--ignore-parts", is_flag=True, help="Draw the split anew although the files came with one."
        ),
        click.option(
            "--allow-few", is_flag=True, help="Train although a class has fewer than 5 labelled comments."
        ),
        click.option(
            "--device",
            default="auto",
            show_default=True,
            help="auto, cpu, cuda, cuda:1, mps; cuda:all: all graphics cards of this computer together, each learns "
            "a share of every batch; cpu:2: two processes on the processor, to try that out (slower than one).",
        ),
        click.option("--name", default="", help="Name of the run. Default: LSTM #7, LSTM best #8."),
        click.option(
            "--detach", is_flag=True, help="Start the run and return; `runs PROJECT last --watch` follows it."
        ),
    )
    for each in reversed(made):
        function = each(function)
    return function


def _default(name: str, value: object) -> str | bool:
    """The default and those of the architectures that have another one; True where the default says it all."""
    of_users = {
        getattr(default_options(facts.key), name) for facts in FACTS.values() if name in options_of(facts.key)
    }
    if len(of_users) == 1 and of_users != {value}:
        return _as_typed(name, *of_users)
    if name == "encoder":
        return usual_encoder()
    others = [
        f"{facts.key}: {_as_typed(name, facts.defaults.get(name, value))}{_of_encoders(facts, name)}"
        for facts in FACTS.values()
        if any(name in some for some in (facts.defaults, facts.from_scratch, facts.in_the_box))
    ]
    return "; ".join([_as_typed(name, value), *others]) if others else True


def _of_encoders(facts: ArchitectureFacts, name: str) -> str:
    """``, from scratch 8``: what a new encoder has, or the one in the box, where that is another default than
    that of other encoders."""
    known = (("from scratch", facts.from_scratch), (IN_THE_BOX, facts.in_the_box))
    return "".join(f", {what} {_as_typed(name, some[name])}" for what, some in known if name in some)


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number >= 1e6 else f"{number:g}"


def _as_typed(name: str, value: object) -> str:
    if isinstance(value, bool):
        return ("" if value else "no-") + name.replace("_", "-")
    return str(value)


@click.command(name="train")
@project_argument
@data_options
@click.option(
    "--seeds",
    type=click.IntRange(*COUNTS["seeds"]),
    help="Train so many times, each time with another seed; says mean and standard deviation.",
)
@click.option(
    "--folds",
    type=click.IntRange(*COUNTS["folds"]),
    help="Cross-validate: hold out each of so many parts once; predicts every labelled comment.",
)
@click.option(
    "--sizes",
    type=click.IntRange(*COUNTS["sizes"]),
    help="Learning curve: train with so many shares of the labels, from a tenth to all of them.",
)
@click.option(
    "--options-of",
    metavar="RUN",
    help="Take the options of RUN (id, number or `last`), of a search those of its best trial. Given ones win.",
)
@click.option(
    "--start-from",
    metavar="MODEL",
    help="Begin with the weights of MODEL (run id, number, name, `last`, or a folder); its size and reading options are taken too.",
)
@pseudo_options
@teacher_options
@hyper_parameters
@json_option
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    project_folder: Path,
    seeds: int | None,
    folds: int | None,
    sizes: int | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Train a net on the labelled comments of PROJECT and follow it to its end.

    The run is a process of its own: it goes on when this terminal closes. Ctrl-C stops it for good and keeps the best epoch; `senti-studio runs PROJECT last --pause` in another terminal pauses it.
    A test set is drawn once for the project (unless one is given); training never sees its texts. Splits that you give
    are kept as they are, and texts that stand on both sides are counted.

    \b
      senti-studio train 门店.senti
      senti-studio train 门店.senti -a gru --epochs 5 --seed 3
      senti-studio train 门店.senti --seeds 5
      senti-studio train 门店.senti --folds 5 --json
      senti-studio train 门店.senti --sizes 5
      senti-studio train 门店.senti --start-from last
      senti-studio train 门店.senti --pseudo-labels-of last --pseudo-threshold 0.95 --pseudo-most 500
      senti-studio train 门店.senti -a lstm --teacher last
      senti-studio train 门店.senti --valid-source dev.tsv --test-source test.tsv --json
    """
    wanted = [(mode, n) for mode, n in (("seeds", seeds), ("folds", folds), ("sizes", sizes)) if n]
    if len(wanted) > 1:
        names = [f"--{mode}" for mode, _ in wanted]
        raise click.UsageError(
            terminal.text(f"{'、'.join(names)} 只能选一个。", f"only one of {', '.join(names)}")
        )
    repetition = Repetition(*wanted[0]) if wanted else ONCE
    begin(terminal, project_folder, repetition, given, as_json=as_json)


def begin(
    terminal: Terminal,
    project_folder: Path,
    repetition: Repetition,
    given: Mapping[str, Any],
    *,
    as_json: bool,
) -> None:
    """Makes a run of what was ``given``, starts it, and follows it to its end unless it is detached."""
    with opened(project_folder) as project:
        architecture, options = chosen_options(terminal, project, given)
        request = TrainingRequest(
            architecture=architecture,
            options=options,
            device=given["device"],
            name=given["name"],
            language=terminal.language,
            valid_source=given["valid_source"],
            test_source=given["test_source"],
            split_column=given["split_column"] or "",
            group_column=given["group_column"] or "",
            use_parts=not given["ignore_parts"],
            allow_few=given["allow_few"],
            repetition=repetition,
            start_from=given.get("start_from") or "",
            pseudo=pseudo_of(given),
            teaching=teaching_of(given),
        )
        labelled = project.comments.counts().labelled
        if labelled > MANY and not as_json:
            terminal.say(
                f"  正在划分 {labelled:,} 条已标注的评论……",
                f"  Dividing {labelled:,} labelled comments into parts…",
            )
        plan = training.plan(project, request)
        if not as_json:
            say_plan(terminal, plan, project.labels.list(), request)
            say_kept_together(terminal, plan, request.group_column)
        folder = training.create_run(project, request)
        training.start(project, folder.id)
        run = training.refresh(project, folder.id)
        if given["detach"]:
            if as_json:
                terminal.result(
                    {
                        "run": {"id": run.id, "number": run.number, "name": run.name},
                        "folder": str(folder.path),
                    }
                )
            terminal.tell(f"✓ {run.name} 已在后台开始：{folder.path}", f"✓ {run.name} started: {folder.path}")
            return
        status = follow(folder, terminal, title=run.name, quiet=as_json)
        finish(terminal, project, folder.id, status, as_json=as_json)
