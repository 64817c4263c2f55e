"""What a reader tells of a text besides the spec: all that no field came of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scenegen.worlds.reading.match import Item, Matched
from scenegen.worlds.reading.mentions import Read
from scenegen.worlds.reading.senses import Sense, closed
from scenegen.worlds.reading.sky import fits
from scenegen.worlds.reading.words import Word
from scenegen.worlds.spec import SETTINGS, Kind, Setting

_MOST_TOLD = 12
_MADE = ("prop", "part", "fire")


def text_of(words: Sequence[Word], item: Item) -> str:
    """Return the words of an item as they were written."""
    return " ".join(word.text for word in words[item.start : item.end]).lower()


def things_not_made(words: Sequence[Word], matched: Matched) -> tuple[list[int], list[str]]:
    """Return the places of words that only hint at a setting, and the qualities among them."""
    unknown: list[int] = []
    heard: list[str] = []
    for item in matched.items:
        if {sense.field for sense in item.senses} != {"hint"}:
            continue
        for at in range(item.start, item.end):
            phrase = (words[at].lemma,)
            if phrase in closed("QUALITY"):
                heard.append(words[at].text)
            elif phrase not in closed("FUNCTION"):
                unknown.append(at)
    return unknown, heard


def without_effect(read: Read, said: dict[int, str]) -> Iterator[str]:
    """Yield the colours, materials and numbers that were said of what has none."""
    for item in read.loose:
        if {sense.field for sense in item.senses} <= {"color", "material", "number", "hint"}:
            yield said[item.start]
    for mention in read.mentions:
        fields = {sense.field for sense in mention.item.senses}
        for name, items in mention.said.items():
            made = name in ("color", "material", "number") and fields & set(_MADE)
            made = made or (name in ("density", "number") and fields & {"plant", "plants"})
            made = made or (name == "density" and "setting" in fields)
            if not made and name in ("color", "material", "number", "density"):
                yield from (said[item.start] for item in items)


def guesses(matched: Matched, said: dict[int, str]) -> Iterator[str]:
    """Yield what was taken by its meaning."""
    for item in matched.items:
        if item.guessed:
            yield f"{said[item.start]!r} is taken for {item.guessed!r}, by its meaning"


def likenesses(read: Read, said: dict[int, str], setting: Setting) -> Iterator[str]:
    """Yield what is only made like it."""
    for mention in read.mentions:
        if mention.denied or mention.item.guessed:
            continue
        for sense in mention.item.senses:
            field = sense.field in ("prop", "plant", "water", "weather")
            if sense.near and (field or (sense.field == "setting" and sense.value == setting)):
                yield f"{said[mention.item.start]!r} is made as {sense.value}"
                break


def without_field(
    read: Read, said: dict[int, str], stated: dict[str, Any], told: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the words of which no field of what is ``stated`` came: the said and the denied.

    What one of the choices ``told`` speaks of is none of them.
    """
    there: list[str] = []
    denied: list[str] = []
    for mention in read.mentions:
        word = said[mention.item.start]
        fields = {sense.field for sense in mention.item.senses}
        spoken = any(repr(word) in choice for choice in told) or fields == {"hint"}
        if spoken or any(_used(sense, stated, mention.denied) for sense in mention.item.senses):
            continue
        (denied if mention.denied else there).append(word)
    return there, denied


def _used(sense: Sense, stated: dict[str, Any], denied: bool) -> bool:
    """Say whether a meaning is in what is stated, or that it is not there."""
    name, value = sense.field, sense.value
    props = {prop.kind: prop.count for prop in stated["props"]}
    grows = stated["vegetation"]
    if name in ("part", "fire"):
        return True  # told by the scene where nothing comes of it
    if name == "prop":
        return value in props and (props[value] == 0) == denied
    if name == "plant":
        return value in (grows.without if denied else grows.kinds) or grows.density == "none"
    if name == "plants":
        return not denied or grows.density == "none" or bool(grows.without)
    if name in ("relief", "ground"):
        return not denied and getattr(stated["terrain"], name) == value
    if name == "snow":
        return stated["terrain"].snow_cover is not denied
    if name == "weather" and value == "snow" and denied:
        return stated["terrain"].snow_cover is False
    if name == "time" and not denied:
        return fits(value, stated["time"])
    if denied and name in ("season", "time", "mood"):
        return False
    return name in stated and (stated[name] == value) != denied


def heard_said(heard: Sequence[str]) -> Iterator[str]:
    """Yield which qualities of things were heard although nothing comes of them."""
    if heard:
        listed = ", ".join(repr(word.lower()) for word in dict.fromkeys(heard))
        yield f"heard, but a world has no word for it: {listed}"


def absent_anyway(
    words: Sequence[Word], unknown: Sequence[int], denied: Sequence[bool]
) -> Iterator[str]:
    """Yield the unknown words that are denied: they are not there, as was asked."""
    for at in unknown:
        if denied[at]:
            yield f"no {words[at].text.lower()!r}: a world has none"


def subject_of(matched: Matched, span: tuple[int, int] | None) -> Kind | None:
    """Return the thing that is named first between two words."""
    for item in matched.items if span else ():
        sense = item.of("prop")
        if span and span[0] <= item.start < min(span[1], span[0] + 6) and sense:
            return sense.value  # pyright: ignore[reportReturnType]
    return None


def nothing_said(words: Sequence[Word], unknown: Sequence[int]) -> str:
    """Return the message for a text that says nothing of a world."""
    strange = dict.fromkeys(words[at].text.lower() for at in unknown)
    listed = ", ".join(repr(word) for word in list(strange)[:_MOST_TOLD])
    more = ", ..." if len(strange) > _MOST_TOLD else ""
    told = f" (not understood: {listed}{more})" if listed else ""
    foreign = any(not words[at].plain.isascii() for at in unknown)
    return (
        "sentence: expected the description of a place"
        f"{', in English' if foreign else ''}, found none{told}; "
        f"name a setting: {', '.join(SETTINGS[:-1])} or {SETTINGS[-1]}"
    )
