"""Plants of hot and dry places: palms, cacti and cypresses."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from scenegen.worlds import textures as t
from scenegen.worlds.mesh import Mesh, leaf_cloud, tube
from scenegen.worlds.world import Parts

_SHARE = {"near": 1.0, "middle": 0.3, "far": 0.08}
"""Share of the leaves of a plant seen from near; they grow as they get fewer."""


def grown(kind: str, rng: Generator, detail: str) -> Parts:
    """Return a palm, cypress or cactus of a usual size."""
    if kind == "palm":
        return palm(float(rng.uniform(5, 10)), rng, detail)
    if kind == "cypress":
        return cypress(float(rng.uniform(6, 12)), rng, detail)
    return cactus(float(rng.uniform(1.2, 5.0)), rng, detail)


def palm(height: float, rng: Generator, detail: str) -> Parts:
    """A palm that leans a little: a ringed trunk and a crown of drooping fronds."""
    share = _SHARE[detail]
    lean = rng.normal(0, 0.16 * height, 2)
    s = np.linspace(0, 1, 9)
    line = np.stack([lean[0] * s**1.7, lean[1] * s**1.7, -0.2 + (height + 0.2) * s], -1)
    thick = 0.17 * (1 - 0.35 * s) + 0.12 * np.exp(-9 * s)
    bark = [tube(line, thick, 10 if share > 0.5 else 6, (0, 0, 0.4, height / 3))]
    fronds = max(10, int(22 * share**0.4))
    blades = [
        _frond(
            line[-1],
            2 * np.pi * k / fronds + rng.uniform(-0.2, 0.2),
            float(rng.uniform(-0.35, 1.0)),
            1.12 * height**0.5,
            rng,
            share,
        )
        for k in range(fronds)
    ]
    return {"bark": bark, "leaf": blades}


_LEAFLET = ((0.3, 0.012), (0.7, 0.012), (0.5, -0.012))
"""Corners of a leaflet in the atlas: across its leaf in columns, up in shares of the atlas."""


def _frond(
    base: np.ndarray, turn: float, rise: float, length: float, rng: Generator, share: float
) -> Mesh:
    count = max(12, int(40 * share**0.6))
    s = np.linspace(0.06, 1, count)
    way = np.array([np.cos(turn), np.sin(turn), 0.0])
    across = np.array([-way[1], way[0], 0.0])
    out = length * (s - 0.16 * s**2)
    lift = length * (rise * s * 0.7 - 0.75 * s**2)
    rib = base + out[:, None] * way + lift[:, None] * np.array([0, 0, 1.0])
    long = 0.34 * length * np.sin(np.pi * (0.1 + 0.86 * s)) ** 0.8
    wide = 0.055 * (1 / share) ** 0.5
    points, uv, faces = [], [], []
    for side in (-1, 1):
        droop = -0.32 - 0.25 * rng.random(count)
        tip = rib + long[:, None] * (
            side * 0.85 * across + 0.45 * way + droop[:, None] * [0, 0, 1.0]
        )
        first = len(points) * count
        points += [rib - wide * way, rib + wide * way, tip]
        a = first + np.arange(count)
        faces.append(np.stack([a, a + count, a + 2 * count], -1)[:, ::side])
    column = int(rng.integers(t.LEAF_COLUMNS))
    v = 1 - (t.PALM + 0.5) / len(t.LEAF_ROWS)
    for across_it, up_it in (*_LEAFLET, *_LEAFLET):
        uv.append(np.tile([(column + across_it) / t.LEAF_COLUMNS, v + up_it], (count, 1)))
    return Mesh(np.concatenate(points), np.concatenate(uv), np.concatenate(faces))


def cypress(height: float, rng: Generator, detail: str) -> Parts:
    """A slim dark column of foliage."""
    share = _SHARE[detail]
    count = int(2600 * share**1.3)
    level = rng.random(count) ** 0.8
    radius = 0.105 * height * np.sin(np.pi * np.clip(0.12 + 0.88 * level, 0, 1)) ** 0.62
    turn = rng.uniform(0, 2 * np.pi, count)
    radius = (
        radius * (1 + 0.14 * np.sin(3 * turn + 9 * level)) * rng.uniform(0.55, 1.0, count) ** 0.5
    )
    way = np.stack([np.cos(turn), np.sin(turn), np.zeros(count)], -1)
    at = radius[:, None] * way
    at[:, 2] = 0.05 * height + 0.95 * height * level
    leaf = leaf_cloud(
        at, way + np.array([0, 0, 0.9]), 0.15 * height**0.5 / share**0.45, t.CYPRESS, rng, 0.3
    )
    trunk = tube(np.array([[0, 0, -0.2], [0, 0, 0.5 * height]], float), np.array([0.16, 0.05]), 7)
    return {"bark": [trunk], "leaf": [leaf]}


def cactus(height: float, rng: Generator, detail: str) -> Parts:
    """A saguaro: a ribbed column with arms that turn up."""
    segments = 48 if detail == "near" else 20 if detail == "middle" else 9
    thick = 0.06 * height + 0.06
    stems = [
        _stem(
            np.array(
                [[0, 0, -0.2], [0, 0, 0.3 * height], [0, 0, 0.7 * height], [0, 0, height]], float
            ),
            thick,
            segments,
            rng,
        )
    ]
    for _ in range(int(rng.integers(0, 5)) if height > 2 else 0):
        turn, low = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.55) * height
        out, rise = rng.uniform(1.9, 2.8) * thick, rng.uniform(0.2, 0.42) * height
        way = np.array([np.cos(turn), np.sin(turn)])
        line = np.array(
            [
                [*(0.5 * thick * way), low],
                [*(0.75 * out * way), low + 0.02],
                [*(out * way), low + 0.3 * out],
                [*(1.03 * out * way), low + 0.6 * out],
                [*(1.05 * out * way), low + rise],
            ]
        )
        stems.append(_stem(line, 0.66 * thick, segments, rng))
    return {"leaf": stems}


def _stem(line: np.ndarray, thick: float, segments: int, rng: Generator) -> Mesh:
    """Return a ribbed stem along a line, rounded at its end."""
    from scipy.interpolate import PchipInterpolator

    steps = 18 if segments > 30 else 9
    s = np.concatenate([np.linspace(0, 0.9, steps), [0.93, 0.955, 0.975, 0.99, 1.0]])
    reach = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    along = PchipInterpolator(reach / reach[-1], line)(s)
    cap = np.clip((1 - s) * reach[-1] / thick, 0, 1)
    round_ = thick * np.sqrt(1 - (1 - cap) ** 2) * (0.85 + 0.15 * np.sin(np.pi * s))
    base = tube(along, np.maximum(round_, 1e-3), segments)
    angle = np.tile(np.linspace(0, 2 * np.pi, segments + 1), len(s))
    middle = np.repeat(along, segments + 1, axis=0)
    rib = 1 + (0.1 * np.cos(12 * angle) if segments > 30 else 0.0)
    points = middle + (base.points - middle) * np.reshape(rib, (-1, 1))
    column = int(rng.integers(t.LEAF_COLUMNS))
    v = 1 - (t.CACTUS + 0.5) / len(t.LEAF_ROWS)
    shade = 0.3 * np.cos(12 * angle)
    uv = np.stack([(column + 0.5 + shade) / t.LEAF_COLUMNS, np.full(len(points), v)], -1)
    return Mesh(points, uv, base.faces)
