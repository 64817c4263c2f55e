"""The manual of the path language and the gallery of scripts are in step with the program."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scenegen.path.direct import direct
from scenegen.path.location import Location
from scenegen.path.script.changes import TRANSFORMS
from scenegen.path.script.read import read_script
from scenegen.path.script.shots import MOVES
from tests.path.rigs import drone, facade, ring, walk, world
from tools.path_gallery import MOST_BYTES, SCRIPTS, compressed, scripts_in
from tools.path_manual import FILE, manual
from tools.path_survey import Row, page, small

PAGE = (SCRIPTS / "README.md").read_text()
PLACES = {
    "ring": lambda: ring(16),
    "half a ring": lambda: ring(12, 140.0),
    "walk": lambda: walk(12, np.random.default_rng(0)),
    "facade": lambda: facade(8),
    "drone": lambda: drone(3, 5),
}


def test_the_manual_is_what_the_schema_says() -> None:
    assert FILE.read_text() == manual(), "run: python tools/path_manual.py"


def test_the_manual_has_every_move_and_transform() -> None:
    sections = re.findall(r"^### (\S+)$", manual(), re.MULTILINE)
    assert sections == [*MOVES, *TRANSFORMS]


def test_there_are_a_dozen_scripts_and_each_is_shown() -> None:
    scripts = scripts_in(SCRIPTS)
    assert len(scripts) >= 12
    for script in scripts:
        picture = SCRIPTS.parent / "docs" / "paths" / f"{script.stem}.jpg"
        assert script.name in PAGE
        assert f"docs/paths/{picture.name}" in PAGE
        assert picture.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("script", scripts_in(SCRIPTS), ids=lambda file: file.stem)
def test_every_script_plays_anywhere(script: Path, place: str) -> None:
    words = read_script(script)
    location = Location(PLACES[place](), world(spheres=[((0, 0, 1), 0.5)]))
    path = direct(words, location, 16 / 9).path
    assert len(path) >= 24
    poses = path.world_from_camera
    assert np.isfinite(poses).all()
    turns = poses[:-1, :3, :3].swapaxes(1, 2) @ poses[1:, :3, :3]
    angles = np.degrees(np.arccos(np.clip((np.trace(turns, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    cuts = sum(shot.join == "cut" for shot in words.shots)
    assert (angles * path.fps > 120).sum() <= cuts


def test_pictures_are_small() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    data = compressed(Image.fromarray(noise))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (300, 300)
    smooth = compressed(Image.fromarray(np.full((90, 900, 3), 90, np.uint8)))
    assert len(smooth) < len(data)
    assert len(smooth) <= MOST_BYTES


def test_a_survey_says_what_changed(tmp_path: Path) -> None:
    troubles = [{"kind": "near"}, {"kind": "near"}, {"kind": "crossing"}]
    before = {"troubles": troubles, "min_clearance": 0.1, "least_seen": 0.42}
    after = {"troubles": [], "min_clearance": None, "least_seen": 0.42}
    row = Row("room", "drone_reveal", before, after, size=4.0)
    assert str(row) == ("| room | drone reveal | 1 through, 2 near → none | 0.025 → open | 42% |")
    Image.new("RGB", (90, 60), (206, 44, 44)).save(tmp_path / "room_spiral.png")
    (tmp_path / "paths").mkdir()
    text = page([row], tmp_path, tmp_path / "page.md", ["room_spiral"])
    assert str(row) in text
    assert "](paths/map_room_spiral.png)" in text
    assert (tmp_path / "paths" / "map_room_spiral.png").read_bytes() == small(
        tmp_path / "room_spiral.png"
    )
