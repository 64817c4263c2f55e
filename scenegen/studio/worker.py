"""A thread that does one browser's jobs in their order, the latest of each kind only."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from scenegen.errors import SceneGenError

log = logging.getLogger(__name__)

Job = Callable[[], object]


class Worker:
    """Does jobs one after another; ``complain`` is told in words of those that fail.

    A job posted with a ``kind`` takes the place of a waiting one of that kind: sliders and drags
    tell of every step of their way, of which the last one counts.
    """

    def __init__(self, name: str, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._jobs: dict[object, Job] = {}
        self._condition = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def post(self, job: Job, kind: object = None) -> None:
        """Do a job later."""
        with self._condition:
            self._jobs[object() if kind is None else kind] = job
            self._condition.notify_all()

    def close(self) -> None:
        """End once the job at hand is done; waiting jobs are dropped."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait so long at most for the thread to end, once closed."""
        self._thread.join(seconds)

    @property
    def busy(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closed or bool(self._jobs))
                if self._closed:
                    return
                job = self._jobs.pop(next(iter(self._jobs)))
            try:
                job()
            except SceneGenError as error:
                self._complain(str(error))
            except Exception as error:
                log.exception("a job of the studio failed")
                self._complain(f"this should not happen ({type(error).__name__}: {error})")
