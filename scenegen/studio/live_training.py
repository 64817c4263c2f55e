"""A scene that comes to be before one's eyes: posing and training in a thread, shown as they go."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scenegen import pipeline
from scenegen.errors import SceneGenError
from scenegen.ingest.config import IngestConfig
from scenegen.lift.config import LiftConfig
from scenegen.studio.pace import give_way
from scenegen.studio.uploads import Uploads
from scenegen.types import Capture, Field, Scene

if TYPE_CHECKING:
    from scenegen.lift.fit import FitRecord

log = logging.getLogger(__name__)

Phase = Literal["waiting", "posing", "training", "done", "stopped", "failed"]

SNAPSHOT_S = 1.0
"""Seconds from one picture of the growing scene to the next, at least."""
_TELL_S = 0.2


@dataclass(frozen=True)
class Standing:
    """How far a scene has come: the phase, what is being done, its share in 0..1, and words."""

    phase: Phase = "waiting"
    label: str = ""
    share: float = 0.0
    words: str = ""

    @property
    def runs(self) -> bool:
        """Whether there is work under way."""
        return self.phase in ("posing", "training")


class _Stopped(KeyboardInterrupt):
    """Ends a job in our thread as Ctrl-C ends one in the terminal: what is finished is kept."""


class LiveTraining:
    """Makes the scene folder ``output`` of the photos in ``source``, once `start` says so.

    ``show`` gets the scene, and true, again and again while it grows; then the one in the folder,
    and false. Methods may be called from any thread.
    """

    def __init__(
        self,
        source: Path,
        output: Path,
        show: Callable[[Scene, bool], None] = lambda _scene, _growing: None,
        lift_config: LiftConfig | None = None,
        ingest_config: IngestConfig | None = None,
    ) -> None:
        self.source, self.output, self.show = source, output, show
        self.uploads: Uploads | None = None
        self.lift_config = lift_config or LiftConfig()
        self._ingest_config = ingest_config or IngestConfig()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Standing], None]] = []
        self._standing = Standing()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told_at = self._shown_at = 0.0
        self._capture: Capture | None = None

    @classmethod
    def of(cls, source: Path, output: Path | None = None) -> LiveTraining:
        """Return what makes a scene of ``source``: SOURCE_scene beside it unless stated otherwise.

        Photos can be added to a folder of photos, which may also be empty or absent. Raises
        `IngestError` for what is no source.
        """
        from scenegen.ingest.capture import capture_kind

        place = source.absolute()
        is_new = not source.exists() or (source.is_dir() and not any(source.iterdir()))
        training = cls(source, output or place.with_name(f"{place.stem}_scene"))
        if is_new or capture_kind(source) == "photos":
            training.uploads = Uploads(source, training.photos_came)
        return training

    def photos_came(self, count: int) -> None:
        """Tell that there are ``count`` photos now."""
        if not self._standing.runs:
            self._tell(Standing("waiting", words=f"{count} photos are here."))

    @property
    def standing(self) -> Standing:
        """How far the scene has come."""
        return self._standing

    def start(self, budget_s: float | None = None) -> bool:
        """Begin, or go on where it was stopped; False where work is under way already.

        Raises `LiftError` for a budget that is none.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            if budget_s is not None:
                self.lift_config = replace(self.lift_config, budget_s=budget_s)
            self._stop.clear()
            self._standing = Standing("posing", "Reading photos")
            self._thread = threading.Thread(target=self._work, name="studio-training", daemon=True)
            self._thread.start()
        self._tell(self._standing)
        return True

    def stop(self, wait: bool = False) -> None:
        """Stop at the next step; what was trained is kept, and `start` goes on from there."""
        self._stop.set()
        thread = self._thread
        if wait and thread is not None:
            thread.join()

    def listen(self, listener: Callable[[Standing], None]) -> Callable[[], None]:
        """Call ``listener`` with what there is to tell, and return what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return leave

    def begin(self, capture: Capture) -> None:
        """See where the photos were taken, see `scenegen.lift.fit.Watch`."""
        self._capture, self._shown_at = capture, 0.0
        words = f"{len(capture.photos)} of {capture.photos_total} photos posed"
        self._tell(Standing("training", "Training", 0.0, words))

    def step(self, record: FitRecord, field: Callable[[], Field]) -> None:
        """See the field after a slice of training, see `scenegen.lift.fit.Watch`."""
        self._check()
        now = time.monotonic()
        if now - self._shown_at < SNAPSHOT_S:
            return
        assert self._capture is not None
        self.show(growing_scene(self._capture, field(), record), True)
        # Counted from when it is shown: whoever shows slowly does not eat up the training.
        self._shown_at = time.monotonic()

    def _progress(self, label: str, done: float, total: float) -> None:
        self._check()
        label = label.capitalize()
        now, share = time.monotonic(), done / total if total else 0.0
        if label == self._standing.label and now - self._told_at < _TELL_S and share < 1:
            return
        self._told_at = now
        self._tell(replace(self._standing, label=label, share=min(share, 1.0)))

    def _check(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _work(self) -> None:
        give_way()
        try:
            config = replace(self.lift_config, overwrite=True)
            scene = pipeline.lift(
                self.source, self.output, config, self._ingest_config, self._progress, watch=self
            )
            self.show(scene, False)
            self._tell(replace(self._standing, phase="done", label="", share=1.0))
        except _Stopped:
            words = "Stopped. What was done is kept: it goes on from there."
            self._tell(Standing("stopped", words=words))
        except SceneGenError as error:
            self._tell(Standing("failed", words=str(error)))
        except Exception as error:
            log.exception("training failed")
            words = f"this should not happen ({type(error).__name__}: {error})"
            self._tell(Standing("failed", words=words))

    def _tell(self, standing: Standing) -> None:
        with self._lock:
            self._standing = standing
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(standing)


def growing_scene(capture: Capture, field: Field, record: FitRecord) -> Scene:
    """Return the scene that training has come to; nothing of it is on the disk."""
    return Scene(
        field=field,
        photos=capture.photos,
        heldout=(),
        points=capture.points,
        fingerprint=f"training {record.step}",
        metres_per_unit=capture.metres_per_unit,
    )
