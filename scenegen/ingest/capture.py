"""Capture folders: made from any input, and read back.

A capture folder is one that nerfstudio reads: ``transforms.json``, ``images/``, ``sparse_pc.ply``.
Ours has ``capture.json`` beside them, which says how every photo fared.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen import files
from scenegen.errors import IngestError, OutputError
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.images import SUFFIXES, BadImageError, open_image
from scenegen.ingest.photos import (
    decode_photo,
    free_name,
    link_or_copy,
    list_rejected,
    photos_are_ordered,
    prepare_photos,
    save_image,
)
from scenegen.ingest.ply import write_ply
from scenegen.ingest.posed import find_posed, read_posed, upright
from scenegen.ingest.scale import check_known_length, known_length_scale
from scenegen.ingest.sharpness import sharpness
from scenegen.ingest.snapshot import Rejected
from scenegen.ingest.transforms import PosedPhotos, write_transforms
from scenegen.ingest.video import extract_frames
from scenegen.progress import Progress, silent
from scenegen.types import Capture, Photo

log = logging.getLogger("scenegen")

Kind = Literal["photos", "video", "posed"]
Facts = dict[str, Any]

FORMAT = "scenegen capture"
FORMAT_VERSION = 1
FACTS_FILE = "capture.json"
TRANSFORMS_FILE = "transforms.json"
POINTS_FILE = "sparse_pc.ply"


def ingest(
    source: Path, output: Path, config: IngestConfig, progress: Progress = silent
) -> Capture:
    """Make the capture folder ``output`` from a folder of photos, a video or a posed capture.

    ``output`` appears only when it is complete. Raises `IngestError` where the input cannot be
    used and `OutputError` where ``output`` cannot be written.
    """
    kind = capture_kind(source)
    _check_output(source, output, config.overwrite)
    with files.staged_folder(output, config.overwrite) as folder:
        if kind == "posed":
            facts = _take_posed(source, folder, config, progress)
        else:
            facts = _take_unposed(source, kind, folder, config, progress)
        settings = {key: value for key, value in asdict(config).items() if key != "overwrite"}
        write_facts(folder, kind, source.resolve().name, {**facts, "settings": settings})
    return load_capture(output)


def capture_kind(source: Path) -> Kind:
    """Return what ``source`` is; raise `IngestError` if there is nothing or nothing of use."""
    with files.input_errors(source, IngestError):
        exists = source.exists()
    if not exists:
        raise IngestError(
            f"{source}: expected a folder of photos, a video or a posed capture, found nothing "
            "there; check the path"
        )
    if find_posed(source):
        return "posed"
    if source.is_dir():
        return "photos"
    if source.suffix.lower() in SUFFIXES:
        raise IngestError(
            f"{source}: expected a folder of photos, found a single photo; name its folder"
        )
    return "video"


def load_capture(folder: Path, known_length: tuple[str, str, float] | None = None) -> Capture:
    """Read a folder with ``transforms.json`` (ours, nerfstudio's, instant-ngp's) or a COLMAP model.

    Foreign worlds that do not have +Z up are turned upright. ``known_length``, two photos and the
    distance in metres between their cameras, goes before the scale that the folder states. Raises
    `IngestError`.
    """
    posed, facts = _load(folder, known_length)
    return Capture(
        photos=posed.photos,
        points=posed.points,
        point_colors=posed.point_colors,
        photos_total=facts.get("photos_total", posed.listed),
        metres_per_unit=facts.get("metres_per_unit"),
    )


def _load(source: Path, known_length: tuple[str, str, float] | None) -> tuple[PosedPhotos, Facts]:
    """Return the photos in a world with +Z up, and our facts, almost empty for foreign folders."""
    facts = read_facts(source)
    posed = read_posed(source)
    if facts is None:
        posed, facts = upright(posed), {}
    if known_length is not None:
        places = {photo.name: photo.camera.position for photo in posed.photos}
        by_path = zip(posed.names, posed.photos, strict=True)
        places |= {path: photo.camera.position for path, photo in by_path}
        facts = {**facts, "metres_per_unit": known_length_scale(known_length, places)}
    return posed, facts


def read_facts(folder: Path) -> Facts | None:
    """Return what ``capture.json`` says on each photo; None where ``folder`` is not ours.

    Keys: ``kind``, ``photos_total``, ``photos_posed``, ``metres_per_unit``, ``photos``,
    ``rejected``, ``notes``, ``attempts``, ``settings``. Raises `IngestError` for a newer format.
    """
    file = folder / FACTS_FILE
    with files.input_errors(file, IngestError):
        facts = files.read_json(file, IngestError) if file.is_file() else None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        return None
    found = facts.get("format_version")
    if not isinstance(found, int) or found > FORMAT_VERSION:
        raise IngestError(
            f"{file}: expected a capture of format {FORMAT_VERSION} or older, found {found}; "
            "upgrade with: pip install --upgrade scenegen"
        )
    total, metres = facts.get("photos_total"), facts.get("metres_per_unit")
    if not isinstance(total, int) or not isinstance(metres, int | float | None):
        raise IngestError(
            f"{file}: expected numbers `photos_total` and `metres_per_unit`, found {total!r} and "
            f"{metres!r}; ingest the photos again"
        )
    return facts


def write_facts(folder: Path, kind: str, source: str, facts: Facts) -> None:
    """Write ``capture.json``, by which a folder is known as ours: its world has +Z up.

    ``facts`` have the keys of `read_facts`.
    """
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "made_by": _version()}
    files.write_json(folder / FACTS_FILE, {**head, "kind": kind, "source": source, **facts})


def write_capture(
    folder: Path,
    photos: Sequence[Photo],
    points: Float32[np.ndarray, "point 3"],
    point_colors: UInt8[np.ndarray, "point 3"],
) -> None:
    """Write what nerfstudio needs into ``folder``, below which the images of ``photos`` lie."""
    ordered = sorted(photos, key=lambda photo: photo.name)
    if len(points):
        write_ply(folder / POINTS_FILE, points, point_colors)
    write_transforms(folder / TRANSFORMS_FILE, ordered, POINTS_FILE if len(points) else None)


def _version() -> str:
    return f"scenegen {version('scenegen')}"


def _check_output(source: Path, output: Path, overwrite: bool) -> None:
    """Raise `OutputError` before any work if ``output`` cannot take the capture."""
    files.check_output(output, overwrite)
    if source.resolve().is_relative_to(output.resolve()):
        raise OutputError(
            f"{output}: would replace its own input {source}; choose another --output"
        )
    if output.exists() and not (output / FACTS_FILE).is_file() and not _is_empty(output):
        raise OutputError(
            f"{output}: expected a capture folder to replace, found something else; "
            "choose another --output or remove it yourself"
        )


def _is_empty(output: Path) -> bool:
    return output.is_dir() and not any(output.iterdir())


def _take_unposed(
    source: Path, kind: Kind, folder: Path, config: IngestConfig, progress: Progress
) -> Facts:
    from scenegen.ingest.pose import pose_photos

    if kind == "video":
        shots, rejected = extract_frames(source, folder / "images", config, progress), []
    else:
        shots, rejected = prepare_photos(source, folder / "images", config, progress)
    if config.known_length is not None:
        known = [name for shot in shots for name in (shot.name, shot.source)]
        check_known_length(config.known_length, known, "that can be used")
    ordered = kind == "video" or photos_are_ordered(shots)
    work = folder / ".posing"
    posed = pose_photos(shots, ordered, work, config, progress)
    shutil.rmtree(work, ignore_errors=True)
    photos = [Photo(s.file, posed.cameras[s.name]) for s in shots if s.name in posed.cameras]
    write_capture(folder, photos, posed.points, posed.point_colors)
    told = []
    for shot in shots:
        fact: Facts = {"name": shot.name, "source": shot.source, "sharpness": shot.sharpness}
        if shot.name in posed.cameras:
            fact |= {"posed": True, **asdict(posed.facts[shot.name])}
        else:
            unposed = posed.unposed[shot.name]
            fact |= {"posed": False, "why": unposed.why, "advice": unposed.advice}
        told.append(fact)
    total = len(shots) + len(rejected)
    _warn_of_rest(source, len(photos), total, [*rejected, *posed.unposed.values()])
    return {
        "photos_total": total,
        "photos_posed": len(photos),
        "metres_per_unit": posed.metres_per_unit,
        "notes": list(posed.notes),
        "attempts": list(posed.attempts),
        "photos": told,
        "rejected": [asdict(photo) for photo in rejected],
    }


def _warn_of_rest(source: Path, posed: int, total: int, left_out: Sequence[Rejected]) -> None:
    if left_out:
        lines = "\n".join(list_rejected(left_out))
        log.warning("%s: %d of %d photos posed; left out:\n%s", source, posed, total, lines)


def _warn_of_unused(source: Path, config: IngestConfig) -> None:
    """Warn of settings for finding camera positions, where they are given already."""
    posing = ("video_frames", "max_side_px", "matching", "min_posed_share")
    changed = [name for name in posing if getattr(config, name) != getattr(IngestConfig, name)]
    if changed:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in changed)
        log.warning("%s: has its camera positions already; no use was made of %s", source, options)


def _take_posed(source: Path, folder: Path, config: IngestConfig, progress: Progress) -> Facts:
    _warn_of_unused(source, config)
    given, facts = _load(source, config.known_length)
    (folder / "images").mkdir()
    taken: list[Photo] = []
    told: list[Facts] = []
    rejected: list[Rejected] = []
    unique = len({photo.name.casefold() for photo in given.photos}) == len(given.photos)
    names: set[str] = set()
    for index, (photo, path) in enumerate(zip(given.photos, given.names, strict=True)):
        name = photo.name if unique else path.removeprefix("./").replace("/", "_")
        try:
            moved, sharp = _take_posed_photo(photo, name, folder, names)
            taken.append(moved)
            told.append({"name": moved.name, "source": path, "sharpness": sharp, "posed": True})
        except BadImageError as error:
            rejected.append(Rejected(path, error.why, error.advice))
        progress("Reading photos", index + 1, len(given.photos))
    if len(taken) < config.min_photos:
        found = f"found {len(taken)}; add more to it"
        line = f"{source}: expected at least {config.min_photos} usable posed photos, {found}"
        raise IngestError("\n".join([line, *list_rejected(rejected)]))
    total = facts.get("photos_total", given.listed)
    _warn_of_rest(source, len(taken), total, rejected)
    write_capture(folder, taken, given.points, given.point_colors)
    return {
        "photos_total": total,
        "photos_posed": len(taken),
        "metres_per_unit": facts.get("metres_per_unit"),
        "photos": told,
        "rejected": [asdict(photo) for photo in rejected],
    }


def _take_posed_photo(
    photo: Photo, name: str, folder: Path, names: set[str]
) -> tuple[Photo, float]:
    """Put a photo into ``folder``; return it there with its sharpness.

    It is not turned as its EXIF says: its pose is for the pixels as they are stored.
    """
    decoded = decode_photo(photo.file, upright=False)
    target = folder / "images" / free_name(name, decoded.suffix, names)
    if decoded.rgb is None:
        link_or_copy(photo.file, target)
    else:
        save_image(decoded.rgb, target)
    mask = None if photo.mask is None else _take_mask(photo, photo.mask, folder, target.name)
    return replace(photo, file=target, mask=mask), sharpness(decoded.grey)


def _take_mask(photo: Photo, mask: Path, folder: Path, name: str) -> Path:
    """Write the ``mask`` of a photo as grey PNG under the photo's ``name`` with .png added."""
    try:
        with open_image(mask) as image:
            grey = image.convert("L")
    except BadImageError as error:
        raise IngestError(f"{mask}: {error.why}; {error.advice}") from error
    lens = photo.camera.lens
    if grey.size != (lens.width_px, lens.height_px):
        raise IngestError(
            f"{mask}: expected a mask of {lens.width_px}x{lens.height_px} pixels as its photo, "
            f"found {grey.width}x{grey.height}; make it the same size"
        )
    file = folder / "masks" / f"{name}.png"
    file.parent.mkdir(exist_ok=True)
    grey.save(file)
    return file
