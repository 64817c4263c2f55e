"""Frames under looks, in a yard that is traced exactly."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scenegen.kernels.rays import camera_rays
from scenegen.looks.dress import Wardrobe, dress_path
from scenegen.looks.look import Look
from scenegen.looks.place import Place
from scenegen.looks.words import read_look
from scenegen.render.steadiness import reprojection_error
from tests.looks.yard import MARKER, camera_at, dressed, frame_of, path_of, place, yard

CAMERA = camera_at((0.5, -4.0, 1.6), (0.0, 2.0, 0.9))
SHAPE = (54, 96)


@pytest.fixture(scope="module")
def known() -> Place:
    return place()


def pixel(point: list[float] | np.ndarray) -> tuple[int, int]:
    """Return row and column at which the camera sees a point."""
    local = CAMERA.world_from_camera[:3, :3].T @ (np.asarray(point) - CAMERA.position)
    lens = CAMERA.lens
    column = lens.cx + lens.fl_x * local[0] / -local[2]
    return int(lens.cy - lens.fl_y * local[1] / -local[2]), int(column)


FREE_GROUND, WALL, TABLE = [1.2, 0.0, 0.0], [2.0, 4.0, 1.5], [-1.0, 1.0, 1.0]


def test_the_empty_look_hands_the_frames_on() -> None:
    frames = [frame_of(CAMERA, 0), frame_of(CAMERA, 1)]
    path = path_of(CAMERA, CAMERA)
    for look in (Look(), read_look("rain").look.strengthened(0.0)):
        made = list(dress_path(frames, yard(), path, look))
        assert all(one is frame for one, frame in zip(made, frames, strict=True))


def test_a_look_changes_colours_and_nothing_else(known: Place) -> None:
    frame = frame_of(CAMERA)
    made = Wardrobe(yard(), path_of(CAMERA), read_look("snow").look, 0, known).dress(frame, CAMERA)
    assert made.rgb.shape == frame.rgb.shape
    assert made.rgb.dtype == np.uint8
    assert not np.array_equal(made.rgb, frame.rgb)
    assert made.depth is frame.depth
    assert made.opacity is frame.opacity


@pytest.mark.parametrize("words", ["fog", "snow", "night", "rain", "golden hour", "flooded"])
def test_the_same_seed_gives_the_same_frames(words: str, known: Place) -> None:
    look = read_look(words).look
    one, again = (dressed(look, CAMERA, known, 1.5, 3) for _ in range(2))
    assert np.array_equal(one, again)


def test_fog_hides_what_is_far(known: Place) -> None:
    plain, foggy = (dressed(Look(fog=f), CAMERA, known) for f in (1e-9, 1.5))
    air = foggy[pixel([0.0, 300.0, 1.6])]
    near, far = pixel([0.8, 0.3, 0.0]), pixel([3.9, 12.0, 0.0])
    for place_ in (near, far):
        assert foggy[place_].mean() > plain[place_].mean()
    assert np.abs(foggy[far] - air).max() < np.abs(foggy[near] - air).max()


def test_snow_lies_on_what_faces_up_and_not_on_walls_or_under_the_table(known: Place) -> None:
    plain, white = (dressed(Look(cover=c), CAMERA, known) for c in (1e-9, 1.0))
    for bearing in (FREE_GROUND, TABLE):
        assert white[pixel(bearing)].mean() > 0.75
    for bare in (WALL, [-7.0, 14.0, 3.0]):
        assert white[pixel(bare)] == pytest.approx(plain[pixel(bare)], abs=0.012)
    assert white[pixel([-1.2, 0.7, 0.0])].mean() < 0.6


def test_less_snow_lies_on_less(known: Place) -> None:
    shares = [
        (dressed(Look(cover=cover), CAMERA, known).mean(axis=2)[30:] > 0.7).mean()
        for cover in (0.2, 0.5, 0.75, 1.0)
    ]
    assert (np.diff(shares) > 0).all()
    assert shares[0] < 0.1
    assert shares[-1] > 0.5


def test_light_stays_where_it_is_while_the_camera_moves(known: Place) -> None:
    cameras = [camera_at((0.5 + 0.1 * k, -4.0, 1.6), (0.0, 2.0, 0.9)) for k in range(2)]
    frames = [frame_of(camera, k) for k, camera in enumerate(cameras)]
    plain = reprojection_error(*zip(cameras, frames, strict=True))
    for look in (Look(golden=1.0), Look(night=1.0), Look(wet=1.0), Look(overcast=1.0)):
        wardrobe = Wardrobe(yard(), path_of(*cameras), look, 0, known)
        under = [wardrobe.dress(frame, eye) for eye, frame in zip(cameras, frames, strict=True)]
        assert reprojection_error(*zip(cameras, under, strict=True)) < 1.1 * plain


def test_snow_lies_still_while_the_camera_moves(known: Place) -> None:
    """Beside it, snow that lies elsewhere in the next frame, as if it swam."""
    cameras = [camera_at((0.5 + 0.1 * k, -4.0, 1.6), (0.0, 2.0, 0.9)) for k in range(2)]
    frames = [frame_of(camera, k) for k, camera in enumerate(cameras)]
    one, other = (
        Wardrobe(yard(), path_of(*cameras), Look(cover=0.5), seed, known) for seed in (0, 1)
    )
    first = cameras[0], one.dress(frames[0], cameras[0])
    still, swimming = (
        reprojection_error(first, (cameras[1], later.dress(frames[1], cameras[1])))
        for later in (one, other)
    )
    assert still < 0.05
    assert swimming > 4 * still


def test_the_night_is_dark_and_blue_and_stars_are_in_the_sky_alone(known: Place) -> None:
    night = dressed(Look(night=1.0), CAMERA, known)
    assert night.mean() < 0.2
    assert night[..., 2].mean() > night[..., 0].mean()
    sky = frame_of(CAMERA).depth == 0
    assert night[sky].max() > 2.5 * np.median(night[sky])
    for seed in range(3):
        other = dressed(Look(night=1.0), CAMERA, known, 0.0, seed)
        assert np.array_equal(other[~sky], night[~sky])


def test_the_low_sun_is_warm_where_it_shines_and_shadows_are_not(known: Place) -> None:
    golden = dressed(Look(golden=1.0), CAMERA, known)
    weather = Wardrobe(yard(), path_of(CAMERA), Look(golden=1.0), 0, known).weather
    toward = weather.lights[0][1].toward
    assert toward[2] == pytest.approx(np.sin(np.radians(9)), abs=1e-6)
    origins, directions = camera_rays(CAMERA)
    distance = frame_of(CAMERA).depth.ravel() / (directions @ CAMERA.forward)
    ground = np.abs((origins + distance[:, None] * directions)[:, 2]) < 0.01
    points = (origins + distance[:, None] * directions)[ground]
    sun = weather.map.at(points)[0][:, 4]
    shown = golden.reshape(-1, 3)[ground]
    warm = shown[:, 0] / shown[:, 2]
    assert (sun > 0.95).sum() > 50
    assert (sun < 0.05).sum() > 20
    assert warm[sun > 0.95].mean() > warm[sun < 0.05].mean() + 0.15


def test_the_flood_mirrors_a_mark_where_a_mirrored_camera_sees_it(known: Place) -> None:
    weather = Wardrobe(yard(), path_of(CAMERA), Look(flood=1.0), 0, known).weather
    assert weather.water is not None
    level = weather.water.level
    assert level == pytest.approx(0.5, abs=0.02)
    image = MARKER * [1, 1, -1] + [0, 0, 2 * level]
    shown = dressed(Look(flood=1.0), CAMERA, known)
    red = shown[..., 0] - shown[..., 1]
    row, column = pixel(image)
    water = pixel([0.8, 3.0, level])[0]
    rows, columns = np.indices(SHAPE)
    below = np.where(rows > water, np.maximum(red, 0.0), 0.0)
    found = [(rows * below).sum() / below.sum(), (columns * below).sum() / below.sum()]
    assert found == pytest.approx([row, column], abs=1.2)  # waves move it about
    assert below.max() > 0.05


def test_water_stands_before_what_is_below_it_and_behind_what_is_nearer(known: Place) -> None:
    plain, wet = (dressed(Look(flood=f), CAMERA, known) for f in (1e-9, 1.0))
    assert np.abs(wet - plain)[pixel(FREE_GROUND)].max() > 0.03
    for dry in (TABLE, WALL):
        assert wet[pixel(dry)] == pytest.approx(plain[pixel(dry)], abs=0.01)


def test_what_a_look_does_not_touch_keeps_every_bit(known: Place) -> None:
    """Pixels that are part sky, too: they are parted, and put together again."""
    whole = frame_of(CAMERA)
    rng = np.random.default_rng(0)
    opacity = np.where(whole.depth > 0, rng.uniform(0, 1, SHAPE), 0).astype(np.float32)
    frame = dataclasses.replace(
        whole, opacity=opacity, rgb=rng.integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    )
    wardrobe = Wardrobe(yard(), path_of(CAMERA), Look(flood=1.0), 0, known)
    shown = wardrobe.dress(frame, CAMERA)
    above = np.arange(SHAPE[0]) < pixel([0.0, 4.0, 1.7])[0]  # the horizon is 1.6 up
    assert above.sum() > 12
    assert np.array_equal(shown.rgb[above], frame.rgb[above])


def test_water_stays_below_the_lowest_camera(known: Place) -> None:
    low = camera_at((0.5, -4.0, 0.3), (0.0, 2.0, 0.3))
    water = Wardrobe(yard(), path_of(CAMERA, low), Look(flood=2.0), 0, known).weather.water
    assert water is not None
    assert 0.0 < water.level < 0.3


def test_puddles_mirror_and_wet_ground_is_darker(known: Place) -> None:
    dry, wet = (dressed(Look(wet=w), CAMERA, known) for w in (1e-9, 1.0))
    assert wet[pixel(FREE_GROUND)].mean() < 0.9 * dry[pixel(FREE_GROUND)].mean()
    pools = dressed(Look(wet=1.0, puddles=1.0), CAMERA, known)
    changed = np.abs(pools - wet).max(axis=2) > 0.02
    ground = np.arange(SHAPE[0])[:, None] > pixel([0, 3.9, 0.0])[0]
    assert changed[ground.repeat(SHAPE[1], axis=1)].mean() > 0.1
    assert not changed[pixel(WALL)]


def test_particles_fall_in_front_of_what_stands_there(known: Place) -> None:
    calm, snowing = (dressed(Look(flakes=f), CAMERA, known, 1.0) for f in (1e-9, 2.0))
    assert 0.002 < (np.abs(snowing - calm).max(axis=2) > 0.03).mean() < 0.5


def test_a_frame_is_the_same_wherever_rendering_began(known: Place) -> None:
    cameras = [camera_at((0.5 + 0.1 * k, -4.0, 1.6), (0.0, 2.0, 0.9)) for k in range(3)]
    look = read_look("rain at night").look
    path, frames = path_of(*cameras), [frame_of(camera, k) for k, camera in enumerate(cameras)]
    one, late = (Wardrobe(yard(), path, look, 0, known) for _ in range(2))
    whole = [one.dress(frame, camera) for frame, camera in zip(frames, cameras, strict=True)]
    assert np.array_equal(whole[2].rgb, late.dress(frames[2], cameras[2]).rgb)


def test_a_scene_whose_photos_saw_nothing_has_weather_too() -> None:
    from scenegen.kernels import Traced
    from scenegen.looks.place import know

    def nothing(
        _field: object, origins: np.ndarray, _ways: np.ndarray, _angle: float = 0
    ) -> Traced:
        count = len(origins)
        return Traced(np.full((count, 3), 0.6, np.float32), np.zeros(count, np.float32),
                    np.zeros(count, np.float32))  # fmt: skip

    empty = know(yard(), nothing)
    frame = dataclasses.replace(frame_of(CAMERA), depth=np.zeros(SHAPE, np.float32))
    for words in ("golden hour", "snow", "flooded", "rain at night", "fog"):
        wardrobe = Wardrobe(yard(), path_of(CAMERA), read_look(words).look, 0, empty)
        assert wardrobe.dress(frame, CAMERA).rgb.shape == (*SHAPE, 3)
