"""A path from a file of any kind that is understood: a script, or the path of another tool."""

from __future__ import annotations

from pathlib import Path

from scenegen.errors import PathError
from scenegen.files import fingerprint, input_errors
from scenegen.path.check import with_cuts
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


def read_path(file: Path, scene: Scene, hints: Hints) -> CameraPath:
    """Return the path in ``file``; ``hints`` fill its gaps.

    Other tools do not say where they cut: then it is guessed.

    Raises:
        PathError: the file cannot be read, or the script asks for what the scene has not.
    """
    if is_script(file):
        return direct(read_script(file), Location(scene), hints.aspect).path
    found = registry.read_path(file, hints)
    return with_cuts(found, Location(scene).size) if found.cuts is None else found
