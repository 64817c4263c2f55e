"""Words of two meanings: which one it is, by what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scenegen.worlds.reading.senses import Sense, senses
from scenegen.worlds.reading.words import Word

_ARTICLES = {"a", "an", "the", "this", "that"}
_DAYTIMES = {"morning", "evening", "afternoon", "day", "night", "noon", "dawn", "dusk", "sunset"}
_PLACES = {"meadow", "forest", "valley", "garden", "flower", "rain", "storm", "field", "wood"}
_NOT_THINGS = {"color", "material", "number", "many", "density", "state", "mood"}


class Around:
    """What stands around the phrase at ``start`` and before ``end``."""

    def __init__(self, words: Sequence[Word], start: int, end: int) -> None:
        self.word = words[start]
        self.before = words[start - 1].lemma if start and not words[start].gap else ""
        two = start > 1 and self.before and not words[start - 1].gap
        self.second = words[start - 2].lemma if two else ""
        follows = words[end] if end < len(words) and not words[end].gap else None
        self.after = follows.lemma if follows else ""
        self.last = follows is None

    @property
    def thing_follows(self) -> bool:
        """Whether the next word is a thing, which this one then says something of."""
        meant = senses().get((self.after,), ())
        return any(sense.field not in _NOT_THINGS for sense in meant)


def _spring(near: Around) -> Sense | None:
    season = near.after in _DAYTIMES | _PLACES or near.before in {"in", "early", "late", "during"}
    season = season or near.second == "in" or not (near.before or near.after)
    source = near.word.plural or near.before in {"a", "hot", "the", "cold", "by", "clear"}
    if source and not season:
        return Sense("water", "pond", near=True)
    return Sense("season", "spring")


def _fall(near: Around) -> Sense | None:
    said = near.before in {"in", "early", "late", "during", "this"} or near.second == "in"
    if said or near.after in _DAYTIMES | _PLACES | {"tree", "leaf"}:
        return Sense("season", "autumn")
    return None


def _month(season: str) -> Callable[[Around], Sense | None]:
    def meant(near: Around) -> Sense | None:
        named = near.word.text[:1].isupper() or near.before in {"in", "early", "late"}
        dated = near.before in {"in", "early", "late"} or near.after in _DAYTIMES
        return Sense("season", season) if named and dated else None

    return meant


def decided(phrase: tuple[str, ...], meant: Sequence[Sense], near: Around) -> list[Sense]:
    """Return those of the meanings of a phrase that it can have where it stands."""
    if len(phrase) > 1:
        return list(meant)
    word, found = near.word.lemma, list(meant)
    if word in _SPECIAL:
        special = _SPECIAL[word](near)
        return [special] if special else []
    if word == "wood":
        wood = near.word.plural or (near.before in _ARTICLES and not near.thing_follows)
        return _only(found, {"setting", "hint", "plants"} if wood else {"material"})
    if word in _ADJECTIVES and (near.thing_follows or near.before in {"is", "are", "very"}):
        return _without(found, _ADJECTIVES[word])
    if word == "stone" and near.word.plural:
        return [Sense("ground", "rock")]
    if word == "rock":
        return _only(found, {"prop" if near.word.plural else "ground"}) or [Sense("ground", "rock")]
    if word == "well" and (near.word.joined or near.before == "as" or not _noun_before(near)):
        return []
    if word in _NOUNS and not (near.word.plural or _noun_before(near)):
        return []
    fields = {sense.field for sense in found}
    if "plant" in fields and near.thing_follows and not near.word.plural and _furnished(near):
        return [Sense("material", "wood")]
    if "color" in fields and near.word.plural:
        return _without(found, {"color"})  # oranges
    if "material" in fields and fields & {"ground", "plant"}:
        of_it = near.thing_follows or near.before == "of"
        return _without(found, {"ground", "plant"} if of_it else {"material"})
    return found


_SPECIAL = {
    "spring": _spring, "fall": _fall, "may": _month("spring"), "march": _month("spring"),
}  # fmt: skip
_ADJECTIVES = {"square": {"setting"}, "plain": {"setting", "relief"}, "level": {"relief"}}
_NOUNS = {"keep", "pass", "step", "stable", "mine", "cell", "rush", "wave", "burn", "sail", "col"}


def _noun_before(near: Around) -> bool:
    """Whether what stands before the word shows that it is a noun."""
    meant = senses().get((near.before,), ())
    says = any(sense.field in {"color", "material", "number"} for sense in meant)
    return near.before in _ARTICLES | {"old", "deep", "and", "no", "with", "of"} or says


def _furnished(near: Around) -> bool:
    return any(sense.field == "prop" for sense in senses().get((near.after,), ()))


def _only(meant: Sequence[Sense], fields: set[str]) -> list[Sense]:
    return [sense for sense in meant if sense.field in fields]


def _without(meant: Sequence[Sense], fields: set[str]) -> list[Sense]:
    return [sense for sense in meant if sense.field not in fields]
