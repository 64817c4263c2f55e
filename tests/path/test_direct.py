"""Scripts played at places in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.errors import PathError
from scenegen.path.check import TURN_DEG_S, check_path
from scenegen.path.direct import Directed, direct
from scenegen.path.location import Location
from scenegen.path.script.read import as_script
from scenegen.path.script.shots import MOVES
from scenegen.types import CameraPath
from tests.path.rigs import look, ring, scene, walk, world

ASPECT = 16 / 9
NEEDED = {
    "fly-through": {"waypoints": ["photo:0001.jpg", "photo:0004.jpg", "photo:0009.jpg"]},
    "keyframes": {"keys": [{"photo": "0001.jpg"}, {"photo": "0004.jpg"}, {"photo": "0009.jpg"}]},
}
EVEN = sorted(set(MOVES) - {"pan", "tilt", "roll", "hold"})


@pytest.fixture(scope="module")
def location() -> Location:
    return Location(ring(24), world(spheres=[((0, 0, 1), 0.5)]))


def played(location: Location, *shots: dict, **words) -> Directed:
    script = {"schema": "scenegen.path/1", "shots": list(shots), **words}
    return direct(as_script(script), location, ASPECT)


def speeds(path: CameraPath) -> np.ndarray:
    return np.linalg.norm(np.diff(path.world_from_camera[:, :3, 3], axis=0), axis=1) * path.fps


def test_the_subject_is_what_the_photos_look_at(location: Location) -> None:
    np.testing.assert_allclose(location.subject, [0, 0, 1], atol=1e-9)


@pytest.mark.parametrize("move", EVEN)
def test_speed_is_even_within_one_percent(location: Location, move: str) -> None:
    # 120 frames a second: chords of coarser steps are shorter where the way bends.
    path = played(location, {"move": move, "seconds": 4, **NEEDED.get(move, {})}, fps=120).path
    found = speeds(path)
    assert found.mean() > 0
    assert np.abs(found / found.mean() - 1).max() < 0.01


@pytest.mark.parametrize("move", sorted(MOVES))
def test_every_pose_is_rigid_and_every_view_is_one(location: Location, move: str) -> None:
    path = played(location, {"move": move, **NEEDED.get(move, {})}).path
    turn = path.world_from_camera[:, :3, :3]
    np.testing.assert_allclose(
        turn @ turn.swapaxes(1, 2), np.tile(np.eye(3), (len(path), 1, 1)), atol=1e-9
    )
    np.testing.assert_allclose(np.linalg.det(turn), 1)
    assert ((path.fov_y_deg >= 1) & (path.fov_y_deg < 170)).all()


def test_an_orbit_keeps_its_distance_and_its_target(location: Location) -> None:
    path = played(location, {"move": "orbit", "degrees": 90}).path
    arms = path.world_from_camera[:, :3, 3] - location.subject
    apart = np.linalg.norm(arms, axis=1)
    np.testing.assert_allclose(apart, apart[0])
    np.testing.assert_allclose(-path.world_from_camera[-1, :3, 2], -arms[-1] / apart[-1], atol=1e-9)
    angle = np.arctan2(arms[-1, 1], arms[-1, 0]) - np.arctan2(arms[0, 1], arms[0, 0])
    assert np.degrees(angle) % 360 == pytest.approx(90)
    # To the right of a camera that looks at the centre is counter-clockwise seen from above.
    right = path.world_from_camera[0, :3, 0]
    assert (path.world_from_camera[1, :3, 3] - path.world_from_camera[0, :3, 3]) @ right > 0


@pytest.mark.parametrize(("hidden", "height"), [(1.2, 3.0), (3.0, 1.2)])
def test_a_turntable_stands_where_photos_saw_it_best(hidden: float, height: float) -> None:
    """Walls stand before the photos of one of two rings."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles), np.zeros(12)], axis=1)
    photos = [look(3 * spot + [0, 0, z], (0, 0, 1)) for z in (1.2, 3.0) for spot in circle]
    walls = [(2.5 * spot + [0, 0, 1 + 0.83 * (hidden - 1)], 0.3) for spot in circle]
    place = Location(scene(photos), world(spheres=[((0, 0, 1), 0.5), *walls]))
    places = played(place, {"move": "turntable"}).path.world_from_camera[:, :3, 3]
    np.testing.assert_allclose(places[:, 2], height)
    np.testing.assert_allclose(np.linalg.norm(places[:, :2], axis=1), 3.0)


