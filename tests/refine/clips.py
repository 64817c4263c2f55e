"""Small clips of a wall, for tests of the refiner."""

from __future__ import annotations

import numpy as np
import torch

from scenegen.refine.condition import Rendered
from scenegen.refine.network import Refiner, Sizes
from scenegen.types import Camera, Lens, Warps

SMALL = Sizes(fine=8, middle=16, coarse=16, heads=2)


def clip(count: int = 6, height: int = 32, width: int = 48, photos: int = 2) -> list[Rendered]:
    """Frames of a camera that passes a wall with a hole in it, and photos of it."""
    rng = np.random.default_rng(3)
    lens = Lens(width, height, 40.0, 40.0, width / 2, height / 2)
    frames = []
    for index in range(count):
        pose = np.eye(4)
        pose[0, 3] = 0.075 * index  # a pixel a frame
        depth = np.full((height, width), 3.0, np.float32)
        opacity = np.ones((height, width), np.float32)
        depth[8:14, 10:20], opacity[8:14, 10:20] = 0.0, 0.0
        seen = np.ones((photos, height, width), np.float32)
        seen[:, :, : width // 4] = 0.0
        warps = Warps(
            photos=tuple(range(photos)),
            rgb=rng.random((photos, height, width, 3)).astype(np.float32),
            seen=seen,
            angle_deg=np.full((photos, height, width), 7.0, np.float32),
            resolution=np.ones((photos, height, width), np.float32),
            share=np.ones(photos, np.float32),
        )
        rgb, field = rng.random((2, height, width, 3)).astype(np.float32)
        frames.append(Rendered(Camera(lens, pose), rgb, field, depth, opacity, opacity, warps))
    return frames


def network(seed: int = 0) -> Refiner:
    """A small network that does something: what starts at zero is drawn as well."""
    torch.manual_seed(seed)
    made = Refiner(SMALL)
    with torch.no_grad():
        for value in made.parameters():
            value.add_(0.2 * torch.randn_like(value))
    return made.eval()
