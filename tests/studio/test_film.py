from __future__ import annotations

import threading

import numpy as np
import pytest

from scenegen.path.location import Location
from scenegen.path.script.schema import Script
from scenegen.studio import edits, stage
from scenegen.studio.film import Director, Film, made_film
from scenegen.studio.pictures import DEPTH_GRAIN, DEPTH_STEP, Sight, canvas_fov, on_canvas
from scenegen.studio.stage import SHOWN_SIZE, Stage
from scenegen.types import Frame, Scene
from tests.path.rigs import ring, world


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Stage:
    def location(scene: Scene) -> Location:
        return Location(scene, world(spheres=[((0, 0, 1), 0.5)]))

    monkeypatch.setattr(stage, "Location", location)
    return Stage(ring(24))


def keyed(*photos: int, **words: object) -> Script:
    keys = [{"photo": f"{index:04d}.jpg"} for index in photos]
    return edits.with_shot(edits.EMPTY, {"move": "keyframes", "keys": keys, **words})


def test_the_browsers_world_is_ours_and_back(place: Stage) -> None:
    pose = place.scene.photos[5].camera.world_from_camera
    wxyz, position = place.shown_pose(pose)
    np.testing.assert_allclose(place.pose(wxyz, position), pose, atol=1e-12)
    apart = place.shown(np.array([[0.0, 0, 1 + place.location.size]])) - place.shown(
        np.array([[0.0, 0, 1]])
    )
    assert np.linalg.norm(apart) == pytest.approx(SHOWN_SIZE)


@pytest.mark.parametrize("ease", ["none", "in-out"])
@pytest.mark.parametrize("backwards", [False, True])
def test_keyframes_are_marked_where_the_film_passes_them(
    place: Stage, ease: str, backwards: bool
) -> None:
    script = keyed(0, 3, 4, 9, seconds=6.0, ease=ease)
    script = edits.with_settings(
        script, fps=100.0, transform=[{"reverse": True}] if backwards else None
    )
    film = made_film(script, place)
    assert film.path is not None
    assert [(mark.shot, mark.key) for mark in film.marks] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    for mark in film.marks:
        frame = min(round(mark.second * film.path.fps), len(film.path) - 1)
        there = film.path.world_from_camera[frame, :3, 3]
        assert np.linalg.norm(there - mark.pose[:3, 3]) < 0.02 * place.location.size
        assert mark.draggable


def test_a_transformed_film_has_its_marks_on_the_path_and_they_stay(place: Stage) -> None:
    script = edits.with_settings(keyed(0, 5), transform=[{"move": [0.0, 0.0, 7.0]}])
    film = made_film(script, place)
    assert film.path is not None
    assert not any(mark.draggable for mark in film.marks)
    np.testing.assert_allclose(film.marks[0].pose, film.path.world_from_camera[0])


def test_what_a_scene_cannot_play_is_told(place: Stage) -> None:
    script = edits.with_shot(edits.EMPTY, {"move": "push-in", "toward": "photo:none.jpg"})
    film = made_film(script, place)
    assert film.path is None
    assert "shots[0].toward: the scene has no photo 'none.jpg'" in film.trouble


def test_a_film_knows_its_frames_and_shots(place: Stage) -> None:
    script = edits.with_shot(keyed(0, 3, seconds=2.0), {"move": "hold", "seconds": 1.0})
    film = made_film(script, place)
    assert film.seconds == pytest.approx(3)
    assert [film.frame(second) for second in (-1, 0, 1 / 24, 2.99, 99)] == [0, 0, 1, 71, 71]
    assert [film.shot_at(second) for second in (0, 1.9, 2.5)] == [0, 0, 1]


def test_a_director_plays_the_latest_script_and_checks_it(place: Stage) -> None:
    director, done, films = Director(), threading.Event(), []
    scripts = [keyed(0, 3, seconds=float(seconds)) for seconds in (1, 2, 3)]

    def hear(film: Film) -> None:
        films.append(film)
        if film.check is not None and film.script == scripts[-1]:
            done.set()

    director.listen(hear)
    for script in scripts:
        director.play(script, place)
    assert done.wait(60)
    director.close()
    assert films[-1].seconds == pytest.approx(3)
    assert director.film is films[-1]


def test_a_picture_is_fitted_into_a_canvas(place: Stage) -> None:
    frame = Frame(
        0,
        np.full((9, 16, 3), 200, np.uint8),
        np.full((9, 16), 1.5, np.float32),
        np.ones((9, 16), np.float32),
    )
    for canvas, size in ((16 / 9, (9, 16)), (1.0, (16, 16)), (4.0, (9, 36))):
        sight = Sight(np.eye(4), 50.0, 16 / 9, canvas)
        picture, depth = on_canvas(place, frame, sight)
        assert picture.shape == (*size, 3)
        assert depth.shape == tuple(-(-side // DEPTH_STEP) for side in size)
        row, column = size[0] // 2, size[1] // 2
        assert picture[row, column, 0] == 200
        at = depth[row // DEPTH_STEP, column // DEPTH_STEP]
        assert at == pytest.approx(1.5 * place.scale, abs=DEPTH_GRAIN)
        inside = picture[..., 0] == 200
        assert inside.sum() == 144
        np.testing.assert_array_equal(depth < 159, inside[::DEPTH_STEP, ::DEPTH_STEP])


def test_a_narrow_canvas_sees_the_pictures_width() -> None:
    assert canvas_fov(50.0, 1.5, 2.0) == pytest.approx(50)
    narrow = np.tan(np.deg2rad(canvas_fov(50.0, 1.5, 0.5)) / 2) * 0.5
    assert narrow == pytest.approx(np.tan(np.deg2rad(25)) * 1.5)