def test_a_turntable_stays_in_the_street() -> None:
    street = world(boxes=[((-4, -5, 0), (-2.5, 60, 8)), ((2.5, -5, 0), (4, 60, 8))])
    path = played(Location(walk(24, np.random.default_rng(0)), street), {"move": "turntable"}).path
    assert np.abs(path.world_from_camera[:, 0, 3]).max() < 2.0


def test_a_loop_comes_back_the_way_of_the_photos() -> None:
    """Three fifths of a circle: the shorter way from its end to its beginning was never seen."""
    place = Location(ring(20, 260), world(spheres=[((0, 0, 1), 0.5)]))
    made = played(place, {"move": "turntable", "seconds": 10}, loop=True)
    assert made.shots == (0, -1)
    poses = made.path.world_from_camera
    apart = np.linalg.norm(poses[:, None, :3, 3] - place.survey.positions, axis=2).min(axis=1)
    assert apart.max() < 0.3 * place.size
    checked = check_path(made.path, place)
    assert checked.turn_deg_s.max() < TURN_DEG_S
    arms = place.subject - poses[:, :3, 3]
    ahead = -(poses[:, :3, 2] * arms).sum(axis=1) / np.linalg.norm(arms, axis=1)
    assert ahead.min() > 0.99


@pytest.mark.parametrize(
    ("shot", "axis", "sign"),
    [
        ({"move": "dolly", "distance": 0.1}, 2, -1),
        ({"move": "truck", "distance": 0.1}, 0, 1),
        ({"move": "truck", "distance": -0.1}, 0, -1),
        ({"move": "pedestal", "distance": 0.1}, 1, 1),
    ],
)
def test_travel_goes_where_its_name_says(
    location: Location, shot: dict, axis: int, sign: int
) -> None:
    poses = played(location, shot).path.world_from_camera
    step = poses[0, :3, :3].T @ (poses[-1, :3, 3] - poses[0, :3, 3])
    assert np.linalg.norm(step) == pytest.approx(0.1 * location.size)
    assert sign * step[axis] > 0.09 * location.size


def test_turns_go_where_their_names_say(location: Location) -> None:
    def last(move: str) -> np.ndarray:
        poses = played(location, {"move": move, "degrees": 10}).path.world_from_camera
        return poses[0, :3, :3].T @ poses[-1, :3, :3]

    assert -last("pan")[0, 2] > 0.16  # the new forward points to the old right
    assert -last("tilt")[1, 2] > 0.17
    assert last("roll")[0, 1] > 0.17  # the new up leans to the old right


def test_a_dolly_zoom_keeps_the_targets_size(location: Location) -> None:
    path = played(location, {"move": "dolly-zoom", "until": 0.5}).path
    apart = np.linalg.norm(path.world_from_camera[:, :3, 3] - location.subject, axis=1)
    size = np.tan(np.deg2rad(path.fov_y_deg) / 2) * apart
    np.testing.assert_allclose(size, size[0])
    assert apart[-1] == pytest.approx(apart[0] / 2)


