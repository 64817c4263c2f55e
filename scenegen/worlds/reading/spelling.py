"""Words that no list and no dictionary knows: compounds taken apart, and misspelt words mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scenegen.encoder import encoder
from scenegen.worlds.reading.senses import closed, senses, vocabulary
from scenegen.worlds.reading.words import Word, lemma_of

_SHORTEST, _LONGEST = 4, 24
_LONG = 8
_MOST_ASKED = 60  # strange words of a text, a hundredth of a second each
_PARTS = frozenset({"covered", "built", "lined", "capped", "clad", "bound", "side", "like", "lit"})


def mended(words: Sequence[Word]) -> tuple[list[Word], list[str]]:
    """Return the words with those that nothing knows mended, and what was made of what."""
    known, found, told = vocabulary(), [], []
    strange = 0
    for word in words:
        plain = word.plain
        if word.lemma in known or plain in known or not plain.isalpha() or len(plain) < _SHORTEST:
            found.append(word)
        elif plain.endswith("less") and lemma_of(plain.removesuffix("less")) in known:
            stem = lemma_of(plain.removesuffix("less"))
            found += [
                replace(word, lemma="without"),
                replace(word, lemma=stem, gap="", joined=True),
            ]
        elif parts := _compound(plain):
            first, second = (lemma_of(part) for part in parts)
            plural = second != parts[1]
            found += [
                replace(word, lemma=first, plural=False),
                replace(word, lemma=second, gap="", joined=True, plural=plural),
            ]
        elif (strange := strange + 1) <= _MOST_ASKED and (near := _spelt(plain)):
            told.append(f"{word.text!r} is read as {near!r}")
            found.append(replace(word, text=near, lemma=lemma_of(near)))
        else:
            found.append(word)
    return found, told


def _compound(plain: str) -> tuple[str, str] | None:
    """Return the two known words that a word is made of, where it is."""
    known = vocabulary()
    function = {phrase[0] for phrase in closed("FUNCTION") if len(phrase) == 1}
    for cut in range(3, len(plain) - 2):
        first, second = plain[:cut], plain[cut:]
        if {first, second} & function or not ({(first,), (lemma_of(second),)} & senses().keys()):
            continue
        if first in known and (lemma_of(second) in known or second in _PARTS):
            return first, second
    return None


def _spelt(plain: str) -> str | None:
    """Return the known word that a misspelt one must be; None for a real word, or a strange one."""
    if len(plain) > _LONGEST or not plain.isascii():
        return None
    most = 2 if len(plain) >= _LONG else 1
    near = sorted(
        (distance, form[-1] != plain[-1], (form,) not in senses(), form)
        for form in _forms(plain)
        if (distance := _distance(plain, form, most)) <= most
    )
    if not near or encoder().is_word(plain) or encoder().is_word(lemma_of(plain)):
        return None
    return near[0][-1]


def _forms(plain: str) -> Iterator[str]:
    """Yield the words that a misspelt one may be: such begin alike."""
    for word in vocabulary():
        if len(word) >= _SHORTEST and abs(len(word) - len(plain)) <= 3:
            for form in (word, f"{word}s") if (word,) in senses() else (word,):
                if form[0] == plain[0]:
                    yield form


def _distance(first: str, second: str, most: int) -> int:
    """Return how many letters are to be changed, added, left out or swapped; at most ``most`` + 1.

    Source: Damerau, "A technique for computer detection and correction of spelling errors" (1964).
    """
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(second) + 1))
    for row, letter in enumerate(first, 1):
        line = [row]
        for column, other in enumerate(second, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == second[column - 2] and first[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
