"""Where the buildings and things of a spec stand: on open ground about a subject, before the eye.

First `plan`, then level the ground for them with `plots`, then `put` them there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float
from numpy.random import Generator

from scenegen.worlds.growth import Keep
from scenegen.worlds.mesh import Vector
from scenegen.worlds.noise import smoothstep
from scenegen.worlds.settings.base import Site
from scenegen.worlds.snow import snowed
from scenegen.worlds.spec import Kind, Prop
from scenegen.worlds.terrain import Terrain
from scenegen.worlds.things import lamp, thing, torch
from scenegen.worlds.world import Lamp, Parts, Stand

_RADIUS: dict[Kind, float] = {
    "house": 6.8, "church": 11.5, "barn": 9.0, "windmill": 5.0, "castle": 22.0, "tower": 4.5,
    "lighthouse": 5.0, "bridge": 11.0, "pier": 9.0, "wall": 5.0, "arch": 3.5, "stairs": 3.5,
    "column": 1.2, "fence": 4.6, "well": 1.7, "fountain": 2.6, "cart": 2.2, "campfire": 2.2,
    "tent": 2.4, "stall": 2.2, "boat": 2.6,
}  # fmt: skip
"""Metres that a kind of thing reaches from its middle, where that is not a small thing's."""

_HEIGHT: dict[Kind, float] = {
    "house": 6.5, "church": 17.0, "barn": 7.5, "windmill": 14.0, "castle": 18.0, "tower": 14.0,
    "lighthouse": 18.0, "bridge": 3.0,
}  # fmt: skip
"""About how high it is, in metres."""

_SMALL = 1.2
"""Reach and height in metres of what is in neither table."""

_SEVERAL: dict[Kind, int] = {"house": 4, "fence": 3, "boulder": 6, "barrel": 3, "crate": 3}
"""How many stand there where the spec names a kind in general; else one."""

INSIDE: tuple[Kind, ...] = (
    "armchair", "sofa", "bed", "bookshelf", "fireplace", "rug", "picture", "door", "window",
)  # fmt: skip
"""What stands in rooms only."""

OUTSIDE: tuple[Kind, ...] = (
    "house", "church", "tower", "castle", "barn", "windmill", "lighthouse", "bridge", "pier",
    "boat", "tent", "stall", "fence",
)  # fmt: skip
"""What stands in the open only."""

TORCHLIGHT = (3.4, 1.75, 0.62)
"""Intensity of a burning torch: see `scenegen.worlds.world.Lamp`."""

_SHINES: dict[Kind, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "campfire": ((0.0, 0.0, 1.2), (7.0, 3.0, 0.9)),
    "lamp": (lamp.LIGHT, (6.0, 4.1, 2.2)),
    "torch": (torch.ON_POST, TORCHLIGHT),
}
"""Place in metres from its foot and intensity of what lights its surroundings after sunset."""

_SPANS: tuple[Kind, ...] = ("bridge", "pier")
"""What stands over the ground rather than on it."""

_SUNK = 0.35
"""Metres that a thing may sink into a slope."""

_ATTEMPTS, _TRIED = 8, 160
"""How often a place is looked for, and how many are tried each time."""

MOST_LIGHTS = 10
"""Lamps that light: each is sampled from every point, so more of them are more noise."""

Fits = Callable[[Float[np.ndarray, "n 3"], float], Bool[np.ndarray, "n"]]
"""At which places a thing of a radius in metres may stand."""


@dataclass(frozen=True)
class Place:
    """One thing's place: its middle in metres, and its turn about +Z."""

    prop: Prop
    x: float
    y: float
    turn_deg: float

    @property
    def radius(self) -> float:
        """How much room it takes, in metres about its middle."""
        return radius_of(self.prop.kind)


def radius_of(kind: Kind) -> float:
    """Return how far a kind of thing reaches from its middle, in metres."""
    return _RADIUS.get(kind, _SMALL)


def height_of(kind: Kind) -> float:
    """Return about how high a kind of thing is, in metres."""
    return _HEIGHT.get(kind, _SMALL)


