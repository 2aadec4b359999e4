"""The one program: window, command line and workers. Looks at the first word, then imports that part."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program; returns the exit status. No argument (or a project folder) opens the window."""
    multiprocessing.freeze_support()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["worker"]:
        # Before torch is imported: spinning OpenMP threads starve a recurrent net beside a busy program.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from senti_studio.worker.main import main as worker_main

        return worker_main(given[1:])
    if not given or (len(given) == 1 and _is_project(given[0])):
        return open_window(*given)
    from senti_studio.cli.main import main as cli_main

    return cli_main(given, open_window=open_window)


def open_window(*arguments: str | os.PathLike[str], language: str = "") -> int:
    """Opens the window, on a project if one is given; returns the exit status.

    ``language``: ``zh`` | ``en`` for this start; without it ``SENTI_STUDIO_LANGUAGE`` decides, else what was
    chosen in the window.
    """
    from senti_studio.ui.app import main as window_main

    spoken = language or os.environ.get("SENTI_STUDIO_LANGUAGE", "")
    return window_main([os.fspath(argument) for argument in arguments], language=spoken)


def _is_project(argument: str) -> bool:
    return argument.rstrip("/\\").endswith((".senti", "project.db"))


if __name__ == "__main__":
    sys.exit(main())
