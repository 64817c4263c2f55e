"""Time, season, weather, snow and mood, and what was decided where they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from scenegen.worlds.reading.lexicon import air
from scenegen.worlds.reading.match import Item
from scenegen.worlds.reading.words import Word
from scenegen.worlds.spec import Mood, Season, Setting, Time, Weather

_SEVERITY = ("storm", "snow", "rain", "fog", "overcast", "cloudy", "clear")
_SUN = frozenset(air.SUN.split())
_MOON = frozenset(air.MOON.split())
_FITS = {
    frozenset({"dawn", "morning"}): "dawn",
    frozenset({"sunset", "dusk"}): "sunset",
    frozenset({"sunset", "afternoon"}): "sunset",
    frozenset({"sunset", "dawn"}): "dawn",  # golden hour at dawn
    frozenset({"noon", "afternoon"}): "noon",
}
_SEASONS = ("spring", "summer", "autumn", "winter")
_MONTHS = frozenset(air.MONTHS.split())
_DAY: tuple[Time, ...] = ("night", "dawn", "morning", "noon", "afternoon", "sunset", "dusk")
_HOURS = (4.5, 7.0, 11.0, 14.0, 17.75, 18.75, 21.0)
_SEASON_HOURS = {
    "summer": (3.5, 6.0, 11.0, 14.0, 17.75, 18.75, 21.5),
    "winter": (6.75, 8.25, 11.0, 14.0, 15.75, 16.75, 18.0),
}
"""Until when each time of a day lasts; after the last of them it is night."""
_WARM: frozenset[Setting] = frozenset({"desert canyon"})


@dataclass(frozen=True)
class Sky:
    """What was read; ``choices`` tells what was decided."""

    time: Time | None
    season: Season | None
    weather: Weather | None
    snow_cover: bool | None
    mood: Mood | None
    choices: list[str]


@dataclass(frozen=True)
class _Said:
    value: str
    word: str
    denied: bool


class _Sky:
    def __init__(
        self, words: Sequence[Word], items: Sequence[Item], denied: Sequence[bool], setting: Setting
    ) -> None:
        self._words, self._items, self._denied, self._setting = words, items, denied, setting
        self.choices: list[str] = []

    def said(self, field: str) -> Iterator[_Said]:
        for item in self._items:
            sense = item.of(field)
            if sense is not None:
                words = " ".join(word.text for word in self._words[item.start : item.end])
                yield _Said(sense.value, words.lower(), self._denied[item.start])

    def season(self, snow: bool | None) -> Season | None:
        told = [one for one in self.said("season") if not one.denied]
        plain = [one for one in told if set(one.word.split()) & {*_SEASONS, *_MONTHS, "fall"}]
        found = self._first("seasons", plain or told)
        if found is None and snow and any(not one.denied for one in self.said("snow")):
            return "winter"
        if found == "summer" and snow:
            self.choices.append("snow in summer: it lies all the same")
        return cast("Season | None", found)

    def time(self, season: Season | None) -> Time | None:
        told = [one for one in self.said("time") if not one.denied]
        for one in [one for one in self.said("time") if one.denied]:
            self.choices.append(f"not {one.word!r}: the time of day is left to the setting")
        hours = [_Said(self._at(word, season), word.text, False)
                 for word in self._words if word.hour is not None]  # fmt: skip
        plain = [one for one in told if not set(one.word.split()) & _MOON or "night" in one.word]
        return cast("Time | None", self._first("times", hours or plain or told, [*hours, *told]))

    def _at(self, word: Word, season: Season | None) -> Time:
        hour = word.hour or 0.0
        place = self._words.index(word)
        after = [near.lemma for near in self._words[place + 1 : place + 4]]
        if hour < 12 and word.text[-1:].lower() != "m" and {"afternoon", "evening"} & set(after):
            hour += 12
        hours = _SEASON_HOURS.get(season or "", _HOURS)
        for until, time in zip(hours, _DAY, strict=True):
            if hour < until:
                return time
        return "night"

    def _first(
        self, name: str, told: Sequence[_Said], heard: Sequence[_Said] | None = None
    ) -> str | None:
        values = list(dict.fromkeys(one.value for one in told))
        if not values:
            return None
        best = _FITS.get(frozenset(values[:2]), values[0]) if len(values) > 1 else values[0]
        for one in heard or told:
            if not fits(one.value, best) and not set(one.word.split()) & _MOON:
                self.choices.append(f"{name}: {one.word!r} is left out for {best}")
        return best

    def weather(self, time: Time | None) -> Weather | None:
        told = list(self.said("weather"))
        good = [one for one in told if not one.denied]
        firm = [one for one in good if not set(one.word.split()) & _SUN or one.value != "clear"]
        best = min((one.value for one in firm or good), key=_SEVERITY.index, default=None)
        for one in firm:
            mild = {one.value, best} <= {"cloudy", "clear"} or {one.value, best} <= {
                "cloudy", "overcast"}  # fmt: skip
            if one.value != best and not mild:
                self.choices.append(f"weathers: {one.word!r} is left out for {best}")
        if best is None and any(one.denied for one in told):
            absent = {one.value for one in told}
            best = "overcast" if absent == {"clear"} else "clear"
            words = ", ".join(repr(one.word) for one in told)
            self.choices.append(f"no {words}: the weather is {best}")
        if time == "night" and any("sun" in one.word for one in good):
            self.choices.append("sun at night: it is night, and the sky is clear")
        return cast("Weather | None", best)

    def snow(self) -> bool | None:
        told = [*self.said("snow")]
        told += [one for one in self.said("weather") if one.value == "snow" and one.denied]
        if not told:
            return None
        lies = any(not one.denied for one in told)
        if lies and any(one.denied for one in told):
            self.choices.append("snow is named and denied: it lies")
        if lies and self._setting in _WARM:
            self.choices.append(f"snow in a {self._setting.split()[0]}: it lies all the same")
        return lies

    def mood(self) -> Mood | None:
        told = [one for one in self.said("mood") if not one.denied]
        for one in self.said("mood"):
            if one.denied:
                self.choices.append(f"not {one.word!r}: no mood comes of it")
        found = self._first("moods", told)
        if found is None:
            found = next((one.value for one in self.said("state") if not one.denied), None)
        return cast("Mood | None", found)


def fits(value: str, best: str) -> bool:
    """Say whether a time of day is another's, or only less exact than it."""
    return value == best or _FITS.get(frozenset({value, best})) == best


def sky_of(
    words: Sequence[Word], items: Sequence[Item], denied: Sequence[bool], setting: Setting
) -> Sky:
    """Return the light and the air that a text speaks of."""
    sky = _Sky(words, items, denied, setting)
    snow = sky.snow()
    season = sky.season(snow)
    time = sky.time(season)
    weather = sky.weather(time)
    return Sky(time, season, weather, snow, sky.mood(), sky.choices)
