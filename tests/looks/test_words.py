"""Looks in words."""

from __future__ import annotations

import pytest

from scenegen.errors import LookError
from scenegen.looks.config import LookConfig
from scenegen.looks.look import Look
from scenegen.looks.words import PHRASES, read_look, unread


@pytest.mark.parametrize("text", ["", "  ", "none", "None", "no rain"])
def test_texts_of_the_empty_look(text: str) -> None:
    assert read_look(text).look.empty
    assert LookConfig(look=text).amounts.empty


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_is_read_as_itself(phrase: str) -> None:
    read = read_look(phrase.title())
    assert read.look == PHRASES[phrase]
    assert not read.not_understood
    assert not read.look.empty


def test_combinations_have_what_their_parts_have() -> None:
    both = read_look("Rain at night").look
    assert both == read_look("night, rain").look
    assert both.night == 1.0
    assert both.drops == PHRASES["rain"].drops
    assert read_look("first snow").look.cover < read_look("snow").look.cover


def test_how_much_goes_with_the_phrase_after_it() -> None:
    fog = read_look("fog").look.fog
    assert read_look("heavy fog").look.fog == 2 * fog
    assert read_look("light fog").look.fog == fog / 2
    mixed = read_look("heavy snow and light fog").look
    assert mixed.fog == fog / 2
    assert mixed.flakes == 2 * read_look("snow").look.flakes
    assert mixed.cover == 1.0  # a share: there is no more than all


def test_what_is_denied_is_left_out() -> None:
    assert read_look("rain without fog").look == read_look("rain").look
    assert read_look("night, no snow").look == read_look("night").look


def test_what_is_not_understood_is_told() -> None:
    read = read_look("fog over the dragon's lair")
    assert read.look == read_look("fog").look
    assert read.not_understood == ("dragon's", "lair")
    assert unread(read) == 'not understood: "dragon\'s", "lair"'
    assert unread(read_look("fog")) == ""
    assert read_look("heavy dragon in rain").not_understood == ("heavy", "dragon")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dragons", 'found nothing but "dragons"'),
        ("🌧", "found nothing but"),
        ("霧", "found nothing but"),
        ("golden hour at midnight", "expected one kind of light"),
        ("word " * 10_000, "and 9992 more"),
    ],
)
def test_words_that_are_no_look(text: str, message: str) -> None:
    with pytest.raises(LookError, match=message) as found:
        LookConfig(look=text)
    assert len(str(found.value)) < 700


@pytest.mark.parametrize("strength", [-0.1, 2.1, float("nan"), float("inf")])
def test_strengths_that_are_none(strength: float) -> None:
    with pytest.raises(LookError, match="--look-strength"):
        LookConfig(look="fog", look_strength=strength)


def test_strength_scales_amounts_and_keeps_shares() -> None:
    rain = read_look("rain").look
    assert rain.strengthened(0.0).empty
    assert LookConfig(look="rain", look_strength=0.0).amounts.empty
    strong = rain.strengthened(2.0)
    assert strong.drops == 2 * rain.drops
    assert strong.overcast == 1.0
    assert Look().merged(rain) == rain
