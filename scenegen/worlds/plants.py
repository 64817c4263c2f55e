"""Trees, bushes, grass and flowers, in three grades of detail: near, middle and far."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy.random import Generator

from scenegen.worlds import plants_dry
from scenegen.worlds import textures as t
from scenegen.worlds.mesh import Mesh, leaf_cloud, merge, tube
from scenegen.worlds.spec import Plant, Season
from scenegen.worlds.world import Parts

Detail = Literal["near", "middle", "far"]

_SHARE: dict[Detail, float] = {"near": 1.0, "middle": 0.3, "far": 0.06}
"""Share of the leaves of a tree seen from near; they grow as they get fewer."""

_UP = np.array([0.0, 0.0, 1.0])


TREES: tuple[Plant, ...] = (
    "pine", "broadleaf", "birch", "palm", "cypress", "cactus", "bush", "dead tree",
)  # fmt: skip
"""What stands by itself; grass, flowers and reeds cover the ground."""


def tree(kind: Plant, rng: Generator, detail: Detail, season: Season, snowy: bool) -> Parts:
    """Return one plant of `TREES`, of a size that is usual for its kind, as the season has it."""
    if kind == "pine":
        return pine(float(rng.uniform(8, 17)), rng, detail, snowy)
    if kind in ("palm", "cypress", "cactus"):
        return plants_dry.grown(kind, rng, detail)
    bare = season == "winter" or kind == "dead tree"
    autumn = (t.ORANGE_LEAF, t.RED_LEAF, t.YELLOW_LEAF)
    if kind == "bush":
        return bush(float(rng.uniform(0.7, 1.8)), t.BUSH, rng, detail)
    row = {"birch": t.BIRCH, "broadleaf": t.BROADLEAF}.get(kind, t.BROADLEAF)
    if season == "autumn":
        row = t.YELLOW_LEAF if kind == "birch" else autumn[int(rng.integers(3))]
    return broadleaf(float(rng.uniform(7, 14)), row, rng, detail, bare)


def pine(height: float, rng: Generator, detail: Detail, snowy: bool = False) -> Parts:
    """A spruce or pine: whorls of drooping branches, shorter towards the top."""
    share = _SHARE[detail]
    whorls = max(5, int((6 + 1.4 * height) * share**0.4))
    trunk = np.stack([
        np.cumsum(rng.normal(0, 0.01 * height, 6)), np.cumsum(rng.normal(0, 0.01 * height, 6)),
        np.linspace(-0.2, height, 6),
    ], -1)  # fmt: skip
    bark = [tube(trunk, np.linspace(0.022 * height, 0.004 * height, 6), 7 if share > 0.5 else 4)]
    at, out, size = [], [], []
    for whorl in range(whorls):
        level = 0.12 + 0.88 * (whorl + rng.uniform(0, 0.6)) / whorls
        reach = 0.26 * height * (1.02 - level) ** 0.8 * rng.uniform(0.8, 1.1)
        arms = max(3, int(9 * share**0.4))
        for arm in range(arms):
            angle = 2 * np.pi * (arm + rng.uniform(-0.3, 0.3)) / arms + whorl
            way = np.array([np.cos(angle), np.sin(angle), 0.0])
            count = max(1, int((3 + 2.0 * reach) * 2.6 * share))
            along = rng.uniform(0.12, 1.0, count) ** 0.7
            droop = -0.28 * reach * along**1.6 + 0.1 * reach * along
            side = rng.normal(0, 0.16 * reach, count) * (1.15 - along)
            across = np.array([-way[1], way[0], 0.0])
            base = np.array([0, 0, level * height])
            spot = base + along[:, None] * reach * way + side[:, None] * across
            spot[:, 2] += droop
            at.append(spot)
            out.append(np.tile(0.35 * way + [0, 0, 0.9], (count, 1)))
    places, normals = np.concatenate(at), np.concatenate(out)
    size = 0.13 * height**0.5 * (1.0 / share) ** 0.42
    green = leaf_cloud(places, normals, size, t.NEEDLE, rng, 0.16)
    leaf = [green]
    if snowy:
        on = rng.random(len(places)) < 0.55
        leaf.append(
            leaf_cloud(places[on] + [0, 0, 0.05], normals[on], 0.9 * size, t.SNOW, rng, 0.4)
        )
    return {"bark": bark, "leaf": leaf}


def broadleaf(height: float, row: int, rng: Generator, detail: Detail, bare: bool = False) -> Parts:
    """A tree with a round crown; ``row`` is its leaves' in the atlas, ``bare`` has none."""
    share = _SHARE[detail]
    bark: list[Mesh] = []
    tips: list[Float[np.ndarray, "3"]] = []
    deepest = 3 if detail == "near" else 2

    def grow(base: np.ndarray, way: np.ndarray, length: float, radius: float, level: int) -> None:
        line = [base]
        for _ in range(4):
            way = way + rng.normal(0, 0.14, 3) + [0, 0, 0.05]
            way = way / np.linalg.norm(way)
            line.append(line[-1] + way * length / 4)
        sides = 8 if level == 0 else 5
        bark.append(tube(np.array(line), np.linspace(radius, 0.6 * radius, 5), sides))
        if level == deepest:
            tips.extend([line[-1], line[2]])
            return
        for k in range(3):
            spin = 2 * np.pi * (k + rng.uniform(-0.25, 0.25)) / 3
            side = np.array([np.cos(spin), np.sin(spin), 0.3])
            grow(line[-1], 0.72 * way + 0.78 * side, 0.64 * length, 0.6 * radius, level + 1)

    grow(np.array([0, 0, -0.1]), np.array([0.05, 0.02, 1.0]), 0.42 * height, 0.032 * height, 0)
    if bare:
        return {"bark": bark}
    each = max(3, int(36 * share * (1 if deepest == 3 else 3)))
    size = 0.06 * height**0.5 * (1.0 / share) ** 0.42
    tufts = []
    for tip in tips:
        away = rng.normal(0, 1, (each, 3))
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        spot = tip + 0.13 * height * away * rng.uniform(0.25, 1, (each, 1)) ** 0.5
        tufts.append(leaf_cloud(spot, away + _UP / 2, size, row, rng))
    return {"bark": bark, "leaf": [merge(tufts)]}


