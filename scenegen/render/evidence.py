"""Evidence of frames as files: one .npz a frame, and ``evidence.json`` that says what is in them.

    evidence.json    format, version, fingerprint, and what every array means
    000000.npz       arrays by the names of `scenegen.types.Evidence`, each [height width]

Shares and angles are kept as float16, depth as float32, counts as they are. `numpy.load` reads the
files; so does `read_evidence`, as an `Evidence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from scenegen import files
from scenegen.errors import OutputError, RenderError
from scenegen.types import Evidence, Frame

FORMAT_VERSION = 1
_FACTS = "evidence.json"
_MEANING = {
    "photos": "number of photos that see the surface",
    "angle_deg": "smallest angle at the surface to a photo's ray, in degrees; 180: no photo",
    "resolution": "smallest size of a photo's pixel over that of the frame's; inf: no photo",
    "agreement": "how well the photos agree in colour, 0 to 1",
    "best_photo": "place in scene.json's photos of the one that counts most; -1: none",
    "coverage": "how far photos may stand in for the field, 0 to 1",
    "depth": "distance along the optical axis in world units; 0: nothing was hit",
    "opacity": "share of the light that the scene stops, 0 to 1",
}
_KINDS = {"photos": np.uint8, "best_photo": np.int16, "depth": np.float32}


def check_evidence_folder(folder: Path, overwrite: bool, fingerprint: str) -> None:
    """Raise `OutputError` unless the evidence of frames may be written to ``folder``.

    It may be absent or empty, or hold evidence: of these very frames, or with ``overwrite`` of any.
    """
    with files.output_errors(folder):
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: expected a folder for --evidence, found a file")
        empty = not folder.exists() or not any(folder.iterdir())
    if empty:
        files.check_output(folder, overwrite=True)
        return
    if not (folder / _FACTS).is_file():
        raise OutputError(
            f"{folder}: expected a folder of evidence, found something else; "
            "choose another --evidence folder"
        )
    facts = files.read_json(folder / _FACTS, OutputError)
    same = isinstance(facts, dict) and facts.get("fingerprint") == fingerprint
    if not same and not overwrite:
        raise OutputError(
            f"{folder}: holds the evidence of other frames; "
            "pass --overwrite to replace it or choose another --evidence folder"
        )


def recorded(frames: Iterable[Frame], folder: Path, fingerprint: str) -> Iterator[Frame]:
    """Pass ``frames`` on, each once its evidence is in ``folder``."""
    facts = {"format": "scenegen evidence", "format_version": FORMAT_VERSION}
    stale = _fingerprint_in(folder) not in (None, fingerprint)
    for file in folder.glob("*.npz") if stale else ():
        file.unlink()
    files.write_json(folder / _FACTS, {**facts, "fingerprint": fingerprint, "arrays": _MEANING})
    for frame in frames:
        if frame.evidence is not None:
            write_evidence(frame.evidence, folder / f"{frame.index:06}.npz")
        yield frame


def write_evidence(evidence: Evidence, file: Path) -> None:
    """Write the evidence of a frame, all of it or nothing."""
    arrays = {}
    with np.errstate(over="ignore"):  # resolutions that stand for none
        for field in fields(Evidence):
            kind = _KINDS.get(field.name, np.float16)
            arrays[field.name] = getattr(evidence, field.name).astype(kind)
    stream = BytesIO()
    np.savez_compressed(stream, **arrays)
    files.write_atomic(file, stream.getvalue())


def read_evidence(file: Path) -> Evidence:
    """Return the evidence of a frame; raise `RenderError` where ``file`` does not hold it."""
    arrays = {}
    try:
        with np.load(file, allow_pickle=False) as stored:
            for field in fields(Evidence):
                kind = _KINDS.get(field.name, np.float16)
                found = stored[field.name]
                if found.dtype != kind or found.ndim != 2:
                    raise ValueError(f"{field.name} is {found.dtype} of {found.shape}")
                arrays[field.name] = found.astype(_KINDS.get(field.name, np.float32))
    except (OSError, KeyError, ValueError, BadZipFile) as cause:
        raise RenderError(
            f"{file}: expected the evidence of a frame, found none ({cause}); "
            "render it again with --evidence"
        ) from cause
    return Evidence(**arrays)


def _fingerprint_in(folder: Path) -> str | None:
    if not (folder / _FACTS).is_file():
        return None
    facts = files.read_json(folder / _FACTS, OutputError)
    return str(facts.get("fingerprint")) if isinstance(facts, dict) else None
