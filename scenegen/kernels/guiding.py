"""Photo-guided rendering: photos warped into a frame through its depth, weighed and blended.

Source: Buehler et al., "Unstructured Lumigraph Rendering" (2001): the photos nearest in angle and
resolution count at a pixel, with weights that fall to 0 at the first that does not count, so that
nothing jumps when a photo enters or leaves. A photo counts where its own depth map agrees that it
sees the point, and as far as it agrees with the field's blurred render.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from jaxtyping import Float32, Int16, UInt8

from scenegen.kernels import backend, threads
from scenegen.kernels.rays import reach
from scenegen.types import Camera, Lens

MOST_GUIDES = 16
"""Photos that a frame may ask."""
MOST_NEAREST = 8
SOFT_SCALE = 4
"""The field's blurred render has a pixel for so many of the frame, along each side."""
BORDER = 0.04
"""Width of the edge over which a photo fades, as a share of its longer side."""


@dataclass(frozen=True)
class GuideSettings:
    """How photos are weighed and blended; the order is that of the kernel's struct."""

    nearest: int = 4
    """Photos that count at a pixel."""
    fusions: int = 1
    """Steps of fusing the photos' depths into the frame's."""
    tolerance: float = 0.05
    """Relative difference of depths up to which a photo sees a point; at twice that it does not."""
    resolution: float = 20.0
    """Penalty, in degrees of angle, of a photo of half the frame's resolution."""
    bias: float = -0.75
    """Level of a photo's pyramid that is blended, relative to the frame's resolution."""
    coarse: float = 2.0
    """Level at which a photo is compared with the field's blurred render."""
    guard: float = 0.08
    """Difference from the field, of colours in 0..1, at which a photo loses most of its weight."""
    spread: float = 0.08
    """Standard deviation of the photos' colours at which they half agree."""
    least: float = 0.6
    """Share of the photos in the mix with the field where they disagree with each other."""
    most: float = 0.85
    """Share of the photos in the mix with the field where they agree."""
    field_share: float = 0.005
    """Weight of the field's depth when depths are fused; a photo at 13 degrees has as much."""
    pull: float = 0.1
    """Weight of the field's colour when depths are matched."""


@dataclass(frozen=True, eq=False)
class GuidePhoto:
    """A photo as the kernels take it.

    Level k of ``levels`` averages 2^(first_level + k) pixels along each side of the photo; alpha is
    0 where it is masked. ``depth`` is the distance along the optical axis, in world units, of a
    smaller picture of the same view. ``gain`` makes the photo's exposure that of the field,
    ``share`` in 0..1 is how much it counts for the whole frame, ``index`` its place in the scene.
    """

    index: int
    camera: Camera
    levels: tuple[UInt8[np.ndarray, "_h _w 4"], ...]
    depth: Float32[np.ndarray, "depth_h depth_w"]
    first_level: int = 0
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class GuideView:
    """What the field shows a camera; ``distance`` is along each pixel's ray, in world units."""

    camera: Camera
    rgb: Float32[np.ndarray, "h w 3"]
    distance: Float32[np.ndarray, "h w"]


@dataclass(frozen=True, eq=False)
class Guided:
    """A guided frame with what the photos say about each pixel; see `scenegen.types.Evidence`.

    ``distance`` is the fused one, along the ray.
    """

    rgb: Float32[np.ndarray, "h w 3"]
    count: UInt8[np.ndarray, "h w"]
    angle: Float32[np.ndarray, "h w"]
    ratio: Float32[np.ndarray, "h w"]
    agreement: Float32[np.ndarray, "h w"]
    best: Int16[np.ndarray, "h w"]
    coverage: Float32[np.ndarray, "h w"]
    distance: Float32[np.ndarray, "h w"]

    @classmethod
    def empty(cls, height: int, width: int) -> Guided:
        """Return arrays for the kernels to fill."""
        size = (height, width)
        floats = [np.zeros(size, np.float32) for _ in range(5)]
        count, best = np.zeros(size, np.uint8), np.full(size, -1, np.int16)
        angle, ratio, agreement, coverage, distance = floats
        rgb = np.zeros((*size, 3), np.float32)
        return cls(rgb, count, angle, ratio, agreement, best, coverage, distance)


def guide(view: GuideView, photos: list[GuidePhoto], settings: GuideSettings) -> Guided:
    """Return ``view`` with the photos' detail; at most `MOST_GUIDES` photos."""
    _check(view, photos, settings)
    if backend() != "native":
        from scenegen.kernels.reference import guiding

        return guiding.guide(view, photos, settings)
    out = Guided.empty(*view.distance.shape)
    _task(view, photos, settings).guide(threads(), *vars(out).values())
    return out