def test_keyframes_are_hit(location: Location) -> None:
    keys = [
        {"position": [3, 0, 2], "look": "subject", "at": 0},
        {"position": [2, 2, 1.5], "rotation": [0.5, 0.5, 0.5, 0.5], "at": 1, "fov": 30},
        {"photo": "0009.jpg", "at": 2.5},
    ]
    path = played(location, {"move": "keyframes", "keys": keys}, fps=200.4).path
    second = path.world_from_camera[200]  # of 501 frames over 2.5 s
    np.testing.assert_allclose(second[:3, 3], [2, 2, 1.5], atol=1e-6)
    np.testing.assert_allclose(second[:3, :3], [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-6)
    assert path.fov_y_deg[200] == pytest.approx(30, abs=1e-6)
    photo = location.photo("0009.jpg", "").position
    np.testing.assert_allclose(path.world_from_camera[-1, :3, 3], photo, atol=1e-6)


def test_keyframes_close_to_a_join_are_hit(location: Location) -> None:
    places = {0.0: [3, 0, 2], 0.2: [2.8, 0.4, 2], 1.5: [2, 2, 1.5], 1.9: [1, 2.4, 1.5]}
    keys = [{"position": at, "look": "subject", "at": time} for time, at in places.items()]
    keys.append({"position": [0.8, 2.6, 1.5], "look": "subject", "at": 2.0})
    shots = ({"move": "hold", "seconds": 1}, {"move": "keyframes", "keys": keys, "join": "smooth"})
    made = played(location, *shots, {"move": "pan", "seconds": 1}, fps=240)
    begin = made.starts[made.shots.index(1)]
    time = np.linspace(0, made.starts[-1] + 1, len(made.path))
    for second, place in places.items():
        apart = np.linalg.norm(made.path.world_from_camera[:, :3, 3] - place, axis=1)
        frame = int(np.abs(time - begin - second).argmin())
        late = abs(time[frame] - begin - second)
        # Frames do not fall on keys: within a frame the camera is as far off as it travels in it.
        speed = speeds(made.path)[frame - 2 : frame + 2].max()
        assert apart[frame] < 1.05 * speed * late + 1e-6, second


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=3),
    st.lists(st.sampled_from([None, 25.0, 55.0]), min_size=3, max_size=3),
    st.booleans(),
)
def test_joins_are_continuous_in_turn_and_zoom(
    location: Location, moves: list[str], fovs: list[float | None], loop: bool
) -> None:
    shots = [
        {"move": move, "seconds": 2, **NEEDED.get(move, {})}
        | ({"fov": fov} if fov and move != "dolly-zoom" else {})
        for move, fov in zip(moves, fovs, strict=False)
    ]
    path = played(location, *shots, fps=100, loop=loop).path
    turns, zooms = path.world_from_camera[:, :3, :3], np.log(path.fov_y_deg)
    if loop:
        turns, zooms = np.concatenate([turns, turns[:2]]), np.concatenate([zooms, zooms[:2]])
    steps = Rotation.from_matrix(turns[:-1].swapaxes(1, 2) @ turns[1:]).as_rotvec()
    # A jump would be a step of its own, a jolt a change as large as the fastest step.
    for rate in (steps, np.diff(zooms)[:, None]):
        fastest = np.linalg.norm(rate, axis=1).max()
        jolt = np.linalg.norm(np.diff(rate, axis=0), axis=1).max(initial=0)
        assert jolt < 0.12 * fastest + 1e-5  # worst seen: 0.058
    if loop:
        assert np.linalg.norm(steps[-1]) < np.deg2rad(8)


def test_a_loop_turns_back_at_its_leisure(location: Location) -> None:
    path = played(location, {"move": "pan", "degrees": 120, "seconds": 2}, loop=True).path
    turns = np.concatenate([path.world_from_camera, path.world_from_camera[:1]])[:, :3, :3]
    steps = Rotation.from_matrix(turns[:-1].swapaxes(1, 2) @ turns[1:]).magnitude() * path.fps
    assert np.degrees(steps.max()) < 75  # back within the join: 370


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(set(MOVES) - set(NEEDED))), min_size=2, max_size=4),
    st.booleans(),
)
def test_joins_are_continuous_in_place_and_speed(moves: list[str], loop: bool) -> None:
    location = Location(ring(24), world(spheres=[((0, 0, 1), 0.5)]))
    path = played(
        location, *({"move": move, "seconds": 2} for move in moves), fps=100, loop=loop
    ).path
    places = path.world_from_camera[:, :3, 3]
    if loop:
        places = np.concatenate([places, places[:3]])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    bends = np.linalg.norm(np.diff(places, n=2, axis=0), axis=1)
    # A jump of place would be a step of its own, a jump of speed a bend as long as a step.
    assert steps.max() < 0.15 * location.size
    assert bends.max() < 0.012 * location.size


