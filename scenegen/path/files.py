"""A path from a file of any kind that is understood: a script, or the path of another tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scenegen.errors import PathError
from scenegen.files import fingerprint, input_errors
from scenegen.path.direct import direct
from scenegen.path.formats import registry
from scenegen.path.formats.hints import Hints
from scenegen.path.location import Location
from scenegen.path.script.read import is_script, read_script
from scenegen.types import CameraPath, Scene


def file_fingerprint(file: Path | None) -> str:
    """Return 16 hex digits that change with the content of ``file``; raise `PathError`."""
    if file is None:
        return ""
    parts = [file]
    if file.is_dir():
        parts = [file / "images.txt", file / "cameras.txt"]
    elif file.suffix.lower() == ".gltf":
        parts += sorted(file.parent.glob("*.bin"))
    try:
        with input_errors(file, PathError):
            return fingerprint(file.name, *(part.read_bytes() for part in parts))
    except (FileNotFoundError, IsADirectoryError) as cause:
        raise PathError(f"{file}: expected a path file, found none; check the path") from cause


def read_path_and_cuts(
    file: Path, scene: Scene, hints: Hints
) -> tuple[CameraPath, Sequence[int] | None]:
    """Return the path in ``file`` and the frames before which it cuts; ``hints`` fill its gaps.

    Other tools do not say where they cut: then these are None.

    Raises:
        PathError: the file cannot be read, or the script asks for what the scene has not.
    """
    if is_script(file):
        played = direct(read_script(file), Location(scene), hints.aspect)
        return played.path, played.cuts
    return registry.read_path(file, hints), None
