"""A photo brought into register with what is rendered of its place.

Poses of photos that were left out are some pixels off where structure from motion is; a network
that learns from them learns to blur. So the affine map that brings a photo's luminance closest to
the render's is found (Lucas and Kanade, 1981; inverse compositional, Baker and Matthews, 2004).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32
from scipy.ndimage import gaussian_filter, map_coordinates

_BLURS_PX = (6.0, 3.0, 1.5)
"""Blurs of both, coarse to fine."""
_STEPS = 12
_LEAST_SEEN = 0.5
"""Share of the render that a photo has to show."""
MOST_SHARE = 0.03
"""What a photo may move by at most, as a share of its longer side; what asks for more is left."""


def registered(
    photo: Float32[np.ndarray, "h w 3"],
    shown: Float32[np.ndarray, "h w 3"],
    mask: Float32[np.ndarray, "h w"],
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w"], float]:
    """Return a photo moved onto what is shown, where it is known then, and by how many pixels.

    It stays as it is, moved by 0, where that brings it no closer.
    """
    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float64)
    affine = np.eye(2, 3)
    for blur in _BLURS_PX:
        affine = _refined(photo, shown, mask, blur, affine)
    x, y = _mapped(affine, rows, columns)
    moved = np.hypot(x - columns, y - rows)
    known = _at(mask, x, y) > 0.99
    known &= (x >= 0) & (y >= 0) & (x <= mask.shape[1] - 1) & (y <= mask.shape[0] - 1)
    shift = float(np.sqrt(np.mean(moved**2)))
    rgb = np.stack([_at(photo[..., c], x, y) for c in range(3)], -1).astype(np.float32)
    both = known & (mask > 0)
    far = shift > MOST_SHARE * max(mask.shape) or both.mean() < _LEAST_SEEN
    if far or _apart(rgb, shown, both) >= _apart(photo, shown, both):
        return photo, mask, 0.0
    return rgb, known.astype(np.float32), shift


def _refined(
    photo: np.ndarray, shown: np.ndarray, mask: np.ndarray, blur: float, affine: np.ndarray
) -> np.ndarray:
    still, moving = (
        gaussian_filter(image.mean(-1).astype(np.float64), blur) for image in (shown, photo)
    )
    height, width = mask.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    u, v = (columns - width / 2) / width, (rows - height / 2) / width
    down, along = np.gradient(still)
    # Columns: the affine map's six numbers, then gain and offset of the luminance.
    slopes = np.stack(
        [along, along * u, along * v, down, down * u, down * v, still, np.ones_like(u)], -1
    )
    for _ in range(_STEPS):
        x, y = _mapped(affine, rows, columns)
        inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1) & (mask > 0)
        if inside.mean() < _LEAST_SEEN:
            break
        error = _at(moving, x, y) - still
        # Less is believed of what differs most: it is what the render lacks (Huber, 1964).
        scale = 1.5 * np.median(np.abs(error[inside])) + 1e-4
        weight = inside / np.maximum(1.0, np.abs(error) / scale)
        a = (slopes * weight[..., None]).reshape(-1, 8)
        full = slopes.reshape(-1, 8)
        found = np.linalg.solve(a.T @ full + 1e-9 * np.eye(8), a.T @ error.reshape(-1))
        step = np.eye(3)
        cx, cy = width / 2, height / 2
        for row, (shift, by_u, by_v) in enumerate((found[:3], found[3:6])):
            step[row, 0] += by_u / width
            step[row, 1] += by_v / width
            step[row, 2] += shift - (by_u * cx + by_v * cy) / width
        affine = (np.vstack([affine, [0, 0, 1]]) @ np.linalg.inv(step))[:2]
        if np.abs(found[:6]).max() < 0.01:
            break
    return affine


def _mapped(affine: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.einsum("ij,jhw->ihw", affine, np.stack([columns, rows, np.ones_like(rows)]))


def _at(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return map_coordinates(image, [y, x], order=1, mode="nearest")


def _apart(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    """Return how far two pictures are apart, whatever the gain of each channel."""
    a, b = one[where].astype(np.float64), other[where].astype(np.float64)
    gain = (a * b).sum(0) / np.maximum((a * a).sum(0), 1e-9)
    return float(np.mean((a * gain - b) ** 2))
