"""A house of a village: one or two storeys under a gabled roof, with shutters and a chimney."""

from __future__ import annotations

from itertools import pairwise

from numpy.random import Generator

from scenegen.worlds.mesh import Mesh, box, quad
from scenegen.worlds.spec import Color, Prop
from scenegen.worlds.walls import (
    Hole,
    around,
    beam,
    door,
    gable_roof,
    wall,
    window,
)
from scenegen.worlds.world import Parts, add

_PLASTER: tuple[Color | None, ...] = (None, "white", "white", "yellow", "orange", "grey", None)
_PAINT: tuple[Color, ...] = ("green", "brown", "blue", "red", "brown", "grey")


def make(prop: Prop, rng: Generator) -> Parts:
    """Return a house about 9 x 7 metres."""
    width, depth = float(rng.uniform(8.2, 11.5)), float(rng.uniform(6.2, 7.6))
    tall = bool(rng.random() < 0.55)
    eave = 5.3 if tall else 3.0
    rise = depth / 2 * float(rng.uniform(0.85, 1.15))
    skin, shutters = _looks(prop, rng)
    half_timbered = skin.startswith("limewash") and rng.random() < 0.45
    parts: Parts = {}
    for side in ("front", "back", "left", "right"):
        long = side in ("front", "back")
        across = width if long else depth
        front = side == "front"
        entry = Hole(-0.9 if across > 9 else 0.0, 0.32, 1.05, 2.1) if front else None
        holes = _windows(across, tall, entry)
        gable = 0.0 if long else rise
        face: Parts = {
            skin: [wall(across, eave, [*holes, *([entry] if entry else [])], skin, gable)]
        }
        for hole in holes:
            add(face, window(hole, rng, shutters=shutters))
        if entry:
            add(face, door(entry, rng, shutters))
        if half_timbered:
            add(face, {"wood:brown": _timbers(across, eave, gable, tall, rng)})
        if not long and rise > 2.4:
            attic = Hole(0.0, eave + 0.55, 0.7, 0.8)
            add(face, window(attic, rng, depth=-0.02))
        add(parts, around(face, side, width, depth))
    add(parts, gable_roof(width, depth, eave, rise, rng))
    add(parts, _plinth_and_chimney(width, depth, eave + rise, rng))
    return parts


def _looks(prop: Prop, rng: Generator) -> tuple[str, str]:
    """Return the materials of walls and of shutters."""
    paint = f"wood:{_PAINT[int(rng.integers(len(_PAINT)))]}"
    own = _PLASTER[int(rng.integers(len(_PLASTER)))]
    material = prop.material or "plaster"
    if material in ("plaster", "wood"):
        color = prop.color or (own if material == "plaster" else None)
        skin = "limewash" if material == "plaster" else material
        return skin + (f":{color}" if color else ""), paint
    skin = material if material in ("stone", "brick", "marble") else "limewash"
    return skin, f"wood:{prop.color}" if prop.color else paint


def _windows(across: float, tall: bool, entry: Hole | None) -> list[Hole]:
    count = max(2, round(across / 2.7))
    made = []
    for storey in range(2 if tall else 1):
        for k in range(count):
            x = (k + 0.5) / count * (across - 0.9) - (across - 0.9) / 2
            clear = entry is None or storey > 0 or abs(x - entry.x) > 1.5
            if clear:
                made.append(Hole(x, 1.15 + 2.55 * storey, 0.9, 1.25))
    return made


def _timbers(across: float, eave: float, gable: float, tall: bool, rng: Generator) -> list[Mesh]:
    """Return the beams of a timber frame, standing out of the plaster a little."""
    half, y = across / 2 - 0.09, -0.02
    levels = [0.35, 2.85, eave - 0.1] if tall else [0.35, eave - 0.1]
    made = [beam([-half, y, z], [half, y, z], 0.14, rng) for z in levels[1:]]
    made += [beam([x, y, 0.1], [x, y, eave], 0.16, rng) for x in (-half, half)]
    for low, high in pairwise(levels):
        for side in (-1, 1):
            made.append(beam([side * half, y, high], [side * (half - 0.75), y, low], 0.13, rng))
    if gable:
        z = eave + 0.42 * gable
        made.append(beam([-half * 0.55, y, z], [half * 0.55, y, z], 0.15, rng))
        made += [
            beam([x, y, eave], [x, y, eave + 0.45 * gable], 0.14, rng)
            for x in (-half * 0.5, half * 0.5)
        ]
    return made


def _plinth_and_chimney(width: float, depth: float, top: float, rng: Generator) -> Parts:
    x, y = 0.28 * width * (1 if rng.random() < 0.5 else -1), 0.4
    shaft = [
        box([x - 0.35, y - 0.35, top - 2.2], [x + 0.35, y + 0.35, top + 0.75], rng, 3.0),
        box([x - 0.42, y - 0.42, top + 0.6], [x + 0.42, y + 0.42, top + 0.75], rng, 3.0),
    ]  # fmt: skip
    hw, hd = width / 2 + 0.07, depth / 2 + 0.07
    plinth = [
        *(quad(c, r, [0, 0, 0.85], (0, 0, float(abs(r[0]) + abs(r[1])) / 4, 0.2))
          for c, r in (([-hw, -hd, -0.5], [2 * hw, 0, 0]), ([hw, -hd, -0.5], [0, 2 * hd, 0]),
                       ([hw, hd, -0.5], [-2 * hw, 0, 0]), ([-hw, hd, -0.5], [0, -2 * hd, 0]))),
        *(quad(c, r, u, (0, 0, float(abs(r[0])) / 4, 0.03))
          for c, r, u in (([-hw, -hd, 0.35], [2 * hw, 0, 0], [0, 0.1, 0]),
                          ([-hw, hd - 0.1, 0.35], [2 * hw, 0, 0], [0, 0.1, 0]))),
    ]  # fmt: skip
    return {"brick": shaft, "stone": plinth}
