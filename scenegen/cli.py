"""The `scenegen` command: reads the command line, runs a command, answers for what goes wrong.

The commands and their options are in `scenegen.commands`.
"""

from __future__ import annotations

import functools
import inspect
import logging
import operator
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import tyro

from scenegen import __version__
from scenegen.command import Command
from scenegen.commands import COMMANDS
from scenegen.errors import OutputError, SceneGenError
from scenegen.progress import TerminalProgress
from scenegen.report import Report

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done; 1: the job failed; 2: the command was wrong; 130: stopped with Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        print(f"scenegen {__version__}")
        return 0
    try:
        command = _parse(words)
        command.check()
    except SceneGenError as error:
        _complain(str(error))
        return 2
    except SystemExit as stop:  # tyro has said what was wrong (2) or has shown the help (0)
        return int(stop.code or 0)
    return _run(command, words[0])


def _parse(words: Sequence[str]) -> Command:
    config = (tyro.conf.FlagCreatePairsOff, tyro.conf.OmitArgPrefixes, tyro.conf.DisallowNone)
    if words and words[0] in COMMANDS:
        kind = COMMANDS[words[0]]
        text = inspect.getdoc(kind)
        prog = f"scenegen {words[0]}"
        return tyro.cli(kind, prog=prog, description=text, args=words[1:], config=config)
    described = [
        Annotated[kind, tyro.conf.subcommand(name, description=_summary(kind))]
        for name, kind in COMMANDS.items()
    ]
    overview: Any = functools.reduce(operator.or_, described)
    text = (
        "Photos or a video in, a 3D scene and a walkthrough clip out.\n\n"
        "Example: scenegen walkthrough my_photos/ --output clip.mp4"
    )
    return tyro.cli(overview, prog="scenegen", description=text, args=words, config=config)


def _summary(kind: type[Command]) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def _run(command: Command, name: str) -> int:
    """Do the job of a command; whatever happens becomes a sentence and an exit code."""
    _tell_through_log(command.quiet)
    report: Report | None = None
    try:
        report = Report(name, command.report)
        with TerminalProgress(command.quiet) as progress:
            made = command.run(report, progress)
        report.write()
        if not command.quiet:
            print(made, flush=True)
        return 0
    except KeyboardInterrupt as error:
        message = str(error) or f"stopped. {command.kept}"
        return _failed(report, error, message, command.debug, INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SceneGenError as error:
        return _failed(report, error, str(error), command.debug)
    except Exception as error:
        return _failed(report, error, _told(error), command.debug)


def _told(error: Exception) -> str:
    """Return what to say of an error that is not one of ours."""
    # PyTorch's own allocator has no type of error for it.
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return (
            "the memory of this machine is full; close other programs, or take less at once "
            "(--downscale 2 for photos, a smaller --width and --height for a clip)"
        )
    return (
        f"this should not happen ({type(error).__name__}: {error}); run the same command with "
        "--debug to see where it arose, and report that text"
    )


def _failed(
    report: Report | None, error: BaseException, message: str, debug: bool, code: int = 1
) -> int:
    """Tell the user and the report why the job ended; return the exit code."""
    if debug:
        traceback.print_exception(error)
    _complain(message, "" if code == INTERRUPTED else "error: ")
    if report is not None:
        try:
            report.write(message)
        except OutputError as unwritten:
            _complain(str(unwritten))
    return code


def _complain(message: str, kind: str = "error: ") -> None:
    print(f"scenegen: {kind}{message}", file=sys.stderr, flush=True)


def _tell_through_log(quiet: bool) -> None:
    """Show what stages log, and warnings, as plain lines."""

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kind = "warning: " if record.levelno >= logging.WARNING else ""
            print(f"scenegen: {kind}{record.getMessage()}", file=sys.stderr, flush=True)

    log = logging.getLogger("scenegen")
    log.handlers = [Lines()]
    log.propagate = False
    log.setLevel(logging.WARNING if quiet else logging.INFO)
