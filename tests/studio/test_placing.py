"""Ups, turns and boxes at the desk; the script is turned along."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.errors import PathError
from scenegen.lift.placement import AS_TRAINED, placed
from scenegen.path.location import Location
from scenegen.path.script.read import as_script
from scenegen.path.script.schema import Script
from scenegen.path.script.shots import Keyframes
from scenegen.studio import edits, placing, stage
from scenegen.studio.film import made_film
from scenegen.studio.session import Session
from scenegen.studio.stage import Stage
from scenegen.types import Crop, Placement, Scene
from tests.path.rigs import ring, world

BOX = Crop((0.5, -1.0, 2.0), (2.0, 3.0, 1.0), 30.0)
SCRIPT = as_script(
    {
        "schema": "scenegen.path/1",
        "fov": 50.0,
        "focus": [0.1, 0.2, 0.3],
        "transform": [{"move": [0.1, 0.0, 0.05]}, {"scale": 0.9, "about": [0.0, 0.0, 0.2]}],
        "shots": [
            {
                "move": "keyframes",
                "keys": [
                    {"position": [2.0, 1.0, 0.5], "look": [0.0, 0.1, 0.0], "fov": 40.0},
                    {"position": [2.0, -1.0, 0.4], "rotation": [0.5, 0.5, 0.5, 0.5]},
                    {"photo": "0000.jpg"},
                ],
            },
            {"move": "fly-through", "waypoints": [[1.0, 2.0, 0.3], "photo:first"], "fov": [50, 30]},
        ],
    }
)


@pytest.fixture(autouse=True)
def _a_ball_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rays meet, however the scene stands."""

    def location(scene: Scene) -> Location:
        return Location(scene, world(spheres=[((0, 0, 0), 0.5)]))

    monkeypatch.setattr(stage, "Location", location)


def first_position(script: Script) -> np.ndarray:
    """Where the first keyframe of the first shot is."""
    shot = script.shots[0]
    assert isinstance(shot, Keyframes)
    return np.array(shot.keys[0].position)


def test_what_a_script_states_in_coordinates_is_turned_and_nothing_else() -> None:
    turn = Rotation.from_euler("xyz", [0.3, -0.2, 0.9])
    made = edits.content_of(edits.turned(SCRIPT, turn.as_matrix()))
    before = edits.content_of(SCRIPT)
    keys, old = made["shots"][0]["keys"], before["shots"][0]["keys"]
    np.testing.assert_allclose(keys[0]["position"], turn.apply(old[0]["position"]))
    np.testing.assert_allclose(keys[0]["look"], turn.apply(old[0]["look"]))
    own = Rotation.from_quat(keys[1]["rotation"], scalar_first=True)
    first = Rotation.from_quat(old[1]["rotation"], scalar_first=True)
    assert (own * (turn * first).inv()).magnitude() < 1e-12
    np.testing.assert_allclose(made["focus"], turn.apply(before["focus"]))
    np.testing.assert_allclose(made["transform"][0]["move"], turn.apply([0.1, 0.0, 0.05]))
    np.testing.assert_allclose(made["shots"][1]["waypoints"][0], turn.apply([1.0, 2.0, 0.3]))
    assert made["shots"][1]["waypoints"][1] == "photo:first"
    assert tuple(made["shots"][1]["fov"]) == (50, 30)
    assert keys[2] == old[2]
    back = edits.turned(edits.turned(SCRIPT, turn.as_matrix()), turn.inv().as_matrix())
    np.testing.assert_allclose(first_position(back), [2.0, 1.0, 0.5], atol=1e-12)


def test_cameras_stay_where_they_are_in_the_scene() -> None:
    keys = [edits.key_at_pose(camera.world_from_camera, 50.0) for camera in ring(24).cameras[:9:4]]
    script = edits.EMPTY
    for key in keys:
        script, _, _ = edits.with_key(script, key)
    scene = ring(24)
    placement = placing.with_up(AS_TRAINED, np.array([0.3, 0.1, 0.8]))
    turned = placed(scene, placement)
    before = made_film(script, Stage(scene))
    after = made_film(edits.turned(script, placement.turn), Stage(turned))
    assert before.path is not None, before.trouble
    assert after.path is not None, after.trouble
    poses = before.path.world_from_camera
    motion = np.eye(4)
    motion[:3, :3] = placement.turn
    np.testing.assert_allclose(after.path.world_from_camera, motion @ poses, atol=1e-9)


