"""What is edited in a studio: a script with its history, kept in a file with every edit."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scenegen.errors import OutputError, PathError, SceneGenError
from scenegen.files import read_json, write_json
from scenegen.path.script.schema import Script
from scenegen.studio.edits import EMPTY, content_of, script_of

log = logging.getLogger(__name__)

SCHEMA = "scenegen.studio/1"
MOST_UNDONE = 200
"""Edits that can be undone."""

Edit = Callable[[Script], Script]
Listener = Callable[[Script], None]


class Session:
    """The script that all browsers of a studio edit together.

    Every edit is written to ``file`` before anyone is told of it: whatever is lost, a connection or
    the program, the next session goes on from there. Edits of one gesture share a ``merge`` word
    and are undone at once. All methods may be called from any thread.

    Raises:
        PathError: the file exists and is no session.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._done: list[Script] = []
        self._undone: list[Script] = []
        self._merge: str | None = None
        self._script = _read(file) if file is not None and file.exists() else EMPTY

    @property
    def script(self) -> Script:
        """The script as it is now."""
        return self._script

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone edit to do again."""
        return bool(self._undone)

    def do(self, edit: Edit, merge: str | None = None) -> Script:
        """Apply an edit and return what came of it; one that raises changes nothing."""
        with self._lock:
            made = edit(self._script)
            if made == self._script:
                return made
            if merge is None or merge != self._merge:
                self._done = [*self._done[-MOST_UNDONE + 1 :], self._script]
            self._undone, self._merge = [], merge
            self._become(made)
            return made

    def undo(self) -> None:
        """Take the last edit back; nothing happens without one."""
        with self._lock:
            if self._done:
                self._undone.append(self._script)
                self._merge = None
                self._become(self._done.pop())

    def redo(self) -> None:
        """Do the last undone edit again; nothing happens without one."""
        with self._lock:
            if self._undone:
                self._done.append(self._script)
                self._merge = None
                self._become(self._undone.pop())

    def end_gesture(self) -> None:
        """Let the next edit be undone by itself, whatever word it has."""
        with self._lock:
            self._merge = None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after every change, and return what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def _become(self, script: Script) -> None:
        self._script = script
        self._keep()
        for listener in tuple(self._listeners):
            listener(script)

    def _keep(self) -> None:
        if self._file is None:
            return
        content = _plain(content_of(self._script))
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, {"schema": SCHEMA, "script": content})
        except (OSError, OutputError) as error:
            log.warning("%s: the edits cannot be kept there (%s)", self._file, error)


def _read(file: Path) -> Script:
    content = read_json(file, PathError)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise PathError(
            f"{file}: expected a session of the studio with 'schema: {SCHEMA}', found other JSON; "
            "move that file away"
        )
    try:
        return script_of(content.get("script") or {})
    except (SceneGenError, TypeError, AttributeError) as cause:
        raise PathError(f"{file}: {cause}; mend it or move that file away") from cause


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
