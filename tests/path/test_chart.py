"""The map of a path: what is drawn where, told from its pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenegen.errors import OutputError
from scenegen.path.chart import paper
from scenegen.path.chart.above import ground_of
from scenegen.path.chart.page import (
    ABOVE_PX,
    KEY_PX,
    SIDE_PX,
    WIDTH_PX,
    check_map_output,
    draw_check,
    inks_of,
    write_map,
)
from scenegen.path.chart.paper import BAD, GOOD, HASTY, LOW, PAPER, PHOTO, POOR, Ink
from scenegen.path.chart.strips import side_strip
from scenegen.path.check import check_path
from scenegen.path.location import Location
from scenegen.types import CameraPath
from tests.path.rigs import drone, facade, world
from tests.path.test_check import FPS, WALL, looking, straight

BACK = ((-20, 10, -1), (20, 11, 20))
TOP = 20 + 18
"""Where the map begins below a single line of words."""


@pytest.fixture(scope="module")
def free() -> Location:
    return Location(facade(9), world(boxes=[BACK]))


@pytest.fixture(scope="module")
def street() -> Location:
    return Location(facade(9), world(boxes=[BACK, WALL]))


class Map:
    """A drawn map, asked for its inks at places of the world."""

    def __init__(self, path: CameraPath, location: Location, cuts: tuple[int, ...] = ()) -> None:
        self.path, self.location = replace(path, cuts=cuts), location
        self.check = check_path(self.path, location)
        self.image = draw_check(path, self.check, location)
        top = 20 + 18 * max(1, len(self.check.troubles))
        self.ground = ground_of(path, location, WIDTH_PX, top, ABOVE_PX)

    def ink(self, point) -> Ink:
        """The ink of a world point seen from above."""
        x, y = self.ground.at(np.array([point], np.float64))[0]
        return self.pixel(x, y)

    def pixel(self, x: float, y: float) -> Ink:
        """The ink that is nearest to what is drawn at a pixel."""
        found = self.image[int(y), int(x)].astype(int)
        inks = [PAPER, paper.INK, LOW, paper.WALL, PHOTO, *paper.TROUBLE.values(), GOOD]
        return min(inks, key=lambda ink: np.abs(found - ink).sum())

    def near(self, spot: np.ndarray) -> int:
        """How far everything within a pixel of a spot is from the photos' ink, at the least."""
        x, y = np.rint(spot).astype(int)
        part = self.image[y - 1 : y + 2, x - 1 : x + 2].astype(int)
        return int(np.abs(part - PHOTO).sum(axis=2).min())

    def at(self, second: float) -> np.ndarray:
        """Where the path is, between whole seconds, whose cameras and words hide it."""
        place = second * self.path.fps
        frames = np.arange(len(self.path))
        return np.array(
            [np.interp(place, frames, axis) for axis in self.path.world_from_camera[:, :3, 3].T]
        )


def test_the_way_is_red_where_it_meets_a_wall_and_green_before(street: Location) -> None:
    drawn = Map(straight((-3, 0.6, 1.7), (3, 0.6, 1.7), 145), street)  # 1 unit a second
    crossing = next(one for one in drawn.check.troubles if one.kind == "crossing")
    assert crossing.start == pytest.approx(4.4, abs=1e-6)
    assert drawn.ink(drawn.at(1.45)) == GOOD
    assert drawn.ink(drawn.at(4.42)) == BAD
    # Its cross reaches beyond the line that the way is.
    x, y = drawn.ground.at(drawn.at(crossing.start)[None])[0]
    arms = [drawn.pixel(x + 6 * i, y + 6 * j) for i in (-1, 1) for j in (-1, 1)]
    assert arms == [BAD] * 4


def test_the_way_has_the_ink_of_its_trouble(free: Location) -> None:
    away = Map(straight((-3, 0.6, 1.7), (3, 0.6, 1.7), 145, look=(0, -1, 0)), free)
    assert {away.ink(away.at(second)) for second in (0.5, 2.5, 4.5)} == {POOR}
    fast = Map(straight((-4, 0.6, 1.7), (4, 0.6, 1.7), 13), free)
    assert [one.kind for one in fast.check.troubles] == ["fast"]
    assert fast.ink(fast.at(0.25)) == HASTY
    assert inks_of(fast.path, fast.check, free) == [HASTY] * 13


