"""Specs as files: read back as they were written; what is wrong is told with its line."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scenegen.errors import WorldError
from scenegen.imagining import check_shots
from scenegen.worlds.files import as_spec, is_spec, read_spec, shown_text, spec_text, write_spec
from scenegen.worlds.spec import Prop, Terrain, Vegetation, WorldSpec

FULL = WorldSpec(
    sentence="A tower:\n \x00'quoted' # and more \U0001f409",
    seed=3,
    setting="coast",
    terrain=Terrain(relief="hilly", ground="rock", snow_cover=False),
    vegetation=Vegetation(density="sparse", kinds=("palm", "dead tree"), without=("pine",)),
    water="sea",
    props=(Prop(kind="tower", count=2, color="white"), Prop(kind="boat", material="wood")),
    season="winter",
    time="dusk",
    weather="storm",
    mood="dramatic",
    camera=({"move": "orbit", "degrees": -90.0}, {"move": "hold", "fov": [50, 30]}),
    subject="tower",
    not_understood=("dragon",),
    choices=("two times: 'noon' is left out for dusk",),
)


@pytest.mark.parametrize("name", ["world.yaml", "world.json"])
def test_a_file_is_read_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    write_spec(FULL, tmp_path / name)
    assert read_spec(tmp_path / name) == FULL


def test_props_and_shots_are_a_line_each_and_defaults_are_left_out() -> None:
    text = spec_text(FULL)
    assert "  - {kind: tower, count: 2, color: white}\n" in text
    assert "  - {move: orbit, degrees: -90}\n" in text
    assert spec_text(WorldSpec(setting="room")) == "schema: scenegen.world/1\nsetting: room\n"


def test_what_is_shown_can_be_read_and_tells_what_was_not_understood() -> None:
    plain = FULL.model_copy(update={"not_understood": (), "choices": ()})
    shown = shown_text(FULL)
    assert shown == spec_text(plain) + (
        "# not understood: \"dragon\"\n# decided: two times: 'noon' is left out for dusk\n"
    )


def test_what_is_shown_is_read_without_its_remarks(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(shown_text(FULL))
    read = read_spec(tmp_path / "world.yaml")
    assert read == FULL.model_copy(update={"not_understood": (), "choices": ()})


WRONG = {
    "setting: moon": (
        "line 2: setting: expected 'alpine valley', 'pine forest', 'desert canyon', 'coast', "
        "'meadow village', 'snowfield', 'city street', 'plaza', 'room', 'dungeon' or "
        "'temple ruin', found 'moon'; correct it"
    ),
    "setting: dungon": (
        "line 2: setting: expected 'alpine valley', 'pine forest', 'desert canyon', 'coast', "
        "'meadow village', 'snowfield', 'city street', 'plaza', 'room', 'dungeon' or "
        "'temple ruin', found 'dungon'; did you mean 'dungeon'?"
    ),
    "setting: room\n7: calm": "line 3: 7: expected text for a word, found 7; correct it",
    "setting: room\nseed: 9999999999": (
        "line 3: seed: expected a number below 4294967296, found 9999999999; correct it"
    ),
    "setting: room\nmod: calm": "line 3: mod: unknown word; did you mean 'mood'?",
    "setting: room\nseed: -1": (
        "line 3: seed: expected a number not below 0, found -1; correct it"
    ),
    "setting: room\nseed: many": "line 3: seed: expected a whole number, found 'many'; correct it",
    "setting: room\nprops:\n  - {kind: table, count: 2.5}": (
        "line 4: props[0].count: expected a whole number, found 2.5; correct it"
    ),
    "setting: room\nprops:\n  - {kind: table, count: 61}": (
        "line 4: props[0].count: expected a number not above 60, found 61; correct it"
    ),
    "setting: room\nprops: [{kind: table, colour: red}]": (
        "line 3: props[0].colour: unknown word; did you mean 'color'?"
    ),
    "setting: room\nprops: [{kind: bed}, {kind: bed}]": (
        "world: expected every kind of prop once for a material and colour; "
        "give it a count; correct it"
    ),
    "setting: room\nterrain: {relif: flat}": (
        "line 3: terrain.relif: unknown word; did you mean 'relief'?"
    ),
    "setting: room\nterrain: 7": "line 3: terrain: expected a mapping, found 7; correct it",
    "setting: room\nvegetation: {kinds: pine}": (
        "line 3: vegetation.kinds: expected a list, found 'pine'; correct it"
    ),
    "setting: room\ncamera: [orbit]": (
        "line 3: camera[0]: expected a mapping, found 'orbit'; correct it"
    ),
    "seed: 1": "setting: expected it to be stated, found nothing; add it",
}


@pytest.mark.parametrize("lines", WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, lines: str) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(f"schema: scenegen.world/1\n{lines}\n")
    with pytest.raises(WorldError) as told:
        read_spec(file)
    assert str(told.value) == f"{file}: {WRONG[lines]}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("setting: room", "expected 'schema: scenegen.world/1' in it, found none; add that line"),
        ("- 1", "expected a world, a mapping with 'schema: scenegen.world/1' and 'setting'"),
        ("", "expected a world, a mapping with"),
        ("a: [1", "line 1, column 6: expected YAML, found what is none"),
        ("a: !!python/object/apply:os.system [ls]", "line 1, column 4: expected YAML"),
        (
            "schema: scenegen.world/2\nsetting: room",
            "line 1: schema: expected 'scenegen.world/1', found 'scenegen.world/2'; name a world's "
            "file, or update scenegen if a later version wrote it",
        ),
        (
            "schema: scenegen.world/1\nsetting: room\ncamera: &a [{move: hold, seconds: *a}]",
            "line 3: expected values, found an alias inside of what it repeats; write out what",
        ),
    ],
)
def test_files_that_are_no_worlds_are_told(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(text)
    with pytest.raises(WorldError) as found:
        read_spec(file)
    assert str(found.value).startswith(f"{file}: {told}")


def test_a_file_that_is_absent_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="no such file; check the path"):
        read_spec(tmp_path / "none.yaml")
    with pytest.raises(WorldError, match="expected a world, found a folder; name a file"):
        read_spec(tmp_path)


def test_mappings_are_specs_too() -> None:
    content = {"schema": "scenegen.world/1", "setting": "room", "seed": 4}
    assert as_spec(content) == WorldSpec(setting="room", seed=4)


def test_a_sentence_is_not_taken_for_a_file() -> None:
    assert is_spec("worlds/valley.yaml")
    assert not is_spec("a valley at dawn")


LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGES = "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 12))


@pytest.mark.parametrize(
    "text",
    [f"l0: &l0 [ha]\n{LAUGHS}", f"m0: &m0 {{ha: 1}}\n{MERGES}", f"a: [{'1, ' * 250_000}]"],
    ids=["aliases", "merges", "written out"],
)
def test_more_values_than_a_world_has_are_refused_before_they_fill_the_memory(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "world.yaml").write_text(text)
    with pytest.raises(WorldError, match="expected at most 200,000 values, aliases written out"):
        read_spec(tmp_path / "world.yaml")


KEYS = st.sampled_from([*WorldSpec.model_fields, "schema", "relief", "kinds", "kind", "count", "x"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["room", "coast", "pine", "table", "night", "scenegen.world/1", "orbit"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, SCALARS), inner, max_size=4)
    ),
    max_leaves=12,
)
HEAD = "schema: scenegen.world/1\nsetting: room\n"


def spec_or_told(text: str, folder: Path) -> WorldSpec | str:
    (folder / "world.yaml").write_bytes(text.encode(errors="surrogatepass"))
    try:
        return read_spec(folder / "world.yaml", check_shots)
    except WorldError as told:
        return str(told)


@given(st.one_of(st.text(max_size=80), VALUES.map(yaml.safe_dump)), st.sampled_from(["", HEAD]))
@settings(max_examples=200)
def test_whatever_a_file_says_it_is_a_spec_or_an_error(text: str, head: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = spec_or_told(head + text, Path(folder))
        assert isinstance(found, WorldSpec) or found.startswith(f"{folder}/world.yaml: ")


@given(st.dictionaries(KEYS, VALUES, max_size=3))
@settings(max_examples=200)
def test_whatever_a_world_says_it_is_a_spec_that_is_written_as_it_was_read(
    content: dict[str, object],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stated = {**content, "schema": "scenegen.world/1", "setting": "room"}
        spec = spec_or_told(yaml.safe_dump(stated), folder)
        if isinstance(spec, WorldSpec):
            assert spec_or_told(spec_text(spec), folder) == spec
