"""Where the spec's buildings and things stand outdoors: before the camera, never two on a spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from scenegen.worlds import things
from scenegen.worlds.growth import Keep
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Prop
from scenegen.worlds.terrain import Terrain
from scenegen.worlds.world import Lamp, placed

RADIUS: dict[str, float] = {
    "house": 8.0,
    "church": 14.0,
    "tower": 6.0,
    "castle": 24.0,
    "barn": 9.0,
    "windmill": 7.0,
    "lighthouse": 6.0,
    "bridge": 10.0,
    "wall": 5.0,
    "arch": 4.0,
    "stairs": 3.5,
    "pier": 10.0,
    "well": 1.5,
    "fountain": 3.0,
    "tent": 2.5,
    "boat": 2.6,
    "cart": 2.0,
    "stall": 2.0,
    "column": 1.0,
    "statue": 1.0,
}
"""About how far a thing reaches from its middle, in metres."""

_INSIDE = (
    "table",
    "chair",
    "armchair",
    "sofa",
    "bed",
    "bookshelf",
    "fireplace",
    "rug",
    "picture",
    "door",
    "window",
)


@dataclass(frozen=True)
class Stood:
    """A thing that stands at (x, y, z)."""

    prop: Prop
    at: tuple[float, float, float]


Open = Callable[[float, float, float], bool]
"""Whether a thing of a radius may stand at (x, y)."""


def put_props(
    site: Site,
    land: Terrain,
    eye: Sequence[float],
    toward: Sequence[float],
    fits: Open,
    skip: Sequence[str] = (),
) -> list[Stood]:
    """Put what the spec names around the way from ``eye`` to ``toward``; returns what stands."""
    stood: list[Stood] = []
    for prop in site.spec.props:
        if prop.kind in skip:
            continue
        if (prop.kind in _INSIDE and prop.kind not in ("table", "chair")) or not things.known(
            prop.kind
        ):
            site.ignored.append(f"{prop.kind} in the open")
            continue
        for k in range(1 if prop.count is None else prop.count):
            spot = _spot(site, prop, k, eye, toward, fits, stood)
            if spot is None:
                site.ignored.append(f"one more {prop.kind}: there is no room")
                continue
            x, y = spot
            at = (x, y, _foot(land, x, y, RADIUS.get(prop.kind, 0.7)))
            rng = site.seeds(f"{prop.kind} {prop.color} {prop.material} {k}")
            turn = float(np.degrees(np.arctan2(eye[0] - x, y - eye[1])) + rng.uniform(-25, 25))
            site.put(placed(things.thing(prop, rng), at, turn))
            stood.append(Stood(prop, at))
            if prop.kind in ("campfire", "torch", "lamp") and len(site.lamps) < 10:
                site.lamps.append(Lamp((x, y, at[2] + 1.0), (1.2, 0.6, 0.25)))
    return stood


def clear_of(stood: Sequence[Stood]) -> Keep:
    """Return which places no thing stands on."""

    def keep(places: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        free = np.ones(len(places), bool)
        for one in stood:
            away = np.hypot(places[:, 0] - one.at[0], places[:, 1] - one.at[1])
            free &= away > 0.4 + RADIUS.get(one.prop.kind, 0.7)
        return free

    return keep


def _foot(land: Terrain, x: float, y: float, radius: float) -> float:
    """Return the lowest ground under a thing, so that it nowhere floats."""
    turn = np.linspace(0, 2 * np.pi, 9)
    r = 0.6 * radius
    around = land.height(x + r * np.cos(turn), y + r * np.sin(turn))
    return float(min(around.min(), land.spot(x, y)))


def _spot(
    site: Site,
    prop: Prop,
    index: int,
    eye: Sequence[float],
    toward: Sequence[float],
    fits: Open,
    stood: list[Stood],
) -> tuple[float, float] | None:
    rng = site.seeds(f"spot {prop.kind} {prop.color} {prop.material} {index}")
    radius = RADIUS.get(prop.kind, 0.7)
    ahead = np.arctan2(toward[1] - eye[1], toward[0] - eye[0])
    first = index == 0 and prop.kind == site.spec.subject
    for attempt in range(120):
        away = (8.0 + 2.6 * radius) * rng.uniform(1.0, 1.7 + 0.02 * attempt)
        aside = rng.uniform(-0.5, 0.5) * (0.25 if first else 1.0) * (1 + 0.012 * attempt)
        x = eye[0] + away * np.cos(ahead + aside)
        y = eye[1] + away * np.sin(ahead + aside)
        apart = all(
            np.hypot(x - other.at[0], y - other.at[1]) > radius + RADIUS.get(other.prop.kind, 0.7)
            for other in stood
        )
        if apart and fits(float(x), float(y), radius):
            return float(x), float(y)
    return None
