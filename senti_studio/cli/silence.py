"""What the terminal says of a run that no longer answers."""

from __future__ import annotations

from senti_studio.cli.terminal import Terminal
from senti_studio.jobs.launch import end_by_force
from senti_studio.jobs.protocol import Started
from senti_studio.jobs.pulse import SILENT_AFTER_S, Pulse
from senti_studio.jobs.run_folder import RunFolder


class Silence:
    """Says once when a run falls silent and once when it answers again."""

    def __init__(self, folder: RunFolder, terminal: Terminal) -> None:
        self._folder, self._terminal = folder, terminal
        self._pulse = Pulse(folder)
        self._is_told = False

    def look(self, *, alive: bool) -> None:
        """Call it every second or so."""
        is_silent = self._pulse.silent_s() > SILENT_AFTER_S and alive
        if is_silent == self._is_told:
            return
        self._is_told = is_silent
        if is_silent:
            self._terminal.say(
                "任务没有回应：它被暂停了，或者得不到处理器时间。可以等待；按 Ctrl-C 则强行结束它，之后用 runs --resume 从最近的检查点继续。",
                "The run does not answer: it is held, or gets no time of the processor. Wait, or press Ctrl-C to end it by force; "
                "runs --resume then goes on from its last checkpoint.",
            )
        elif alive:
            self._terminal.say("任务又有回应了。", "The run answers again.")

    def ended(self, started: Started | None) -> bool:
        """Ends by force a run of which silence was told, since it would not hear a wish either; False where
        nothing was ended."""
        return self._is_told and end_by_force(self._folder, self._folder.worker_pid(started))
