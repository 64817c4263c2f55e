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


def tree(
    kind: Plant, rng: Generator, detail: Detail, season: Season, snowy: bool,
    crowns: tuple[float, float] = (0.05, 0.14),
) -> Parts:  # fmt: skip
    """Return one plant of `TREES`, of a size that is usual for its kind, as the season has it.

    ``crowns`` is the least and the greatest share of a pine's height that is bare.
    """
    if kind == "pine":
        crown = float(rng.uniform(*crowns))
        return pine(float(rng.uniform(8, 17)), rng, detail, snowy, crown)
    if kind in ("palm", "cypress", "cactus"):
        return plants_dry.grown(kind, rng, detail)
    bare = season == "winter" or kind == "dead tree"
    autumn = (t.ORANGE_LEAF, t.RED_LEAF, t.YELLOW_LEAF)
    if kind == "bush":
        return bush(float(rng.uniform(0.7, 1.8)), t.BUSH, rng, detail)
    row = t.BIRCH if kind == "birch" else t.BROADLEAF
    if season == "autumn":
        row = t.YELLOW_LEAF if kind == "birch" else autumn[int(rng.integers(3))]
    height = float(rng.uniform(7, 14))
    return birch(height, row, rng, detail, bare) if kind == "birch" else broadleaf(
        height, row, rng, detail, bare
    )  # fmt: skip


def birch(height: float, row: int, rng: Generator, detail: Detail, bare: bool = False) -> Parts:
    """A slender white stem, thin branches that rise and hang over, and small leaves."""
    near = detail == "near"
    bend = np.cumsum(rng.normal(0, 0.012 * height, (8, 2)), axis=0)
    stem = np.concatenate([bend - bend[:1], np.linspace(-0.2, height, 8)[:, None]], -1)
    girth = np.linspace(1.0, 0.08, 8) * 0.012 * height + 0.01
    bark = [tube(stem, girth, 9 if near else 5, (0, 0, 0.3, height / 2))]
    twigs: list[Mesh] = []
    at: list[np.ndarray] = []
    count = {"near": 26, "middle": 14, "far": 7}[detail]
    for level in np.sort(rng.uniform(0.28, 0.97, count)):
        base = np.array([np.interp(level * height, stem[:, 2], stem[:, k]) for k in range(3)])
        angle = rng.uniform(0, 2 * np.pi)
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        long = height * (0.09 + 0.24 * (1 - level) ** 0.7) * rng.uniform(0.8, 1.2)
        share = np.linspace(0, 1, 6)
        rise = 1.1 * share - 0.75 * share**2 - 0.3 * share**4
        line = base + long * (0.75 * share[:, None] * out + rise[:, None] * _UP)
        if detail != "far":
            twigs.append(
                tube(line, np.linspace(0.02, 0.005, 6) * (0.4 + long / 2), 4 if near else 3)
            )
        each = {"near": 95, "middle": 34, "far": 12}[detail]
        on = rng.uniform(0.25, 1.0, each) ** 0.8 * 5
        spot = np.stack([np.interp(on, np.arange(6), line[:, k]) for k in range(3)], -1)
        hang = np.abs(rng.normal(0, 0.16 * long, (each, 1)))
        at.append(spot + rng.normal(0, 0.11 * long, (each, 3)) - hang * _UP)
    if bare:
        return {"birch": bark, "bark": twigs} if twigs else {"birch": bark}
    places = np.concatenate(at)
    size = {"near": 0.16, "middle": 0.29, "far": 0.62}[detail] * (height / 10) ** 0.5
    normals = rng.normal(0, 1, places.shape) + _UP
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    leaf = [leaf_cloud(places, normals, size, row, rng, 0.42)]
    return {"birch": bark, "leaf": leaf, **({"bark": twigs} if twigs else {})}


_WHORLS: dict[Detail, tuple[float, int, float]] = {
    "near": (1.6, 8, 2.9), "middle": (0.9, 6, 1.1), "far": (0.45, 4, 0.3),
}  # fmt: skip
"""Whorls a metre of height, branches a whorl, and pairs of twigs a metre of branch."""


def pine(
    height: float, rng: Generator, detail: Detail, snowy: bool = False, crown: float = 0.1
) -> Parts:
    """A spruce or pine: whorls of drooping branches, shorter towards the top.

    ``crown`` is the share of the height below the first branches.
    """
    dense, arms, pairs = _WHORLS[detail]
    bend = np.cumsum(rng.normal(0, 0.008 * height, (6, 2)), axis=0)
    trunk = np.concatenate([bend - bend[:1], np.linspace(-0.3, height, 6)[:, None]], -1)
    girth = np.array([1.25, 0.9, 0.72, 0.52, 0.3, 0.06]) * 0.018 * height
    wrap = (0.0, 0.0, 0.5, height / 4)
    bark = [tube(trunk, girth, {"near": 10, "middle": 6, "far": 4}[detail], wrap)]
    at, ways, sizes = [], [], []
    whorls = max(5, int((4 + dense * height) * (1 - crown)))
    for level in (
        crown + (0.985 - crown) * (np.arange(whorls) + rng.uniform(0, 0.6, whorls)) / whorls
    ):
        share = (1 - level) / (1 - crown)
        reach = 0.27 * height * (1 - crown) ** 0.5 * (share + 0.03) ** 0.75 * rng.uniform(0.8, 1.12)
        base = np.array([np.interp(level * height, trunk[:, 2], trunk[:, k]) for k in range(3)])
        spin = rng.uniform(0, 2 * np.pi)
        for arm in range(arms):
            if crown > 0.2 and rng.random() < 0.2:
                continue
            angle = spin + 2 * np.pi * (arm + rng.uniform(-0.3, 0.3)) / arms
            out = np.array([np.cos(angle), np.sin(angle), 0.0])
            long = reach * rng.uniform(0.75, 1.1)
            count = int((1 if detail == "far" else 2) + pairs * long)
            spots, twigs, lengths = _branch(long, count, out, rng, detail)
            at.append(base + spots)
            ways.append(twigs)
            sizes.append(lengths)
            if detail == "near" and long > 0.5:
                line = base + _bough(long, np.linspace(0, 0.9, 4), out)
                bark.append(tube(line, np.linspace(0.02, 0.006, 4) * (0.5 + long / 2), 3))
    places, along, lengths = np.concatenate(at), np.concatenate(ways), np.concatenate(sizes)
    slim = {"near": 0.075, "middle": 0.13, "far": 0.3}[detail]
    leaf = [blades(places, along, lengths, slim, t.NEEDLE, rng)]
    if snowy:
        on = rng.random(len(places)) < 0.6
        lifted = places[on] + [0, 0, 0.045]
        leaf.append(blades(lifted, along[on], 0.92 * lengths[on], 1.3 * slim, t.SNOW, rng, 0.12))
    return {"bark": bark, "leaf": leaf}


