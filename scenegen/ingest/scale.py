"""Where the origin lies, how long a unit is, and what it is worth in metres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from scenegen.errors import IngestError

_SUBJECT_UNITS = 2.0
"""Median distance from a camera to what it looks at, in world units."""

_MIN_GPS_PHOTOS = 4
_GPS_TRIALS = 500
_GPS_EXACT_M = 0.01
_GPS_SPREAD_M = 1.0


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


def align(source: Float[np.ndarray, "n d"], target: Float[np.ndarray, "n d"]) -> Similarity:
    """Return the similarity that brings ``source`` onto ``target`` with least squares.

    In a plane or in space. Source: Umeyama, "Least-squares estimation of transformation
    parameters between two point patterns" (1991), equations 40 to 42.
    """
    mean_s, mean_t = source.mean(0), target.mean(0)
    s, t = source - mean_s, target - mean_t
    u, d, vt = np.linalg.svd(t.T @ s / len(s))
    signs = np.ones(source.shape[1])
    signs[-1] = 1.0 if np.linalg.det(u) * np.linalg.det(vt) > 0 else -1.0
    rotation = u @ np.diag(signs) @ vt
    scale = float((d * signs).sum() / max(float((s**2).sum() / len(s)), 1e-300))
    return Similarity(scale, rotation, mean_t - scale * rotation @ mean_s)


def fit_gps(
    positions: Float[np.ndarray, "camera 3"], gps: Sequence[tuple[float, float, float] | None]
) -> Similarity | None:
    """Return the move to metres east, north and up, or None where GPS cannot tell.

    ``positions`` are upright already; ``gps`` is latitude and longitude in degrees and altitude in
    metres, None for photos without. GPS is off by several metres, so it says nothing about a
    chair: the cameras have to spread over 5 times what the fit leaves over. Over an area it also
    levels the world; along a line, or where the altitudes are useless, only the map counts.
    """
    known = [i for i, fix in enumerate(gps) if fix is not None]
    if len(known) < _MIN_GPS_PHOTOS:
        return None
    metres = local_metres([fix for fix in gps if fix is not None])
    space = _robust_fit(positions[known], metres, directions=2)
    if space is not None:
        return space
    plan = _robust_fit(positions[known, :2], metres[:, :2], directions=1)
    if plan is None:
        return None
    rotation = np.eye(3)
    rotation[:2, :2] = plan.rotation
    return Similarity(plan.scale, rotation, np.append(plan.translation, 0.0))


def local_metres(gps: Sequence[tuple[float, float, float]]) -> Float[np.ndarray, "n 3"]:
    """Return GPS fixes as metres east, north and up of the first (WGS84)."""
    import pycolmap

    fixes = np.array(gps, dtype=np.float64)
    transform = pycolmap.GPSTransform(pycolmap.GPSTransformEllipsoid.WGS84)
    return np.asarray(transform.ellipsoid_to_enu(fixes, *fixes[0]))


def _robust_fit(
    source: Float[np.ndarray, "n d"], target: Float[np.ndarray, "n d"], directions: int
) -> Similarity | None:
    """Return the similarity of least median error, refined on what agrees with it.

    None where ``target`` is not spread widely enough, in so many ``directions``, for the fit to
    mean something.
    """
    rng = np.random.default_rng(0)
    best, best_error = None, np.inf
    for _ in range(_GPS_TRIALS):
        sample = rng.choice(len(source), 3, replace=False)
        fit = align(source[sample], target[sample])
        error = float(np.median(np.linalg.norm(fit.points(source) - target, axis=1)))
        if error < best_error:
            best, best_error = fit, error
    if best is None:
        return None
    error = np.linalg.norm(best.points(source) - target, axis=1)
    agreeing = error <= max(3 * best_error, _GPS_EXACT_M)
    source, target = source[agreeing], target[agreeing]
    fit = align(source, target)
    residual = np.sqrt(((fit.points(source) - target) ** 2).sum(1).mean())
    spread = np.linalg.svd(target - target.mean(0), compute_uv=False) / np.sqrt(len(target))
    return fit if spread[directions - 1] >= max(5 * residual, _GPS_SPREAD_M) else None


def check_known_length(known: tuple[str, str, float], names: Iterable[str], which: str) -> None:
    """Raise `IngestError` unless both photos of a known length are among the ``names``.

    ``which`` says what photos these are.
    """
    there = sorted(set(names))
    for name in known[:2]:
        if name not in there:
            some = ", ".join(there[:5]) + (", ..." if len(there) > 5 else "")
            raise IngestError(
                f"--known-length {known[0]} {known[1]} {known[2]:g}: expected two photos {which}, "
                f"{name!r} is none; name two of: {some}"
            )


def known_length_scale(
    known: tuple[str, str, float],
    positions: Mapping[str, Float[np.ndarray, "3"]],
) -> float:
    """Return metres per unit from the distance in metres between two photos' cameras.

    ``positions`` are by the names that the user knows. Raises `IngestError` for a photo that is
    not there or was not posed, and two photos from one place.
    """
    check_known_length(known, positions, "whose position was found")
    first, second, metres = known
    units = float(np.linalg.norm(positions[first] - positions[second]))
    if units < 1e-6:
        raise IngestError(
            f"--known-length {first} {second} {metres:g}: both photos were taken from one place; "
            "name two that are apart"
        )
    return metres / units
