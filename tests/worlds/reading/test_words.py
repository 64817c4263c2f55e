"""A text as words: numbers, times, breaks, and how much of it is read."""

from __future__ import annotations

import pytest

from scenegen.worlds.reading.spelling import mended
from scenegen.worlds.reading.words import MOST_WORDS, lemma_of, words_of

HOURS = {
    "7 pm": 19, "7.30pm": 19.5, "7:30 PM": 19.5, "12 am": 0, "12 pm": 12, "19:30": 19.5,
    "00:15": 0.25, "6 o'clock": 6, "six pm": 18, "seven o\u2019clock": 7, "half past six": 6.5,
    "quarter to seven": 6.75, "quarter past ten": 10.25, "9 a.m.": 9,
}  # fmt: skip


@pytest.mark.parametrize("text", HOURS)
def test_times_are_one_word(text: str) -> None:
    (word,) = words_of(text)[0]
    assert word.hour == pytest.approx(HOURS[text])
    assert word.number is None


NUMBERS = {"3": 3, "three": 3, "twenty-five": 25, "forty two": 42, "2.5": 2.5, "dozen": 12}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_known(text: str) -> None:
    (word,) = words_of(text)[0]
    assert word.number == NUMBERS[text]


def test_breaks_are_told_apart_from_hyphens() -> None:
    words, _ = words_of("Snow-covered hills, a lake; then - slowly - rain. End")
    assert [(word.text, word.gap) for word in words] == [
        ("Snow", "."), ("covered", ""), ("hills", ""), ("a", ","), ("lake", ""), ("then", "."),
        ("slowly", "."), ("rain", "."), ("End", "."),
    ]  # fmt: skip
    assert [word.text for word in words if word.joined] == ["covered"]


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("cottages", "cottage"), ("churches", "church"), ("leaves", "leaf"), ("cacti", "cactus"),
        ("skies", "sky"), ("grass", "grass"), ("benches", "bench"), ("oasis", "oasis"),
        ("valley's", "valley"), ("bus", "bus"), ("vines", "vine"),
    ],
)  # fmt: skip
def test_words_are_known_in_the_singular(plural: str, singular: str) -> None:
    assert lemma_of(plural) == singular


def test_so_much_is_read_and_how_much_there_was_is_known() -> None:
    words, total = words_of("pine " * 10_000)
    assert (len(words), total) == (MOST_WORDS, 10_000)
    assert words_of("pine " * MOST_WORDS)[1] == MOST_WORDS


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x07\x1b", "...", "\u200b\u200d", "-- , ;"])
def test_what_has_no_words_has_none(text: str) -> None:
    assert words_of(text)[0] == []


MENDED = {
    "montain": "mountain", "vilage": "village", "lighthose": "lighthouse", "mountian": "mountain",
    "bridg": "bridge", "snwo": "snow",
}  # fmt: skip


@pytest.mark.parametrize("wrong", MENDED)
def test_misspelt_words_are_mended_and_it_is_told(wrong: str) -> None:
    words, told = mended(words_of(wrong)[0])
    assert [word.lemma for word in words] == [MENDED[wrong]]
    assert told == [f"{wrong!r} is read as {MENDED[wrong]!r}"]


@pytest.mark.parametrize("real", ["dragon", "horse", "sheep", "steam", "cat", "qwzx", "gulls"])
def test_other_words_are_left_as_they_are(real: str) -> None:
    words, told = mended(words_of(real)[0])
    assert [word.text for word in words] == [real]
    assert not told


def test_compounds_are_taken_apart_and_less_is_a_negation() -> None:
    words, told = mended(words_of("snowcovered treeless")[0])
    assert [word.lemma for word in words] == ["snow", "covered", "without", "tree"]
    assert not told
