"""Looks in words: a small lexicon, read exactly, longest phrases first.

A word for how much goes with the phrase after it (``heavy fog``, ``light snow``); ``no`` and
``without`` leave out what follows. What is no word of a look is told, never silently dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scenegen.errors import LookError
from scenegen.looks.look import Look

_SNOW = Look(cover=0.9, flakes=1.0, overcast=0.7)
_RAIN = Look(wet=1.0, puddles=1.0, drops=1.0, overcast=1.0)

PHRASES: dict[str, Look] = {
    "golden hour": Look(golden=1.0, fog=0.06),
    "sunset": Look(golden=1.0, fog=0.06),
    "sunrise": Look(golden=1.0, fog=0.06),
    "evening sun": Look(golden=1.0, fog=0.06),
    "low sun": Look(golden=1.0, fog=0.06),
    "night": Look(night=1.0),
    "nighttime": Look(night=1.0),
    "midnight": Look(night=1.0),
    "moonlight": Look(night=1.0),
    "moonlit": Look(night=1.0),
    "fog": Look(fog=1.0, overcast=0.6),
    "foggy": Look(fog=1.0, overcast=0.6),
    "mist": Look(fog=0.5, overcast=0.3),
    "misty": Look(fog=0.5, overcast=0.3),
    "haze": Look(fog=0.3),
    "hazy": Look(fog=0.3),
    "snow": _SNOW,
    "snowy": _SNOW,
    "winter": _SNOW,
    "first snow": Look(cover=0.5, flakes=0.6, overcast=0.6),
    "falling snow": Look(flakes=1.0, overcast=0.7),
    "snowfall": Look(flakes=1.0, overcast=0.7),
    "flakes": Look(flakes=1.0),
    "snow cover": Look(cover=0.9),
    "snow covered": Look(cover=0.9),
    "fresh snow": Look(cover=0.9),
    "blizzard": Look(cover=1.0, flakes=2.0, overcast=1.0, fog=0.7),
    "rain": _RAIN,
    "rainy": _RAIN,
    "raining": _RAIN,
    "drops": Look(drops=1.0),
    "drizzle": Look(wet=0.7, puddles=0.5, drops=0.4, overcast=0.8, fog=0.15),
    "downpour": Look(wet=1.0, puddles=1.0, drops=2.0, overcast=1.0, fog=0.3),
    "wet": Look(wet=1.0, puddles=0.5),
    "puddles": Look(wet=0.7, puddles=1.0),
    "overcast": Look(overcast=1.0),
    "cloudy": Look(overcast=0.7),
    "flooded": Look(flood=1.0),
    "flood": Look(flood=1.0),
    "high water": Look(flood=1.0),
    "under water": Look(flood=1.6),
}
"""What each phrase asks for."""

AMOUNTS: dict[str, float] = {
    "light": 0.5, "slight": 0.5, "thin": 0.5, "faint": 0.5, "little": 0.5, "soft": 0.6,
    "some": 0.7, "heavy": 2.0, "thick": 2.0, "dense": 2.0, "deep": 1.6, "strong": 1.6,
    "very": 1.3,
}  # fmt: skip
"""How much of what comes after them."""

NONE = frozenset({"none", "plain"})
"""Whole texts that ask for the empty look, as the empty text does."""

_DENIALS = frozenset({"no", "without", "not"})
_FILLERS = frozenset(
    {"a", "an", "the", "at", "in", "on", "of", "and", "with", "during", "by", "to", "under", "it",
     "is", "all", "over", "look", "weather", "time", "as"}
)  # fmt: skip
_LONGEST = 2
_TOLD = 8


@dataclass(frozen=True)
class Read:
    """The look of a text, and the words that nothing came of."""

    look: Look
    not_understood: tuple[str, ...] = ()


def read_look(text: str, where: str = "--look") -> Read:
    """Return what a text asks for; ``where`` is what messages call it.

    Raises `LookError` where nothing of it is understood, or it asks for two kinds of light.
    """
    words = re.findall(r"[^\s,;.!?+&/\"()-]+", text.lower())
    if not words or " ".join(words) in NONE:
        return Read(Look())
    look, unknown, known = _read(words)
    if not known:
        raise LookError(
            f"{where}: expected a look, such as {_examples()}, "
            f"found nothing but {_quoted(words)}; say it in these words"
        )
    if look.golden and look.night:
        raise LookError(
            f"{where}: expected one kind of light, found the low sun and the night in {text!r}; "
            "leave out one of them"
        )
    return Read(look, tuple(unknown))


def unread(read: Read) -> str:
    """Return what to tell of the words that nothing came of; nothing where all were read."""
    return f"not understood: {_quoted(list(read.not_understood))}" if read.not_understood else ""


def _read(words: list[str]) -> tuple[Look, list[str], bool]:
    look, unknown, known = Look(), [], False
    amount, denied, pending = 1.0, False, []
    at = 0
    while at < len(words):
        count, found = _phrase_at(words, at)
        word = words[at]
        if found is not None:
            known = True
            if not denied:
                look = look.merged(found.strengthened(amount))
            amount, denied, pending = 1.0, False, []
        elif word in AMOUNTS:
            amount *= AMOUNTS[word]
            pending.append(word)
        elif word in _DENIALS:
            denied = True
            pending.append(word)
        elif word not in _FILLERS:
            unknown += [*pending, word]
            amount, denied, pending = 1.0, False, []
        at += count
    return look, [*unknown, *pending], known


def _phrase_at(words: list[str], at: int) -> tuple[int, Look | None]:
    for count in range(min(_LONGEST, len(words) - at), 0, -1):
        found = PHRASES.get(" ".join(words[at : at + count]))
        if found is not None:
            return count, found
    return 1, None


def _examples() -> str:
    return ", ".join(f'"{one}"' for one in ("golden hour", "heavy fog", "first snow", "night",
                                             "rain", "flooded"))  # fmt: skip


def _quoted(words: list[str]) -> str:
    more = f" and {len(words) - _TOLD} more" if len(words) > _TOLD else ""
    return ", ".join(f'"{word[:40]}"' for word in words[:_TOLD]) + more
