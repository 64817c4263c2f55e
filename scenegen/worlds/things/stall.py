"""A market stall: a counter under a striped roof, with crates of fruit, jars and baskets."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, lathe, merge, patch
from scenegen.worlds.panels import blocks
from scenegen.worlds.spec import Color, Prop
from scenegen.worlds.things.crate import crate
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts, add, placed

_DYES: tuple[Color, ...] = ("red", "green", "blue", "orange", "yellow", "purple")
_FRUIT = ("plaster:orange", "plaster:red", "plaster:yellow", "plaster:green", "plaster:purple")
_WIDE, _DEEP = 2.6, 1.7


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a stall 2.6 m wide, 1.7 m deep and 2.9 m high, its counter to the front."""
    wood = made_of(prop.model_copy(update={"color": None}), "wood:brown")
    dye = prop.color or _DYES[int(rng.integers(len(_DYES)))]
    x, y = _WIDE / 2, _DEEP / 2
    low = [(a, b, 0.0) for a in (-x, x - 0.07) for b in (-y, y - 0.07)]
    high = [(a + 0.07, b + 0.07, 2.3 if b < 0 else 2.62) for a, b, _ in low]
    low += [(-x, -y, 0.86), (-x, -y - 0.02, 0.15), (-x, -y, 2.24), (-x, y - 0.07, 2.56)]
    high += [(x, -y + 0.85, 0.91), (x, -y, 0.84), (x, -y + 0.06, 2.3), (x, y, 2.62)]
    parts: Parts = {wood: [blocks(low, high, (1.3, 1.3))]}
    add(parts, _roof(dye))
    box = Prop(kind="crate", material="wood", color="brown")
    for k in range(4):
        at = -x + 0.38 + 0.62 * k
        tilted = placed(
            crate(box, False, rng), (at, -y + 0.3, 0.91), float(rng.uniform(-5, 5)), 0.9
        )
        add(parts, tilted)
        name = _FRUIT[int(rng.integers(len(_FRUIT)))]
        add(parts, {name: [_heap(36, (0.22, 0.14), 0.05, rng).moved(at, -y + 0.3, 1.21)]})
    for k in range(3):
        at = (-0.9 + 0.85 * k + float(rng.uniform(-0.1, 0.1)), -y - 0.38, 0.0)
        add(parts, placed(crate(box, False, rng), at, float(rng.uniform(-12, 12))))
        name = _FRUIT[int(rng.integers(len(_FRUIT)))]
        add(parts, {name: [_heap(40, (0.24, 0.15), 0.055, rng).moved(at[0], at[1], 0.34)]})
    return parts


def _roof(dye: Color) -> Parts:
    """A striped cloth over the posts that hangs down in scallops in front and behind."""
    parts: Parts = {}
    count = 10
    x, y = _WIDE / 2 + 0.2, _DEEP / 2 + 0.3
    for k in range(count):
        a, b = -x + 2 * x * k / count, -x + 2 * x * (k + 1) / count

        def surface(
            s: np.ndarray, t: np.ndarray, a: float = a, b: float = b
        ) -> tuple[np.ndarray, ...]:
            run = np.clip((t - 0.12) / 0.76, 0, 1)
            drop = np.clip(0.12 - t, 0, 1) + np.clip(t - 0.88, 0, 1)
            hang = drop / 0.12 * 0.2 * (1 - 0.4 * (2 * s - 1) ** 2)
            sag = 0.07 * np.sin(np.pi * run)
            return a + (b - a) * s, -y + 2 * y * run, 2.28 + 0.42 * run - sag - hang

        name = f"cloth:{dye if k % 2 else 'white'}"
        parts.setdefault(name, []).append(patch(surface, (5, 16), (0, 0, 0.3, 1)))
    return parts


def _heap(count: int, spread: tuple[float, float], radius: float, rng: Generator) -> Mesh:
    turn = np.linspace(0, np.pi, 6)
    ball = lathe(list(zip(radius * np.sin(turn), -radius * np.cos(turn), strict=True)), 9, smooth=1)
    heap = []
    for x, y in rng.uniform(-1, 1, (count, 2)):
        top = 2.2 * radius * rng.uniform(0, 1) * (1 - max(abs(x), abs(y)))
        u, v = rng.uniform(0, 0.9, 2)
        heap.append(Mesh(ball.points + np.array([x * spread[0], y * spread[1], top]),
                         0.05 * ball.uv + [u, v], ball.faces))  # fmt: skip
    return merge(heap)
