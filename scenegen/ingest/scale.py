"""Where the origin lies, how long a unit is, and what it is worth in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from scenegen.errors import IngestError

_SUBJECT_UNITS = 2.0
"""Median distance from a camera to what it looks at, in world units."""

_MIN_GPS_PHOTOS = 4
_GPS_TRIALS = 500


@dataclass(frozen=True)
class Similarity:
    """``q = scale * rotation @ p + translation``."""

    scale: float
    rotation: Float[np.ndarray, "3 3"]
    translation: Float[np.ndarray, "3"]

    def points(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """Return moved points."""
        return self.scale * points @ self.rotation.T + self.translation

    def poses(self, poses: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
        """Return moved ``world_from_camera`` matrices; cameras keep their size."""
        moved = poses.copy()
        moved[:, :3, :3] = self.rotation @ poses[:, :3, :3]
        moved[:, :3, 3] = self.points(poses[:, :3, 3])
        return moved


def sane_similarity(
    rotation: Float[np.ndarray, "3 3"],
    positions: Float[np.ndarray, "camera 3"],
    looked_at: Float[np.ndarray, "camera 3"],
) -> Similarity:
    """Return the move to a world whose origin is what the photos look at, 2 units away.

    ``looked_at`` is for each camera the middle of the points it sees. Medians, so that a few
    photos of the sky do not count.
    """
    centre = np.median(looked_at @ rotation.T, axis=0)
    distance = float(np.median(np.linalg.norm(looked_at - positions, axis=1)))
    scale = _SUBJECT_UNITS / max(distance, 1e-12)
    return Similarity(scale, rotation, -scale * centre)


def align(source: Float[np.ndarray, "n 3"], target: Float[np.ndarray, "n 3"]) -> Similarity:
    """Return the similarity that brings ``source`` onto ``target`` with least squares.

    Source: Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns" (1991), equations 40 to 42.
    """
    mean_s, mean_t = source.mean(0), target.mean(0)
    s, t = source - mean_s, target - mean_t
    u, d, vt = np.linalg.svd(t.T @ s / len(s))
    sign = np.diag([1.0, 1.0, float(np.sign(np.linalg.det(u) * np.linalg.det(vt))) or 1.0])
    rotation = u @ sign @ vt
    scale = float(np.trace(np.diag(d) @ sign) / max(float((s**2).sum() / len(s)), 1e-300))
    return Similarity(scale, rotation, mean_t - scale * rotation @ mean_s)


@dataclass(frozen=True)
class GpsFit:
    """The similarity from the reconstruction to metres (east, north, up) by the photos' GPS.

    ``levels`` says whether the photos cover enough ground for GPS to tell which way is up.
    """

    metres: Similarity
    levels: bool
    residual_m: float


def fit_gps(
    positions: Float[np.ndarray, "camera 3"], gps: Sequence[tuple[float, float, float] | None]
) -> GpsFit | None:
    """Return how the cameras lie in metres, or None where GPS cannot tell.

    ``gps`` is latitude and longitude in degrees and altitude in metres, None for photos without.
    GPS is off by several metres, so it can tell nothing about a chair: the cameras have to spread
    over at least 5 times what the fit leaves over.
    """
    known = [i for i, fix in enumerate(gps) if fix is not None]
    if len(known) < _MIN_GPS_PHOTOS:
        return None
    metres = local_metres([fix for fix in gps if fix is not None])
    source = positions[known]
    fit, inliers = _robust_align(source, metres)
    if fit is None:
        return None
    error = np.linalg.norm(fit.points(source[inliers]) - metres[inliers], axis=1)
    residual = float(np.sqrt((error**2).mean()))
    centred = metres[inliers] - metres[inliers].mean(0)
    spread = np.linalg.svd(centred, compute_uv=False) / np.sqrt(len(centred))
    if spread[0] < 5 * residual or spread[0] < 1.0:
        return None
    return GpsFit(fit, bool(spread[1] > 5 * residual), residual)


def local_metres(gps: Sequence[tuple[float, float, float]]) -> Float[np.ndarray, "n 3"]:
    """Return GPS fixes as metres east, north and up of the first (WGS84)."""
    import pycolmap

    fixes = np.array(gps, dtype=np.float64)
    transform = pycolmap.GPSTransform(pycolmap.GPSTransformEllipsoid.WGS84)
    return np.asarray(transform.ellipsoid_to_enu(fixes, *fixes[0]))


def _robust_align(
    source: Float[np.ndarray, "n 3"], target: Float[np.ndarray, "n 3"]
) -> tuple[Similarity | None, np.ndarray]:
    """Return the similarity with the least median error over samples of 3, refined on inliers."""
    rng = np.random.default_rng(0)
    best, best_error = None, np.inf
    for _ in range(_GPS_TRIALS):
        sample = rng.choice(len(source), 3, replace=False)
        fit = align(source[sample], target[sample])
        error = float(np.median(np.linalg.norm(fit.points(source) - target, axis=1)))
        if np.isfinite(error) and error < best_error:
            best, best_error = fit, error
    if best is None:
        return None, np.zeros(len(source), bool)
    error = np.linalg.norm(best.points(source) - target, axis=1)
    inliers = error <= max(3 * best_error, 1e-6)
    return align(source[inliers], target[inliers]), inliers


def known_length_scale(
    known: tuple[str, str, float],
    positions: dict[str, Float[np.ndarray, "3"]],
) -> float:
    """Return metres per unit from the distance in metres between two photos' cameras.

    ``positions`` are by the names that the user knows. Raises `IngestError` for a photo that is
    not there or was not posed, the same photo twice, and a length that is not positive.
    """
    first, second, metres = known
    where = f"--known-length {first} {second} {metres:g}"
    for name in (first, second):
        if name not in positions:
            some = ", ".join(sorted(positions)[:5])
            raise IngestError(
                f"{where}: expected two photos whose position was found, {name!r} is none; "
                f"name two of: {some}, ..."
            )
    if not (np.isfinite(metres) and metres > 0):
        raise IngestError(f"{where}: expected a length above 0 metres, found {metres:g}")
    units = float(np.linalg.norm(positions[first] - positions[second]))
    if units < 1e-6:
        raise IngestError(
            f"{where}: both photos were taken from one place; name two that are apart"
        )
    return metres / units