def test_placing_is_undone_with_the_script_and_kept(tmp_path: Path) -> None:
    session = Session(tmp_path / "session.json")
    session.do(lambda _: SCRIPT)
    session.place(lambda placement: placing.with_up(placement, np.array([1.0, 0.0, 1.0])))
    leaning, turned = session.placement, session.script
    assert turned != SCRIPT
    session.place(lambda placement: Placement(placement.rotation, BOX))
    assert session.script == turned, "a crop turns nothing"
    session.undo()
    assert (session.placement, session.script) == (leaning, turned)
    session.undo()
    assert (session.placement, session.script) == (AS_TRAINED, SCRIPT)
    session.redo()
    assert (session.placement, session.script) == (leaning, turned)
    # The scene stands as it was trained again: another program put it back.
    again = Session(tmp_path / "session.json")
    np.testing.assert_allclose(first_position(again.script), [2.0, 1.0, 0.5], atol=1e-12)
    assert Session(tmp_path / "session.json", leaning).script == turned


@pytest.mark.parametrize("rotation", [[1, 1, 0, 0], [1, 0, 0], "up", None])
def test_a_session_with_a_wrong_rotation_is_told(tmp_path: Path, rotation: object) -> None:
    file = tmp_path / "session.json"
    file.write_text(json.dumps({"schema": "scenegen.studio/1", "rotation": rotation}))
    with pytest.raises(PathError, match="mend it or move that file away"):
        Session(file)


triples = st.tuples(*[st.floats(-5, 5)] * 3)


@given(triples.filter(lambda up: np.linalg.norm(up) > 1e-3), triples)
def test_up_becomes_z_and_the_box_stays_with_the_scene(
    up: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    first = placing.with_up(Placement(crop=BOX), np.array([other[0], other[1], other[2] + 9]))
    made = placing.with_up(first, np.array(up))
    turn = made.turn @ first.turn.T
    np.testing.assert_allclose(turn @ up / np.linalg.norm(up), [0, 0, 1], atol=1e-7)
    assert made.crop is not None
    assert first.crop is not None
    np.testing.assert_allclose(made.crop.centre, turn @ first.crop.centre, atol=1e-9)


def test_leaning_turns_the_scene_about_what_is_level() -> None:
    turn = placing.leaning(np.array([0.0, 2.0, 5.0]), 10.0)
    np.testing.assert_allclose(turn.as_rotvec(), [0, np.deg2rad(10), 0])
    leant = placing.turned_by(AS_TRAINED, turn)
    assert placing.off_by_deg(leant) == pytest.approx(10)
    assert placing.turned_by(leant, placing.leaning(np.array([1.0, 0, 0]), 0.0)) is leant


def test_photos_tell_which_way_is_up() -> None:
    scene = placed(ring(24), placing.with_up(AS_TRAINED, np.array([0.2, 0.4, 0.9])))
    made = placing.with_up(scene.placement, placing.photos_up(scene))
    np.testing.assert_allclose(made.turn, np.eye(3), atol=1e-6)


@pytest.mark.parametrize("face", range(6))
def test_a_face_is_dragged_and_the_opposite_one_stays(face: int) -> None:
    middles = placing.face_points(BOX)
    outward = middles[face] - np.array(BOX.centre)
    outward = outward / np.linalg.norm(outward)
    beside = np.cross(outward, [0.3, 0.5, 0.7])
    moved = placing.with_face(BOX, face, middles[face] + 0.25 * outward + beside, 3.0)
    after = placing.face_points(moved)
    np.testing.assert_allclose(after[face ^ 1], middles[face ^ 1], atol=1e-12)
    np.testing.assert_allclose(after[face], middles[face] + 0.25 * outward, atol=1e-12)
    pushed = placing.with_face(BOX, face, middles[face] - 99 * outward, 3.0)
    assert min(pushed.size) == pytest.approx(0.003)
    np.testing.assert_allclose(placing.face_points(pushed)[face ^ 1], middles[face ^ 1], atol=1e-9)


def test_edges_join_the_corners() -> None:
    ends = placing.edges(BOX)
    assert ends.shape == (12, 2, 3)
    local = np.abs((ends - np.array(BOX.centre)) @ BOX.axes)
    np.testing.assert_allclose(local, np.broadcast_to(np.array(BOX.size) / 2, (12, 2, 3)))
    lengths = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    np.testing.assert_allclose(np.sort(lengths), np.repeat([1.0, 2.0, 3.0], 4))


def test_a_fitted_box_holds_what_was_seen_around_the_subject() -> None:
    location = Stage(ring(24)).location
    box = placing.fitted(location)
    assert np.abs(np.array(box.centre) - location.subject).max() < location.size
    assert min(box.size) > 0.05 * location.size
    assert max(box.size) < 1.5 * location.size


def test_a_stage_turns_about_the_subject() -> None:
    scene = ring(24)
    first = Stage(scene)
    placement = placing.with_up(AS_TRAINED, np.array([0.3, 0.1, 0.8]))
    second = Stage(placed(scene, placement), first)
    np.testing.assert_allclose(second.shown(placement.turn @ first.centre), 0.0, atol=1e-12)
    assert second.guide.depths is first.guide.depths
    assert second.guiding is first.guiding
