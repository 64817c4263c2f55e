"""A film made steady: each surface is shown as the mean of what the frames around show of it.

The network makes each frame a little different, and so do photos that come and go; on a surface
that stands still all of that is flicker. Frames are moved by splines, which keep their detail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from jaxtyping import Float32

from scenegen.kernels.reprojection import Picture, reproject
from scenegen.refine.temporal import windowed
from scenegen.types import Camera

STEADY_REACH = 4
"""Frames before and after a frame that have a part in it, where they see the same."""
_TOLERANCE = 0.02
"""Relative difference of depths up to which two frames see the same surface."""


def steadied(
    frames: Iterable[tuple[Camera, Picture]],
) -> Iterator[Float32[np.ndarray, "h w 3"]]:
    """Yield the colours of the frames of a shot, each the mean of the frames around.

    Cameras have no distortion. A pixel of unknown depth stays as it is.
    """
    with ThreadPoolExecutor(2) as pool:
        for window in windowed(frames, STEADY_REACH):
            camera, own = window[0]
            around = [window[later] for later in window if later]
            total, count = own.rgba[..., :3].copy(), np.ones_like(own.depth)
            for found in pool.map(lambda one: reproject(one[1], one[0], camera), around):  # noqa: B023
                same = np.abs(found.depth - own.depth) <= _TOLERANCE * own.depth
                same &= found.depth >= 0
                total += np.where(same[..., None], found.rgba[..., :3], 0)
                count += same
            yield np.clip(total / count[..., None], 0, 1)
