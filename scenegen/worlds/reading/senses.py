"""The lexicon, turned around: from a phrase to what it can mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from scenegen.worlds.reading.lexicon import air, grammar, moves, places, things
from scenegen.worlds.reading.words import lemmas

LONGEST = 5
"""Words in the longest phrase."""

Phrase = tuple[str, ...]

TABLES: Mapping[str, Mapping[str, str]] = {
    "setting": places.SETTING,
    "hint": places.HINT,
    "relief": places.RELIEF,
    "ground": places.GROUND,
    "water": places.WATER,
    "plant": places.PLANT,
    "plants": places.PLANTS,
    "density": places.DENSITY,
    "prop": things.PROP,
    "fire": {"fire": things.FIRE},
    "part": {"part": things.PART},
    "fitting": {"fitting": things.FITTING},
    "material": things.MATERIAL,
    "color": things.COLOR,
    "many": {"many": things.MANY},
    "time": air.TIME,
    "season": air.SEASON,
    "weather": air.WEATHER,
    "snow": {"snow": air.SNOW_COVER},
    "mood": air.MOOD,
    "state": {mood: word for word, mood in air.STATE.items()},
}
"""Field, value, and the phrases for it."""


@dataclass(frozen=True)
class Sense:
    """One thing that a phrase can mean."""

    field: str
    value: str
    near: bool = False
    """Whether it is only made like it."""


def phrases_of(listed: str) -> Iterator[tuple[Phrase, bool]]:
    """Yield the phrases of a list of the lexicon, and whether they are only near."""
    for phrase in re.split(r",\s*", listed):
        yield lemmas(phrase.removeprefix("~")), phrase.startswith("~")


@cache
def senses() -> Mapping[Phrase, tuple[Sense, ...]]:
    """Return what each phrase of the lexicon can mean."""
    found: dict[Phrase, dict[tuple[str, str], Sense]] = {}
    for name, table in TABLES.items():
        for value, listed in table.items():
            for phrase, near in phrases_of(listed):
                found.setdefault(phrase, {})[name, value] = Sense(name, value, near)
    for word, number in things.NUMBER.items():
        found.setdefault(lemmas(word), {})["number", ""] = Sense("number", str(number))
    return {phrase: tuple(meant.values()) for phrase, meant in found.items()}


@cache
def closed(name: str) -> frozenset[Phrase]:
    """Return a list of `lexicon.grammar` or `lexicon.moves` as phrases.

    Lists of single words are parted by blanks there, lists of phrases by commas.
    """
    listed = getattr(grammar, name, None) or getattr(moves, name)
    if "," in listed:
        return frozenset(phrase for phrase, _ in phrases_of(listed))
    return frozenset(lemmas(word) for word in listed.split())


@cache
def vocabulary() -> frozenset[str]:
    """Return every word that some list knows."""
    tables = [*moves.STRONG.values(), *moves.WEAK.values()]
    tables += [moves.CAMERA, *moves.SPEED.values(), *moves.DIRECTION.values()]
    tables += [*moves.TURN.values(), *moves.LENS.values(), moves.SHAKE]
    known = {word for phrase in senses() for word in phrase}
    known |= {word for listed in tables for phrase, _ in phrases_of(listed) for word in phrase}
    for name in ("FUNCTION", "FILLER", "QUALITY", "NEGATION", "REVOKED", "EXCEPTION"):
        known |= {word for phrase in closed(name) for word in phrase}
    return frozenset(known)
