"""Trees, potted shrubs, climbers and fallen leaves."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from courtyard import layout
from courtyard.building import HALF_WALL, HALF_X, HALF_Y, TOP, Parts, add, place
from courtyard.objects import POT, fruit
from scenegen.worlds.mesh import Mesh, lathe, leaf_cloud, merge, tube
from scenegen.worlds.textures import (
    BOUGAINVILLEA,
    CITRUS,
    CYPRESS,
    FALLEN,
    GERANIUM,
    IVY,
    LAVENDER,
    LEAF_ROWS,
    OLIVE,
)


def _sphere(count: int, rng: Generator) -> np.ndarray:
    points = rng.normal(0, 1, (count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def foliage(
    centre: np.ndarray, radius: float, count: int, row: int, size_m: float, rng: Generator
) -> Mesh:
    """Leaves that fill a ball, denser towards its surface."""
    out = _sphere(count, rng)
    at = centre + radius * out * rng.uniform(0.3, 1.0, (count, 1)) ** 0.5 * [1, 1, 0.85]
    return leaf_cloud(at, out, size_m, row, rng)


def tree(row: int, height: float, crown: float, leaves: int, rng: Generator) -> Parts:
    """Trunk that forks thrice, with tufts of leaves about the ends of its twigs."""
    bark: list[Mesh] = []
    ends: list[np.ndarray] = []

    def grow(
        base: np.ndarray, direction: np.ndarray, length: float, radius: float, level: int
    ) -> None:
        line = [base]
        for _ in range(5):
            direction = direction + rng.normal(0, 0.16, 3) + [0, 0, 0.05]
            direction = direction / np.linalg.norm(direction)
            line.append(line[-1] + direction * length / 5)
        u = float(rng.uniform())
        bark.append(
            tube(np.array(line), np.linspace(radius, 0.62 * radius, 6), 9, (u, 0, u + 0.3, length))
        )
        if level == 3:
            ends.extend([line[-1], line[3]])
            return
        for k in range(3):
            spin = 2 * np.pi * (k + rng.uniform(-0.2, 0.2)) / 3
            side = np.array([np.cos(spin), np.sin(spin), 0.25])
            grow(line[-1], 0.75 * direction + 0.75 * side, length * 0.62, 0.62 * radius, level + 1)

    grow(np.zeros(3), np.array([0.08, 0.03, 1.0]), 0.45 * height, 0.035 * height, 0)
    tips = np.array(ends)
    middle = np.array([0, 0, 0.66 * height])
    pull = np.minimum(1, crown / (np.linalg.norm(tips - middle, axis=1, keepdims=True) + 1e-6))
    tips = middle + (tips - middle) * np.maximum(pull, 0.8)
    each = leaves // len(tips)
    tufts = [foliage(t, 0.26 * crown, each, row, 0.11, rng) for t in tips]
    parts: Parts = {"bark": bark, "leaf": tufts}
    if row == CITRUS:
        chosen = tips[rng.integers(len(tips), size=46)] + 0.25 * crown * _sphere(46, rng)
        parts["orange"] = [fruit(1, (0.01, 0.01), rng, 0.055).moved(*p) for p in chosen]
    return parts


def potted(kind: int, rng: Generator) -> Parts:
    """A terracotta pot with a clipped ball, a flowering bush or lavender."""
    u, v = rng.uniform(0, 1, 2)
    parts: Parts = {"clay": [lathe(POT, 26, (u, v, u + 0.9, v + 0.3))]}
    if kind == CITRUS:
        stem = np.linspace([0, 0, 0.38], [0.02, 0.01, 0.95], 4)
        parts["bark"] = [tube(stem, np.full(4, 0.03), 7)]
        parts["leaf"] = [foliage(np.array([0, 0, 1.2]), 0.42, 900, CITRUS, 0.085, rng)]
    elif kind in (GERANIUM, BOUGAINVILLEA):
        parts["leaf"] = [
            foliage(np.array([0, 0, 0.62]), 0.36, 500, CITRUS, 0.075, rng),
            foliage(np.array([0, 0, 0.68]), 0.37, 330, kind, 0.055, rng),
        ]
    else:
        at = np.array([0, 0, 0.4]) + _sphere(700, rng) * [0.25, 0.25, 0.1] * rng.uniform(
            0.2, 1, (700, 1)
        )
        at[:, 2] += rng.uniform(0, 0.5, 700)
        up = np.tile([0.0, 0.0, 1.0], (700, 1))
        parts["leaf"] = [
            leaf_cloud(at[:400], up[:400], 0.07, OLIVE, rng, 0.2),
            leaf_cloud(at[400:] + np.array([0, 0, 0.12]), up[400:], 0.05, LAVENDER, rng, 0.3),
        ]
    return parts


def climber(
    foot: tuple[float, float],
    size: tuple[float, float],
    leaves: int,
    blossom: int | None,
    rng: Generator,
) -> Parts:
    """Ivy on the front of a side: it rises from a foot, spreads and thins out at its edge."""
    (x, depth), (width, height) = foot, size
    stems, tips = [], []
    for _ in range(22):
        steps = 14
        path = np.zeros((steps, 3))
        path[:, 0] = (
            x
            + np.cumsum(rng.normal(0, 0.12, steps))
            + rng.normal(0, 0.3) * width * np.linspace(0, 1, steps)
        )
        path[:, 1] = depth - 0.02
        path[:, 2] = np.linspace(0, height * rng.uniform(0.45, 1.0), steps)
        stems.append(tube(path, np.linspace(0.022, 0.006, steps), 5))
        tips.append(path)
    route = np.concatenate(tips)
    at = route[rng.integers(len(route), size=leaves)] + rng.normal(0, 0.13, (leaves, 3))
    at[:, 1] = depth - np.abs(rng.normal(0.02, 0.06, leaves))
    at = at[at[:, 2] > 0.02]
    out = np.tile([0.0, -1.0, 0.25], (len(at), 1))
    parts: Parts = {"bark": stems, "leaf": [leaf_cloud(at, out, 0.1, IVY, rng, 0.6)]}
    if blossom is not None:
        chosen = at[rng.random(len(at)) < 0.6 * smooth_rise(at[:, 2], height)]
        chosen = chosen + rng.normal(0, 0.05, chosen.shape) - [0, 0.05, 0]
        parts["leaf"].append(leaf_cloud(chosen, out[: len(chosen)], 0.07, blossom, rng, 0.5))
    return parts


def smooth_rise(z: np.ndarray, height: float) -> np.ndarray:
    """0 at the foot, 1 from 60 % of the height on."""
    return np.clip(z / (0.6 * height), 0, 1)


def eaves_vine(
    left: float, right: float, leaves: int, blossom: int | None, rng: Generator
) -> Parts:
    """Greenery that spills over the cornice of an arcade."""
    x = rng.uniform(left, right, leaves)
    hang = 0.35 + 0.3 * np.sin(1.7 * x) + 0.2 * np.sin(4.1 * x + 1)
    drop = rng.uniform(0, 1, leaves) ** 1.4 * np.maximum(hang, 0.1)
    at = np.stack([x, -HALF_WALL - 0.12 - rng.uniform(0, 0.12, leaves), TOP + 0.1 - drop], -1)
    out = np.tile([0.0, -1.0, 0.4], (leaves, 1))
    parts: Parts = {"leaf": [leaf_cloud(at, out, 0.1, IVY, rng, 0.6)]}
    if blossom is not None:
        some = rng.random(leaves) < 0.5
        parts["leaf"].append(leaf_cloud(at[some] - [0, 0.04, 0], out[some], 0.075, blossom, rng))
    return parts


def cypress(height: float, rng: Generator) -> Mesh:
    """A dark spindle of leaves around a core that light does not pass."""
    count = int(900 * height / 4)
    t = rng.uniform(0.02, 1, count)
    radius = 0.11 * height * np.sin(np.pi * t**0.7) ** 0.8 + 0.05
    angle = rng.uniform(0, 2 * np.pi, count)
    out = np.stack([np.cos(angle), np.sin(angle), np.full(count, 0.6)], -1)
    at = np.stack([radius * np.cos(angle), radius * np.sin(angle), height * t], -1)
    shell = [
        (0.1 * height * np.sin(np.pi * s**0.7) ** 0.8, height * s)
        for s in np.linspace(0.03, 0.97, 9)
    ]
    v = 1 - (CYPRESS + 0.5) / len(LEAF_ROWS)
    core = lathe(shell, 12, (0.02, v, 0.05, v), smooth=1)
    return merge([core, leaf_cloud(at, out, 0.3, CYPRESS, rng, 0.4)])


def fallen(count: int, rng: Generator) -> Mesh:
    """Leaves and petals on the paving, drifted against the walls and under the trees."""
    at = rng.uniform(-1, 1, (count, 3)) * [HALF_X, HALF_Y, 0]
    drift = rng.random(count) < 0.5
    at[drift, 1] = HALF_Y - 0.3 - np.abs(rng.normal(0, 0.6, int(drift.sum())))
    at[:, 2] = 0.006
    up = np.tile([0.0, 0.0, 1.6], (count, 1))
    petals = count // 2
    return merge([
        leaf_cloud(at[:petals], up[:petals], 0.07, FALLEN, rng),
        leaf_cloud(at[petals:], up[petals:], 0.045, BOUGAINVILLEA, rng),
    ])  # fmt: skip


def garden(rng: Generator) -> Parts:
    """All that grows."""
    parts: Parts = {}

    def put(things: Parts, x: float, y: float, turn: float = 0, size: float = 1) -> None:
        add(parts, {k: [m.scaled(size).moved(x, y, 0, turn) for m in v] for k, v in things.items()})

    for x, y, turn, species, height, crown, count in layout.TREES:
        put(tree(species, height, crown, count, rng), x, y, turn)
    for x, y, species in layout.POTS:
        size = float(rng.uniform(0.85, 1.25)) if np.hypot(x, y) > 3 else 0.62
        put(potted(species, rng), x, y, float(rng.uniform(0, 360)), size)
    for side, x, width, height, count, blossom in layout.CLIMBERS:
        depth = 0.0 if side == "south" else -HALF_WALL - 0.05
        add(parts, place(climber((x, depth), (width, height), count, blossom, rng), side))
    for side, left, right, count, blossom in layout.EAVES:
        add(parts, place(eaves_vine(left, right, count, blossom, rng), side))
    for x, y, height in layout.CYPRESSES:
        add(parts, {"leaf": [cypress(height, rng).moved(x, y)]})
    add(parts, {"leaf": [fallen(1500, rng)]})
    return parts
