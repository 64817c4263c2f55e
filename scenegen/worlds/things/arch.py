"""A gate: a round arch in a piece of wall, on two piers."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.arcades import arch_wall, ring
from scenegen.worlds.panels import blocks
from scenegen.worlds.spec import Prop
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts, add

_RADIUS, _SPRING, _TOP, _HALF, _THICK = 1.6, 2.7, 5.3, 2.7, 0.9


def make(prop: Prop, rng: Generator) -> Parts:
    """Return an arch 5.4 m wide, 5.6 m high and 0.9 m thick, open for 3.2 m."""
    name = made_of(prop, "stone")
    x, y = _HALF, _THICK / 2
    wall = [mesh.moved(0, -y) for mesh in
            arch_wall(0.0, 2 * x, _RADIUS, _SPRING, _TOP, _THICK, (4.0, 4.0))]  # fmt: skip
    stones = [mesh.moved(0, -y) for mesh in ring(0.0, _RADIUS, _SPRING, _THICK, rng)]
    low = [(-x, -y, 0), (_RADIUS, -y, 0), (-x - 0.12, -y - 0.12, 0), (_RADIUS - 0.02, -y - 0.12, 0),
           (-x - 0.06, -y - 0.1, _SPRING - 0.2), (_RADIUS - 0.06, -y - 0.1, _SPRING - 0.2),
           (-x, -y, _SPRING), (x - 0.01, -y, _SPRING), (-x - 0.15, -y - 0.2, _TOP),
           (-x - 0.05, -y - 0.08, _TOP - 0.22)]  # fmt: skip
    high = [(-_RADIUS, y, _SPRING), (x, y, _SPRING), (-_RADIUS + 0.02, y + 0.12, 0.55),
            (x + 0.12, y + 0.12, 0.55), (-_RADIUS + 0.06, y + 0.1, _SPRING),
            (x + 0.06, y + 0.1, _SPRING), (-x + 0.01, y, _TOP), (x, y, _TOP),
            (x + 0.15, y + 0.2, _TOP + 0.22), (x + 0.05, y + 0.08, _TOP)]  # fmt: skip
    parts: Parts = {name: [*wall, blocks(low, high, (4.0, 4.0))]}
    add(parts, {name: stones})
    return parts