def _bough(long: float, share: np.ndarray, out: np.ndarray) -> Float[np.ndarray, "n 3"]:
    """Return places along a branch that droops and turns up at its tip."""
    drop = long * (0.10 * share - 0.42 * share**2 + 0.14 * share**4)
    return long * share[:, None] * out + drop[:, None] * _UP


def _branch(
    long: float, pairs: int, out: np.ndarray, rng: Generator, detail: Detail
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the twigs of a branch begin, their directions, and their lengths."""
    share = (np.arange(pairs) + rng.uniform(0.2, 0.9, pairs)) / pairs
    share = np.repeat(share, 2)
    sides = np.tile([-1.0, 1.0], pairs)
    across = np.array([-out[1], out[0], 0.0])
    ways = (
        out * rng.uniform(0.5, 1.0, (2 * pairs, 1))
        + sides[:, None] * across * rng.uniform(0.35, 0.9, (2 * pairs, 1))
        - _UP * rng.uniform(0.12, 0.5, (2 * pairs, 1))
    )
    wide = {"near": 0.36, "middle": 0.5, "far": 0.8}[detail]
    lengths = long * wide * (1.05 - 0.6 * share) * rng.uniform(0.7, 1.2, 2 * pairs) + 0.12
    spots = _bough(long, share, out)
    return spots, ways / np.linalg.norm(ways, axis=1, keepdims=True), lengths


def blades(
    at: Float[np.ndarray, "n 3"], along: Float[np.ndarray, "n 3"],
    lengths: Float[np.ndarray, "n"], slim: float, row: int, rng: Generator, tilt: float = 0.45,
) -> Mesh:  # fmt: skip
    """Twigs of needles: slim folded leaves that point where they grow, in metres."""
    n = len(at)
    across = np.cross(along, _UP + rng.normal(0, tilt, (n, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    out = np.cross(across, along)
    out *= np.sign(out[:, 2:] + 1e-9)
    long = lengths[:, None]
    middle = at + 0.45 * long * along + 0.05 * long * out
    corners = np.stack(
        [at, middle + slim * long * across, at + long * along, middle - slim * long * across], 1
    )
    u = (rng.integers(t.LEAF_COLUMNS, size=n)[:, None] + [0.5, 0.9, 0.5, 0.1]) / t.LEAF_COLUMNS
    v = 1 - (row + 1) / len(t.LEAF_ROWS) + np.array([0.1, 0.5, 0.9, 0.5]) / len(t.LEAF_ROWS)
    uv = np.stack([u, np.broadcast_to(v, (n, 4))], -1)
    first = 4 * np.arange(n)[:, None]
    faces = np.concatenate([first + np.array(k) for k in ((0, 1, 2), (0, 2, 3))])
    return Mesh(corners.reshape(-1, 3), uv.reshape(-1, 2), faces)


def broadleaf(height: float, row: int, rng: Generator, detail: Detail, bare: bool = False) -> Parts:
    """A tree with a round crown; ``row`` is its leaves' in the atlas, ``bare`` has none."""
    bark: list[Mesh] = []
    tips: list[Float[np.ndarray, "3"]] = []
    deepest = {"near": 3, "middle": 2, "far": 1}[detail]

    def grow(base: np.ndarray, way: np.ndarray, length: float, radius: float, level: int) -> None:
        line = [base]
        for _ in range(4):
            way = way + rng.normal(0, 0.14, 3) + [0, 0, 0.05]
            way = way / np.linalg.norm(way)
            line.append(line[-1] + way * length / 4)
        sides = (9, 6, 4, 3)[level] if detail == "near" else 4
        if level == 0 or detail != "far":
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
    each = {"near": 120, "middle": 30, "far": 12}[detail]
    size = {"near": 0.05, "middle": 0.16, "far": 0.55}[detail] * height**0.5
    spread = {3: 0.13, 2: 0.17, 1: 0.24}[deepest] * height
    tufts = []
    for tip in tips:
        away = rng.normal(0, 1, (each, 3))
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        spot = tip + spread * away * rng.uniform(0.25, 1, (each, 1)) ** 0.5
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
    u = (rng.integers(t.LEAF_COLUMNS, size=count)[:, None] + [0.35, 0.65, 0.5]) / t.LEAF_COLUMNS
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
