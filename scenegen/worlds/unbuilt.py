"""What of a spec a world has not: compared once it is built, and told in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from scenegen.worlds.spec import (
    Density,
    Ground,
    Kind,
    Plant,
    Prop,
    Relief,
    Setting,
    Water,
    WorldSpec,
)
from scenegen.worlds.world import Parts

_NATURAL: Mapping[str, tuple[str, ...]] = {
    "stone": ("stone", "limestone", "rock"), "plaster": ("plaster", "limewash"),
    "glass": ("glass", "pane"), "wood": ("wood", "bark"), "brick": ("brick",),
    "marble": ("marble",), "metal": ("metal",), "cloth": ("cloth", "rug"),
}  # fmt: skip
"""Names in stock of what a material of the spec may be."""

_OWN_COLORS: Mapping[str, tuple[str, ...]] = {
    "grey": ("stone", "rock", "metal"), "brown": ("wood", "bark"), "red": ("brick", "roof"),
    "white": ("marble", "plaster", "limewash", "limestone", "birch"), "orange": ("clay", "flame"),
}  # fmt: skip
"""What has a colour without being painted."""

_SEVERAL: Mapping[Kind, str] = {"bookshelf": "bookshelves", "stairs": "stairs"}


@dataclass(frozen=True)
class Stood:
    """A thing that stands in a world, ``at`` metres; its top is ``high`` metres above that.

    ``unseen`` are words of its prop that show nowhere on it.
    """

    prop: Prop
    at: tuple[float, float, float]
    high: float
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """The words about land and hour that a setting follows; others are told as not built.

    ``daylight`` is whether time, season and weather come in; ``snow`` whether snow can lie, and
    ``sky`` whether rain and snow fall there.
    """

    relief: Collection[Relief] = get_args(Relief)
    ground: Collection[Ground] = ("grass", "soil", "sand", "rock", "snow")
    density: Collection[Density] = get_args(Density)
    snow: bool = True
    daylight: bool = True
    sky: bool = True


@dataclass
class Had:
    """What a world has of what a spec can ask for, noted while it is built.

    ``buried`` is whether snow hides the ground.
    """

    stood: list[Stood] = field(default_factory=list)
    grown: set[Plant] = field(default_factory=set)
    water: Water = "none"
    buried: bool = False


def unseen(prop: Prop, parts: Parts) -> tuple[str, ...]:
    """Return the words of a prop, its material and colour, that show on none of its parts."""
    names = [name.partition(":") for name, meshes in parts.items() if meshes]
    bases = {base for base, _, _ in names}
    told: list[str] = []
    if prop.material and not bases & set(_NATURAL[prop.material]):
        told.append(prop.material)
    natural = bases & set(_OWN_COLORS.get(prop.color or "", ()))
    if prop.color and not natural and prop.color not in {color for _, _, color in names}:
        told.append(prop.color)
    return tuple(told)


def unbuilt(spec: WorldSpec, scope: Scope, had: Had) -> list[str]:
    """Return what a spec states and its world has not, in words."""
    where = where_of(spec.setting)
    return [*_land(spec, scope, had, where), *_growth(spec, scope, had, where),
            *_hour(spec, scope, where), *_props(spec, had.stood, where)]  # fmt: skip


def _land(spec: WorldSpec, scope: Scope, had: Had, where: str) -> list[str]:
    land, told = spec.terrain, []
    if land.relief and land.relief not in scope.relief:
        told.append(f"{land.relief} land {where}")
    if land.ground and land.ground not in scope.ground:
        told.append(f"ground of {land.ground} {where}")
    elif land.ground not in (None, "snow") and had.buried:
        told.append(f"ground of {land.ground}: snow lies on it")
    if land.snow_cover and not scope.snow:
        told.append(f"snow that lies {where}")
    if spec.water and spec.water != had.water:
        other = "" if had.water == "none" else f": it has a {had.water}"
        told.append(f"{'no water' if spec.water == 'none' else f'a {spec.water}'} {where}{other}")
    return told


def _growth(spec: WorldSpec, scope: Scope, had: Had, where: str) -> list[str]:
    words, told = spec.vegetation, []
    if words.density and words.density not in scope.density:
        told.append(f"{words.density} plants {where}")
    if words.density == "none":
        return [*told, *(f"no {kind} {where}" for kind in sorted(had.grown))]
    told += [f"{kind} {where}" for kind in words.kinds
             if kind not in had.grown and kind not in words.without]  # fmt: skip
    return [*told, *(f"no {kind} {where}" for kind in words.without if kind in had.grown)]


def _hour(spec: WorldSpec, scope: Scope, where: str) -> list[str]:
    words = (spec.time, spec.season, spec.weather) if not scope.daylight else ()
    return [f"{word} {where}" for word in words if word]


def _props(spec: WorldSpec, stood: Sequence[Stood], where: str) -> list[str]:
    """Return the things that are missing, that are there against the spec, or look otherwise."""
    told: list[str] = []
    for prop in spec.props:
        found = [one for one in stood if _key(one.prop) == _key(prop)]
        wanted = 1 if prop.count is None else prop.count
        if not found and wanted:
            told.append(f"{named(prop)} {where}")
        elif len(found) < wanted:
            told.append(f"{wanted - len(found)} of {named(prop)}: there is no room")
        words = dict.fromkeys(word for one in found for word in one.unseen)
        told += [f"{word} on {named(Prop(kind=prop.kind))}" for word in words]
    kinds: dict[Kind, None] = dict.fromkeys([prop.kind for prop in spec.props])
    for kind in kinds:
        counts = [prop.count for prop in spec.props if prop.kind == kind]
        there = sum(one.prop.kind == kind for one in stood)
        most = sum(count or 0 for count in counts)
        if None not in counts and there > most:
            told.append(f"only {most or 'no'} {several(kind)} {where}: it has {there}")
    return told


def where_of(setting: Setting) -> str:
    """Return where something is that is in a setting: ``on a coast``."""
    near = "on" if setting in ("coast", "plaza") else "in"
    return f"{near} an {setting}" if setting[0] in "aeiou" else f"{near} a {setting}"


def named(prop: Prop) -> str:
    """Return a prop in words: ``3 red boats``, ``a stone bridge``."""
    words = " ".join(word for word in (prop.color, prop.material) if word)
    if prop.count is not None and prop.count != 1:
        return " ".join(f"{prop.count} {words} {several(prop.kind)}".split())
    thing = f"{words} {prop.kind}".strip()
    if thing.endswith("s") and prop.kind == "stairs":
        return thing
    return f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"


def several(kind: Kind) -> str:
    """Return the plural of a kind."""
    return _SEVERAL.get(kind) or (f"{kind}es" if kind.endswith(("ch", "x")) else f"{kind}s")


def _key(prop: Prop) -> tuple[str | None, ...]:
    return prop.kind, prop.material, prop.color