def wanted(site: Site, usual: Mapping[Kind, int], skip: Collection[Kind] = ()) -> list[Prop]:
    """Return a prop for every thing to place: as the spec counts them, and what is usual besides.

    What stands in rooms only is not among them.
    """
    made: list[Prop] = []
    stated = {prop.kind for prop in site.spec.props}
    for prop in site.spec.props:
        if prop.kind not in INSIDE and prop.kind not in skip:
            count = prop.count if prop.count is not None else _SEVERAL.get(prop.kind, 1)
            made += [prop] * count
    for kind, count in usual.items():
        if kind not in stated:
            made += [Prop(kind=kind)] * count
    return made


def subject_first(site: Site, props: Sequence[Prop], usual: Kind | None = None) -> list[Prop]:
    """Return props with what the camera looks at in front: the spec's subject, or the usual one."""
    ranked = [site.spec.subject, *(p.kind for p in site.spec.props), usual]
    for kind in ranked:
        for k, prop in enumerate(props):
            if prop.kind == kind:
                return [prop, *props[:k], *props[k + 1 :]]
    return list(props)


def facing(x: float, y: float, towards: Sequence[float] | Float[np.ndarray, "2"]) -> float:
    """Return the turn by which a thing at (x, y) shows its front to a place."""
    return float(np.degrees(np.arctan2(towards[0] - x, y - towards[1])))


def plan(
    props: Sequence[Prop], land: Terrain, subject: tuple[float, float], eye: tuple[float, float],
    free: Fits, rng: Generator, fixed: Sequence[Place] = (),
) -> list[Place]:  # fmt: skip
    """Return places of props near a subject and in view of an eye, none on another or in the way.

    ``fixed`` are places that are taken already; they come first in what is returned. A prop for
    which there is no room has none; nor has a bridge or pier, which would span dry land here.
    """
    made = list(fixed)
    props = [prop for prop in props if prop.kind not in _SPANS]
    crowd = sum(radius_of(prop.kind) ** 2 for prop in props)
    view = np.array(subject), np.array(eye)
    for prop in props:
        found = _find(prop, land, view, free, rng, made, crowd)
        if found is not None:
            made.append(found)
    return made


def _find(
    prop: Prop, land: Terrain, view: tuple[np.ndarray, np.ndarray], free: Fits, rng: Generator,
    taken: Sequence[Place], crowd: float,
) -> Place | None:  # fmt: skip
    """Return the first good one of places at random, farther out and less in view each attempt.

    ``crowd`` is the sum of the squares of all radii: where much is to stand, it spreads.
    """
    subject, eye = view
    radius, far = radius_of(prop.kind), float(np.linalg.norm(subject - eye))
    ahead = (subject - eye) / far
    reach = (9.0 if radius < 3 else 16.0 + radius) + 1.1 * crowd**0.5
    for attempt in range(_ATTEMPTS):
        away = rng.uniform(0.15, 1.0, _TRIED) ** 0.6 * reach * (1 + 0.3 * attempt)
        angle = rng.uniform(0, 2 * np.pi, _TRIED)
        xy = subject + away[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1)
        out = xy - eye
        along, aside = out @ ahead, np.abs(out[:, 0] * ahead[1] - out[:, 1] * ahead[0])
        good = (along > radius + 4) & (aside < (0.62 + 0.12 * attempt) * along)
        good &= (aside > radius + 1.5 + 0.12 * along) | (along > far + 2 + radius)
        if taken and attempt < 5:  # not behind the subject
            good &= aside * far > 0.9 * taken[0].radius * along
        z = land.height(*xy.T)
        good &= free(np.concatenate([xy, z[:, None]], -1), radius)
        good &= land.slope(xy[:, 0], xy[:, 1], max(1.0, 0.6 * radius)) < 0.35 + 0.05 * attempt
        for other in taken:
            gap = np.linalg.norm(xy - [other.x, other.y], axis=1)
            good &= gap > radius + other.radius + (1.0 if radius < 3 else 2.0)
        if good.any():
            x, y = xy[int(np.argmax(good))]
            turn = facing(x, y, eye) + float(rng.uniform(-40, 40))
            return Place(prop, float(x), float(y), turn)
    return None


