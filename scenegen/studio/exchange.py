"""Scripts and camera paths in and out of a studio, with the files in its desk folder.

Whatever comes from a browser is data: programs are not taken, and names stay inside the folder.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np

from scenegen.errors import PathError
from scenegen.path.formats import registry
from scenegen.path.formats.hints import Hints
from scenegen.path.script.read import is_script, read_script, write_script
from scenegen.path.script.schema import SCHEMA, Script
from scenegen.studio.edits import key_at_pose, script_of
from scenegen.types import CameraPath

MOST_BYTES = 64_000_000
SUFFIXES = (".yaml", ".yml", ".json", ".chan", ".gltf", ".glb", ".usda", ".usdc")
"""What is taken from a browser. Not ``.py``: reading such a script runs it."""

EXPORTS = {
    "path script (.yaml)": (".yaml", None),
    "nerfstudio (.json)": (".json", "nerfstudio"),
    "instant-ngp (.json)": (".json", "ngp"),
    "LichtFeld (.json)": (".json", "lichtfeld"),
    "COLMAP (folder)": ("", "colmap"),
    "Nuke (.chan)": (".chan", "chan"),
    "glTF (.gltf)": (".gltf", "gltf"),
    "glTF (.glb)": (".glb", "gltf"),
    "USD (.usda)": (".usda", "usd"),
}
"""What a path can be saved as: its name, suffix and format."""

_KEYS_A_SECOND = 4.0
_MOST_KEYS = 400


def checked_name(name: str) -> str:
    """Return the name of a file without its suffix; raise `PathError` for what is no plain name."""
    plain = name.strip()
    if not re.fullmatch(r"[\w][\w .()+-]{0,79}", plain) or plain.endswith("."):
        raise PathError(
            f"name: expected letters, digits, spaces and . _ - ( ) +, at most 80, found {name!r}; "
            "choose another name"
        )
    return plain


def saved(folder: Path, name: str, kind: str, script: Script, path: CameraPath | None) -> Path:
    """Save the script, or the path that came of it, in ``folder``; return the file.

    Raises:
        PathError: the name is no name, there is nothing to save, or the format cannot have it.
        OutputError: it cannot be written.
    """
    suffix, format_name = EXPORTS[kind]
    file = folder / (checked_name(name) + suffix)
    if not script.shots:
        raise PathError("save: expected a script with a shot, found none; add a keyframe or a move")
    folder.mkdir(parents=True, exist_ok=True)
    if format_name is None:
        write_script(script, file)
        return file
    if path is None:
        raise PathError("save: expected a path, found none yet; mend the script first")
    registry.write_path(path, file, round(1080 * path.aspect), 1080, format_name)
    return file


def loaded(file: Path, aspect: float) -> Script:
    """Return the script in a file, or the path of another tool as a script of keyframes.

    Raises:
        PathError: the file is neither, or a program.
    """
    if file.suffix.lower() == ".py":
        raise PathError(f"{file.name}: expected data, found a program; play it on the command line")
    if not file.is_dir() and is_script(file):
        return read_script(file)
    return script_of_path(registry.read_path(file, Hints(aspect)))


def taken(name: str, content: bytes, aspect: float) -> Script:
    """Return the script in a file that came from a browser; raises `PathError` as `loaded` does."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise PathError(
            f"{name[:80]!r}: expected one of {', '.join(SUFFIXES)}, found "
            f"{suffix or 'no suffix'!r}; export it in one of these"
        )
    if len(content) > MOST_BYTES:
        raise PathError(
            f"{name[:80]!r}: expected at most {MOST_BYTES:,} bytes, found {len(content):,}; "
            "thin the path out"
        )
    with tempfile.TemporaryDirectory(prefix="scenegen-") as folder:
        file = Path(folder) / f"uploaded{suffix}"
        file.write_bytes(content)
        return loaded(file, aspect)


def script_of_path(path: CameraPath) -> Script:
    """Return a path as keyframes at their own times, a few a second.

    Between them the camera follows a spline, so that a path of another tool is kept to within what
    it does in a quarter of a second. A path longer than a hundred seconds gets fewer a second.
    """
    seconds = (len(path) - 1) / path.fps
    count = int(np.clip(round(seconds * _KEYS_A_SECOND) + 1, 1, min(_MOST_KEYS, len(path))))
    frames = np.unique(np.linspace(0, len(path) - 1, count).round().astype(int))
    keys = []
    for frame in frames.tolist():
        key = key_at_pose(path.world_from_camera[frame], float(path.fov_y_deg[frame]))
        words = key.model_dump(exclude_unset=True)
        keys.append({**words, "at": frame / path.fps} if len(frames) > 1 else words)
    return script_of(
        {
            "schema": SCHEMA,
            "fps": float(path.fps),
            "aspect": float(path.aspect),
            "shots": [{"move": "keyframes", "keys": keys}],
        }
    )
