"""What the words of a text mean, phrase by phrase: the longest that the lexicon knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scenegen.worlds.reading.doubt import Around, decided
from scenegen.worlds.reading.meaning import nearest_phrase
from scenegen.worlds.reading.senses import LONGEST, Sense, closed, senses
from scenegen.worlds.reading.words import Word

_LETTERS = 3
MOST_ASKED = 60
"""So many strange words are compared with what is known, a hundredth of a second each."""
_DOUBTFUL = ("spring", "fall", "may", "march")


@dataclass(frozen=True)
class Item:
    """Words ``start`` to ``end`` and what they mean."""

    start: int
    end: int
    senses: tuple[Sense, ...]
    guessed: str = ""
    """The phrase of the lexicon for which they were taken, by their meaning."""

    def of(self, field: str) -> Sense | None:
        """Return what they mean for a field."""
        return next((sense for sense in self.senses if sense.field == field), None)


@dataclass(frozen=True)
class Matched:
    """A text's phrases, and the words that are none of them, by their places."""

    items: list[Item]
    qualities: list[int]
    unknown: list[int]


def matched(words: Sequence[Word], taken: Collection[int] = ()) -> Matched:
    """Return what the words mean that are not ``taken``, in their order."""
    found = Matched([], [], [])
    at = 0
    while at < len(words):
        if at in taken or words[at].hour is not None:
            at += 1
            continue
        item = _phrase(words, at, taken)
        if item is None:
            at += _single(words, at, found)
            continue
        if item.senses:
            found.items.append(item)
        at = item.end
    return found


def _phrase(words: Sequence[Word], at: int, taken: Collection[int]) -> Item | None:
    """Return the longest phrase that begins at a word."""
    most = 1
    while most < LONGEST and at + most < len(words) and at + most not in taken:
        if words[at + most].gap:
            break
        most += 1
    for count in range(most, 0, -1):
        phrase = tuple(word.lemma for word in words[at : at + count])
        meant = senses().get(phrase)
        if meant is None and count == 1 and phrase[0] not in _DOUBTFUL:
            meant = senses().get((words[at].plain,))
        if meant is None and not (count == 1 and phrase[0] in _DOUBTFUL):
            continue
        good = decided(phrase, meant or (), Around(words, at, at + count))
        if good and words[at].number is not None and count == 1:
            good = [Sense("number", f"{words[at].number:g}"), *_without_number(good)]
        if good:
            return Item(at, at + count, tuple(good))
    return None


def _single(words: Sequence[Word], at: int, found: Matched) -> int:
    """Enter a word that no phrase begins with; return how many words that are."""
    word = words[at]
    phrase = (word.lemma,)
    if word.number is not None:
        found.items.append(Item(at, at + 1, (Sense("number", f"{word.number:g}"),)))
        return 1
    for name in ("FUNCTION", "FILLER", "REVOKED", "EXCEPTION"):
        if phrase in closed(name) or (word.plain,) in closed(name):
            return 1
    if phrase in closed("QUALITY") or (word.plain,) in closed("QUALITY"):
        found.qualities.append(at)
        return 1
    asked = len(word.lemma) > _LETTERS and _latin(word) and len(found.unknown) < MOST_ASKED
    near = nearest_phrase(word.plain) if asked else None
    if near is None:
        found.unknown.append(at)
    else:
        found.items.append(Item(at, at + 1, senses()[near], " ".join(near)))
    return 1


def _without_number(meant: Sequence[Sense]) -> list[Sense]:
    return [sense for sense in meant if sense.field != "number"]


def _latin(word: Word) -> bool:
    return word.plain.isascii() and word.plain.isalpha()