def test_a_way_between_shots_is_not_drawn(free: Location) -> None:
    places = np.concatenate(
        [
            np.linspace((-3, 0.6, 1.7), (-2, 0.6, 1.7), 36),
            np.linspace((1, 0.6, 1.7), (2, 0.6, 1.7), 36),
        ]
    )
    path = looking(places, (0, 1, 0.1))
    cut, whole = Map(path, free, (36,)), Map(path, free)
    middle = [(x, 0.6, 1.7) for x in np.linspace(-1.8, 0.8, 40)]
    assert GOOD not in {cut.ink(place) for place in middle}
    assert {whole.ink(place) for place in middle} <= {BAD, HASTY}
    assert cut.ink((-2.3, 0.6, 1.7)) == cut.ink((1.3, 0.6, 1.7)) == GOOD
    # The strips show where: a line of dots goes down them.
    x = int(190 + (WIDTH_PX - 214) * 35.5 / 72)
    column = cut.image[int(cut.ground.base) + KEY_PX :, x - 2 : x + 3].min(axis=(1, 2))
    assert 0.3 < (column < 160).mean() < 0.7


def test_photos_are_wedges_that_open_into_their_view(free: Location) -> None:
    drawn = Map(straight((-3, -2, 1.7), (3, -2, 1.7), 97), free)
    for photo in free.survey.positions[1:-1]:
        x, y = drawn.ground.at(photo[None])[0]
        assert drawn.pixel(x, y) == PHOTO
        ahead = drawn.ground.heading(np.array([0.0, 1, 0]))  # where they look
        aside = np.array([-ahead[1], ahead[0]])
        for edge in (-0.5, 0.5):
            assert drawn.near(np.array([x, y]) + 6 * (ahead + edge * aside)) < 200
            assert drawn.near(np.array([x, y]) - 6 * (ahead + edge * aside)) > 300


def test_photos_that_look_straight_down_are_seen() -> None:
    flight = Location(drone(3, 4), world())
    path = straight((5, 5, 38), (25, 20, 38), 97, look=(0.001, 0, -1))
    drawn = Map(path, flight)
    apart = np.linalg.norm((flight.survey.positions - flight.subject)[:, :2], axis=1) > 2
    assert apart.sum() >= 11
    assert {drawn.ink(place) for place in flight.survey.positions[apart]} == {PHOTO}


@pytest.mark.parametrize("turned", [False, True])
def test_nothing_lies_beside_the_map_and_a_unit_is_as_long_each_way(turned: bool) -> None:
    location = Location(facade(9), world(boxes=[BACK]))
    end = (0, 40, 3) if turned else (40, 0, 3)
    path = straight((-2, 0, 1.7), end)
    ground = ground_of(path, location, WIDTH_PX, TOP, ABOVE_PX)
    assert ground.turned == turned
    assert ABOVE_PX[0] <= ground.base - ground.top <= ABOVE_PX[1]
    places = np.concatenate([path.world_from_camera[:, :3, 3], location.survey.positions])
    assert ground.holds(ground.at(places)).all()
    origin, right, up = ground.at(np.array([[0.0, 0, 0], [1, 0, 5], [0, 1, 5]]))
    np.testing.assert_allclose(right - origin, ground.scale * ground.heading(np.array([1.0, 0, 0])))
    np.testing.assert_allclose(up - origin, ground.scale * ground.heading(np.array([0.0, 1, 0])))
    # Seen from above: +Y is a quarter turn to the left of +X.
    assert (right - origin)[0] * (up - origin)[1] - (right - origin)[1] * (up - origin)[0] < 0


@given(x=st.floats(-50, 50), y=st.floats(-50, 50))
@settings(max_examples=20)
def test_far_paths_stay_on_the_map(x: float, y: float) -> None:
    location = Location(facade(3), world(boxes=[BACK]))
    path = straight((0, 0, 1.7), (x, y, 1.7), 25)
    ground = ground_of(path, location, WIDTH_PX, TOP, ABOVE_PX)
    assert ground.holds(ground.at(path.world_from_camera[:, :3, 3])).all()


