"""Ground, plants, water and props that a text speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from scenegen.worlds.reading.lexicon import places
from scenegen.worlds.reading.mentions import Mention, Read
from scenegen.worlds.spec import (
    Density,
    Ground,
    Kind,
    Plant,
    Prop,
    Relief,
    Setting,
    Terrain,
    Vegetation,
    Water,
)

MOST = 60
"""So many of a kind are counted at most."""

_TREES: tuple[Plant, ...] = ("pine", "broadleaf", "birch", "palm", "cypress", "dead tree")
_INDOORS: frozenset[Setting] = frozenset({"room", "dungeon"})
_OF_HOUSES = frozenset({"door", "window", "picture"})
"""What houses outside have anyway."""

_FEW = 10
"""So many plants are some of them; fewer are sparse."""
_OF_PLANTS = frozenset(places.OF_PLANTS.split())
_FIRE: dict[str, Kind] = {"room": "fireplace", "dungeon": "torch"}


class Scene:
    """Reads the things of a text; ``choices`` has what was decided, ``heard`` what is not made."""

    def __init__(self, read: Read, said: dict[int, str], setting: Setting) -> None:
        self._read, self._said, self.setting = read, said, setting
        self.choices: list[str] = []
        self.heard: list[str] = []

    def terrain(self, snow_cover: bool | None) -> Terrain:
        """Return the ground."""
        own = [
            one
            for one in self._read.mentions
            if not one.denied and (one.modifier or one.weight > 0.45)
        ]
        relief = next(_values(own, "relief"), None)
        ground = next(_values(own, "ground"), None)
        return Terrain(
            relief=cast("Relief | None", relief),
            ground=cast("Ground | None", ground),
            snow_cover=snow_cover,
        )

    def water(self) -> Water | None:
        """Return the water: that which is named before that which a beach implies."""
        told = [one for one in self._read.mentions if one.item.of("water")]
        there = [one for one in told if not one.denied]
        named = [one for one in there if self._name(one) != "water"]
        if not named and there and self.setting == "coast":
            return "sea"
        there = named or there
        plain = [one for one in there if not one.item.of("setting")]
        values = list(dict.fromkeys(_values(plain or there, "water")))
        sea = self.setting == "coast" and "sea" in _values(there, "water")
        if not values:
            return "none" if told else None
        best = "sea" if sea and values[0] not in ("lake", "pond") else values[0]
        for one in plain:
            value = next(_values([one], "water"))
            if value != best:
                self.choices.append(f"waters: {self._name(one)!r} is left out for the {best}")
        return cast("Water", best)

    def vegetation(self) -> Vegetation:
        """Return what grows, and what does not."""
        kinds: dict[Plant, None] = {}
        without: dict[Plant, None] = {}
        density: str | None = None
        bare = False
        for one in self._read.mentions:
            plant, group = one.item.of("plant"), one.item.of("plants")
            if not (plant or group):
                outside = one.item.of("setting") and self.setting not in _INDOORS
                told = one.value("density") if outside else None
                density = density or (told if not one.denied else None)
            elif one.denied:
                absent = (cast("Plant", plant.value),) if plant else _TREES
                if group and group.value == "plants":
                    bare = True
                else:
                    without |= dict.fromkeys(absent)
            else:
                if plant:
                    kinds[cast("Plant", plant.value)] = None
                density = self._density(one) or density
        density = density or self._loose_density()
        bare = bare or density == "none"
        if bare and kinds:
            self.choices.append(f"no vegetation, but {', '.join(kinds)}: sparse")
        if bare:
            density = "sparse" if kinds else "none"
        return Vegetation(
            density=cast("Density | None", density),
            kinds=tuple(kinds),
            without=tuple(kind for kind in without if kind not in kinds),
        )

    def _loose_density(self) -> str | None:
        """Return the density that a word states which speaks of plants by itself."""
        for item in self._read.loose if self.setting not in _INDOORS else ():
            sense = item.of("density")
            if sense and self._said[item.start] in _OF_PLANTS:
                return sense.value
        return None

    def _density(self, one: Mention) -> str | None:
        number = one.value("number")
        stated = one.value("density")
        wide = one.item.of("setting") or one.item.of("ground")
        if number is None and (wide or one.modifier or not one.one):
            return stated
        if number is not None:
            self.choices.append(
                f"{number} of {self._name(one)!r}: a world counts only things, no plants"
            )
        return stated or ("sparse" if float(number or 1) < _FEW else "some")

    def props(self) -> tuple[Prop, ...]:
        """Return the things, each once."""
        found: list[dict[str, Any]] = []
        for one in self._read.mentions:
            kind = self._kind(one)
            if kind is None:
                self._part(one, found)
            elif one.modifier and self._names_prop(one):
                self.heard.append(self._name(one))
            else:
                self._enter(found, one, kind)
        return tuple(Prop(**stated) for stated in _unique(found))

    def _kind(self, one: Mention) -> Kind | None:
        sense = one.item.of("prop")
        if sense is None:
            if one.item.of("fire"):
                return None if one.denied else _FIRE.get(self.setting, "campfire")
            return None
        kind = cast("Kind", sense.value)
        if kind in _OF_HOUSES and self.setting not in {*_INDOORS, "temple ruin"}:
            self.heard.append(self._name(one))
            return None
        if kind in ("wall", "house") and self.setting == "room":
            self.heard.append(self._name(one))
            return None
        return kind

    def _names_prop(self, one: Mention) -> bool:
        """Whether the thing that follows a modifier is a prop, so that it is not one itself."""
        mentions = self._read.mentions
        place = mentions.index(one) + 1
        return place < len(mentions) and mentions[place].item.of("prop") is not None

    def _part(self, one: Mention, found: list[dict[str, Any]]) -> None:
        """Give the colour of a roof to its house."""
        if not one.item.of("part"):
            return
        said = {name: value for name in ("color", "material") if (value := one.value(name))}
        if said and found and found[-1].get("count") != 0:
            found[-1] |= {name: value for name, value in said.items() if name not in found[-1]}
        else:
            self.heard.append(self._name(one))

    def _enter(self, found: list[dict[str, Any]], one: Mention, kind: Kind) -> None:
        stated: dict[str, Any] = {"kind": kind}
        if one.denied:
            if not any(prop["kind"] == kind and prop.get("count") != 0 for prop in found):
                found.append({**stated, "count": 0})
            else:
                self.choices.append(f"{kind} is named and denied: it is there")
            return
        implied = one.item.of("setting") is not None  # the houses of a village
        stated |= {} if implied else self._stated(one, kind)
        before = next((prop for prop in reversed(found) if prop["kind"] == kind), None)
        if before is None or (implied and before.get("count") != 0):
            found += [] if before else [stated]
        elif before.get("count") == 0:
            found[found.index(before)] = stated
            self.choices.append(f"{kind} is named and denied: it is there")
        elif one.definite or set(stated) == {"kind"} or set(before) == {"kind"}:
            before |= {name: value for name, value in stated.items() if name not in before}
        else:
            found.append(stated)

    def _stated(self, one: Mention, kind: Kind) -> dict[str, Any]:
        """Return how many they are, of which colour and of what."""
        stated: dict[str, Any] = {}
        number = one.value("number")
        if number is not None:
            stated["count"] = self._count(float(number), kind)
        elif (one.one or one.definite) and not (one.plural or one.value("many")):
            stated["count"] = 1
        stated |= {name: value for name in ("color", "material") if (value := one.value(name))}
        return stated

    def _count(self, number: float, kind: Kind) -> int:
        if number > MOST or number != int(number):
            self.choices.append(f"{number:g} of {kind}: {min(MOST, int(number))}")
        return min(MOST, int(number))

    def _name(self, one: Mention) -> str:
        return self._said[one.item.start]


def _values(mentions: Sequence[Mention], field: str) -> Iterator[str]:
    for one in mentions:
        sense = one.item.of(field)
        if sense is not None:
            yield sense.value


def _unique(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the props, those of the same kind, material and colour in one."""
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for stated in found:
        key = (stated["kind"], stated.get("material"), stated.get("color"))
        if key in merged:
            counts = [merged[key].get("count"), stated.get("count")]
            known = [count for count in counts if count is not None]
            merged[key]["count"] = min(MOST, sum(known)) if len(known) == 2 else None
        else:
            merged[key] = dict(stated)
    return list(merged.values())
