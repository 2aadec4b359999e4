"""The process ``worker learner``: one of several that learn together, started by that of the training."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from typing import TYPE_CHECKING

from senti_studio.worker.helper import keep_protocol_channel

if TYPE_CHECKING:
    from senti_studio.learning.several.notes import Source, Step


_END_S = 2.0


def run() -> int:
    """Learns until its stdin ends: the training has enough, or is gone. Returns the exit status."""
    channel = keep_protocol_channel()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Meant for all processes of the run: that of the training saves, and then ends this one.
        signal.signal(number, signal.SIG_IGN)
    from senti_studio.learning.several.learner import learn_beside

    with open(0, "rb", buffering=0, closefd=False) as source:
        try:
            learn_beside(
                source, lambda: iter(_heard(source).get, None), lambda: os.write(channel, b"ready\n")
            )
        except EOFError:
            return 0
        except RuntimeError:
            # When the others are gone stdin ends in a moment, and this process with it: nothing to tell of.
            time.sleep(_END_S)
            raise
    return 0


def _heard(source: Source) -> queue.SimpleQueue[Step]:
    """Steps as they come. At their end the process ends at once, whatever it is in the midst of."""
    from senti_studio.learning.several.notes import read_step

    heard: queue.SimpleQueue[Step] = queue.SimpleQueue()

    def listen() -> None:
        try:
            while True:
                heard.put(read_step(source))
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=listen, name="steps", daemon=True).start()
    return heard
