"""Where furniture stands in a room: against walls or in the middle, never two on one spot."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from scenegen.worlds.placing import OUTSIDE
from scenegen.worlds.settings.base import Site
from scenegen.worlds.spec import Kind, Prop

At = tuple[float, float, float]


@dataclass(frozen=True)
class Place:
    """A thing, where it stands, and how far it is turned in degrees; 0 faces -Y."""

    prop: Prop
    at: At
    turn: float
    low: bool = False
    """Whether it is a table before a sofa."""


@dataclass
class Plan:
    """A room's furniture, in metres about the room's middle.

    ``side`` is where its windows are, 1 at +X and -1 at -X, and ``windows`` their middles along Y.
    ``taken`` are areas of the floor: x from, to, y from, to. ``lamp`` is where the lamp stands.
    """

    side: int
    half_x: float
    half_y: float
    windows: list[float]
    places: list[Place] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    lamp: tuple[float, float] = (0.0, 0.0)


_SIZE: dict[str, tuple[float, float]] = {
    "sofa": (2.2, 1.0),
    "armchair": (1.0, 1.0),
    "bed": (1.85, 2.25),
    "bookshelf": (1.3, 0.36),
    "fireplace": (2.1, 0.6),
    "chest": (1.05, 0.6),
    "table": (1.8, 1.0),
    "chair": (0.5, 0.5),
    "door": (1.25, 0.12),
    "barrel": (0.7, 0.7),
    "crate": (0.7, 0.5),
    "pot": (0.6, 0.6),
    "statue": (0.9, 0.9),
    "column": (1.0, 1.0),
    "bench": (2.0, 0.6),
}
"""Width and depth in metres of what stands on the floor."""

_SMALL = (0.8, 0.8)
"""Width and depth of all else."""

_NOT_HERE: tuple[Kind, ...] = (
    *OUTSIDE, "wall", "arch", "stairs", "well", "fountain", "cart", "campfire", "boulder",
)  # fmt: skip
"""What a room is too small for."""

_USUAL: dict[str, tuple[tuple[Kind, int], ...]] = {
    "bedroom": (
        ("bed", 1),
        ("chest", 1),
        ("bookshelf", 1),
        ("armchair", 1),
        ("rug", 1),
        ("picture", 2),
    ),
    "study": (
        ("table", 1),
        ("chair", 1),
        ("bookshelf", 4),
        ("armchair", 1),
        ("rug", 1),
        ("picture", 1),
    ),
    "dining": (
        ("table", 1),
        ("chair", 4),
        ("fireplace", 1),
        ("bookshelf", 1),
        ("picture", 2),
        ("rug", 1),
    ),
    "living": (
        ("fireplace", 1),
        ("sofa", 1),
        ("armchair", 2),
        ("table", 1),
        ("bookshelf", 2),
        ("rug", 1),
        ("picture", 2),
    ),
}


_SEVERAL: tuple[Kind, ...] = ("chair", "bookshelf")
"""What there are as many of as is usual, where the spec gives no number; else one."""


def use_of(site: Site) -> str:
    """Return what a room is for, by what stands in it."""
    kinds = {prop.kind for prop in site.spec.props if prop.count != 0}
    if "bed" in kinds:
        return "bedroom"
    if "bookshelf" in kinds and not kinds & {"sofa", "fireplace"}:
        return "study"
    return "dining" if "table" in kinds and not kinds & {"sofa", "armchair"} else "living"


def plan_of(site: Site, side: int, half_x: float, half_y: float) -> Plan:
    """Return a plan with everything that the spec names and what such a room usually has."""
    rng = site.seeds("plan")
    counts = {prop.kind: prop.count for prop in site.spec.props}
    want = counts.get("window")
    count = 2 if want is None else min(want, 4)
    span = 2 * half_y - 1.8
    windows = [-half_y + 0.9 + span * (k + 0.5) / count for k in range(count)]
    plan = Plan(side, half_x, half_y, windows)
    use = use_of(site)
    stated = [prop for prop in site.spec.props if prop.kind not in ("window", "lamp")]
    if "door" not in counts:
        stated.append(Prop(kind="door"))
    usual = [Prop(kind=kind, count=n) for kind, n in _USUAL[use] if kind not in counts]
    items: list[Prop] = []
    for prop in [*stated, *usual]:
        if prop.kind in _NOT_HERE:
            continue
        several = dict(_USUAL[use]).get(prop.kind, 1) if prop.kind in _SEVERAL else 1
        items += [prop] * (several if prop.count is None else prop.count)
    order = ["fireplace", "bed", "door", "sofa", "table", "chair", "armchair", "bookshelf", "chest"]
    items.sort(key=lambda prop: order.index(prop.kind) if prop.kind in order else len(order))
    for prop in items:
        _put(plan, prop, use, rng)
    _lamp(plan)
    return plan


def _put(plan: Plan, prop: Prop, use: str, rng: Generator) -> bool:
    """Find a place for a thing; say whether there is one."""
    side, y = plan.side, plan.half_y
    kind, had = prop.kind, [place for place in plan.places if place.prop.kind == prop.kind]
    middle = 0.9
    if kind == "rug":
        spots = [((0.0, middle, 0.0), 0.0), ((0.0, -2.2, 0.0), 90.0)][len(had) : len(had) + 1]
        plan.places += [Place(prop, *spot) for spot in spots]
        return bool(spots)
    if kind in ("picture", "torch"):
        return _hang(plan, prop)
    if kind == "fireplace" and not had:
        return _fits(plan, prop, [(0.0, y - 0.29, 0.0)])
    if kind == "bed" and not had:
        return _fits(plan, prop, [(-side * 0.5, y - 1.15, 0.0)])
    if use == "living":
        if kind == "sofa" and not had:
            return _fits(plan, prop, [(-side * 1.75, middle, side * 90.0)])
        if kind == "armchair":
            near = [
                (side * 1.35, middle + 0.75, -side * 75.0),
                (side * 1.35, middle - 0.75, -side * 105.0),
            ]
            return _fits(plan, prop, near[len(had) : len(had) + 1]) or _along(plan, prop, rng)
        if kind == "table" and not had:
            plan.places.append(Place(prop, (-side * 0.15, middle, 0.0), 90.0, low=True))
            plan.taken.append((-side * 0.15 - 0.4, -side * 0.15 + 0.4, middle - 0.7, middle + 0.7))
            return True
    if kind == "table" and not had:
        ahead, turn = (0.4, 90.0) if use == "dining" else (0.6, 0.0)
        return _fits(plan, prop, [(-side * 0.1, middle + ahead, turn)])
    if kind == "chair":
        return _at_table(plan, prop, len(had)) or _along(plan, prop, rng)
    return _along(plan, prop, rng)


def _at_table(plan: Plan, prop: Prop, index: int) -> bool:
    tables = [place for place in plan.places if place.prop.kind == "table"]
    if not tables or index >= 6:
        return False
    table = tables[0]
    spots = (
        ((0.0, 0.72, 0.0), (0.0, -0.72, 180.0))
        if table.turn == 0.0
        else (
            (-0.72, -0.42, 90.0),
            (0.72, -0.42, -90.0),
            (-0.72, 0.42, 90.0),
            (0.72, 0.42, -90.0),
            (0.0, 1.2, 0.0),
            (0.0, -1.2, 180.0),
        )
    )
    if index >= len(spots):
        return False
    dx, dy, turn = spots[index]
    wobble = ((index * 37) % 11 - 5) * 1.6
    plan.places.append(Place(prop, (table.at[0] + dx, table.at[1] + dy, 0.0), turn + wobble))
    return True


def _along(plan: Plan, prop: Prop, rng: Generator) -> bool:
    """Put a thing against a wall: the back's, or the one without windows, or between windows."""
    wide, deep = _SIZE.get(prop.kind, _SMALL)
    x, y, side = plan.half_x - deep / 2 - 0.04, plan.half_y - deep / 2 - 0.04, plan.side
    back = [
        (float(s), y, 0.0)
        for s in np.arange(-plan.half_x + wide / 2 + 0.1, plan.half_x - wide / 2, 0.25)
    ]
    blank = [
        (-side * x, float(s), side * 90.0)
        for s in np.arange(plan.half_y - wide / 2 - 0.1, -plan.half_y + wide / 2, -0.25)
    ]
    lit = [
        (side * x, float(s), -side * 90.0)
        for s in np.arange(plan.half_y - wide / 2 - 0.1, -plan.half_y + wide / 2, -0.25)
    ]
    if prop.kind in ("bookshelf", "door"):
        lit = [
            spot for spot in lit if all(abs(spot[1] - w) > 0.75 + wide / 2 for w in plan.windows)
        ]
    if prop.kind == "door":
        return _fits(plan, prop, [(-side * (plan.half_x - 0.03), -0.9, side * 90.0), *blank], 0.7)
    first = [back, blank] if rng.random() < 0.6 else [blank, back]
    return _fits(plan, prop, [*first[0], *first[1], *lit])


