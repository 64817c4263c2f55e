"""Photos without poses become posed ones: structure from motion, upright, of a sane size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.errors import IngestError
from scenegen.ingest import advice, scale
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.scale import Similarity
from scenegen.ingest.snapshot import Rejected, Snapshot
from scenegen.ingest.upright import upright_rotation
from scenegen.progress import Progress, silent
from scenegen.types import Camera

if TYPE_CHECKING:
    from scenegen.ingest.model import Solved

_ONE_SPOT_DEG = 2.0
"""Median angle between the rays that made the points, below which there was no real movement."""


@dataclass(frozen=True)
class PhotoFacts:
    """What posing found out about a posed photo.

    ``points`` of the sparse points were seen in it, with a mean ``reprojection_px`` at full size;
    ``matches`` counts its verified matches with the photos named in ``overlaps``.
    """

    points: int
    matches: int
    overlaps: tuple[str, ...]
    reprojection_px: float


@dataclass(frozen=True)
class Posed:
    """Cameras in a world with +Z up, of which a unit is half the usual distance to the subject.

    ``cameras``, ``facts`` and ``unposed`` are by photo name. ``notes`` are plain words on the
    whole capture, ``attempts`` the ways that were tried.
    """

    cameras: Mapping[str, Camera]
    points: Float32[np.ndarray, "point 3"]
    point_colors: UInt8[np.ndarray, "point 3"]
    facts: Mapping[str, PhotoFacts]
    unposed: Mapping[str, Rejected]
    metres_per_unit: float | None
    notes: tuple[str, ...]
    attempts: tuple[str, ...]


def pose_photos(
    snapshots: Sequence[Snapshot],
    ordered: bool,
    work: Path,
    config: IngestConfig,
    progress: Progress = silent,
) -> Posed:
    """Find the cameras of ``snapshots`` with pycolmap and a ladder of retries.

    ``ordered`` photos are compared with their neighbours in the sequence first. ``work`` is a
    folder for intermediate files; what an earlier run left there is replaced. Raises
    `IngestError` where fewer than ``config.min_photos`` can be posed or the camera only turned.
    """
    from scenegen.ingest import colmap, learned
    from scenegen.ingest.ladder import climb, overlaps_of
    from scenegen.ingest.model import read_model

    if len(snapshots) < config.min_photos:
        raise IngestError(advice.too_few(len(snapshots), config.min_photos))
    shots = tuple(snapshots)
    found = climb(shots, ordered, work, config, progress)
    overlaps = overlaps_of(found.workspace)
    features = colmap.feature_counts(found.workspace)
    if found.model is None or found.posed < config.min_photos:
        raise IngestError(advice.why_nothing(shots, features, overlaps))
    solved = read_model(found.model, len(shots))
    if solved.median_angle_deg < _ONE_SPOT_DEG:
        raise IngestError(advice.one_spot(len(shots)))
    move, metres = _place(solved, shots, config)
    notes = advice.notes(len(shots), found.posed, found.others, metres)
    if found.posed < config.min_posed_share * len(shots) and not learned.installed():
        notes += (f"learned features may place more photos; to install them: {learned.INSTALL}",)
    return Posed(
        cameras=_cameras(solved, shots, move),
        points=move.points(solved.points).astype(np.float32),
        point_colors=solved.colors,
        facts=_facts(solved, shots, advice.partners_of(len(shots), overlaps)),
        unposed=advice.explain_unposed(shots, solved.posed, features, overlaps),
        metres_per_unit=metres,
        notes=notes,
        attempts=found.rungs,
    )


def _place(
    solved: Solved, shots: Sequence[Snapshot], config: IngestConfig
) -> tuple[Similarity, float | None]:
    """Return the move to the upright world of sane size, and metres per unit where known."""
    rotation = upright_rotation(solved.poses)
    positions = solved.poses[:, :3, 3]
    gps = scale.fit_gps(positions @ rotation.T, [shots[i].gps for i in solved.indices])
    if gps is not None:
        rotation = gps.rotation @ rotation
    move = scale.sane_similarity(rotation, positions, solved.looked_at)
    metres = gps.scale / move.scale if gps is not None else None
    if config.known_length is not None:
        moved = move.points(positions)
        names = {shots[i].name: p for i, p in zip(solved.indices, moved, strict=True)}
        names |= {shots[i].source: p for i, p in zip(solved.indices, moved, strict=True)}
        metres = scale.known_length_scale(config.known_length, names)
    return move, metres


def _cameras(solved: Solved, shots: Sequence[Snapshot], move: Similarity) -> dict[str, Camera]:
    poses = move.poses(solved.poses)
    return {
        shots[index].name: Camera(lens, pose)
        for index, lens, pose in zip(solved.indices, solved.lenses, poses, strict=True)
    }


def _facts(
    solved: Solved, shots: Sequence[Snapshot], partners: Sequence[Mapping[int, int]]
) -> dict[str, PhotoFacts]:
    return {
        shots[index].name: PhotoFacts(
            points=int(solved.seen[k]),
            matches=sum(partners[index].values()),
            overlaps=tuple(sorted(shots[other].name for other in partners[index])),
            reprojection_px=float(solved.reprojection_px[k]),
        )
        for k, index in enumerate(solved.indices)
    }
