"""The fountain and what people left in the yard: benches, jars, crates, posters, flags."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from courtyard import layout
from courtyard.building import HALF_WALL, HALF_X, HALF_Y, Parts, add, hanging, place
from scenegen.worlds.mesh import Mesh, Window, box, lathe, merge, patch, quad, tube

JAR = [
    (0.1, 0.0), (0.13, 0.03), (0.2, 0.2), (0.27, 0.42), (0.28, 0.55), (0.22, 0.72), (0.12, 0.82),
    (0.1, 0.88), (0.14, 0.94), (0.12, 0.95), (0.09, 0.9),
]  # fmt: skip
POT = [
    (0.17, 0.0), (0.2, 0.04), (0.27, 0.36), (0.31, 0.38), (0.31, 0.46), (0.28, 0.46), (0.26, 0.4),
    (0.0, 0.4),
]  # fmt: skip


def _window(rng: Generator, width: float = 0.4, height: float = 0.3) -> Window:
    u, v = rng.uniform(0, 1, 2)
    return (u, v, u + width, v + height)


def fountain(rng: Generator) -> Parts:
    """Octagonal basin on two steps, water, and two bowls on a turned stem."""
    stone: list[Mesh] = []
    for inner, outer, low, high in (
        (0, 2.15, 0, 0.12),
        (0, 1.9, 0.12, 0.24),
        (1.45, 1.7, 0.24, 0.86),
    ):
        stone += _octagon(inner, outer, low, high, rng)
    stone += _octagon(1.38, 1.8, 0.86, 0.97, rng)
    stem = [
        (0.5, 0.24), (0.5, 0.5), (0.36, 0.56), (0.3, 0.62), (0.24, 0.8), (0.28, 1.0), (0.18, 1.12),
        (0.16, 1.3), (0.2, 1.42),
    ]  # fmt: skip
    bowl = [
        (0.14, 1.42),
        (0.3, 1.45),
        (0.62, 1.56),
        (0.84, 1.7),
        (0.86, 1.75),
        (0.8, 1.75),
        (0.5, 1.66),
        (0.0, 1.62),
    ]
    upper = [
        (0.13, 1.62), (0.1, 1.8), (0.13, 1.95), (0.08, 2.05), (0.1, 2.2), (0.28, 2.27),
        (0.42, 2.38),
        (0.38, 2.39), (0.1, 2.33), (0.09, 2.45), (0.14, 2.55), (0.1, 2.68), (0.03, 2.8),
        (0.0, 2.82),
    ]  # fmt: skip
    turned = [lathe(p, 40, _window(rng, 0.5, 0.25)) for p in (stem, bowl, upper)]
    pool = lathe([(1.46, 0.74), (0.4, 0.74)], 8, smooth=1)
    dish = lathe([(0.82, 1.71), (0.1, 1.71)], 32, smooth=1)
    water = [Mesh(m.points, m.points[:, :2] / 3 + 0.5, m.faces) for m in (pool, dish)]
    return {"fountain": stone + turned, "water": water}


def _octagon(inner: float, outer: float, low: float, high: float, rng: Generator) -> list[Mesh]:
    profile = [(outer, low), (outer, high), (inner, high), *([(inner, low)] if inner else [])]
    sides = []
    for k in range(8):
        a, b = np.pi * k / 4, np.pi * (k + 1) / 4
        for (r0, z0), (r1, z1) in pairwise(profile):
            p = [np.array([r * np.cos(t), r * np.sin(t), z]) for t, r, z in
                 ((a, r0, z0), (b, r0, z0), (a, r1, z1), (b, r1, z1))]  # fmt: skip
            u, v = rng.uniform(0, 1, 2)

            def face(
                s: np.ndarray, t: np.ndarray, p: Sequence[np.ndarray] = tuple(p)
            ) -> list[np.ndarray]:
                return [
                    (1 - t) * ((1 - s) * p[0][i] + s * p[1][i])
                    + t * ((1 - s) * p[2][i] + s * p[3][i])
                    for i in range(3)
                ]

            height = abs(z1 - z0) + abs(r1 - r0)
            sides.append(patch(face, (2, 2), (u, v, u + 0.77 * outer / 4, v + height / 2)))
    return sides


def bench(rng: Generator) -> Parts:
    """Wooden seat and back on two stone feet."""
    feet = [box([x - 0.12, -0.22, 0], [x + 0.12, 0.22, 0.42], rng) for x in (-0.65, 0.65)]
    slats = [box([-0.95, y, 0.42], [0.95, y + 0.12, 0.47], rng, 1.0) for y in (-0.24, -0.07, 0.1)]
    slats += [box([-0.95, 0.24, z], [0.95, 0.28, z + 0.13], rng, 1.0) for z in (0.58, 0.76)]
    slats += [box([x - 0.04, 0.2, 0.4], [x + 0.04, 0.25, 0.9], rng, 1.0) for x in (-0.7, 0.7)]
    return {"trim": feet, "wood": slats}


def crate(rng: Generator) -> Mesh:
    """Slatted wooden box, 0.6 x 0.42 x 0.36 m."""
    slats = []
    for k in range(3):
        z = 0.02 + 0.115 * k
        slats.append(box([-0.3, -0.21, z], [0.3, -0.195, z + 0.095], rng, 1.0))
        slats.append(box([-0.3, 0.195, z], [0.3, 0.21, z + 0.095], rng, 1.0))
        slats.append(box([-0.3, -0.195, z], [-0.285, 0.195, z + 0.095], rng, 1.0))
        slats.append(box([0.285, -0.195, z], [0.3, 0.195, z + 0.095], rng, 1.0))
    for x in (-0.285, 0.255):
        for y in (-0.195, 0.165):
            slats.append(box([x, y, 0], [x + 0.03, y + 0.03, 0.36], rng, 1.0))
    slats.append(box([-0.29, -0.2, 0.02], [0.29, 0.2, 0.035], rng, 1.0))
    return merge(slats)


def fruit(count: int, spread: tuple[float, float], rng: Generator, radius: float = 0.042) -> Mesh:
    """A heap of oranges."""
    ball = lathe(
        [(radius * np.sin(t), -radius * np.cos(t)) for t in np.linspace(0, np.pi, 7)], 10, smooth=1
    )
    heap = []
    for _ in range(count):
        x, y = rng.uniform(-1, 1, 2) * spread
        z = radius + 1.2 * radius * rng.uniform(0, 2.2) * (
            1 - max(abs(x) / spread[0], abs(y) / spread[1])
        )
        u, v = rng.uniform(0, 0.9, 2)
        heap.append(Mesh(ball.points + np.array([x, y, z]), 0.1 * ball.uv + [u, v], ball.faces))
    return merge(heap)


def barrel(rng: Generator) -> Parts:
    """A cask of staves with three hoops."""
    body = lathe(
        [(0.25, 0), (0.31, 0.22), (0.33, 0.42), (0.31, 0.62), (0.25, 0.84), (0.0, 0.82)],
        24,
        _window(rng, 1.0, 0.8),
    )
    body = Mesh(body.points, body.uv[:, ::-1], body.faces)
    hoops = [
        lathe([(r, z), (r + 0.006, z + 0.005), (r + 0.004, z + 0.04)], 24, smooth=1)
        for r, z in ((0.283, 0.1), (0.283, 0.7), (0.328, 0.45))
    ]
    return {"wood": [body], "iron": hoops}


def table(rng: Generator) -> Parts:
    """A market table under a woven cloth, with crates of oranges on it."""
    parts: Parts = {
        "wood": [
            box([-0.8, -0.4, 0.74], [0.8, 0.4, 0.79], rng, 1.0),
            *(box([x, y, 0], [x + 0.07, y + 0.07, 0.74], rng, 1.0)
              for x in (-0.76, 0.69) for y in (-0.37, 0.3)),
        ],
        "cloth": [draped(0.7, 0.8, 0.25).moved(-0.2, 0, 0.796)],
    }  # fmt: skip
    for x in (-0.38, 0.4):
        add(parts, {"wood": [crate(rng).scaled(0.8).moved(x, 0, 0.8, 8 * x)],
                    "orange": [fruit(46, (0.18, 0.12), rng, 0.04).moved(x, 0, 0.96)]})  # fmt: skip
    return parts


def draped(width: float, depth: float, drop: float) -> Mesh:
    """Cloth over a flat top: it hangs down by ``drop`` in front and behind, in folds."""
    length = depth + 2 * drop

    def surface(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        run = b * length
        y = np.clip(run - drop, 0, depth) - depth / 2
        z = -np.clip(drop - run, 0, drop) - np.clip(run - drop - depth, 0, drop)
        fold = 0.03 * np.sin(14 * a + 3 * b) * (-z / max(drop, 1e-6))
        return [(a - 0.5) * width, y * 1.02 + np.sign(y) * np.abs(fold), z]

    return patch(surface, (40, 50))


def ladder(rng: Generator) -> Mesh:
    """3 m, leaning away to +Y."""
    lean = 0.9
    foot, head = np.array([0, 0, 0.0]), np.array([0, lean, 3.0])
    rails = [
        tube(np.linspace(foot, head, 4) + np.array([x, 0, 0]), np.full(4, 0.035), 6, _window(rng))
        for x in (-0.24, 0.24)
    ]
    rungs = [
        tube(
            np.linspace([-0.24, 0, 0], [0.24, 0, 0], 3) + foot + t * (head - foot),
            np.full(3, 0.02),
            6,
        )
        for t in np.arange(0.08, 0.98, 0.1)
    ]
    return merge(rails + rungs)


def lantern() -> Parts:
    """Iron lantern under an arch, hung 0.6 m below its hook at the origin."""
    cage = [
        lathe([(0.02, -0.42), (0.13, -0.46), (0.02, -0.36)], 6, smooth=1),
        lathe([(0.0, -0.8), (0.1, -0.78), (0.1, -0.76)], 6, smooth=1),
        hanging(np.array([[0, 0, 0], [0, 0, -0.2], [0, 0, -0.4]], float), 0.008),
    ]
    for k in range(6):
        c, s = np.cos(k * np.pi / 3), np.sin(k * np.pi / 3)
        cage.append(
            hanging(
                np.array(
                    [
                        [0.12 * c, 0.12 * s, -0.46],
                        [0.11 * c, 0.11 * s, -0.6],
                        [0.1 * c, 0.1 * s, -0.77],
                    ]
                ),
                0.007,
            )
        )
    return {"iron": cage, "lamp": [lathe([(0.085, -0.76), (0.1, -0.47)], 6, smooth=1)]}


def bunting(start: np.ndarray, end: np.ndarray, flags: int, rng: Generator) -> Parts:
    """A sagging line of pennants; every pennant shows its own strip of a cloth."""
    t = np.linspace(0, 1, 41)[:, None]
    line = start + t * (end - start)
    line[:, 2] -= 4 * 0.55 * (t * (1 - t))[:, 0]
    along = (end - start) / np.linalg.norm(end - start)
    cloth = []
    for k in range(flags):
        at = (k + 0.5) / flags
        top = np.array([np.interp(at, t[:, 0], line[:, i]) for i in range(3)])
        swing = np.array([along[1], -along[0], 0]) * rng.normal(0, 0.1)
        u, v = rng.uniform(0, 1, 2)
        down = swing + np.array([0, 0, -0.36])
        cloth.append(_pennant(top - 0.15 * along, 0.3 * along, down, (u, v)))
    return {"iron": [hanging(line, 0.006)], "cloth": cloth}


def _pennant(
    corner: np.ndarray, right: np.ndarray, down: np.ndarray, at: tuple[float, float]
) -> Mesh:
    points = np.stack([corner, corner + right, corner + right / 2 + down])
    uv = np.array(at) + np.array([[0, 0.1], [0.1, 0.1], [0.05, 0]])
    return Mesh(points, uv, np.array([[0, 2, 1]]))


def scattered(rng: Generator) -> Parts:
    """Everything movable, where a composition wants it."""
    parts: Parts = {}

    def put(
        things: Parts, x: float, y: float, z: float = 0, turn: float = 0, size: float = 1
    ) -> None:
        add(parts, {k: [m.scaled(size).moved(x, y, z, turn) for m in v] for k, v in things.items()})

    for x, y, turn in layout.BENCHES:
        put(bench(rng), x, y, 0, turn)
    for x, y, size in layout.JARS:
        jar = lathe(JAR, 28, _window(rng, 0.9, 0.5))
        put({"clay": [jar]}, x, y, 0, float(rng.uniform(0, 360)), size)
    for x, y, z, turn in layout.CRATES:
        put({"wood": [crate(rng)]}, x, y, z, turn)
    for x, y, turn in layout.ORANGES:
        put({"orange": [fruit(70, (0.24, 0.16), rng)]}, x, y, 0.1, turn)
    for x, y, turn in layout.TABLES:
        put(table(rng), x, y, 0, turn)
    for x, y, turn in layout.BARRELS:
        put(barrel(rng), x, y, 0, turn)
    x, y, turn = layout.LADDER
    put({"wood": [ladder(rng)]}, x, y, 0, turn)
    for side in ("north", "west", "east"):
        bay = (2 * HALF_X if side == "north" else 2 * HALF_Y) / 6
        for i in range(6):
            hung = {k: [m.moved((i - 2.5) * bay, 0, 3.35) for m in v] for k, v in lantern().items()}
            add(parts, place(hung, side))
    for a, b in layout.BUNTING:
        add(parts, bunting(np.array(a), np.array(b), 30, rng))
    add(parts, _rugs())
    return parts


def _rugs() -> Parts:
    """Rugs that air on sills of the upper storey and on a line in the west gallery."""
    parts: Parts = {}
    for x in (-6.5, -1.3, 3.9):
        rug = draped(0.75, 0.1, 0.85).moved(x, -HALF_WALL - 0.05, 4.82)
        add(parts, place({"cloth": [rug]}, "north"))
    for x in (-2.4, 2.4):
        rug = draped(1.3, 0.05, 1.2).moved(x, 0.9, 2.6)
        add(parts, place({"cloth": [rug]}, "west"))
    return parts


def pictures() -> Parts:
    """Doors, tile panels and posters of all walls."""
    parts: Parts = {}
    for side, material, x, z, width, height, depth in layout.PICTURES:
        flat = quad([x - width / 2, depth, z], [width, 0, 0], [0, 0, height], (0, 0, 1, 1))
        add(parts, place({material: [flat]}, side))
    return parts
