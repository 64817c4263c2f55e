"""What the gentle lands have in common: shape, water, what stands there, and the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from scenegen.worlds.growth import Keep
from scenegen.worlds.noise import fractal, smoothstep
from scenegen.worlds.placing import (
    Place,
    apart,
    facing,
    height_of,
    outlook,
    plan,
    plots,
    radius_of,
)  # fmt: skip
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Kind, Prop, Relief
from scenegen.worlds.streams import Pool, Stream, Waters, clear, waters
from scenegen.worlds.terrain import Terrain, terrain
from scenegen.worlds.world import Stand

EXTENT = 2000.0

_HILLS: dict[Relief, tuple[float, float]] = {
    "flat": (0.4, 0.1), "rolling": (1.0, 1.0), "hilly": (1.8, 2.0), "mountainous": (2.4, 7.0),
}  # fmt: skip
"""How much higher than usual the near and the far land is."""


@dataclass(frozen=True)
class Country:
    """A land with all that stands on it, before anything grows. The subject is at the origin."""

    land: Terrain
    places: tuple[Place, ...]
    water: Waters | None
    eye: tuple[float, float]
    stand: Stand

    @property
    def middle(self) -> tuple[float, float]:
        """Where the ground and what grows on it is finest: before the eye, towards the subject."""
        back = float(np.hypot(*self.eye))
        share = max(0.0, 1 - 15.0 / back)
        return self.eye[0] * share, self.eye[1] * share

    def open(self, wide: float, clearing: float, least: float = 0.5) -> Keep:
        """Return what keeps plants out of water, things, the clearing, the eye and the view."""
        dry, free = clear(self.water, 1.2), apart(self.places, least)
        eye = np.array(self.eye)
        ahead = -eye / np.linalg.norm(eye)
        far = float(np.linalg.norm(eye))

        def keep(spots: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
            out = spots[:, :2] - eye
            along, aside = out @ ahead, np.abs(out[:, 0] * ahead[1] - out[:, 1] * ahead[0])
            lane = (along > -wide) & (along < far) & (aside < wide * (0.6 + 0.4 * along / far))
            middle = np.hypot(spots[:, 0], spots[:, 1]) < clearing
            return dry(spots) & free(spots) & ~lane & ~middle

        return keep


def shape_of(site: Site, near: float, far: float, wave: float) -> Terrain:
    """Return rolling land: waves ``near`` metres high at hand, hills of ``far`` metres beyond."""
    rng = site.seeds("land")
    px = 512 / (2 * EXTENT)
    low, high = _HILLS[site.spec.terrain.relief or "rolling"]
    broad = fractal((512, 512), px, rng, 2.6, 900.0)
    ridge = 1 - np.abs(fractal((512, 512), px, rng, 2.5, 600.0))
    ways = rng.normal(0, 1.0, (9, 2)) / wave
    phase = rng.uniform(0, 2 * np.pi, 9)

    def shape(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        waves = sum(np.sin(w[0] * x + w[1] * y + p) for w, p in zip(ways, phase, strict=True)) / 3.0
        level = sum(np.sin(p) for p in phase) / 3.0
        away = np.hypot(x, y)
        rise = smoothstep(150, 1500, away)
        hills = far * high * rise * (0.55 + 0.35 * broad + 0.55 * ridge)
        return near * low * (waves - level) * smoothstep(4, 60, away) + hills

    return terrain(shape, EXTENT, rng, roughness_m=0.07, worn=20 if far * high > 60 else 0)


def settle(
    site: Site, land: Terrain, props: Sequence[Prop], distance: float,
    fixed: Sequence[Place] = (), swing_deg: float = 14.0, beside: float = 15.0,
) -> Country:  # fmt: skip
    """Return the country with its things placed: the first at the origin, the rest around it.

    ``distance`` is how far the eye is from a small subject; it backs off from larger ones.
    ``fixed`` are places that the setting chose, the subject's first.
    """
    rng, piers = site.seeds("places"), [prop for prop in props if prop.kind == "pier"]
    props = [prop for prop in props if prop.kind != "pier"]
    everything = [*(place.prop for place in fixed), *props]
    kind = everything[0].kind if everything else None
    back = distance + (1.25 * radius_of(kind) + 0.55 * height_of(kind) if kind else 0.0)
    turn = np.radians(-90.0 + swing_deg * float(rng.uniform(-1, 1)))
    eye = (float(back * np.cos(turn)), float(back * np.sin(turn)))
    crossed = any(prop.kind == "bridge" for prop in everything)
    aside = 0.0 if kind == "bridge" else beside
    pool = waters(site, rng, land.spot(0, 0) - 0.7, crossed, aside)
    if isinstance(pool, Stream) and kind == "bridge":
        south = -17.0
        eye = (float(pool.middle(np.array(south))) + pool.half + 3.5, south)
    if pool is not None:
        land = replace(land, dug=(*land.dug, pool.dig))
    places = list(fixed)
    if not places and props:
        places = [Place(props.pop(0), 0.0, 0.0, facing(0, 0, eye) + _slant(kind, rng))]
    if isinstance(pool, Stream) and crossed and kind != "bridge":
        at = next(k for k, prop in enumerate(props) if prop.kind == "bridge")
        places.append(Place(props.pop(at), pool.x, 0.0, 0.0))
    if isinstance(pool, Pool) and pool.radius > 20 and piers:
        places.append(_pier(pool, piers[0]))
    dry = clear(pool, 2.5)
    places = plan(props, land, (0.0, 0.0), eye, lambda at, _: dry(at), rng, places)
    land = plots(land, places)
    stand = outlook(land, (0.0, 0.0), eye, kind, min(14.0, 0.6 * back))
    return Country(land, tuple(places), pool, eye, stand)


def _pier(pool: Pool, prop: Prop) -> Place:
    """Return where a pier runs into a lake: from the shore before the subject to its middle."""
    way = -np.array([pool.x, pool.y]) / np.hypot(pool.x, pool.y)
    far = np.linspace(0.5, 1.5, 200) * pool.radius
    out = pool.outside(pool.x + far * way[0], pool.y + far * way[1])
    x, y = np.array([pool.x, pool.y]) + far[int(np.argmax(out > 0.6))] * way
    return Place(prop, float(x), float(y), float(np.degrees(np.arctan2(-way[0], way[1]))))


def _slant(kind: Kind | None, rng: np.random.Generator) -> float:
    """Return how far the subject is turned away: a corner shows more of a building."""
    if kind == "bridge":
        return 0.0
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(18, 34))
