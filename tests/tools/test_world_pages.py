"""The manual of sentences and worlds is in step with the lexicon, the spec and the options."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

from scenegen.generative.config import GenerateConfig
from scenegen.worlds import spec
from scenegen.worlds.spec import WorldSpec
from tools.world_manual import FILE, manual


def test_the_manual_is_what_the_lexicon_and_the_spec_say() -> None:
    assert FILE.read_text() == manual(), "run: python tools/world_manual.py"


def test_every_value_of_a_spec_has_its_names() -> None:
    named = set(re.findall(r"^\| \*\*([^*]+)\*\* \| \S", manual(), re.MULTILINE))
    kinds = (
        spec.Setting, spec.Time, spec.Season, spec.Weather, spec.Mood, spec.Relief, spec.Ground,
        spec.Plant, spec.Kind, spec.Material, spec.Color,
    )  # fmt: skip
    for kind in kinds:
        assert set(get_args(kind)) <= named
    assert named >= set(get_args(spec.Water)) - {"none"}


def test_every_field_and_option_is_there_with_its_meaning() -> None:
    rows = dict(re.findall(r"^\| `([^`]+)` \|(?:.*\|)? ([A-Z][^|]+) \|$", manual(), re.MULTILINE))
    assert {field.alias or name for name, field in WorldSpec.model_fields.items()} <= rows.keys()
    options = {f"--{field.name.replace('_', '-')}" for field in fields(GenerateConfig)}
    assert options <= rows.keys()


def test_no_value_is_left_without_words() -> None:
    assert re.findall(r"^\| `[^`]+` \| *\|", manual(), re.MULTILINE) == []
