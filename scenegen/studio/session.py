"""What is edited in a studio: the script and how the scene stands, with their history.

The script is kept in a file with every edit. How the scene stands is kept with the scene, by
whoever listens; the script's file says how it stood for the script's coordinates.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenegen.errors import OutputError, PathError, SceneGenError
from scenegen.files import read_json, write_json
from scenegen.lift.placement import AS_TRAINED
from scenegen.path.script.schema import Script
from scenegen.studio.edits import EMPTY, content_of, script_of, turned
from scenegen.types import Placement

log = logging.getLogger(__name__)

SCHEMA = "scenegen.studio/1"
MOST_UNDONE = 200
"""Edits that can be undone."""

Edit = Callable[[Script], Script]
Listener = Callable[[Script], None]


@dataclass(frozen=True)
class Draft:
    """What an edit makes: the script, and how the scene stands and is cropped."""

    script: Script = EMPTY
    placement: Placement = AS_TRAINED

    def placed(self, placement: Placement) -> Draft:
        """Return the draft with the scene placed anew; cameras stay where they are in the scene."""
        turn = placement.turn @ self.placement.turn.T
        same = placement.rotation == self.placement.rotation
        return Draft(self.script if same else turned(self.script, turn), placement)


class Session:
    """The draft that all browsers of a studio edit together.

    Every edit is written to ``file`` before anyone is told of it: whatever is lost, a connection or
    the program, the next session goes on from there. Edits of one gesture share a ``merge`` word
    and are undone at once. ``placement`` is that of the scene to begin with; a script that was
    written for another is turned along. All methods may be called from any thread.

    Raises:
        PathError: the file exists and is no session.
    """

    def __init__(self, file: Path | None = None, placement: Placement = AS_TRAINED) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._done: list[Draft] = []
        self._undone: list[Draft] = []
        self._merge: str | None = None
        draft = _read(file) if file is not None and file.exists() else Draft()
        self._draft = draft.placed(placement)

    @property
    def script(self) -> Script:
        """The script as it is now."""
        return self._draft.script

    @property
    def placement(self) -> Placement:
        """How the scene stands now, and what of it is shown."""
        return self._draft.placement

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
            self._do(Draft(edit(self.script), self.placement), merge)
            return self.script

    def place(self, change: Callable[[Placement], Placement], merge: str | None = None) -> None:
        """Place the scene anew, as an edit."""
        with self._lock:
            self._do(self._draft.placed(change(self.placement)), merge)

    def stands(self, placement: Placement) -> None:
        """Learn how another scene stands, which is no edit; a script is turned along."""
        with self._lock:
            if placement != self.placement:
                self._done, self._undone, self._merge = [], [], None
                self._become(self._draft.placed(placement))

    def undo(self) -> None:
        """Take the last edit back; nothing happens without one."""
        with self._lock:
            if self._done:
                self._undone.append(self._draft)
                self._merge = None
                self._become(self._done.pop())

    def redo(self) -> None:
        """Do the last undone edit again; nothing happens without one."""
        with self._lock:
            if self._undone:
                self._done.append(self._draft)
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

    def _do(self, made: Draft, merge: str | None) -> None:
        if made == self._draft:
            return
        if merge is None or merge != self._merge:
            self._done = [*self._done[-MOST_UNDONE + 1 :], self._draft]
        self._undone, self._merge = [], merge
        self._become(made)

    def _become(self, draft: Draft) -> None:
        self._draft = draft
        self._keep()
        for listener in tuple(self._listeners):
            listener(draft.script)

    def _keep(self) -> None:
        if self._file is None:
            return
        content = {"script": _plain(content_of(self.script))}
        content["rotation"] = list(self.placement.rotation)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, {"schema": SCHEMA, **content})
        except (OSError, OutputError) as error:
            log.warning("%s: the edits cannot be kept there (%s)", self._file, error)


def _read(file: Path) -> Draft:
    content = read_json(file, PathError)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise PathError(
            f"{file}: expected a session of the studio with 'schema: {SCHEMA}', found other JSON; "
            "move that file away"
        )
    try:
        rotation = content.get("rotation", AS_TRAINED.rotation)
        w, x, y, z = (float(value) for value in rotation)
        if not abs(w * w + x * x + y * y + z * z - 1) < 1e-6:
            raise PathError(f"rotation: expected a unit quaternion wxyz, found {rotation}")
        return Draft(script_of(content.get("script") or {}), Placement((w, x, y, z)))
    except (SceneGenError, TypeError, ValueError, AttributeError) as cause:
        raise PathError(f"{file}: {cause}; mend it or move that file away") from cause


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
