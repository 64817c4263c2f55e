"""Which captures there are to measure on; those without poses are posed once and kept."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from scenegen.errors import SceneGenError, UsageError
from scenegen.files import fingerprint
from scenegen.ingest.capture import capture_kind, ingest, load_capture
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.images import SUFFIXES
from scenegen.types import Capture
from scenegen.work import source_fingerprint

YARDSTICK = "fox"
"""The capture of the figures that have a floor and an aim, where it is among the scenes."""
_LONG_SIDE_PX = 512
"""Photos are reduced by the whole number that brings their longer side nearest to this."""


@dataclass(frozen=True)
class Scene:
    """A capture to measure on: where it came from and, once posed, where it is."""

    name: str
    source: Path


def find_scenes(folder: Path) -> list[Scene]:
    """Return the captures in ``folder``: itself if it is one, else those of its subfolders.

    A folder with poses is a capture, and so is one that holds photos, in it or in its ``images``.
    Raises `UsageError` where there is none.
    """
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: expected a capture or a folder of captures, found no folder; check the path"
        )
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    if _is_capture(folder):
        return [Scene(folder.resolve().name, folder)]
    found = [Scene(path.name, path) for path in inside if _is_capture(path)]
    if not found:
        raise UsageError(
            f"{folder}: expected photos or posed captures in it, found none; name another folder"
        )
    return found


def _is_capture(folder: Path) -> bool:
    if capture_kind(folder) == "posed":
        return True
    files = [*folder.iterdir(), *_entries(folder / "images")]
    return any(file.suffix.lower() in SUFFIXES for file in files)


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def yardstick(scenes: list[Scene]) -> Scene:
    """Return the scene that the table of floors and aims is about."""
    named = [scene for scene in scenes if scene.name == YARDSTICK]
    posed = [scene for scene in scenes if capture_kind(scene.source) == "posed"]
    return [*named, *posed, *scenes][0]


def posed_folder(scene: Scene, cache: Path) -> Path:
    """Return the folder of ``scene`` with poses, which it gets in ``cache`` if it has none.

    Raises `IngestError` where the photos cannot be posed.
    """
    if capture_kind(scene.source) == "posed":
        return scene.source
    posed = cache / f"{scene.name}-{fingerprint(source_fingerprint(scene.source))[:8]}"
    if not posed.is_dir():
        print(f"posing the photos of {scene.name}", file=sys.stderr)
        cache.mkdir(parents=True, exist_ok=True)
        ingest(scene.source, posed, IngestConfig())
    return posed


def downscale_for(capture: Capture) -> int:
    """Return by how much to reduce the photos of ``capture`` for a short training."""
    longest = max(max(p.camera.lens.width_px, p.camera.lens.height_px) for p in capture.photos)
    return max(1, round(longest / _LONG_SIDE_PX))


def pose_all(scenes: list[Scene], cache: Path) -> dict[str, str]:
    """Pose all scenes that have no poses yet; return the reasons of those that have none still."""
    failed = {}
    for scene in scenes:
        try:
            load_capture(posed_folder(scene, cache))
        except SceneGenError as error:
            failed[scene.name] = str(error)
    return failed
