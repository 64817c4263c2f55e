"""Long jobs of a studio, one at a time: their progress, their end, and stopping them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scenegen.errors import SceneGenError, UsageError
from scenegen.progress import Progress
from scenegen.studio.pace import give_way

log = logging.getLogger(__name__)

_TELL_S = 0.25
"""Seconds between two tellings of progress."""

State = Literal["running", "done", "failed", "cancelled"]


class Cancelled(Exception):  # noqa: N818
    """Someone stopped the job."""


@dataclass(frozen=True)
class Job:
    """A job as it stands: what is done of it, 0 to 1, and what there is to say."""

    name: str
    state: State = "running"
    share: float = 0.0
    words: str = ""
    output: Path | None = None


Work = Callable[[Progress], Path]
Listener = Callable[[Job], None]


class Jobs:
    """Runs a job in a thread and tells listeners how it goes."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = 0.0

    def start(self, name: str, work: Work) -> None:
        """Begin a job; ``work`` returns the file it made.

        Raises:
            UsageError: another one is running.
        """
        with self._lock:
            if self.job is not None and self.job.state == "running":
                raise UsageError(f"{self.job.name} is still running; wait for it or cancel it")
            self.job = Job(name, words="starting")
            self._cancelled.clear()
            self._thread = threading.Thread(
                target=self._run, args=(self.job, work), name="studio-job", daemon=True
            )
        self._tell(self.job)
        self._thread.start()

    def cancel(self) -> None:
        """Stop the running job at its next step; nothing happens without one."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel, and wait until that has happened."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(timeout=20)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every change, and return what ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _run(self, job: Job, work: Work) -> None:
        def progress(label: str, done: float, total: float) -> None:
            if self._cancelled.is_set():
                raise Cancelled
            now = time.monotonic()
            if now - self._told >= _TELL_S:
                self._told = now
                self._tell(replace(job, share=done / max(total, 1e-9), words=label))

        give_way()
        try:
            output = work(progress)
            end = replace(job, state="done", share=1.0, output=output)
        except Cancelled:
            end = replace(job, state="cancelled", words="stopped; rendering it again goes on")
        except SceneGenError as error:
            end = replace(job, state="failed", words=str(error))
        except Exception as error:
            log.exception("a job failed")
            end = replace(job, state="failed", words=f"{type(error).__name__}: {error}")
        self._tell(end)

    def _tell(self, job: Job) -> None:
        self.job = job
        for listener in tuple(self._listeners):
            listener(job)
