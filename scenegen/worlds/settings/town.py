"""What streets and squares share: facings, houses, lamps that burn, props, trees, snow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from scenegen.worlds import facings, plants
from scenegen.worlds.mesh import Mesh, patch
from scenegen.worlds.noise import smoothstep
from scenegen.worlds.panels import panels
from scenegen.worlds.placing import INSIDE, MOST_LIGHTS, lit_thing, shine, turned
from scenegen.worlds.settings.base import Site
from scenegen.worlds.snow import snow_on
from scenegen.worlds.spec import Kind, Plant, Prop
from scenegen.worlds.stock import PAINT, shades
from scenegen.worlds.textures import Texture
from scenegen.worlds.things import lamp, thing
from scenegen.worlds.townhouses import House
from scenegen.worlds.windows import Windows, pane_materials
from scenegen.worlds.world import Lamp, Material, Parts, placed

_RENDERS = ((230, 206, 158), (222, 178, 138), (226, 220, 204), (204, 138, 104), (172, 186, 180),
            (236, 218, 172), (214, 206, 184), (218, 164, 146))  # fmt: skip
_BRICKS = ((142, 74, 56), (126, 64, 50), (158, 88, 64), (112, 60, 50))
_ASHLAR = ((184, 174, 154), (172, 162, 142), (194, 184, 164), (164, 156, 140))
_SIGNS = (
    ("BOULANGERIE", (38, 62, 48), (226, 200, 130)), ("BOOKS & MAPS", (94, 30, 32), (236, 222, 190)),
    ("CAFE CENTRAL", (30, 34, 44), (232, 210, 150)), ("FLOWERS", (226, 214, 190), (60, 96, 64)),
    ("WATCHMAKER", (40, 52, 84), (230, 220, 200)),
)  # fmt: skip
"""Shops: name, and the colours of its board and of its letters."""

SIGNS = tuple(f"sign_{k}" for k in range(len(_SIGNS)))
"""The materials of their boards."""

_DOORS = ("wood:green", "wood:blue", "wood:red", "wood:brown", "wood:black")
_AWNINGS = ("red", "green", "blue", "orange", None)
_TOO_LARGE: tuple[Kind, ...] = (
    "castle", "barn", "windmill", "lighthouse", "bridge", "pier", "church", "tower",
)  # fmt: skip
"""Buildings that no place between houses is wide enough for."""


@dataclass(frozen=True)
class Spot:
    """A place for a thing in metres, and how far it is turned about +Z in degrees."""

    x: float
    y: float
    turn: float = 0.0
    z: float = 0.0


def is_dark(site: Site) -> bool:
    """Whether lamps and windows are lit: in a town they are in a storm as well."""
    return site.dark or site.spec.weather == "storm"


def glow_of(site: Site) -> float:
    """Return the radiance of lit windows, in measure with the hour's sky."""
    return {"night": 0.2, "dusk": 0.9}.get(site.spec.time or "", 1.4)


def furnish(site: Site, facing: Prop | None = None) -> tuple[str, ...]:
    """Make the materials of a town's houses; return the names of the facings."""
    rng = site.seeds("facings")
    made = site.materials
    made.update(pane_materials(site.seeds("panes"), glow_of(site)))
    made["lit_shop"] = replace(made["lit_warm"], glow=6 * glow_of(site))
    made["curtain"] = Material(facings.render((120, 104, 84), site.seeds("curtain")))
    made["inside"] = Material(facings.render((170, 154, 128), site.seeds("inside")))
    trim = facings.coursed(_ASHLAR, 0.9, 2.3, (120, 112, 98), site.seeds("trim"))
    made["trim"] = Material(trim)
    for k, (name, (text, ground, ink)) in enumerate(zip(SIGNS, _SIGNS, strict=True)):
        made[name] = Material(facings.sign(text, ground, ink, site.seeds(f"sign {k}")))
    if facing and (facing.material or facing.color):
        made["facing_0"] = Material(_facing(facing, rng))
        return ("facing_0",)
    tones = rng.permutation(len(_RENDERS))
    for k in range(3):
        made[f"facing_{k}"] = Material(facings.render(_RENDERS[tones[k]], rng))
    made["facing_3"] = Material(facings.coursed(_BRICKS, 0.075, 0.23, (168, 156, 138), rng))
    made["facing_4"] = Material(facings.coursed(_ASHLAR, 0.42, 0.9, (124, 114, 98), rng))
    return tuple(f"facing_{k}" for k in range(5))


