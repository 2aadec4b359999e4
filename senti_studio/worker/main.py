"""``senti-studio worker …``: chooses what this process is, then imports only that."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from senti_studio.jobs.helper_protocol import HELPERS

RUNS = ("train", "classify", "search", "adapt")
_USAGE = f"""senti-studio worker {"|".join(RUNS)} FOLDER [--resume]
senti-studio worker {"|".join(HELPERS)}"""
LEARNER = "learner"
"""A process of a training over several; that of the training starts it."""
_NICER_RUN = 1
"""The window goes first, but beside a program that wants the same core a run still has nearly half of it.
With 10 it would be a tenth: two cores, one of them busy, would learn hardly more than one."""
_NICER_HELPER = 10


def main(arguments: Sequence[str]) -> int:
    """Runs one worker; returns the exit status: 0 done, 1 failed, 2 wrong command line."""
    kind, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if kind in HELPERS and not rest:
        return _serve(kind)
    if kind == LEARNER and not rest:
        return _learn()
    if kind in RUNS:
        folders = [argument for argument in rest if argument != "--resume"]
        if len(folders) == 1 and not folders[0].startswith("-"):
            return _run(kind, Path(folders[0]), resume="--resume" in rest)
    sys.stderr.write(_USAGE + "\n")
    return 2


def _serve(kind: str) -> int:
    from senti_studio.worker.helper import keep_protocol_channel, serve

    channel = keep_protocol_channel()
    _set_up(_NICER_HELPER)
    if kind == "preview":
        from senti_studio.worker import preview

        return serve(preview.handlers(), channel)
    if kind == "import":
        from senti_studio.worker import importing

        return serve(importing.handlers(), channel)
    if kind == "export":
        from senti_studio.worker import exporting

        return serve(exporting.handlers(), channel)
    if kind == "index":
        from senti_studio.worker import indexing

        return serve(indexing.handlers(), channel)
    if kind == "survey":
        from senti_studio.worker import survey

        return serve(survey.handlers(), channel)
    if kind == "assist":
        _keep_to_one_thread()
        from senti_studio.worker import assist

        return assist.run(channel)
    if kind == "explain":
        from senti_studio.worker import explaining

        return serve(explaining.handlers(), channel)
    if kind == "models":
        from senti_studio.worker import model_export

        return serve(model_export.handlers(), channel)
    if kind == "encoders":
        from senti_studio.worker import encoders

        return serve(encoders.handlers(), channel)
    from senti_studio.worker import probe

    return serve(probe.handlers(), channel)


def _run(kind: str, folder: Path, *, resume: bool) -> int:
    from senti_studio.jobs.run_folder import RunFolder

    _set_up(_NICER_RUN)
    run_folder = RunFolder(folder)
    if kind != "classify" and folder.is_dir():
        # Wherever it is: a project that is moved or renamed meanwhile (Windows lets nobody do that) takes its
        # trainings along.
        os.chdir(folder)
        run_folder = RunFolder(Path())
    if kind == "train":
        from senti_studio.worker import train

        return train.run(run_folder, resume=resume)
    if kind == "search":
        from senti_studio.worker import search

        return search.run(run_folder, resume=resume)
    if kind == "adapt":
        from senti_studio.worker import adapt

        return adapt.run(run_folder, resume=resume)
    from senti_studio.worker import classify

    return classify.run(run_folder, resume=resume)


def _learn() -> int:
    _set_up(0)  # as low as the process that started it
    from senti_studio.worker import learner

    return learner.run()


def _set_up(nicer: int) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    lower_priority(nicer)


def _keep_to_one_thread() -> None:
    """For the numerical libraries; they read it when they are loaded."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def lower_priority(nicer: int) -> None:
    """Below normal, so that the window stays quick beside this process."""
    if sys.platform == "win32":
        import psutil

        with contextlib.suppress(psutil.Error):
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        with contextlib.suppress(OSError):
            os.nice(nicer)
        if sys.platform == "linux":
            # A key press then never waits for the end of a time slice of the training.
            with contextlib.suppress(OSError):
                os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
