"""What a person sees of training: bars on a terminal, plain lines elsewhere, and where a run goes on."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from unframe.training import examples, progress
from unframe.training.progress import Bars, Stages

RECORD = {"epoch": 3.0, "loss": 0.25, "val_loss": 0.5, "lr": 0.01, "seconds": 2.0, "elapsed": 6.0}


def console(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)


def shown(where: Console) -> str:
    assert isinstance(where.file, io.StringIO)
    return where.file.getvalue()


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a thread, at most ten seconds."""
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("waited for ten seconds")


def test_an_epoch_is_a_line() -> None:
    screen = console(terminal=False)
    with Bars("net", 20, screen) as bars:
        bars.step(1, 4)
        bars.epoch(RECORD, best=True)
    assert shown(screen).splitlines() == ["net", "epoch   3/20  loss 0.2500  val_loss 0.5000  2.0 s best so far"]


def test_on_a_terminal_the_epoch_at_hand_has_a_bar() -> None:
    screen = console(terminal=True)
    with Bars("net", 20, screen) as bars:
        bars.resumed(6, finished=False)
        bars.step(3, 8)
        wait_until(lambda: "3/8" in shown(screen))
    assert "epoch 7" in shown(screen)


@pytest.mark.parametrize(
    ("finished", "words"), [(False, "goes on where it was left, after epoch 6 of 20"), (True, "was finished before")]
)
def test_where_a_run_goes_on(finished: bool, words: str) -> None:
    screen = console(terminal=False)
    with Bars("net", 20, screen) as bars:
        bars.resumed(6, finished)
    assert shown(screen).splitlines() == ["net", words]


@pytest.mark.parametrize("terminal", [False, True])
def test_drawing_is_followed_by_what_lies_in_the_folder(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_POLL", 0.01)

    def drawn(fold: int, shard: int) -> None:
        path = tmp_path / "drawn" / f"fold-{fold}" / f"shard-{shard:04d}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    screen = console(terminal)
    total = 2 * examples.rounded(5 * examples.SHARD - 3)
    assert total == 10 * examples.SHARD
    drawn(1, 0)
    with Stages(screen) as stages:
        stages.drawing(lambda: examples.kept(tmp_path), total)
        drawn(1, 1)
        if terminal:
            wait_until(lambda: "1000/5000" in shown(screen))
        else:
            wait_until(lambda: "drew 1,000 of 5,000 pictures" in shown(screen))
        for fold, shard in [(1, 2), (1, 3), (1, 4), *((2, number) for number in range(5))]:
            drawn(fold, shard)
        with stages.network("fold-1", 2) as bars:
            bars.epoch(RECORD, best=False)
    lines = shown(screen)
    assert "drawing 5,000 pictures; 500 were drawn before\n" in lines
    assert lines.index("drew 5,000 of 5,000 pictures\n") < lines.index("fold-1\n") < lines.index("epoch   3/2")
    assert ("drew 1,000" in lines) != terminal  # a bar says it there
    assert not [each for each in threading.enumerate() if each.name.startswith("drawing")]


def test_pictures_that_were_all_drawn_before() -> None:
    screen = console(terminal=False)
    with Stages(screen) as stages:
        stages.drawing(lambda: 900, 700)
        stages.network("final", 3)
    assert shown(screen).splitlines() == ["all 700 pictures were drawn before", "final"]


def test_a_screen_is_left_in_order_when_a_run_is_killed() -> None:
    screen = console(terminal=True)

    def killed() -> None:
        with Stages(screen) as stages:
            stages.network("final", 3).step(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    hidden, visible = "\x1b[?25l", "\x1b[?25h"
    assert shown(screen).count(hidden) == shown(screen).count(visible) == 1
