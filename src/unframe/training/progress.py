"""Training as a person follows it: a bar for what is at hand and a line for whatever is over.

Bars need a terminal. Where standard error goes to a file there are only the lines, of drawing one for every tenth.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from unframe.training.loop import Record

LINES = 10
"""Lines that tell where there is no terminal how much is drawn."""
_POLL = 0.5  # seconds between two looks into the folder


class Bars:
    """A `Watch` on standard error; use it as a context."""

    def __init__(self, name: str, epochs: int, console: Console | None = None) -> None:
        """Shows nothing yet but the name.

        Args:
            name: What is being trained.
            epochs: How many epochs there are at most.
            console: Where to draw; standard error when omitted.
        """
        self.console = console or Console(stderr=True)
        self.epochs = epochs
        self._progress = _progress(self.console)
        self._epoch = self._progress.add_task("epoch 1", total=None)
        self._say(f"[bold]{name}[/bold]")

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def resumed(self, done: int, finished: bool) -> None:
        """Say where the run was left."""
        if finished:
            self._say("was finished before")
        else:
            self._say(f"goes on where it was left, after epoch {done} of {self.epochs}")
            self._progress.update(self._epoch, description=f"epoch {done + 1}")

    def step(self, done: int, total: int) -> None:
        """Move the bar."""
        self._progress.update(self._epoch, completed=done, total=total)

    def epoch(self, record: Record, best: bool) -> None:
        """Print the line of an epoch, and begin the next bar."""
        shown = [f"{name} {record[name]:.4f}" for name in record if name not in ("epoch", "lr", "seconds", "elapsed")]
        star = " [green]best so far[/green]" if best else ""
        self._say(f"epoch {record['epoch']:>3.0f}/{self.epochs}  {'  '.join(shown)}  {record['seconds']:.1f} s{star}")
        self._progress.reset(self._epoch, description=f"epoch {record['epoch'] + 1:.0f}")

    def _say(self, words: str) -> None:
        self.console.print(words, highlight=False, soft_wrap=True)


class Stages:
    """A recipe on standard error: pictures as they are drawn, then one network after the other; use it as a context.

    Pictures are drawn by several processes, which leave them in files; so the files are what is counted.
    """

    def __init__(self, console: Console | None = None) -> None:
        """Shows nothing yet.

        Args:
            console: Where to draw; standard error when omitted.
        """
        self.console = console or Console(stderr=True)
        self._shown: Drawing | Bars | None = None

    def __enter__(self) -> Stages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put_away()

    def drawing(self, count: Callable[[], int], total: int) -> None:
        """Follow the drawing from now on.

        Args:
            count: Says how many pictures are drawn.
            total: Pictures to draw.
        """
        self._put_away()
        self._shown = Drawing(count, total, self.console)
        self._shown.__enter__()

    def network(self, name: str, epochs: int) -> Bars:
        """Follow a network from now on; what was shown before is over."""
        self._put_away()
        self._shown = Bars(name, epochs, self.console)
        return self._shown.__enter__()

    def _put_away(self) -> None:
        if self._shown:
            self._shown.__exit__(None, None, None)
        self._shown = None


class Drawing:
    """Looks again and again how much is drawn, from a thread of its own; use it as a context."""

    def __init__(self, count: Callable[[], int], total: int, console: Console) -> None:
        """Shows nothing yet.

        Args:
            count: Says how many pictures are drawn.
            total: Pictures to draw.
            console: Where to draw.
        """
        self.console = console
        self._count = count
        self._total = total
        self._progress = _progress(console)
        self._task = self._progress.add_task("pictures", total=total)
        self._over = Event()
        self._thread = Thread(target=self._follow, name="drawing", daemon=True)
        self._told = 0

    def __enter__(self) -> Drawing:
        before = self._look()
        if before >= self._total:
            self._say(f"all {self._total:,} pictures were drawn before")
        else:
            left = f"; {before:,} were drawn before" if before else ""
            self._say(f"drawing {self._total:,} pictures{left}")
        self._told = before * LINES // self._total
        self._progress.start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._tell(self._look())
        self._progress.stop()

    def _follow(self) -> None:
        while not self._over.wait(_POLL):
            self._tell(self._look())

    def _look(self) -> int:
        return min(self._count(), self._total)

    def _tell(self, drawn: int) -> None:
        self._progress.update(self._task, completed=drawn)
        if drawn * LINES // self._total > self._told:
            self._told = drawn * LINES // self._total
            if drawn == self._total or not self.console.is_terminal:
                self._say(f"drew {drawn:,} of {self._total:,} pictures")

    def _say(self, words: str) -> None:
        self.console.print(words, highlight=False, soft_wrap=True)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
