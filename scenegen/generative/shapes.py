"""At which size a pipeline is at its best: the area that it was trained for, in its multiples."""

from __future__ import annotations

import math
from typing import Any

from scenegen.generative.backend import Shape
from scenegen.generative.loading import Opened

_SCALES = ("vae_scale_factor", "vae_scale_factor_spatial", "vae_spatial_compression_ratio")


def shape_of(opened: Opened, aspect: float) -> Shape:
    """Return the size nearest to an aspect (width over height) that a pipeline makes well.

    Its area is the one of the pipeline's own default, its sides are multiples of what the pipeline
    takes, and its number of frames is the pipeline's own, 1 for pictures.
    """
    step, area = multiple(opened.pipeline), _area(opened)
    width = max(step, round(math.sqrt(area * aspect) / step) * step)
    height = max(step, round(width / aspect / step) * step)
    return Shape(width, height, _frames(opened))


def multiple(pipeline: Any) -> int:
    """Return of what the sides of a picture have to be multiples, in pixels.

    A U-Net halves the latent image once a block; a transformer cuts it into patches. Every pipeline
    asks for multiples of 8 at least.
    """
    scale = _scale(pipeline)
    unet, transformer = _net(pipeline, "unet"), _net(pipeline, "transformer")
    if unet is not None:
        return math.lcm(8, scale * 2 ** (len(unet.get("block_out_channels", (1,) * 4)) - 1))
    patch = transformer.get("patch_size", 1) if transformer is not None else 1
    last = patch[-1] if isinstance(patch, list | tuple) else patch
    return math.lcm(8, scale * max(2, int(last or 1)))


def _scale(pipeline: Any) -> int:
    found = [getattr(pipeline, name, None) for name in _SCALES]
    return next((int(value) for value in found if isinstance(value, int | float)), 8)


def _net(pipeline: Any, name: str) -> Any:
    return getattr(getattr(pipeline, name, None), "config", None)


def _area(opened: Opened) -> float:
    """Return the area in pixels that a pipeline makes unless it is told otherwise."""
    scale, takes = _scale(opened.pipeline), opened.takes
    for name in ("unet", "transformer"):
        config = _net(opened.pipeline, name) or {}
        side = config.get("sample_size")
        both = side if isinstance(side, list | tuple) else (side, side)
        height = config.get("sample_height") or both[0]
        width = config.get("sample_width") or both[-1]
        if isinstance(height, int) and isinstance(width, int):
            return float(height * width * scale**2)
    default = getattr(opened.pipeline, "default_sample_size", None)
    if isinstance(default, int):
        return float((default * scale) ** 2)
    height, width = takes.get("height"), takes.get("width")
    if isinstance(height, int) and isinstance(width, int):
        return float(height * width)
    return 512.0 * 512.0


def _frames(opened: Opened) -> int:
    if "num_frames" not in opened.takes:
        return 1
    default = opened.takes["num_frames"]
    if isinstance(default, int):
        return default
    for name in ("unet", "transformer"):
        stated = (_net(opened.pipeline, name) or {}).get("num_frames")
        if isinstance(stated, int):
            return stated
    return 16
