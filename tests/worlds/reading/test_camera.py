"""The camera's moves: what asks for which, and what only looks like it."""

from __future__ import annotations

from typing import Any

import pytest

from scenegen.path.script.read import as_script
from scenegen.path.script.shots import MOVES
from scenegen.worlds.reading.camera import camera_of
from scenegen.worlds.reading.lexicon import moves
from scenegen.worlds.reading.negation import negated
from scenegen.worlds.reading.read import read_sentence
from scenegen.worlds.reading.senses import phrases_of
from scenegen.worlds.reading.words import words_of

SLOW = {"seconds": 6.0, "ease": "in-out"}

SHOTS: dict[str, list[dict[str, Any]]] = {
    "slow crane shot over a bridge": [{"move": "crane", "rise": 0.3, "forward": 0.3, **SLOW}],
    "drone orbit": [{"move": "orbit"}],
    "orbit clockwise": [{"move": "orbit", "degrees": -90.0}],
    "orbit 180 degrees counterclockwise": [{"move": "orbit", "degrees": 180.0}],
    "a full circle orbit": [{"move": "orbit", "degrees": 360.0}],
    "orbit while rising": [{"move": "orbit", "height": 0.2}],
    "spiral down around the tower for 20 seconds": [
        {"move": "spiral", "height": -0.2, "seconds": 20.0}
    ],
    "push in, then pan left": [{"move": "push-in"}, {"move": "pan", "degrees": -30.0}],
    "pan left after a push in": [{"move": "push-in"}, {"move": "pan", "degrees": -30.0}],
    "dolly forward 2 metres": [{"move": "dolly", "distance": "2 m"}],
    "dolly backwards": [{"move": "pull-out"}],
    "very slowly pull out": [{"move": "pull-out", "seconds": 8.0, "ease": "in-out"}],
    "truck left": [{"move": "truck", "distance": -0.25}],
    "quick tilt down": [{"move": "tilt", "degrees": -15.0, "seconds": 2.0}],
    "pan from left to right": [{"move": "pan"}],
    "pedestal down": [{"move": "pedestal", "distance": -0.2}],
    "handheld walk forward": [{"move": "dolly", "shake": 0.5}],
    "zoom out": [{"move": "hold", "seconds": 4.0, "fov": [30, 50]}],
    "dolly zoom": [{"move": "dolly-zoom"}],
    "the camera flies through it": [{"move": "fly-through", "waypoints": ["start", "subject"]}],
    "static shot, 35mm": [{"move": "hold", "focal": 35.0}],
    "establishing shot, wide angle": [{"move": "establish", "fov": 75.0}],
    "the camera slowly circles the fountain, then rises above the roofs": [
        {"move": "orbit", **SLOW}, {"move": "crane", "rise": 0.3, "forward": 0.3}
    ],
    "no camera movement": [{"move": "hold"}],
}  # fmt: skip


def shots(text: str) -> list[dict[str, Any]]:
    words, _ = words_of(text)
    return camera_of(words, negated(words)).shots


@pytest.mark.parametrize("text", SHOTS)
def test_moves_are_read_with_their_ways_and_paces(text: str) -> None:
    assert shots(text) == SHOTS[text]
    as_script({"schema": "scenegen.path/1", "shots": shots(text)})


@pytest.mark.parametrize(
    "text",
    [
        "a pan on the stove",
        "cranes fly over the lake",
        "a crane standing in the reeds",
        "an old red truck parked in the street",
        "a still life on a table",
        "a tower rises above the trees",
        "the sun rises over the hills",
        "rolling hills",
        "a path winds around the lake",
        "a stream, running through the meadow",
        "a circle of stones",
        "smoke drifting up from a chimney",
        "turning leaves",
        "a man walks along the beach",
    ],
)
def test_what_only_sounds_like_a_move_is_none(text: str) -> None:
    assert shots(text) == []


@pytest.mark.parametrize("move", moves.STRONG)
def test_every_name_of_a_move_is_known_wherever_it_stands(move: str) -> None:
    named = {"zoom-in": "hold", "zoom-out": "hold"}.get(move, move)
    for phrase, _ in phrases_of(moves.STRONG[move]):
        found = shots(f"a quiet valley, {' '.join(phrase)}")
        assert [shot["move"] for shot in found] == [named], phrase
    assert named in MOVES


def test_what_the_camera_goes_around_is_the_subject() -> None:
    assert read_sentence("a meadow, slow orbit around the old church").subject == "church"
    assert read_sentence("push in on a statue in a plaza with a fountain").subject == "statue"
    assert read_sentence("a plaza with a fountain, pan left").subject is None
