"""Running pycolmap so that Ctrl-C works, progress is seen and its log stays out of the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from scenegen.errors import IngestError

if TYPE_CHECKING:
    import pycolmap

T = TypeVar("T")
_POLL_S = 0.2


def threads() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_native(
    call: Callable[[pycolmap.CancellationToken], T], poll: Callable[[], None] = lambda: None
) -> T:
    """Return ``call(token)``, run in a thread while this one calls ``poll`` now and then.

    Python handles signals between byte codes of the main thread only, so a native call there
    would leave Ctrl-C unanswered for minutes. Here it cancels the token and waits for the native
    code to let go of its files. A failure of the native code becomes an `IngestError`.
    """
    import pycolmap

    pycolmap.logging.minloglevel = int(pycolmap.logging.Level.FATAL)
    token = pycolmap.CancellationToken()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(call, token)
        try:
            while not wait([future], _POLL_S).done:
                poll()
        except BaseException:
            token.cancel()
            raise
    try:
        return future.result()
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else repr(error)
        raise IngestError(
            f"finding the camera positions: pycolmap stopped with {reason!r}; "
            "check that the photos open in a viewer and that the disk has room, then run again"
        ) from error
