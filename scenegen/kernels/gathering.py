"""The light that many cameras get together: behind a plain function, by the chosen backend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Int32

from scenegen.kernels import backend, threads
from scenegen.kernels.reprojection import native_view
from scenegen.types import Camera

if TYPE_CHECKING:
    from scenegen.kernels import _native


@dataclass(frozen=True)
class LightView:
    """What a camera sees: three colours of light, linear, and the inverse of the axial depth.

    The latter is 0 for what is endlessly far, below 0 where nothing is known.
    """

    camera: Camera
    pixels: Float32[np.ndarray, "h w 4"]

    @cached_property
    def native(self) -> _native.LightPicture:
        """The pixels in the kernels' order."""
        from scenegen.kernels import _native

        return _native.LightPicture(native_view(self.camera), self.pixels, threads())


def gather(
    views: Sequence[LightView], cameras: Sequence[Camera], order: Int32[np.ndarray, "camera view"]
) -> Float32[np.ndarray, "height width 4"]:
    """Return the sum of the light that ``cameras`` get, and how many of them got any.

    A pixel's ray goes from near to far through the views in the camera's ``order``, and takes the
    light of the first surface that it meets; what no view knows gives none. Rays advance by a pixel
    of the view at most, and take whole pixels: light is neither lost nor smoothed. All cameras have
    one size.

    The pixels of a tile, 16 x 4, advance together, as the ray through its middle does: cameras that
    differ by a turn or a zoom shift what lies at its edges by some tenths of a pixel. Sources:
    Haeberli and Akeley, "The accumulation buffer" (1990); Policarpo, Oliveira and Comba, "Real-time
    relief mapping on arbitrary polygonal surfaces" (2005), for the search along a ray.
    """
    width, height = cameras[0].lens.width_px, cameras[0].lens.height_px
    assert order.shape == (len(cameras), len(views))
    assert ((order >= 0) & (order < len(views))).all()
    assert all((one.lens.width_px, one.lens.height_px) == (width, height) for one in cameras)
    for view in views:
        assert view.pixels.shape == (view.camera.lens.height_px, view.camera.lens.width_px, 4)
    if backend() != "native":
        from scenegen.kernels.reference import gathering as twin

        return twin.gather(views, cameras, order)
    from scenegen.kernels import _native

    total = np.empty((height, width, 4), np.float32)
    eyes = [native_view(camera) for camera in cameras]
    _native.gather_light([view.native for view in views], eyes, order, threads(), total)
    return total