def test_a_cut_cuts(location: Location) -> None:
    shots = (
        {"move": "turntable", "degrees": 150, "seconds": 2},
        {"move": "establish", "seconds": 2, "join": "cut"},
    )
    made = played(location, *shots)
    assert made.shots == (0, 1)
    assert len(made.path) == 96
    assert speeds(made.path).argmax() == 47
    joined = played(location, shots[0], {**shots[1], "join": "smooth"})
    assert joined.shots == (0, -1, 1)


def test_the_same_seed_shakes_the_same(location: Location) -> None:
    def poses(seed: int) -> np.ndarray:
        shake = {"amount": 0.5, "seed": seed}
        return played(location, {"move": "hold"}, shake=shake).path.world_from_camera

    np.testing.assert_array_equal(poses(3), poses(3))
    assert np.abs(poses(3) - poses(4)).max() > 1e-4
    still = played(location, {"move": "hold"}).path.world_from_camera
    assert np.abs(poses(3)[:, :3, 3] - still[:, :3, 3]).max() < 0.05 * location.size


def test_transforms_do_what_they_say(location: Location) -> None:
    shot = {"move": "orbit", "degrees": 60}
    plain = played(location, shot).path.world_from_camera

    def changed(*changes: dict) -> np.ndarray:
        return played(location, shot, transform=list(changes)).path.world_from_camera

    np.testing.assert_allclose(changed({"rotate": 30}, {"rotate": -30}), plain, atol=1e-9)
    np.testing.assert_allclose(changed({"scale": 2}, {"scale": 0.5}), plain, atol=1e-9)
    np.testing.assert_allclose(changed({"mirror": "x"}, {"mirror": "x"}), plain, atol=1e-9)
    np.testing.assert_allclose(changed({"reverse": True}), plain[::-1], atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(changed({"mirror": "y"})[:, :3, :3]), 1)
    assert len(changed({"retime": 2})) == 48
    shifted = changed({"move": [1, 2, 3]})[:, :3, 3] - plain[:, :3, 3]
    np.testing.assert_allclose(shifted, np.tile([1.0, 2, 3], (len(plain), 1)))


def test_lengths_in_metres_need_a_scale(location: Location) -> None:
    with pytest.raises(PathError) as error:
        played(location, {"move": "dolly", "distance": "2 m"})
    assert str(error.value) == (
        "shots[0].distance: '2 m': the scene's scale in metres is not known; write a plain number, "
        "in sizes of the scene, or lift the capture again with --known-length"
    )


def test_unknown_photos_are_told(location: Location) -> None:
    with pytest.raises(PathError) as error:
        played(location, {"move": "push-in", "toward": "photo:0023.jpeg"})
    assert str(error.value) == (
        "shots[0].toward: the scene has no photo '0023.jpeg'; did you mean '0023.jpg'?"
    )


def test_lens_work_is_stated_only_where_asked_for(location: Location) -> None:
    assert played(location, {"move": "hold"}).path.lens_work is None
    shot = {"move": "push-in", "until": 0.5, "aperture": "0.1 units"}
    work = played(location, shot, shutter=180).path.lens_work
    assert work is not None
    assert work.shutter == 0.5
    np.testing.assert_allclose(work.aperture, 0.1)
    assert work.focus_distance[-1] == pytest.approx(work.focus_distance[0] / 2)
