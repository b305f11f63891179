"""Training as a person follows it: a bar for the epoch at hand and a line for every one that is over."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from unframe.training.loop import Record


class Bars:
    """A `Watch` on standard error; use it as a context."""

    def __init__(self, name: str, epochs: int, console: Console | None = None) -> None:
        """Shows nothing yet.

        Args:
            name: What is being trained.
            epochs: How many epochs there are at most.
            console: Where to draw; standard error when omitted.
        """
        self.console = console or Console(stderr=True)
        self.epochs = epochs
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=self.console, transient=True)
        self._epoch = self._progress.add_task("epoch", total=None)
        self.console.print(f"[bold]{name}[/bold]", highlight=False, soft_wrap=True)

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, done: int, total: int) -> None:
        """Move the bar."""
        self._progress.update(self._epoch, completed=done, total=total)

    def epoch(self, record: Record, best: bool) -> None:
        """Print the line of an epoch, and begin the next bar."""
        shown = [f"{name} {record[name]:.4f}" for name in record if name not in ("epoch", "lr", "seconds", "elapsed")]
        star = " [green]best so far[/green]" if best else ""
        self.console.print(
            f"epoch {record['epoch']:>3.0f}/{self.epochs}  {'  '.join(shown)}  {record['seconds']:.1f} s{star}",
            highlight=False,
            soft_wrap=True,
        )
        self._progress.reset(self._epoch, description=f"epoch {record['epoch'] + 1:.0f}")