def plots(land: Terrain, places: Sequence[Place]) -> Terrain:
    """Return the land levelled where things of more than three metres stand."""
    level = [(p, land.spot(p.x, p.y)) for p in places if p.radius > 3 and p.prop.kind not in _SPANS]

    def dig(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        z = z.copy()
        for p, height in level:
            here = (np.abs(x - p.x) < 1.6 * p.radius + 1) & (np.abs(y - p.y) < 1.6 * p.radius + 1)
            if here.any():
                away = np.hypot(x[here] - p.x, y[here] - p.y)
                share = 1 - smoothstep(0.85 * p.radius, 1.5 * p.radius + 1, away)
                z[here] += (height - z[here]) * share
        return z

    return replace(land, dug=(*land.dug, dig)) if level else land


def put(site: Site, land: Terrain, places: Sequence[Place]) -> None:
    """Put the things at their places: under snow where it lies, lit after sunset."""
    for k, place in enumerate(places):
        rng = site.seeds(f"thing {k} {place.prop.kind}")
        set_up(site, place.prop, (place.x, place.y, _foot(land, place)), place.turn_deg, rng)


def set_up(
    site: Site, prop: Prop, at: tuple[float, float, float], turn_deg: float, rng: Generator
) -> None:
    """Put one thing at (x, y, z) metres: under snow where it lies, lit after sunset."""
    parts = lit_thing(site, prop, rng)
    if site.snow_lies and prop.kind not in ("campfire", "torch"):
        parts = snowed(parts)
    site.place(prop, parts, at, turn_deg)
    if site.dark:
        shine(site, prop.kind, at, turn_deg)


def shine(site: Site, kind: Kind, at: tuple[float, float, float], turn_deg: float) -> None:
    """Let what burns or shines light its surroundings."""
    if kind in _SHINES and len(site.lamps) < MOST_LIGHTS:
        place, intensity = _SHINES[kind]
        site.lamps.append(Lamp(turned(place, at, turn_deg), intensity))


def turned(place: Vector, at: Vector, turn_deg: float) -> tuple[float, float, float]:
    """Return where a place on a thing is (x, y, z) that stands ``at``, turned about +Z."""
    (x, y, z), (c, s) = place, (np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg)))
    return float(at[0] + c * x - s * y), float(at[1] + s * x + c * y), float(at[2] + z)


def lit_thing(site: Site, prop: Prop, rng: Generator, lit: float = 0.6) -> Parts:
    """Return a thing that stands by itself, with the lights of the hour.

    ``lit`` is the share of windows with light in them.
    """
    parts = torch.on_post(prop, rng) if prop.kind == "torch" else thing(prop, rng)
    if not site.dark:
        if "glow" in parts:
            parts["glass:white"] = parts.pop("glow")
        return parts
    if "pane" in parts:
        panes = parts.pop("pane")
        burns = rng.random(len(panes)) < lit
        parts["lit"] = [pane for pane, on in zip(panes, burns, strict=True) if on]
        parts["pane"] = [pane for pane, on in zip(panes, burns, strict=True) if not on]
    return parts


def _foot(land: Terrain, place: Place) -> float:
    """Return the height of the ground under a thing: the lowest, so that it nowhere floats."""
    if place.prop.kind in _SPANS:
        return land.spot(place.x, place.y)
    turn, r = np.linspace(0, 2 * np.pi, 9), 0.6 * place.radius
    around = land.height(place.x + r * np.cos(turn), place.y + r * np.sin(turn))
    return float(max(land.spot(place.x, place.y) - _SUNK, around.min()))


def apart(places: Sequence[Place], least: float = 0.5) -> Keep:
    """Return what keeps plants out of things."""

    def keep(spots: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        good = np.ones(len(spots), bool)
        for place in places:
            gap = np.linalg.norm(spots[:, :2] - [place.x, place.y], axis=1)
            good &= gap > 0.85 * place.radius + least
        return good

    return keep


def outlook(
    land: Terrain, subject: tuple[float, float], eye: tuple[float, float], kind: Kind | None,
    room: float, fov_y_deg: float = 50.0, rise: float = 1.9,
) -> Stand:  # fmt: skip
    """Return a stand on the ground that looks at the middle of a thing."""
    high = 0.45 * height_of(kind) if kind else 1.5
    return Stand(
        np.array([*eye, land.spot(*eye) + rise]), np.array([*subject, land.spot(*subject) + high]),
        room, fov_y_deg,
    )  # fmt: skip
