"""Progress as a terminal shows it, and as a log file does."""

from __future__ import annotations

import io
import sys

import pytest

from scenegen.progress import TerminalProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_each_label_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalProgress() as progress:
        for done in range(100):
            progress("posing photos", done, 100)
        progress("training", 1, 60)
    assert capsys.readouterr() == ("", "scenegen: posing photos\nscenegen: training\n")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quiet_says_nothing(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    said = stream()
    monkeypatch.setattr(sys, "stderr", said)
    with TerminalProgress(quiet=True) as progress:
        progress("training", 1, 60)
    assert said.getvalue() == ""


def test_a_terminal_shows_a_bar_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with TerminalProgress() as progress:
        progress("training", 15, 60)
        progress("training [1/2]", 60, 60)
    shown = terminal.getvalue()
    assert "training " in shown
    assert "25 %" in shown
    assert "100 %" in shown
    assert "left" in shown
    assert "training [1/2]" in shown  # no markup of rich's


def test_the_terminal_is_left_in_order_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    def interrupted() -> None:
        with TerminalProgress() as progress:
            progress("training", 15, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    show_cursor = "\x1b[?25h"
    assert show_cursor in terminal.getvalue()
