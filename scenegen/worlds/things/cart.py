"""A farm cart with two wheels."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, box, tube
from scenegen.worlds.spec import Prop
from scenegen.worlds.walls import beam
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a cart 3.6 metres long whose shafts rest on the ground towards -X."""
    skin = f"wood:{prop.color}" if prop.color else "wood"
    made: list[Mesh] = [box([-1.1, -0.6, 0.72], [1.1, 0.6, 0.78], rng, 3.0)]
    for y in (-0.6, 0.6):
        for z in (0.84, 1.02, 1.2):
            made.append(box([-1.15, y - 0.02, z], [1.15, y + 0.02, z + 0.13], rng, 3.0))
        for x in (-1.05, 0.0, 1.05):
            made.append(beam([x, y * 1.05, 0.7], [x, y * 1.1, 1.42], 0.07, rng))
        made.append(beam([1.0, y * 0.8, 0.68], [-2.5, y * 0.7, 0.12], 0.09, rng))
    made.append(box([1.08, -0.6, 0.78], [1.12, 0.6, 1.3], rng, 3.0))
    made.append(beam([0.1, -0.95, 0.62], [0.1, 0.95, 0.62], 0.1, rng))
    metal: list[Mesh] = []
    for y in (-0.85, 0.85):
        rim, spokes = _wheel(0.62, rng)
        made += [m.moved(0.1, y, 0.62) for m in spokes]
        metal.append(rim.moved(0.1, y, 0.62))
    return {skin: made, "metal": metal}


def _wheel(radius: float, rng: Generator) -> tuple[Mesh, list[Mesh]]:
    """Return the tyre, and felloe, hub and spokes, about the axis Y."""
    t = np.linspace(0, 2 * np.pi, 33)
    ring = np.stack([np.cos(t), 0 * t, np.sin(t)], -1)
    tyre = tube(radius * ring, np.full(33, 0.03), 6)
    felloe = tube((radius - 0.06) * ring, np.full(33, 0.05), 6)
    hub = tube(np.array([[0, -0.13, 0], [0, 0, 0], [0, 0.13, 0]]), np.array([0.08, 0.11, 0.08]), 12)
    spokes = [
        beam([0, 0, 0], [(radius - 0.05) * np.cos(a), 0, (radius - 0.05) * np.sin(a)], 0.05, rng)
        for a in np.linspace(0, 2 * np.pi, 13)[:-1] + 0.1
    ]
    return tyre, [felloe, hub, *spokes]
