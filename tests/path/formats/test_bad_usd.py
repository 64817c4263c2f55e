"""USD stages that reach beyond their folder, state no sense, or break the library."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenegen.errors import PathError
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.registry import read_path, write_path
from tests.golden.paths import generate
from tests.path.formats.test_bad_files import refused
from tests.path.formats.test_markers import HEIGHT, WIDTH, room_walk

pytest.importorskip("pxr", reason="usd-core is not installed")

MAYA = (Path(generate.__file__).parent / "maya.usda").read_text()
ARCS = {
    "sublayer": "#usda 1.0\n(\n    subLayers = [@{}@]\n)\n",
    "reference": '#usda 1.0\ndef "a" (prepend references = @{}@</camera>)\n{{\n}}\n',
    "payload": '#usda 1.0\ndef "a" (prepend payload = @{}@</camera>)\n{{\n}}\n',
    "variant": '#usda 1.0\ndef "a" (\n    variants = {{ string v = "x" }}\n'
    '    prepend variantSets = "v"\n)\n{{\n    variantSet "v" = {{\n        "x" (\n'
    "            prepend payload = @{}@</camera>\n        ) {{\n        }}\n    }}\n}}\n",
}
ELSEWHERE = (
    "../secret.usda",
    "inner/../../secret.usda",
    "{folder}/secret.usda",
    "file://{folder}/secret.usda",
    "http://localhost:9/secret.usda",
    "secret.usda",
)


@pytest.mark.parametrize("arc", ARCS)
@pytest.mark.parametrize("where", ELSEWHERE)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, arc: str, where: str) -> None:
    write_path(room_walk(), tmp_path / "secret.usda", WIDTH, HEIGHT)
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "a.usda"
    file.write_text(ARCS[arc].format(where.format(folder=tmp_path)))
    said = refused(file)
    assert "leaves the folder" in said or "expected references to files beside it" in said


@pytest.mark.parametrize("arc", ARCS)
def test_what_lies_beside_it_is_read(tmp_path: Path, arc: str) -> None:
    (tmp_path / "layers").mkdir()
    write_path(room_walk(), tmp_path / "layers" / "shot.usda", WIDTH, HEIGHT)
    (tmp_path / "a.usda").write_text(ARCS[arc].format("layers/shot.usda"))
    assert len(read_path(tmp_path / "a.usda", Hints())) in (1, 4)  # a reference brings no timing


def test_a_layer_beside_it_may_not_lead_away_either(tmp_path: Path) -> None:
    write_path(room_walk(), tmp_path / "secret.usda", WIDTH, HEIGHT)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "b.usda").write_text(ARCS["payload"].format("../secret.usda"))
    (tmp_path / "mine" / "a.usda").write_text(ARCS["sublayer"].format("b.usda"))
    assert "leaves the folder" in refused(tmp_path / "mine" / "a.usda")


def test_value_clips_are_refused(tmp_path: Path) -> None:
    clips = "clips = { dictionary default = { asset[] assetPaths = [@b.usda@] } }"
    (tmp_path / "a.usda").write_text(f'#usda 1.0\ndef Camera "a" ({clips})\n{{\n}}\n')
    assert "found value clips" in refused(tmp_path / "a.usda")


NONSENSE = {
    "timeCodesPerSecond = 24": ("timeCodesPerSecond = 0", "timeCodesPerSecond"),
    "framesPerSecond = 24": ("framesPerSecond = 0", "cannot be opened"),
    "metersPerUnit = 0.01": ("metersPerUnit = nan", "metersPerUnit"),
    "endTimeCode = 4": ("endTimeCode = 1e12", "at most 100000 frames"),
    "horizontalAperture = 36.0": ("horizontalAperture = 0", "horizontalAperture"),
    "1: 20.7593264": ("1: nan", "focalLength"),
    "scale = (10, 10, 10)": ("scale = (10, 0, 10)", "scale of 0"),
    "1: (0.374661453": ("1: (inf", "finite numbers"),
}


@pytest.mark.parametrize("good", NONSENSE)
def test_values_without_sense_are_said(tmp_path: Path, good: str) -> None:
    bad, named = NONSENSE[good]
    assert good in MAYA
    (tmp_path / "a.usda").write_text(MAYA.replace(good, bad))
    said = refused(tmp_path / "a.usda")
    assert named in said
    assert "expected" in said


def test_a_file_on_which_the_library_crashes_is_refused(tmp_path: Path) -> None:
    # A path of ours with three bytes changed at random; usd-core 26.11 crashes on it.
    shutil.copy(Path(generate.__file__).parent / "crash.usdc", tmp_path / "a.usdc")
    with pytest.raises(PathError, match=r"on which usd-core fails|cannot be opened"):
        read_path(tmp_path / "a.usdc", Hints())


def test_the_unit_is_the_files_or_that_of_the_hint(tmp_path: Path) -> None:
    walk = room_walk()
    for unit in (1.0, 0.01, 0.0254):
        hints = Hints(metres_per_unit=unit)
        write_path(walk, tmp_path / "a.usda", WIDTH, HEIGHT, hints=hints)
        back = read_path(tmp_path / "a.usda", Hints())
        assert abs(back.world_from_camera - walk.world_from_camera).max() < 1e-12
    grown = read_path(tmp_path / "a.usda", Hints(metres_per_unit=0.0508))
    assert grown.world_from_camera[0, 0, 3] == pytest.approx(2 * walk.world_from_camera[0, 0, 3])
