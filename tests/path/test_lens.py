"""A lens and a shutter by options, in the words of a script."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.errors import PathError
from scenegen.path.lens import with_lens
from scenegen.path.location import Location
from scenegen.types import CameraPath, LensWork
from tests.path.rigs import look, ring, world


@pytest.fixture
def path() -> CameraPath:
    eyes = [(3.0, 0.0, 1.0), (0.0, -2.0, 1.0)]
    poses = np.array([look(eye, (0, 0, 1)).world_from_camera for eye in eyes])
    return CameraPath(poses, np.full(2, 40.0), 24.0, 1.5)


@pytest.fixture(scope="module")
def location() -> Location:
    return Location(ring(8), world(spheres=[((0, 0, 1), 0.5)]))


def test_nothing_asked_for_changes_nothing(path: CameraPath, location: Location) -> None:
    assert with_lens(path, location) is path


def test_a_path_without_a_lens_is_focused_at_the_subject(
    path: CameraPath, location: Location
) -> None:
    work = with_lens(path, location, aperture="0.02").lens_work
    assert work is not None
    np.testing.assert_allclose(work.focus_distance, [3.0, 2.0], rtol=1e-6)
    np.testing.assert_allclose(work.aperture, 0.02 * location.size)
    assert work.shutter == 0


def test_what_is_not_asked_for_stays(path: CameraPath, location: Location) -> None:
    own = LensWork(np.array([1.0, 2.0]), np.array([0.1, 0.2]), 0.25)
    made = with_lens(replace(path, lens_work=own), location, shutter=180).lens_work
    assert made is not None
    assert made.shutter == 0.5
    np.testing.assert_array_equal(made.aperture, own.aperture)
    np.testing.assert_array_equal(made.focus_distance, own.focus_distance)
    made = with_lens(replace(path, lens_work=own), location, focus="1.5 units").lens_work
    assert made is not None
    np.testing.assert_allclose(made.focus_distance, 1.5)
    assert made.shutter == 0.25


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            {"aperture": "wide"},
            "--aperture: expected an aperture: 'f/2.8', or the width of the lens as a length, "
            "not below 0; found 'wide'; correct it",
        ),
        (
            {"focus": "there"},
            "--focus: expected a target: 'subject', 'photo:NAME', a point [x, y, z] or "
            "{photo: NAME, pixel: [column, row]}; or a distance: a number, '2 m', '3 units'; "
            "found 'there'; correct it",
        ),
        (
            {"aperture": "f/2"},
            "--aperture: 'f/2': the scene's scale in metres is not known; write the lens's width, "
            "such as 0.02, or lift the capture again with --known-length",
        ),
    ],
)
def test_words_that_say_nothing_are_errors(
    path: CameraPath, location: Location, words: dict[str, str], message: str
) -> None:
    with pytest.raises(PathError) as error:
        with_lens(path, location, **words)  # pyright: ignore[reportArgumentType]
    assert str(error.value) == message