def _fits(
    plan: Plan, prop: Prop, spots: list[tuple[float, float, float]], front: float = 0.25
) -> bool:
    """Put a thing on the first spot (x, y, turn) that is free, ``front`` metres left before it."""
    wide, deep = _SIZE.get(prop.kind, _SMALL)
    for x, y, turn in spots:
        c, s = abs(np.cos(np.radians(turn))), abs(np.sin(np.radians(turn)))
        hx, hy = (wide * c + deep * s) / 2, (wide * s + deep * c) / 2
        ahead = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))]) * front
        low_x, high_x = x - hx + min(0, ahead[0]), x + hx + max(0, ahead[0])
        low_y, high_y = y - hy + min(0, ahead[1]), y + hy + max(0, ahead[1])
        area = (float(low_x), float(high_x), float(low_y), float(high_y))
        if not any(_overlap(area, other) for other in plan.taken):
            plan.places.append(Place(prop, (x, y, 0.0), turn))
            plan.taken.append((x - hx, x + hx, y - hy, y + hy))
            return True
    return False


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] - 0.02 and b[0] < a[1] - 0.02 and a[2] < b[3] - 0.02 and b[2] < a[3] - 0.02


def _hang(plan: Plan, prop: Prop) -> bool:
    """Hang a picture where no tall thing stands before the wall."""
    tall = [
        p
        for p in plan.places
        if p.prop.kind in ("bookshelf", "door", "fireplace", "picture", "torch", "column")
    ]
    side, x, y = plan.side, plan.half_x - 0.02, plan.half_y - 0.02
    spots = [
        (s, y, 0.0) for s in (-side * 2.1, side * 2.1, -side * 2.6, side * 2.6, 0.0, -side * 0.5)
    ]
    spots += [(-side * x, s, side * 90.0) for s in (0.9, 2.2, -2.6, 3.3, -3.4)]
    spots += [(0.0, -y, 180.0), (1.5, -y, 180.0), (-1.5, -y, 180.0)]
    for spot in spots:
        if all(np.hypot(spot[0] - p.at[0], spot[1] - p.at[1]) > 1.3 for p in tall):
            plan.places.append(Place(prop, (spot[0], spot[1], 1.7), spot[2]))
            return True
    return False


def _lamp(plan: Plan) -> None:
    spots = [
        (plan.side * s * (plan.half_x - 0.4), y)
        for y in (plan.half_y - 0.4, 2.4, 0.0, -1.5)
        for s in (1, -1)
    ]
    for x, y in spots:
        area = (x - 0.26, x + 0.26, y - 0.26, y + 0.26)
        if not any(_overlap(area, other) for other in plan.taken):
            plan.lamp = (x, y)
            return
