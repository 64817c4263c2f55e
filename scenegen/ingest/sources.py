"""Which files ingest reads of a source, so that one can tell whether they have changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenegen.errors import IngestError
from scenegen.files import input_errors, inside, read_json
from scenegen.ingest.images import SUFFIXES
from scenegen.ingest.photos import find_photos
from scenegen.ingest.posed import find_posed
from scenegen.ingest.transforms import IMPLIED_SUFFIXES

_NAMED = ("file_path", "mask_path", "ply_file_path")
_MODEL_SUFFIXES = (".bin", ".txt")


def source_files(source: Path) -> list[Path]:
    """Return the files of photos, a video or a posed capture that ingest reads, and no others.

    What else lies among them, such as outputs, is left out. Raises `IngestError`.
    """
    with input_errors(source, IngestError):
        posed = find_posed(source)
        if posed is None:
            return find_photos(source) if source.is_dir() else [source]
        if posed.is_file():
            found = [posed, posed.with_name("capture.json"), *_named(posed)]
        else:
            models = [file for file in posed.iterdir() if file.suffix in _MODEL_SUFFIXES]
            found = [*models, *_photos_of(posed, source)]
        return sorted(file for file in set(found) if file.is_file())


def _named(transforms: Path) -> list[Path]:
    """Return what a ``transforms.json`` names, with every suffix that it may have left out."""
    data = read_json(transforms, IngestError)
    frames = data.get("frames") if isinstance(data, dict) else None
    entries: list[Any] = [data, *(frames if isinstance(frames, list) else [])]
    texts = [entry.get(key) for entry in entries if isinstance(entry, dict) for key in _NAMED]
    names = [text.replace("\\", "/") for text in texts if isinstance(text, str)]
    folder = transforms.parent
    return [
        inside(folder, name + suffix, IngestError, transforms)
        for name in names
        for suffix in IMPLIED_SUFFIXES
    ]


def _photos_of(model: Path, source: Path) -> list[Path]:
    """Return the photos in the folders ``images`` about a COLMAP model, or else beside it."""
    near = [folder for folder in (model, *model.parents) if folder.is_relative_to(source)]
    kept = [folder / "images" for folder in near if (folder / "images").is_dir()]
    found = [file for folder in kept for file in folder.rglob("*")]
    found = found or [file for folder in near for file in folder.iterdir()]
    return [file for file in found if file.suffix.lower() in SUFFIXES]
