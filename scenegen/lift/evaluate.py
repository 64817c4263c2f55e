"""Quality against photos that did not train: the field's own render, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Float32

from scenegen.errors import LiftError
from scenegen.lift.align import aligned_camera
from scenegen.lift.bounds import clear_distances
from scenegen.lift.measures import View, floaters_percent, pinholes_per_megapixel, view_of
from scenegen.lift.pixels import load_photo
from scenegen.progress import Progress, silent
from scenegen.types import Camera, Scene

_SSIM_ROWS = 128
_SSIM_REACH = 5

Helped = Callable[[View], Float32[np.ndarray, "h w 3"]]
"""Gives the colours of a view with whatever helps beyond the field."""


def evaluate(
    scene: Scene, progress: Progress = silent, helped: Mapping[str, Helped] | None = None
) -> dict[str, float | int]:
    """Return ``heldout_psnr_db``, ``heldout_ssim`` (means over photos) and ``heldout_views``.

    A held-out photo's exposure is unknown: ``heldout_matched_psnr_db`` compares it with the field's
    render under the `best_gain` that brings the two together. All are the field's alone; for every
    name in ``helped``, such as guided, there are also ``heldout_guided_psnr_db`` and
    ``heldout_guided_ssim``, of the colours that it makes of each view.
    Where training moved the cameras there are ``heldout_aligned_psnr_db`` and
    ``heldout_aligned_ssim``: the field's alone again, but each photo is seen from where the field
    looks most like it, which uses the photo itself; see `scenegen.lift.align`. All other figures
    see it from its given pose.
    With them ``heldout_floaters_percent`` and ``heldout_pinholes_per_mpx``, see `view_facts`.
    Photos are compared at the size at which the scene was trained. Raises `LiftError` where the
    scene holds no photo out.
    """
    if not scene.heldout:
        raise LiftError(
            "the scene holds no photo out, expected one or more to measure against; "
            "lift it with --holdout-every 8"
        )
    downscale = int(scene.facts.get("downscale", 1))
    scores: dict[str, list[tuple[float, float]]] = {}
    facts, matched = [], []
    for done, heldout in enumerate(scene.heldout):
        progress("measuring", done, len(scene.heldout))
        photo = load_photo(heldout, downscale)  # one at a time: they may be many and large
        view = view_of(scene.field, photo.camera)
        facts.append(view_facts(scene, [view]))
        shown = {"heldout": view.rgb}
        for name, help_view in (helped or {}).items():
            shown[f"heldout_{name}"] = help_view(view)
        if scene.facts.get("poses_moved_mrad"):
            camera = aligned_camera(scene.field, photo)
            shown["heldout_aligned"] = view_of(scene.field, camera).rgb
        target = photo.rgb.astype(np.float32) / 255.0
        seen = np.ones(target.shape[:2], bool) if photo.mask is None else photo.mask.astype(bool)
        gained = view.rgb[seen] * best_gain(view.rgb[seen], target[seen])
        matched.append(psnr_db(np.minimum(gained, 1.0), target[seen]))
        for name, rgb in shown.items():
            similarity = float(ssim_map(rgb, target)[seen].mean())
            scores.setdefault(name, []).append((psnr_db(rgb[seen], target[seen]), similarity))
    progress("measuring", len(scene.heldout), len(scene.heldout))
    quality = {}
    for name, pairs in scores.items():
        quality[f"{name}_psnr_db"] = round(float(np.mean([psnr for psnr, _ in pairs])), 3)
        quality[f"{name}_ssim"] = round(float(np.mean([ssim for _, ssim in pairs])), 4)
    return {
        **quality,
        "heldout_matched_psnr_db": round(float(np.mean(matched)), 3),
        "heldout_views": len(facts),
        **{f"heldout_{name}": value for name, value in _mean(facts).items()},
    }


def measure_views(scene: Scene, cameras: Iterable[Camera]) -> dict[str, float]:
    """Return `view_facts` of ``scene`` as ``cameras`` see it: those of a path, for one."""
    return _mean([view_facts(scene, [view_of(scene.field, camera)]) for camera in cameras])


def _mean(facts: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([f[name] for f in facts])), 4) for name in facts[0]}


def view_facts(scene: Scene, views: Sequence[View]) -> dict[str, float]:
    """Return ``floaters_percent`` and ``pinholes_per_mpx`` of views of ``scene``.

    The first is the share of pixels that hit something in the nearer half of the way from the
    camera to the nearest sparse points, the second how many pixels in a million are holes or specks
    of a single pixel. See `scenegen.lift.measures`.
    """
    near = scene.field.near * scene.field.radius
    clear = clear_distances([view.camera for view in views], scene.points, near)
    return {
        "floaters_percent": round(floaters_percent(views, clear), 4),
        "pinholes_per_mpx": round(pinholes_per_megapixel(views), 1),
    }


def psnr_db(image: Float[np.ndarray, "*shape"], target: Float[np.ndarray, "*shape"]) -> float:
    """Return the peak signal-to-noise ratio of colours in 0..1, 100 for equal images."""
    error = float(np.mean((image.astype(np.float64) - target) ** 2))
    return 100.0 if error <= 1e-10 else -10.0 * float(np.log10(error))


def best_gain(
    image: Float[np.ndarray, "n 3"], target: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, "3"]:
    """Return what to multiply each channel of ``image`` with to bring it closest to ``target``.

    Closest in least squares: the gain of a channel is sum(i t) / sum(i i). 1 where all is black.
    """
    i, t = image.astype(np.float64), target.astype(np.float64)
    power = (i * i).sum(axis=0)
    return np.where(power > 0, (i * t).sum(axis=0) / np.where(power > 0, power, 1.0), 1.0)


def ssim_map(
    image: Float[np.ndarray, "h w 3"], target: Float[np.ndarray, "h w 3"]
) -> Float[np.ndarray, "h w"]:
    """Return structural similarity pixel by pixel, mean over colours.

    Wang et al., "Image Quality Assessment" (2004): Gaussian window of sigma 1.5 over 11 pixels.
    """
    rows = len(image)
    bands = range(0, rows, _SSIM_ROWS)
    shown = []
    for top in bands:  # in doubles a large photo would take gigabytes
        first, end = max(0, top - _SSIM_REACH), min(rows, top + _SSIM_ROWS + _SSIM_REACH)
        part = _ssim_of_band(image[first:end], target[first:end])
        shown.append(part[top - first :][:_SSIM_ROWS])
    return np.concatenate(shown)


def _ssim_of_band(
    image: Float[np.ndarray, "h w 3"], target: Float[np.ndarray, "h w 3"]
) -> Float[np.ndarray, "h w"]:
    from scipy.ndimage import gaussian_filter

    def blur(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, (1.5, 1.5, 0), truncate=5 / 1.5)

    a, b = image.astype(np.float64), target.astype(np.float64)
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    return (top / bottom).mean(axis=-1)