def test_the_side_view_has_the_way_above_the_ground() -> None:
    step = ((-0.5, -9, -9), (20, 9, 0.8))  # the ground rises by 0.8 halfway
    location = Location(facade(9), world(boxes=[BACK, step]))
    drawn = Map(straight((-3, 0.4, 1.7), (3, 0.4, 2.7), 145, look=(0, 1, 0.1)), location)
    side = drawn.ground.base + 8 + KEY_PX
    strip, below, above = side_strip(
        drawn.path, drawn.check, location, WIDTH_PX, side, side + SIDE_PX
    )
    np.testing.assert_allclose(below[drawn.check.seconds < 2.4], 0.0, atol=1e-9)
    np.testing.assert_allclose(below[drawn.check.seconds > 2.6], 0.8, atol=1e-9)
    assert np.isinf(above).all()

    def ink(second: float, height: float) -> Ink:
        x, y = strip.at(np.array([second]), np.array([height]))[0]
        return drawn.pixel(x, y)

    for second in (0.6, 1.6, 3.6, 4.6):
        assert ink(second, 1.7 + second / 6) == GOOD
    assert ink(1.5, 0.4) == PAPER
    assert ink(3.5, 0.4) == LOW
    assert ink(5.5, 1.5) == PAPER
    heights = [float(strip.at(np.zeros(1), np.array([z]))[0, 1]) for z in (0.0, 1.0, 2.0)]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2])


def test_troubles_are_written_and_long_ones_are_shortened() -> None:
    assert paper.fitted("short", 13, 500) == "short"
    long = paper.fitted("0.0 s: " + 40 * "very long ", 13, 500)
    assert long.endswith("…")
    assert 470 < paper.width_of(long, 13) <= 500


def test_lines_of_equal_values() -> None:
    assert paper.runs([]) == []
    assert paper.runs(["a", "a", "b", "a"]) == [(0, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_paths_of_few_frames_are_drawn(free: Location, frames: int) -> None:
    path = straight((0, 0, 1.7), (0.1, 0, 1.7), frames)
    assert draw_check(path, check_path(path, free), free).shape[1:] == (WIDTH_PX, 3)


class TestOutput:
    """A map replaces no file unasked, but that of the same path."""

    @pytest.fixture
    def written(self, free: Location, tmp_path: Path) -> Callable[..., Path]:
        def write(x: float, overwrite: bool = False) -> Path:
            path = straight((0, 0, 1.7), (x, 0, 1.7), 5)
            write_map(path, check_path(path, free), free, tmp_path / "map.png", overwrite)
            return tmp_path / "map.png"

        return write

    def test_that_of_the_same_path_is_made_again(self, written: Callable[..., Path]) -> None:
        file = written(1.0)
        first = file.read_bytes()
        check_map_output(file, overwrite=False)
        assert written(1.0).read_bytes() == first
        with Image.open(file) as image:
            assert image.width == WIDTH_PX

    def test_that_of_another_path_stays(self, written: Callable[..., Path]) -> None:
        first = written(1.0).read_bytes()
        with pytest.raises(OutputError, match=r"map\.png: exists already"):
            written(1.5)
        file = written(1.5, overwrite=True)
        assert file.read_bytes() != first

    def test_other_files_stay(self, tmp_path: Path, written: Callable[..., Path]) -> None:
        Image.new("RGB", (4, 4)).save(tmp_path / "map.png")
        with pytest.raises(OutputError, match=r"map\.png: exists already"):
            check_map_output(tmp_path / "map.png", overwrite=False)
        check_map_output(tmp_path / "map.png", overwrite=True)
        with pytest.raises(OutputError, match="exists already"):
            written(1.0)


def test_the_picture_does_not_flicker(free: Location) -> None:
    path = straight((-3, 0.6, 1.7), (3, 0.6, 1.7), int(2 * FPS))
    check = check_path(path, free)
    np.testing.assert_array_equal(draw_check(path, check, free), draw_check(path, check, free))
