"""Bridges along X: an arch of stone with parapets, or beams and planks on trestles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, box, merge, patch
from scenegen.worlds.spec import Prop
from scenegen.worlds.stock import span_of
from scenegen.worlds.walls import beam
from scenegen.worlds.world import Parts

SPAN = 13.0
"""Metres from bank to bank that a bridge crosses; its ends lie at the height of its foot."""


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a bridge over a bed `SPAN` metres wide, seen from its side."""
    if prop.material in ("wood", "metal"):
        return _wooden(f"wood:{prop.color}" if prop.color else "wood", rng)
    skin = prop.material if prop.material in ("brick", "marble", "limestone") else "stone"
    return _arched(skin, rng)


def _arched(skin: str, rng: Generator, half_wide: float = 1.9, ends: float = 5.0) -> Parts:
    """Return one arch; the way over it rises to its middle and runs out on both banks."""
    span = span_of(skin)
    half = SPAN / 2 - 0.7
    reach, crown, deep = SPAN / 2 + ends, 2.3, -2.4

    def way(x: np.ndarray) -> np.ndarray:
        return 0.1 + (crown + 0.55 - 0.1) * (0.5 + 0.5 * np.cos(np.pi * np.clip(x / reach, -1, 1)))

    def arch(x: np.ndarray) -> np.ndarray:
        inside = np.sqrt(np.clip(1 - (x / half) ** 2, 0, 1))
        return np.where(np.abs(x) < half, deep + (crown + 0.05 - deep) * inside, deep)

    t = np.linspace(0, np.pi, 41)
    x = np.concatenate([[-reach, -half - 0.01], -half * np.cos(t), [half + 0.01, reach]])
    index = np.linspace(0, 1, len(x))
    parts: Parts = {skin: []}
    for side in (-1.0, 1.0):

        def face(a: np.ndarray, b: np.ndarray, side: float = side) -> list[np.ndarray]:
            at = np.interp(a if side < 0 else 1 - a, index, x)
            low, high = arch(at), way(at) + 0.85
            return [at, np.full_like(at, side * half_wide), low + b * (high - low)]

        made = patch(face, (len(x) - 1, 6))
        parts[skin].append(Mesh(made.points, made.points[:, [0, 2]] / span, made.faces))
        parts[skin] += _parapet(side, reach, half_wide, way, span, rng)
        parts[skin] += _voussoirs(side, half, crown, deep, half_wide, rng)
    under = patch(
        lambda a, b: [
            -half * np.cos(np.pi * a), half_wide * (1 - 2 * b), arch(-half * np.cos(np.pi * a)),
        ],
        (40, 4), (0, 0, 4.0, 2 * half_wide / span),
    )  # fmt: skip
    deck = patch(
        lambda a, b: [(2 * a - 1) * reach, (2 * b - 1) * half_wide, way((2 * a - 1) * reach)],
        (40, 2), (0, 0, 2 * reach / 4, 2 * half_wide / 4),
    )  # fmt: skip
    parts[skin] += [under, deck]
    return parts


