"""Sun and sky follow time, season and weather."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.worlds.light import air_of, daylight, light_of
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.spec import WorldSpec

pytest.importorskip("mitsuba", reason="needs scenegen[worlds]: mitsuba")


def spec(**words: str) -> WorldSpec:
    return WorldSpec.model_validate({"setting": "coast", **words})


def test_the_sun_is_high_at_noon_low_at_dawn_and_lower_in_winter() -> None:
    heights = [daylight(spec(time=time)).elevation_deg for time in ("dawn", "morning", "noon")]
    assert heights == sorted(heights)
    winter = daylight(spec(time="noon", season="winter")).elevation_deg
    assert 0 < winter < heights[-1]


def test_clouds_take_the_shadows() -> None:
    assert light_of(spec(weather="clear"), Seeds(1)("sky")).to_sun is not None
    for weather in ("overcast", "fog", "rain", "storm"):
        assert light_of(spec(weather=weather), Seeds(1)("sky")).to_sun is None


def test_night_is_dark_and_equal_seeds_give_equal_skies() -> None:
    day, night = (light_of(spec(time=time), Seeds(1)("sky")) for time in ("noon", "night"))
    assert night.sky.mean() < 0.1 * day.sky.mean()
    again = light_of(spec(time="noon"), Seeds(1)("sky"))
    np.testing.assert_array_equal(day.sky, again.sky)
    assert np.isfinite(day.sky).all()
    assert (day.sky >= 0).all()


def test_fog_is_thicker_than_haze() -> None:
    assert air_of(spec(weather="fog")).density > 10 * air_of(spec(weather="rain")).density
