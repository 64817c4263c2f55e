"""Words that the lexicon does not have, and whole sentences, taken for what they mean nearly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from scenegen.encoder import Vectors, encoder
from scenegen.worlds.reading.lexicon.grammar import DECOYS
from scenegen.worlds.reading.senses import TABLES, Phrase, phrases_of
from scenegen.worlds.spec import Setting

_FIELDS = ("setting", "water", "plant", "prop", "weather", "mood")
_LIKE = 0.63  # below, likeness is one of letters: 'ladder' and 'viaduct' have 0.60
_NAMES = 6  # of each value the most usual names; more would take seconds

GLOSSES: dict[Setting, str] = {
    "alpine valley": "a valley between high mountains",
    "pine forest": "a forest of pine trees",
    "desert canyon": "a rocky desert with canyons and sand dunes",
    "coast": "a beach by the sea, an island with cliffs",
    "meadow village": "a small village in green meadows, the countryside",
    "snowfield": "an endless field of snow and ice, the arctic",
    "city street": "a street in a city with tall buildings",
    "plaza": "a town square with arcades and market stalls",
    "room": "a furnished room inside a house",
    "dungeon": "a dark underground corridor or dungeon",
    "temple ruin": "the ruins of an ancient temple with columns",
}
"""What each setting shows, as a sentence to be compared with."""


@cache
def _anchors() -> tuple[list[Phrase], Vectors, Vectors]:
    """Return the lexicon's names for things, their vectors, and those of what no world has."""
    names = {
        phrase: None
        for field in _FIELDS
        for listed in TABLES[field].values()
        for phrase, near in list(phrases_of(listed))[:_NAMES]
        if len(phrase) == 1 and not near and encoder().is_word(phrase[0])
    }
    decoys = encoder()([" ".join(phrase) for phrase, _ in phrases_of(DECOYS)])
    return list(names), encoder()([" ".join(phrase) for phrase in names]), decoys


def nearest_phrase(word: str) -> Phrase | None:
    """Return the phrase of the lexicon that means nearly what a word does; None where none does."""
    if not encoder().is_word(word):
        return None  # in pieces it means what they mean: 'portcullis' would be a port
    names, vectors, decoys = _anchors()
    asked = encoder()([word])[0]
    likeness = vectors @ asked
    best = int(likeness.argmax())
    if likeness[best] < _LIKE or likeness[best] <= (decoys @ asked).max():
        return None
    return names[best]


def nearest_setting(sentence: str, among: Sequence[Setting], least: float) -> Setting | None:
    """Return the setting that a sentence means most nearly; None where none is at least so near."""
    vectors = encoder()([sentence, *(GLOSSES[setting] for setting in among)])
    likeness = vectors[1:] @ vectors[0]
    best = int(likeness.argmax())
    return among[best] if likeness[best] >= least else None
