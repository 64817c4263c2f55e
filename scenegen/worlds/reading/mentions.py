"""Things with what is said of them: how many, of which colour, of what, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scenegen.worlds.reading.lexicon import grammar
from scenegen.worlds.reading.lexicon.grammar import ASIDE, INSIDE
from scenegen.worlds.reading.match import Item, Matched
from scenegen.worlds.reading.negation import phrase_at
from scenegen.worlds.reading.senses import closed
from scenegen.worlds.reading.words import Word

_SAYS = ("number", "many", "color", "material", "density", "mood", "state")
_KEEPS = frozenset(grammar.KEEPS.split())
_LINKS = frozenset(grammar.LINKS.split())
_BESIDE = frozenset(grammar.BESIDE.split())
_ONE = frozenset(grammar.ONE.split())
_DEFINITE = frozenset(grammar.DEFINITE.split())
_INSIDE, _ASIDE = frozenset(INSIDE.split()), frozenset(ASIDE.split())
_COMES_FIRST, _IS_AROUND, _STANDS_ASIDE, _MODIFIES, _IS_FAR = 1.15, 1.2, 0.5, 0.4, 0.4
"""Weights of mentions, of which the usual one has 1; tuned on a table of sentences."""


@dataclass
class Mention:
    """A thing, a place, a light or a weather where the text speaks of it."""

    item: Item
    denied: bool
    said: dict[str, list[Item]] = field(default_factory=dict)
    """What is said of it, by the field of the saying."""
    one: bool = False
    """Whether it is one: ``a church``."""
    plural: bool = False
    definite: bool = False
    modifier: bool = False
    """Whether it only says something of the thing that follows: the city of a city wall."""
    weight: float = 1.0
    """How much it says about where all is."""

    def value(self, name: str) -> str | None:
        """Return the first value that is said of it."""
        for item in self.said.get(name, []):
            sense = item.of(name)
            if sense:
                return sense.value
        return None


@dataclass
class Read:
    """The mentions of a text, and what is said of nothing in it."""

    mentions: list[Mention] = field(default_factory=list)
    loose: list[Item] = field(default_factory=list)


def mentions_of(words: Sequence[Word], matched: Matched, denied: Sequence[bool]) -> Read:
    """Return what a text speaks of, in its order."""
    return _Reader(words, matched, denied).read()


class _Reader:
    def __init__(self, words: Sequence[Word], matched: Matched, denied: Sequence[bool]) -> None:
        self._words, self._denied = words, denied
        self._items = {item.start: item for item in matched.items}
        self._qualities, self._unknown = set(matched.qualities), set(matched.unknown)
        self._found = Read()
        self._waiting: list[Item] = []
        self._articles: set[str] = set()
        self._links: set[str] = set()
        self._place = ""

    def read(self) -> Read:
        at = 0
        while at < len(self._words):
            gap = self._words[at].gap
            if gap == "." or (gap and self._links & _LINKS):
                self._let_go()
                self._place = ""
            if gap == ".":
                self._links.add(".")
            item = self._items.get(at)
            if item is None:
                self._word(at)
                at += 1
            else:
                self._item(item)
                at = item.end
        self._let_go()
        return self._found

    def _word(self, at: int) -> None:
        word = self._words[at].lemma
        if phrase_at(self._words, at, "FAR") and self._found.mentions:
            self._found.mentions[-1].weight *= _IS_FAR
        if word in _INSIDE | _ASIDE:
            self._place = word
        if at in self._qualities or word in _KEEPS - {"of", "with"}:
            return
        if at in self._unknown:
            self._strange(at)
            return
        if self._waiting and word not in _KEEPS and self._words[at].plain not in _KEEPS:
            self._let_go()
        self._links.add(word)
        self._articles = {word} if word in _ONE | _DEFINITE else self._articles & {"of"}

    def _strange(self, at: int) -> None:
        """Let an unknown thing have what is said of it; before a known one it is a quality."""
        if at + 1 not in self._items and at + 1 not in self._qualities:
            self._found.loose += self._waiting
            self._waiting = []

    def _item(self, item: Item) -> None:
        saying = [sense.field for sense in item.senses if sense.field in _SAYS]
        thing = [sense for sense in item.senses if sense.field not in (*_SAYS, "hint")]
        if saying and not thing:
            self._waiting.append(item)
            return
        follows = self._items.get(item.end)
        adjacent = follows is not None and not self._words[item.end].gap
        adjacent = adjacent and (self._words[item.end].lemma,) not in closed("FUNCTION")
        modifier = follows is not None and adjacent and _is_noun(follows)
        mention = Mention(item, self._denied[item.start], modifier=modifier)
        mention.weight = self._weight(modifier)
        last = self._words[item.end - 1]
        mention.plural = last.plural
        mention.one = bool(self._articles & _ONE) and not last.plural
        mention.definite = bool(self._articles & _DEFINITE)
        if not modifier:
            for waiting in self._waiting:
                for sense in waiting.senses:
                    mention.said.setdefault(sense.field, []).append(waiting)
            self._waiting, self._articles, self._links, self._place = [], set(), set(), ""
        self._found.mentions.append(mention)

    def _weight(self, modifier: bool) -> float:
        """Return how much a mention says about where all is: first, inside, or but beside it."""
        if modifier:
            return _MODIFIES
        if self._place in _ASIDE:
            return _STANDS_ASIDE
        first = 1.0 if self._found.mentions else _COMES_FIRST
        return first * (_IS_AROUND if self._place in _INSIDE else 1.0)

    def _let_go(self) -> None:
        """Give what waits for a thing to the one before, where words link them."""
        last = next((one for one in reversed(self._found.mentions) if one.item.of("prop")), None)
        linked = self._links & _LINKS and self._links <= _LINKS | _BESIDE | _DEFINITE | _ONE
        for item in self._waiting:
            if last is not None and linked and (item.of("color") or item.of("material")):
                for sense in item.senses:
                    last.said.setdefault(sense.field, []).append(item)
            else:
                self._found.loose.append(item)
        self._waiting, self._links = [], set()


def _is_noun(item: Item) -> bool:
    return any(sense.field not in (*_SAYS, "hint") for sense in item.senses)