def _parapet(
    side: float, reach: float, half_wide: float, way: Callable[[np.ndarray], np.ndarray],
    span: float, rng: Generator,
) -> list[Mesh]:  # fmt: skip
    """Return the inner face and the coping of a parapet 0.35 metres thick."""
    inner = side * (half_wide - 0.35)

    def back(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        x = (2 * a - 1) * reach * side
        return [x, np.full_like(x, inner), way(x) + b * 0.85]

    def profile(a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        x = (2 * a - 1) * (reach + 0.05)
        y = np.interp(
            b,
            [0, 0.2, 0.8, 1],
            [-half_wide - 0.07, -half_wide - 0.07, 0.42 - half_wide, 0.42 - half_wide],
        )
        z = np.interp(b, [0, 0.2, 0.8, 1], [0.82, 1.0, 1.0, 0.82])
        return [x, y, way(x) + z]

    cope = patch(profile, (60, 5), (0, 0, 2 * reach / 4, 0.2))
    if side > 0:
        cope = Mesh(cope.points * [-1, -1, 1], cope.uv, cope.faces)
    posts = []
    for end in (-1.0, 1.0):
        x, z = end * reach, float(way(np.array(reach)))
        low, high = sorted((side * (half_wide - 0.5), side * (half_wide + 0.15)))
        posts.append(box([x - 0.35, low, -1.0], [x + 0.35, high, z + 1.15], rng, 4.0))
    return [patch(back, (40, 2), (0, 0, 2 * reach / span, 0.85 / span)), cope, *posts]


def _voussoirs(
    side: float, half: float, crown: float, deep: float, y: float, rng: Generator
) -> list[Mesh]:
    """Return the wedge stones about the arch."""
    made, count = [], 31
    rise = crown + 0.05 - deep
    for k in range(count):
        t0, t1 = np.pi * (k + 0.06) / count, np.pi * (k + 0.94) / count
        thick = 0.48 + float(rng.uniform(-0.03, 0.03))
        out = float(rng.uniform(0.03, 0.07))
        corner = np.array([
            [r * -np.cos(t) * (half + grow) / half, side * depth, deep + (rise + grow) * np.sin(t)]
            for depth in (y + out, y - 0.3) for t, grow, r in (
                (t0, 0.0, half), (t1, 0.0, half), (t1, thick, half), (t0, thick, half))
        ])  # fmt: skip
        quads = [(0, 1, 2, 3), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)]
        points = np.concatenate([corner[list(q)] for q in quads])
        u, v = rng.uniform(0, 1, 2)
        uv = np.tile([[0, 0], [0.12, 0], [0.12, 0.12], [0, 0.12]], (5, 1)) + np.array([u, v])
        faces = np.concatenate(
            [[[4 * q, 4 * q + 1, 4 * q + 2], [4 * q, 4 * q + 2, 4 * q + 3]] for q in range(5)]
        )
        made.append(Mesh(points, uv, faces if side < 0 else faces[:, ::-1]))
    return [merge(made)]


def _railings(reach: float, level: float, half_wide: float, rng: Generator) -> list[Mesh]:
    wood: list[Mesh] = []
    for side in (-1, 1):
        y = side * (half_wide - 0.08)
        for post in np.linspace(-reach + 0.3, reach - 0.3, 9):
            low, high = [post - 0.07, y - 0.07, level - 0.4], [post + 0.07, y + 0.07, level + 1.12]
            wood.append(box(low, high, rng, 3.0))
            if abs(post) < SPAN / 2 - 1:
                foot = [post, y + side * 0.5, level - 0.3]
                wood.append(beam(foot, [post, y + side * 0.05, level + 0.7], 0.08, rng))
        for z in (0.55, 1.08):
            wood.append(beam([-reach, y, level + z], [reach, y, level + z], 0.11, rng))
    return wood


def _wooden(skin: str, rng: Generator, half_wide: float = 1.5, ends: float = 2.5) -> Parts:
    reach, level = SPAN / 2 + ends, 0.55
    wood: list[Mesh] = []
    for y in (-1.1, 0.0, 1.1):
        wood.append(beam([-reach, y, level - 0.27], [reach, y, level - 0.27], 0.32, rng))
    x = -reach
    while x < reach:
        wide = float(rng.uniform(0.2, 0.26))
        out = float(rng.uniform(0, 0.08))
        wood.append(
            box(
                [x, -half_wide - out, level - 0.11],
                [x + wide, half_wide + out, level - 0.04 + float(rng.uniform(0, 0.015))],
                rng,
                3.0,
            )
        )
        x += wide + 0.015
    wood += _railings(reach, level, half_wide, rng)
    for post in (-SPAN / 6, SPAN / 6):
        for y in (-1.2, 1.2):
            wood.append(beam([post, 1.25 * y, -3.0], [post, 0.9 * y, level - 0.4], 0.3, rng))
        wood.append(beam([post, -1.6, level - 0.5], [post, 1.6, level - 0.5], 0.28, rng))
        wood.append(beam([post, -1.4, -1.2], [post, 1.2, level - 0.6], 0.14, rng))
    stone = [
        box([s * reach - 1.0, -1.9, -1.6], [s * reach + 1.0, 1.9, 0.25], rng, 4.0) for s in (-1, 1)
    ]
    return {skin: wood, "stone": stone}
