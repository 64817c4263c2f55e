"""All formats of camera paths: which one a file is in, and which one is to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from scenegen.errors import PathError
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.values import read_bytes, read_object
from scenegen.types import CameraPath


@dataclass(frozen=True)
class Format:
    """A format: its module here has `read` and `write`."""

    name: str
    title: str
    suffixes: tuple[str, ...]

    @property
    def read(self) -> Callable[[Path, Hints], CameraPath]:
        """Read a file, given what it may leave open."""
        return import_module(f"scenegen.path.formats.{self.name}").read

    @property
    def write(self) -> Callable[[CameraPath, Path, tuple[int, int], Hints], None]:
        """Write a path to a file, for frames of a size in pixels, as hinted."""
        return import_module(f"scenegen.path.formats.{self.name}").write


FORMATS = {
    one.name: one
    for one in (
        Format("nerfstudio", "nerfstudio's camera_path.json", (".json",)),
        Format("ngp", "instant-ngp's base_cam.json", (".json",)),
        Format("lichtfeld", "LichtFeld Studio's path", (".json",)),
        Format("colmap", "COLMAP's images.txt, in a folder", (".txt",)),
        Format("chan", "Nuke's .chan", (".chan",)),
        Format("gltf", "glTF 2.0", (".gltf", ".glb")),
        Format("usd", "USD", (".usda", ".usdc", ".usd", ".usdz")),
    )
}


def read_path(file: Path, hints: Hints | None = None) -> CameraPath:
    """Return the path in ``file``, whose format is told from its suffix and content.

    Raises:
        PathError: the file cannot be read, is malformed, or is in no format that is understood.
    """
    hints = hints or Hints()
    return told(file).read(file, hints)


def write_path(
    path: CameraPath,
    file: Path,
    width_px: int,
    height_px: int,
    format: str | None = None,  # noqa: A002 - the option's name
    hints: Hints | None = None,
) -> None:
    """Write ``path`` to ``file`` in ``format``, by default the one that its suffix names.

    Of ``hints``, a format takes what it knows: a frame of its own, a rotation order, a unit.

    Raises:
        OutputError: the file cannot be written.
        PathError: the format is not known or cannot be written here.
    """
    chosen = chosen_format(file, format)
    chosen.write(path, file, (width_px, height_px), hints or Hints())


def chosen_format(file: Path, name: str | None = None) -> Format:
    """Return the format to write ``file`` in; raise `PathError` where there is none."""
    suffix = file.suffix.lower()
    if name is not None:
        if name not in FORMATS:
            raise PathError(
                f"format: expected one of {', '.join(FORMATS)}, found {name!r}; correct it"
            )
        fits = suffix in FORMATS[name].suffixes and suffix != ".usdz"
        if name == "colmap":
            fits = suffix == ""  # a folder
        if not fits:
            raise PathError(
                f"{file}: expected {_names(FORMATS[name])} for {FORMATS[name].title}, found "
                f"{suffix or 'no suffix'!r}; rename the output"
            )
        return FORMATS[name]
    for one in FORMATS.values():
        if suffix in one.suffixes and suffix not in (".txt", ".usdz"):
            return one
    raise PathError(
        f"{file}: expected an output of {_known()}, found {suffix or 'no suffix'!r}; "
        "rename it, or name a folder and pass --format colmap"
    )


def told(file: Path) -> Format:
    """Return the format that ``file`` is in; raise `PathError` where none fits."""
    if file.is_dir():
        if (file / "images.txt").exists() or (file / "images.bin").exists():
            return FORMATS["colmap"]
        raise PathError(
            f"{file}: expected a camera path or a COLMAP model, found a folder without images.txt; "
            "name the file"
        )
    suffix = file.suffix.lower()
    if suffix == ".json":
        return _told_of_json(file)
    for one in FORMATS.values():
        if suffix in one.suffixes:
            return one
    start = read_bytes(file)[:8]
    for mark, name in ((b"glTF", "gltf"), (b"#usda", "usd"), (b"PXR-USDC", "usd")):
        if start.startswith(mark):
            return FORMATS[name]
    raise PathError(
        f"{file}: expected a camera path of {_known()}, found {suffix or 'no suffix'!r}; "
        "export it in one of these, or write a path script (.yaml)"
    )


def _told_of_json(file: Path) -> Format:
    """Return the format of a .json by the keys that only one tool writes."""
    content = read_object(file, FORMATS["nerfstudio"].title)
    if "asset" in content:
        return FORMATS["gltf"]
    if isinstance(content.get("path"), list):
        return FORMATS["ngp"]
    keys = content.get("keyframes")
    first = keys[0] if isinstance(keys, list) and keys else None
    if "clip_duration" in content or (isinstance(first, dict) and "position" in first):
        return FORMATS["lichtfeld"]
    if "frames" in content and "camera_path" not in content:
        raise PathError(
            f"{file}: expected a camera path, found a capture (transforms.json); "
            "pass the path that a viewer exported"
        )
    return FORMATS["nerfstudio"]


def _names(one: Format) -> str:
    return "a folder's name" if one.name == "colmap" else " or ".join(one.suffixes[:3])


def _known() -> str:
    return ", ".join(f"{one.title} ({', '.join(one.suffixes)})" for one in FORMATS.values())
