"""A cask of staves with iron hoops."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a barrel 0.94 m high with 18 staves."""
    profile = [(0.285, 0.0), (0.33, 0.16), (0.362, 0.35), (0.368, 0.47), (0.362, 0.59),
               (0.33, 0.78), (0.285, 0.94), (0.262, 0.94), (0.258, 0.9), (0.0, 0.9)]  # fmt: skip
    u, v = rng.uniform(0, 1, 2)
    body = lathe(profile, 54, (u, v, u + 0.45, v + 0.66), 2)
    x, y, z = body.points.T
    gap = np.isclose(np.arange(len(x)) % 55 % 3, 0) & (np.hypot(x, y) > 0.27)
    shrink = np.where(gap, 0.985, 1.0)
    body = Mesh(np.stack([x * shrink, y * shrink, z], -1), body.uv[:, ::-1], body.faces)
    hoops = [
        lathe([(r0, z0), (r0 + 0.008, z0 + 0.002), (r1 + 0.008, z0 + 0.045), (r1, z0 + 0.047)], 36,
              smooth=1)
        for r0, r1, z0 in ((0.292, 0.304, 0.03), (0.338, 0.35, 0.2), (0.35, 0.338, 0.693),
                           (0.304, 0.292, 0.863))
    ]  # fmt: skip
    return {made_of(prop, "wood:brown"): [body], "metal:black": hoops}