def match(
    view: GuideView,
    photos: list[GuidePhoto],
    factors: Float32[np.ndarray, "candidate"],
    settings: GuideSettings,
) -> Float32[np.ndarray, "candidate h w"]:
    """Return how far photos disagree where ``view``'s distance is ``factors`` times what it is.

    That is the variance of their colours (0..1), by weights that are fixed at factor 1, and the
    pull towards the field's colour; 0 where no photo sees the point.
    """
    _check(view, photos, settings)
    if backend() != "native":
        from scenegen.kernels.reference import guiding

        return guiding.match(view, photos, factors, settings)
    cost = np.zeros((len(factors), *view.distance.shape), np.float32)
    _task(view, photos, settings).match(threads(), np.ascontiguousarray(factors), cost)
    return cost


def soft_render(rgb: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "soft_h soft_w 3"]:
    """Return ``rgb`` averaged over squares of `SOFT_SCALE` pixels; the last ones may be cut off."""
    height, width = (-(-n // SOFT_SCALE) for n in rgb.shape[:2])
    pad = ((0, height * SOFT_SCALE - rgb.shape[0]), (0, width * SOFT_SCALE - rgb.shape[1]), (0, 0))
    whole = np.pad(rgb, pad, mode="edge") if any(after for _, after in pad) else rgb
    rows = whole.reshape(height, SOFT_SCALE, -1).sum(axis=1).reshape(height, width, SOFT_SCALE, 3)
    return np.ascontiguousarray(rows.sum(axis=2) / SOFT_SCALE**2, dtype=np.float32)


def focal_length(lens: Lens) -> float:
    """Return the geometric mean of both focal lengths, in pixels."""
    return float(np.sqrt(lens.fl_x * lens.fl_y))


def _lens(lens: Lens) -> list[float]:
    models = {"PINHOLE": 0, "OPENCV": 1, "OPENCV_FISHEYE": 2}
    names = ("fl_x", "fl_y", "cx", "cy", "k1", "k2", "k3", "k4", "p1", "p2")
    numbers = [float(getattr(lens, name)) for name in names]
    return [float(lens.width_px), float(lens.height_px), float(models[lens.model]), *numbers]


def _task(view: GuideView, photos: list[GuidePhoto], settings: GuideSettings):
    from scenegen.kernels import _native

    camera = view.camera
    natives = []
    for photo in photos:
        lens = photo.camera.lens
        border = BORDER * max(lens.width_px, lens.height_px)
        numbers = [*photo.gain, photo.share, border, reach(lens), focal_length(lens)]
        natives.append(
            _native.NativeGuide(
                levels=list(photo.levels),
                first_level=photo.first_level,
                depth=photo.depth,
                index=photo.index,
                lens=_lens(lens),
                rotation=photo.camera.world_from_camera[:3, :3].ravel().tolist(),
                position=(photo.camera.position - camera.position).tolist(),
                numbers=[float(number) for number in numbers],
            )
        )
    return _native.NativeGuiding(
        lens=_lens(camera.lens),
        rotation=camera.world_from_camera[:3, :3].ravel().tolist(),
        focal=focal_length(camera.lens),
        rgb=view.rgb,
        range=view.distance,
        soft=soft_render(view.rgb),
        soft_scale=SOFT_SCALE,
        photos=natives,
        config=[float(value) for value in astuple(settings)],
    )


def _check(view: GuideView, photos: list[GuidePhoto], settings: GuideSettings) -> None:
    lens = view.camera.lens
    assert view.distance.shape == (lens.height_px, lens.width_px)
    assert view.rgb.shape == (*view.distance.shape, 3)
    assert view.rgb.flags.c_contiguous
    assert view.distance.flags.c_contiguous
    assert len(photos) <= MOST_GUIDES
    assert 1 <= settings.nearest <= MOST_NEAREST
    for photo in photos:
        assert 1 <= len(photo.levels) <= 16 - photo.first_level
        assert all(level.flags.c_contiguous for level in (*photo.levels, photo.depth))
        for k, level in enumerate(photo.levels, photo.first_level):
            expected = (
                -(-photo.camera.lens.height_px // 2**k),
                -(-photo.camera.lens.width_px // 2**k),
            )
            assert level.shape[:2] == expected, (k, level.shape, expected)