def _facing(prop: Prop, rng: Generator) -> Texture:
    """Return a facing as a prop states it."""
    paint = PAINT[prop.color] if prop.color else None
    tones = shades(paint) if paint else None
    if prop.material == "brick":
        return facings.coursed(tones or _BRICKS, 0.075, 0.23, (168, 156, 138), rng)
    if prop.material in ("stone", "marble"):
        return facings.coursed(tones or _ASHLAR, 0.42, 0.9, (124, 114, 98), rng)
    if prop.material == "wood":
        boards = tones or ((128, 94, 62), (112, 82, 56))
        return facings.coursed(boards, 0.2, 6.0, (40, 30, 22), rng)
    return facings.render(paint or _RENDERS[0], rng)


def house_of(
    site: Site, names: Sequence[str], place: int, width: float, rng: Generator,
    tall: tuple[int, int] = (3, 6),
) -> House:  # fmt: skip
    """Return the house at a place in a row: its storeys, colours and windows by chance.

    Facings take turns, so that neighbours differ and no square is all of one.
    """
    facing = names[(2 * place + place // 5 + site.spec.seed) % len(names)]
    rendered = facing in ("facing_0", "facing_1", "facing_2") and len(names) > 1
    shutters = ("wood:green", "wood:blue", "wood:grey", "wood:brown")[int(rng.integers(4))]
    style = Windows(
        frame=("wood:white", "wood:white", "wood:brown")[int(rng.integers(3))],
        shutters=shutters if rendered and rng.random() < 0.6 else None,
        surround=bool(rng.random() < 0.7), bars=int(rng.integers(1, 3)),
        lit=0.38 if is_dark(site) else 0.0,
    )  # fmt: skip
    return House(
        width, int(rng.integers(*tall)), facing, style, _DOORS[int(rng.integers(len(_DOORS)))],
        SIGNS, _AWNINGS[int(rng.integers(len(_AWNINGS)))], is_dark(site),
        bool(rng.random() < 0.35), bool(rng.random() < 0.7),
    )  # fmt: skip


def house_stands(site: Site, stated: Prop | None, at: Sequence[float], parts: Parts) -> None:
    """Note a house whose facing is as ``stated``; of cloth, metal or glass there is none."""
    prop = stated or Prop(kind="house")
    site.stands(prop, at, parts, [prop.material] if prop.material in _NO_WALLS else ())


_NO_WALLS = ("cloth", "metal", "glass")


def prop_of(site: Site, kind: Kind, usual: int) -> list[Prop]:
    """Return the things of a kind: as many as the spec states, or else as is usual."""
    stated = _stated(site, kind)
    if not stated:
        return [Prop(kind=kind)] * usual
    made: list[Prop] = []
    for prop in stated:
        made += [prop] * (prop.count if prop.count is not None else max(usual, 1))
    return made


def _stated(site: Site, kind: Kind) -> list[Prop]:
    return [prop for prop in site.spec.props if prop.kind == kind]


def lamps(site: Site, spots: Sequence[Spot], eye: tuple[float, float]) -> None:
    """Set up lamps; those nearest to the eye light when it is dark."""
    props, stated = prop_of(site, "lamp", len(spots)), _stated(site, "lamp")
    if stated and all(prop.count is None for prop in stated):  # kinds of lamps by turns
        props = [stated[k % len(stated)] for k in range(len(spots))]
    near = sorted(spots, key=lambda s: (s.x - eye[0]) ** 2 + (s.y - eye[1]) ** 2)
    dark = is_dark(site)
    bright = {"night": 11.0, "dusk": 22.0}.get(site.spec.time or "", 20.0)
    for k, (prop, spot) in enumerate(zip(props, near, strict=False)):
        made = thing(prop, site.seeds(f"lamp {k}"))
        if not dark:
            made["glass:white"] = made.pop("glow")
        at = (spot.x, spot.y, spot.z)
        site.place(prop, made, at, spot.turn)
        if dark and k < MOST_LIGHTS:
            light = (1.0 * bright, 0.68 * bright, 0.36 * bright)
            site.lamps.append(Lamp(turned(lamp.LIGHT, at, spot.turn), light))


def things(
    site: Site, kind: Kind, usual: int, spots: Sequence[Spot], jitter: float = 0.0
) -> list[Spot]:
    """Set up things of a kind at places, in their order; return the places taken."""
    props = prop_of(site, kind, usual)
    rng = site.seeds(f"places of {kind}")
    for k, (prop, spot) in enumerate(zip(props, spots, strict=False)):
        turn = spot.turn + float(rng.normal(0, jitter))
        made = lit_thing(site, prop, site.seeds(f"{kind} {k}"))
        at = (spot.x, spot.y, spot.z)
        site.place(prop, made, at, turn)
        if is_dark(site):
            shine(site, kind, at, turn)
    return list(spots[: len(props)])


def others(site: Site, done: Sequence[Kind], spots: Sequence[Spot]) -> None:
    """Set up what else the spec states, one after the other at free places."""
    free = list(spots)
    kinds: dict[Kind, None] = dict.fromkeys([prop.kind for prop in site.spec.props])
    for kind in kinds:
        if kind in done or kind in _TOO_LARGE or kind in INSIDE:
            continue
        taken = things(site, kind, 1, free, 6.0)
        free = free[len(taken) :]


def trees(site: Site, spots: Sequence[Spot], usual: bool) -> None:
    """Plant trees at places: those stated, or broadleaf where trees are usual."""
    words = site.spec.vegetation
    stated: list[Plant] = [kind for kind in words.kinds if kind in plants.TREES]
    usually: list[Plant] = ["broadleaf"]
    kinds: list[Plant] = [kind for kind in stated or usually if kind not in words.without]
    wanted = bool(stated) or (usual and not words.kinds) or words.density in ("some", "dense")
    if words.density == "none" or not kinds or not wanted:
        return
    share = {"sparse": 0.35, "some": 0.7}.get(words.density or "", 1.0)
    chosen = spots[: max(1, int(share * len(spots)))]
    site.had.grown.update(kinds[: len(chosen)])
    season = site.spec.season or "summer"
    for k, spot in enumerate(chosen):
        rng = site.seeds(f"tree {k}")
        near = "near" if k < 6 else "middle"
        made = plants.tree(kinds[k % len(kinds)], rng, near, season, site.snow_lies)
        high = max(float(mesh.points[:, 2].max()) for meshes in made.values() for mesh in meshes)
        size = min(1.0, float(rng.uniform(6.5, 8.5)) / high)
        site.put(placed(made, (spot.x, spot.y, spot.z), float(rng.uniform(0, 360)), size))


def covered(site: Site, bare: tuple[str, ...] = ()) -> None:
    """Let snow lie on everything that faces up, where it lies at all."""
    if site.snow_lies:
        site.put(snow_on(site.parts, 0.05, (*bare, "bark", "inside", "ground")))


def surroundings(site: Site, half: float = 400.0) -> None:
    """Put bare ground under and around everything."""
    flat = panels([(-half, -half, -0.06)], [(2 * half, 0, 0)], [(0, 2 * half, 0)], (10.0, 10.0))
    name = "snow" if site.snow_lies else "ground"
    site.put({name: [flat]})
    if not site.snow_lies:
        tile = facings.slabs((10, 10), (0.6, 0.4), ((120, 116, 108),), site.seeds("around"), 40.0)
        site.materials["ground"] = Material(tile)


def is_wet(site: Site) -> bool:
    """Whether paving shines with water."""
    return site.spec.weather in ("rain", "storm") and not site.snow_lies


def puddle(x: float, y: float, z: float, size: tuple[float, float], rng: Generator) -> Mesh:
    """Return a pool of rain with an uneven edge."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    waves = sum(
        rng.normal(0, 0.16 / k) * np.cos(k * angle + rng.uniform(0, 6)) for k in (1, 2, 3, 5)
    )
    out = np.maximum(1 + waves, 0.3)
    rim = np.stack([x + size[0] * out * np.cos(angle), y + size[1] * out * np.sin(angle),
                    np.full(40, z)], -1)  # fmt: skip
    points = np.concatenate([rim, [[x, y, z]]])
    k = np.arange(40)
    faces = np.stack([k, (k + 1) % 40, np.full(40, 40)], -1)
    return Mesh(points, points[:, :2] / 12.0, faces)


def snow_over(
    x: tuple[float, float], y: tuple[float, float], z: float, rng: Generator, deep: float = 0.07
) -> Parts:
    """Return a blanket of snow over a flat rectangle, in low waves, thinner towards its edges."""
    count = (max(4, int((x[1] - x[0]) / 0.35)), max(4, int((y[1] - y[0]) / 0.35)))
    phase = rng.uniform(0, 6.28, 6)

    def surface(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        px, py = x[0] + (x[1] - x[0]) * a, y[0] + (y[1] - y[0]) * b
        wave = np.sin(1.9 * px + phase[0] + 0.7 * np.sin(py)) * np.sin(1.3 * py + phase[1])
        wave = wave + 0.6 * np.sin(4.1 * px - 2.3 * py + phase[2])
        rim = smoothstep(0, 0.06, np.minimum(np.minimum(a, 1 - a), np.minimum(b, 1 - b)))
        return px, py, z + deep * (0.35 + 0.65 * rim) * (1 + 0.22 * wave)

    mesh = patch(surface, count)
    return {"snow": [Mesh(mesh.points, mesh.points[:, :2] / 7.0, mesh.faces)]}
