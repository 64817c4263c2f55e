"""Whole films: even speed, joins, cuts, loops, focus and transforms, of any script."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.path.direct import Directed, direct
from scenegen.path.location import Location
from scenegen.path.script.read import as_script, read_script
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import MOVES
from scenegen.types import CameraPath
from tests.path.rigs import ring, world

SCRIPTS = Path(__file__).resolve().parents[2] / "camera_paths"
FILES = sorted([*SCRIPTS.glob("*.yaml"), *SCRIPTS.glob("*.py")])
NEEDED = {
    "fly-through": {"waypoints": ["photo:0001.jpg", "photo:0004.jpg", "photo:0009.jpg"]},
    "keyframes": {
        "keys": [{"photo": "0001.jpg"}, {"photo": "0004.jpg", "fov": 25}, {"photo": "0009.jpg"}]
    },
}
ON_THE_SPOT = {"pan", "tilt", "roll", "hold"}


@pytest.fixture(scope="module")
def location() -> Location:
    return Location(ring(24), world(spheres=[((0, 0, 1), 0.5)]))


def film(location: Location, *shots: dict, **words) -> Directed:
    script = {"schema": "scenegen.path/1", "shots": list(shots), **words}
    return direct(as_script(script), location, 16 / 9)


def shot(move: str, **words) -> dict:
    return {"move": move, "seconds": 2, **NEEDED.get(move, {}), **words}


def steady(script: Script, made: Directed) -> list[np.ndarray]:
    """Frames of each take in which neither an ease nor a join acts."""
    seconds = len(made.path) / made.path.fps
    ends = [*made.starts[1:], seconds]
    time = np.linspace(0, seconds, len(made.path))
    spans = []
    for index, start, end in zip(made.shots, made.starts, ends, strict=True):
        if index >= 0 and script.shots[index].ease == "none":
            half = script.join_s / 2 + 2 / made.path.fps
            spans.append(np.flatnonzero((time > start + half) & (time < end - half)))
    return spans


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_speed_is_even_within_one_percent(location: Location, file: Path) -> None:
    script = read_script(file)
    still = tuple(shot.model_copy(update={"shake": None}) for shot in script.shots)
    script = script.model_copy(update={"fps": 240.0, "shake": None, "shots": still})
    made = direct(script, location, 16 / 9)
    places = made.path.world_from_camera[:, :3, 3]
    for frames in steady(script, made):
        if len(frames) < 3:
            continue
        speed = np.linalg.norm(np.diff(places[frames], axis=0), axis=1) * 240
        if speed.max() < 1e-6 * location.size:
            continue  # on the spot
        assert np.abs(speed / speed.mean() - 1).max() < 0.01


def jolts(path: CameraPath, loop: bool) -> np.ndarray:
    """Largest changes of velocity, turn, zoom and focus from frame to frame, a second."""
    around = np.append(np.arange(len(path)), np.arange(2) if loop else [])
    poses = path.world_from_camera[around.astype(int)]
    zoom = np.log(path.fov_y_deg[around.astype(int)])[:, None]
    turn = Rotation.from_matrix(poses[:-1, :3, :3].swapaxes(1, 2) @ poses[1:, :3, :3]).as_rotvec()
    rates = [np.diff(poses[:, :3, 3], axis=0), turn, np.diff(zoom, axis=0)]
    if path.lens_work is not None:
        focus = 1 / path.lens_work.focus_distance[around.astype(int)]
        rates.append(np.diff(focus[:, None], axis=0))
    return np.array([np.linalg.norm(np.diff(rate, axis=0), axis=1).max() for rate in rates]) * (
        path.fps
    )


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=3),
    st.lists(st.sampled_from([None, 25.0, 55.0]), min_size=3, max_size=3),
    st.lists(st.sampled_from([None, 0.5, "photo:25%", "subject"]), min_size=3, max_size=3),
    st.booleans(),
)
def test_joins_and_loops_are_continuous_in_speed(
    location: Location,
    moves: list[str],
    fovs: list[float | None],
    sharp: list[float | str | None],
    loop: bool,
) -> None:
    """At more frames a second velocity changes less from one to the next: there is no jolt."""
    shots = []
    for move, fov, focus in zip(moves, fovs, sharp, strict=False):
        zoom = {"fov": fov} if fov and move != "dolly-zoom" else {}
        shots.append(shot(move, aperture=0.02, **zoom, **({"focus": focus} if focus else {})))
    coarse, fine = (
        jolts(film(location, *shots, fps=fps, loop=loop).path, loop) for fps in (60, 240)
    )
    # A jolt would stay as large; four times the frames leave a quarter of a bend.
    assert (fine < 0.5 * coarse + 1e-4).all(), fine / coarse


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(["smooth", "cut"])),
        min_size=2,
        max_size=4,
    ),
    st.sampled_from([24.0, 25.0, 29.97, 60.0]),
)
def test_it_cuts_where_it_is_asked_to_and_nowhere_else(
    location: Location, moves: list[tuple[str, str]], fps: float
) -> None:
    made = film(location, *(shot(move, join=join) for move, join in moves), fps=fps)
    asked = [
        start
        for index, start in zip(made.shots, made.starts, strict=True)
        if index > 0 and moves[index][1] == "cut"
    ]
    time = np.linspace(0, len(made.path) / fps, len(made.path))
    seconds = np.array([time[frame] for frame in made.path.cuts or ()])
    assert len(seconds) == len(asked)
    assert np.abs(seconds - asked).max(initial=0) < 1.5 / fps


@pytest.mark.parametrize("move", sorted(MOVES))
def test_a_film_that_loops_comes_back(location: Location, move: str) -> None:
    """The step over its seam is one as any other."""
    path = film(location, shot(move), loop=True, fps=240).path
    ends = path.world_from_camera[[-1, 0]]
    steps = np.linalg.norm(np.diff(path.world_from_camera[:, :3, 3], axis=0), axis=1)
    turns = np.array(
        [
            Rotation.from_matrix(one[:3, :3].T @ two[:3, :3]).magnitude()
            for one, two in zip(
                path.world_from_camera[:-1], path.world_from_camera[1:], strict=True
            )
        ]
    )
    assert np.linalg.norm(ends[1, :3, 3] - ends[0, :3, 3]) <= 1.01 * steps.max() + 1e-12
    over = Rotation.from_matrix(ends[0, :3, :3].T @ ends[1, :3, :3]).magnitude()
    assert over <= 1.01 * turns.max() + 1e-7
    zooms = np.abs(np.diff(np.log(path.fov_y_deg)))
    assert abs(np.log(path.fov_y_deg[0] / path.fov_y_deg[-1])) <= 1.01 * zooms.max() + 1e-9


def test_the_focus_is_racked_between_shots(location: Location) -> None:
    shots = [
        shot("hold", focus=0.3, aperture=0.02),
        shot("hold", focus="photo:25%", aperture=0.05),
        shot("hold", focus=0.5, aperture=0.02, join="cut"),
    ]
    work = film(location, *shots, fps=25).path.lens_work
    assert work is not None
    size, focus = location.size, work.focus_distance
    np.testing.assert_allclose(focus[:50], 0.3 * size)
    path = film(location, *shots, fps=25).path
    target = location.point("photo:25%", "focus")
    wanted = (target - path.world_from_camera[80, :3, 3]) @ -path.world_from_camera[80, :3, 2]
    np.testing.assert_allclose(focus[76:100], wanted)
    during = focus[50:75]
    assert (np.diff(during) * np.sign(wanted - 0.3 * size) > -1e-12).all()
    np.testing.assert_allclose(focus[101:], 0.5 * size)
    np.testing.assert_allclose(work.aperture[[0, 90, 120]], np.array([0.02, 0.05, 0.02]) * size)


def test_a_film_played_backwards_or_in_another_time_has_the_same_focus(location: Location) -> None:
    shots = [
        shot("hold", focus=0.3, aperture=0.02),
        shot("push-in", focus="photo:25%", aperture=0.04),
    ]
    plain = film(location, *shots).path.lens_work
    back = film(location, *shots, transform=[{"reverse": True}]).path.lens_work
    slow = film(location, *shots, fps=48, transform=[{"retime": 8.0}]).path.lens_work
    fast = film(location, *shots, fps=96).path.lens_work
    assert plain is not None
    assert back is not None
    assert slow is not None
    assert fast is not None
    np.testing.assert_allclose(back.focus_distance[::-1], plain.focus_distance)
    np.testing.assert_allclose(slow.focus_distance, fast.focus_distance)
    np.testing.assert_allclose(slow.aperture, fast.aperture)


CHANGES = st.one_of(
    st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5)).map(
        lambda shift: ({"move": list(shift)}, {"move": [-part for part in shift]})
    ),
    st.floats(-360, 360).map(lambda angle: ({"rotate": angle}, {"rotate": -angle})),
    st.floats(0.1, 10).map(lambda factor: ({"scale": factor}, {"scale": 1 / factor})),
    st.sampled_from(["x", "y", "left-right"]).map(lambda side: ({"mirror": side},) * 2),
    st.just(({"reverse": True},) * 2),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=4), st.sampled_from(["orbit", "dolly", "keyframes"]))
def test_what_is_undone_in_the_opposite_order_is_as_before(
    location: Location, changes: list[tuple[dict, dict]], move: str
) -> None:
    plain = film(location, shot(move), fps=6).path
    there = [change for change, _ in changes]
    back = [inverse for _, inverse in reversed(changes)]
    made = film(location, shot(move), fps=6, transform=there + back).path
    np.testing.assert_allclose(made.world_from_camera, plain.world_from_camera, atol=1e-8)
    np.testing.assert_allclose(made.fov_y_deg, plain.fov_y_deg)


@settings(max_examples=20, deadline=None)
@given(st.floats(-180, 180), st.floats(-180, 180), st.floats(0.2, 4), st.floats(0.2, 4))
def test_changes_of_one_kind_add_up(
    location: Location, one: float, other: float, factor: float, second: float
) -> None:
    def poses(*changes: dict) -> np.ndarray:
        return film(location, shot("arc"), fps=6, transform=list(changes)).path.world_from_camera

    np.testing.assert_allclose(
        poses({"rotate": one}, {"rotate": other}), poses({"rotate": one + other}), atol=1e-9
    )
    np.testing.assert_allclose(
        poses({"scale": factor}, {"scale": second}), poses({"scale": factor * second}), atol=1e-8
    )
    # A turn about the subject and a scale about it may be swapped, and keep their distances.
    swapped = poses({"scale": factor}, {"rotate": one})
    np.testing.assert_allclose(poses({"rotate": one}, {"scale": factor}), swapped, atol=1e-8)
    apart = np.linalg.norm(swapped[:, :3, 3] - location.subject, axis=1)
    plain = np.linalg.norm(poses()[:, :3, 3] - location.subject, axis=1)
    np.testing.assert_allclose(apart, factor * plain)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 11.0])
def test_retimed_is_the_same_way(location: Location, seconds: float) -> None:
    shots = [shot("orbit"), shot("push-in", ease="out"), shot("pan", join="cut")]
    plain = film(location, *shots, fps=40)
    path = film(location, *shots, fps=40, transform=[{"retime": seconds}])
    assert len(path.path) == round(40 * seconds)
    ends = plain.path.world_from_camera[[0, -1]], path.path.world_from_camera[[0, -1]]
    np.testing.assert_allclose(ends[1], ends[0], atol=1e-9)
    faster = film(location, *shots, fps=40 * seconds / 6)
    assert len(faster.path) == len(path.path)
    np.testing.assert_allclose(
        path.path.world_from_camera, faster.path.world_from_camera, atol=1e-9
    )


def test_a_path_of_one_key_is_a_hold(location: Location) -> None:
    key = {"position": [3, 0, 2], "rotation": [0.5, 0.5, 0.5, 0.5], "fov": 33}
    for closed in (False, True):
        path = film(location, shot("keyframes", keys=[key], closed=closed)).path
        np.testing.assert_allclose(path.world_from_camera[:, :3, 3], np.tile([3, 0, 2], (48, 1)))
        np.testing.assert_allclose(path.fov_y_deg, 33)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.booleans())
def test_keys_are_hit_to_a_millionth(
    location: Location, seed: int, count: int, closed: bool
) -> None:
    rng = np.random.default_rng(seed)
    rotations = Rotation.random(count, rng=rng)
    keys = [
        {"position": place, "rotation": turn, "fov": fov, "at": float(second)}
        for second, (place, turn, fov) in enumerate(
            zip(
                rng.normal(0, 3, (count, 3)).tolist(),
                rotations.as_quat(scalar_first=True).tolist(),
                rng.uniform(10, 100, count).tolist(),
                strict=True,
            )
        )
    ]
    seconds = float(count if closed else count - 1)
    words = {"move": "keyframes", "keys": keys, "closed": closed, "seconds": seconds}
    path = film(location, words, fps=(60 * seconds + 1) / seconds).path
    frames = 60 * np.arange(count + closed)
    assert frames[-1] == len(path) - 1
    around = np.arange(len(frames)) % count
    poses = path.world_from_camera[frames]
    places = np.array([keys[index]["position"] for index in around])
    np.testing.assert_allclose(poses[:, :3, 3], places, atol=1e-6)
    np.testing.assert_allclose(poses[:, :3, :3], rotations.as_matrix()[around], atol=1e-6)
    fovs = [keys[index]["fov"] for index in around]
    np.testing.assert_allclose(path.fov_y_deg[frames], fovs, atol=1e-6)
