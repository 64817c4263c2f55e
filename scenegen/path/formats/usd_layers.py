"""The files that a USD stage is made of: all in its own folder or below.

USD opens whatever a file refers to, by any path. A camera path may come from anywhere, so its
references are looked at before the stage is opened.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from scenegen.errors import PathError
from scenegen.files import inside
from scenegen.path.formats.values import MAX_BYTES, read_bytes

_MOST_LAYERS = 100
_PATIENCE_S = 120.0


def check_references(file: Path) -> None:
    """Raise `PathError` if a stage is made of files outside its folder, or of too many.

    Sublayers, references and payloads are followed, those in variants too. Refused are value clips,
    which name files by pattern, and packages (.usdz) of several layers.
    """
    sdf = import_module("pxr.Sdf")
    found, at = [file.absolute()], 0
    total = 0
    while at < len(found):
        total += len(read_bytes(found[at]))
        if len(found) > _MOST_LAYERS or total > MAX_BYTES:
            raise PathError(
                f"{file}: expected a stage of at most {_MOST_LAYERS} files and "
                f"{MAX_BYTES >> 20} MB, found a larger one; export the camera alone"
            )
        layer = sdf.Layer.FindOrOpen(str(found[at]))
        if layer is None:
            raise PathError(
                f"{found[at]}: expected a layer of USD, found one that cannot be opened; "
                "export it again"
            )
        _check_clips(layer, file)
        for name in layer.GetCompositionAssetDependencies():
            inner = inside(file.absolute().parent, _below(found[at], name, file), PathError, file)
            if inner not in found:
                found.append(inner)
        at += 1


def survive(file: Path) -> None:
    """Raise `PathError` if opening a binary stage ends the process: damaged ones crash usd-core.

    A process of its own opens it first.
    """
    command = [sys.executable, "-m", "scenegen.path.formats.usd", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode not in (0, 1):  # 1: refused in words, here once more
        raise PathError(
            f"{file}: expected a USD stage, found one on which usd-core fails; export it again, "
            "as text (.usda) if need be"
        )


def _below(layer: Path, name: str, file: Path) -> str:
    """Return the path of what ``layer`` calls ``name``, relative to the stage's folder."""
    packed = layer.suffix.lower() == ".usdz"
    if packed or Path(name).is_absolute() or not (layer.parent / name).is_file():
        raise PathError(
            f"{file}: expected references to files beside it, found one to {name!r}; "
            "flatten the stage (`usdcat --flatten`) and export it again"
        )
    return str((layer.parent / name).relative_to(file.absolute().parent))


def _check_clips(layer: Any, file: Path) -> None:
    """Raise `PathError` where a prim takes its values from a series of other files."""

    def look(path: Any) -> None:
        prim = layer.GetPrimAtPath(path) if path.IsPrimPath() else None
        if prim is not None and prim.HasInfo("clips"):
            raise PathError(
                f"{file}: {path}: expected samples in the file itself, found value clips; "
                "flatten the stage (`usdcat --flatten`) and export it again"
            )

    layer.Traverse("/", look)