def bush(height: float, row: int, rng: Generator, detail: Detail) -> Parts:
    """A low round shrub."""
    count = int(420 * _SHARE[detail]) + 12
    away = rng.normal(0, 1, (count, 3))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    spot = [0, 0, 0.45 * height] + away * rng.uniform(0.35, 1, (count, 1)) * [
        0.62 * height, 0.62 * height, 0.5 * height
    ]  # fmt: skip
    size = 0.11 * height**0.5 * (1.0 / _SHARE[detail]) ** 0.4
    return {"leaf": [leaf_cloud(spot, away + 0.4 * _UP, size, row, rng)]}


def tufts(
    places: Float[np.ndarray, "n 3"], height: float, row: int, rng: Generator, blades: int = 7
) -> Mesh:
    """Tufts of grass or reeds: blades that bend outward, in one mesh."""
    foot = np.repeat(places, blades, axis=0) + rng.normal(0, 0.05, (len(places) * blades, 3)) * [
        1, 1, 0
    ]  # fmt: skip
    count = len(foot)
    lean = rng.normal(0, 0.38, (count, 2))
    tall = height * rng.uniform(0.5, 1.25, (count, 1))
    tip = foot + np.concatenate([lean * tall, tall], -1)
    side = np.stack([-lean[:, 1], lean[:, 0], np.zeros(count)], -1)
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-9
    wide = 0.05 * height + 0.006
    points = np.stack([foot - wide * side, foot + wide * side, tip], 1)
    u = (rng.integers(16, size=count)[:, None] + np.array([0.35, 0.65, 0.5])) / 16
    v = 1 - (row + 0.5 + 0.4 * np.array([1.0, 1.0, -1.0])) / len(t.LEAF_ROWS)
    uv = np.stack([u, np.broadcast_to(v, (count, 3))], -1)
    return Mesh(points.reshape(-1, 3), uv.reshape(-1, 2), np.arange(3 * count).reshape(-1, 3))


def blossoms(places: Float[np.ndarray, "n 3"], height: float, row: int, rng: Generator) -> Mesh:
    """Flower heads above the grass."""
    up = np.tile([0.0, 0.0, 1.0], (len(places), 1))
    lifted = places + np.stack(
        [np.zeros(len(places)), np.zeros(len(places)), height * rng.uniform(0.6, 1.2, len(places))],
        -1,
    )
    return merge([leaf_cloud(lifted, up, 0.05, row, rng, 0.6) for _ in range(3)])
