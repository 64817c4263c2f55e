"""A text as words: what is read of it, where its clauses break, and which numbers stand in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scenegen.worlds.reading.lexicon.grammar import IRREGULAR
from scenegen.worlds.reading.lexicon.things import NUMBER

MOST_WORDS = 400
"""So much of a text is read: a scene, not a novel."""

_MOST_CHARACTERS = 20_000
_MOST_LETTERS = 60  # of a word: the rest is no help in telling which it was
_CLOCK = r"\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b\.?|\d{1,2}:\d\d\b|\d{1,2}\s?o['\u2019]?clock\b"
_CLOCK += r"|(?:half|quarter) (?:past|to) [a-z]+\b"
_PIECE = re.compile(
    rf"(?P<clock>{_CLOCK})|(?P<ordinal>\d+(?:st|nd|rd|th)\b)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)*)|(?P<break>[.,;:!?()\[\]{}\n\"\u201c\u201d\u2026\u2013\u2014]+|\s-+\s)"
    r"|(?P<joint>[-/_'\u2019&\s])|(?P<sign>.)",
    re.DOTALL | re.IGNORECASE,
)
_STOPS = re.compile(r"[.;:!?()\n\u2026\u2013\u2014]|\s-+\s")
_HOURS = {"am": 0, "pm": 12}
_ASKED = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s?(?:([ap])\.?m)?", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """A word of the text; ``gap`` is the break before it: none, a comma or a stop."""

    text: str
    """As it was written; one without end is cut."""
    lemma: str
    """In small letters, without accents, in the singular."""
    gap: str
    plural: bool = False
    joined: bool = False
    """Whether a hyphen joins it to the word before."""
    number: float | None = None
    hour: float | None = None
    """Hour of the day, where it is a time such as ``7 pm``; without am or pm below 13."""

    @property
    def plain(self) -> str:
        """The word in small letters, without accents, in the number that it was written in."""
        return _plain(self.text)


def words_of(text: str) -> tuple[list[Word], int]:
    """Return the first words of a text, and how many it has where they are not all."""
    text = unicodedata.normalize("NFC", text)
    total = len(text.split())
    found: list[Word] = []
    gap, joined = ".", False
    for piece in _PIECE.finditer(text[:_MOST_CHARACTERS]):
        kind, said = str(piece.lastgroup), piece.group()
        if kind == "break":
            gap = "." if _STOPS.search(said) or gap == "." else ","
        elif kind == "joint" or unicodedata.category(said[0])[0] in "CZM":
            joined = said == "-"
        elif len(found) == MOST_WORDS:
            break
        else:
            found.append(_word(kind, said, gap, joined and not gap))
            gap, joined = "", False
    return _fused(found), total if len(found) == MOST_WORDS else len(found)


def lemma_of(word: str) -> str:
    """Return the singular of a plain word, by its ending."""
    word = word.removesuffix("'s") or word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1]


def lemmas(phrase: str) -> tuple[str, ...]:
    """Return the lemmas of a phrase of the lexicon."""
    return tuple(lemma_of(word) for word in re.split(r"[\s-]+", _plain(phrase)) if word)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _word(kind: str, said: str, gap: str, joined: bool) -> Word:
    said = said if len(said) <= _MOST_LETTERS else f"{said[:_MOST_LETTERS]}\u2026"
    if kind == "clock":
        return Word(said, "o'clock", gap, hour=_hour(said))
    if kind == "number":
        return Word(said, said, gap, joined=joined, number=float(said[:12]))
    plain = _plain(said)
    lemma = lemma_of(plain)
    plural = lemma != plain.removesuffix("'s")
    number = NUMBER.get(lemma)
    return Word(said, lemma, gap, plural, joined, None if number is None else float(number))


def _hour(said: str) -> float:
    match = _ASKED.match(said)
    if match is None:  # half past six
        part, to, hour = said.lower().split()
        share = (0.5 if part == "half" else 0.25) * (-1 if to == "to" else 1)
        return NUMBER.get(hour, 12) + share
    hour = int(match[1]) % 24 + int(match[2] or 0) / 60
    if match[3]:
        hour = hour % 12 + _HOURS[f"{match[3].lower()}m"]
    return hour


def _fused(found: Sequence[Word]) -> list[Word]:
    """Return the words with ``seven o'clock``, ``six pm`` and ``twenty-five`` in one."""
    fused: list[Word] = []
    for word in found:
        last = fused[-1] if fused and not word.gap else None
        both = _both(last, word) if last is not None else None
        if both is None:
            fused.append(word)
        else:
            fused[-1] = both
    return fused


def _both(last: Word, word: Word) -> Word | None:
    """Return two words in one where they are a time or a number."""
    number, more = last.number, word.number
    if number is None:
        return None
    if number <= 12 and word.hour is None and word.lemma in ("o'clock", "oclock", *_HOURS):
        half = _HOURS.get(word.lemma)
        hour = number if half is None else number % 12 + half
        text = f"{last.text} {word.text}"
        return replace(last, text=text, lemma="o'clock", number=None, hour=hour)
    spelt = not (last.text.isdigit() or word.text.isdigit())
    if spelt and number in range(20, 100, 10) and more is not None and more in range(1, 10):
        return replace(last, text=f"{last.text}-{word.text}", number=number + more)
    return None
