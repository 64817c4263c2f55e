"""Ways through worlds: above ground and water, and around what is far away no farther than fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.path.config import PathConfig
from scenegen.scouting import Scouted, lifted, scouted, way_through, within_reach
from scenegen.types import CameraPath
from scenegen.worlds.build import build
from scenegen.worlds.spec import Prop, WorldSpec
from scenegen.worlds.trace import Tracer
from scenegen.worlds.world import Stand
from tests.worlds.settings.lean import lean

OUTDOORS = (
    "alpine valley", "coast", "desert canyon", "meadow village", "pine forest", "snowfield",
    "temple ruin",
)  # fmt: skip
MOVES: tuple[dict[str, object], ...] = (
    {"move": "arc"},
    {"move": "arc", "degrees": -60.0},
    {"move": "orbit", "degrees": 150.0},
    {"move": "crane", "rise": -0.6, "forward": 0.5},
    {"move": "dolly", "distance": "60 m"},
    {"move": "dolly", "distance": "-60 m"},
    {"move": "truck", "distance": "40 m"},
    {"move": "pedestal", "distance": "-5 m"},
)
CONFIG = PathConfig(seconds=2.0, fps=8.0)


@pytest.fixture(scope="module", params=OUTDOORS)
def place(request: pytest.FixtureRequest) -> tuple[WorldSpec, Tracer, Scouted]:
    far = [Prop(kind="lighthouse")] if request.param == "coast" else []
    spec = WorldSpec.model_validate(
        {"setting": request.param, "seed": 4, "props": far, "subject": far[0].kind if far else None}
    )
    with lean():
        tracer = Tracer(build(spec))
    return spec, tracer, scouted(tracer, 64, 36)


@pytest.mark.slow
@pytest.mark.parametrize("move", MOVES, ids=lambda move: " ".join(map(str, move.values())))
def test_no_camera_of_a_way_is_below_the_ground(
    place: tuple[WorldSpec, Tracer, Scouted], move: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    spec, tracer, around = place
    moving = spec.model_copy(update={"camera": ({**move, "seconds": 2.0},)})
    monkeypatch.setattr(tracer, "world", replace(tracer.world, spec=moving))
    way = way_through(tracer, around.cameras, CONFIG)
    places = way.world_from_camera[:, :3, 3].astype(np.float64)
    eye = tracer.world.stand.eye
    clear = min(1.0, eye[2] - tracer.surface(eye[None, :2])[0])
    assert (places[:, 2] - tracer.surface(places[:, :2])).min() > clear - 1e-3
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert steps.max() < 8 * max(steps.mean(), 0.05)


def test_around_what_is_far_a_move_stays_within_the_room_there_is() -> None:
    stand = Stand(np.zeros(3), np.array([0.0, 200.0, 0.0]), 10.0)
    most = pytest.approx(np.degrees(10 / 200), abs=0.01)
    assert within_reach({"move": "arc"}, stand)["degrees"] == most
    assert -within_reach({"move": "orbit", "degrees": -90.0}, stand)["degrees"] == most
    assert within_reach({"move": "arc", "degrees": 1.0}, stand)["degrees"] == 1.0
    assert within_reach({"move": "arc"}, stand)["around"] == "subject"
    near = Stand(np.zeros(3), np.array([0.0, 30.0, 0.0]), 10.0)
    for shot in ({"move": "orbit", "degrees": 90.0}, {"move": "dolly", "distance": 0.3}):
        assert within_reach(shot, near) == shot
    arc = within_reach({"move": "arc", "degrees": 40.0}, near)
    assert arc["degrees"] == pytest.approx(np.degrees(10 / 30), abs=0.01)
    assert within_reach({"move": "dolly"}, stand) == {"move": "dolly"}


class _Hill:
    """A world whose ground is a hill across the way; nothing else of it is asked."""

    def __init__(self) -> None:
        self.world = self
        self.stand = Stand(np.array([0.0, 0.0, 1.5]), np.array([0.0, 80.0, 1.5]), 10.0)

    def surface(self, places: np.ndarray) -> np.ndarray:
        return 3 * np.exp(-(((places[:, 1] - 20) / 3) ** 2))


def test_a_way_rises_softly_over_a_hill_and_looks_where_it_did() -> None:
    poses = np.tile(np.eye(4), (96, 1, 1))
    poses[:, :3, :3] = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])  # looks north
    poses[:, 1, 3], poses[:, 2, 3] = np.linspace(0, 40, 96), 1.5
    path = CameraPath(poses, np.full(96, 50.0), 24.0, 16 / 9)
    hill = _Hill()
    over = lifted(path, hill)  # pyright: ignore[reportArgumentType]
    places = over.world_from_camera[:, :3, 3]
    assert (places[:, 2] - hill.surface(places[:, :2])).min() > 1.0 - 1e-6
    np.testing.assert_allclose(places[0], poses[0, :3, 3])
    assert np.abs(np.diff(places[:, 2], 2)).max() < 0.05
    arm = np.linalg.norm(hill.stand.subject - poses[:, :3, 3], axis=1)
    at = poses[:, :3, 3] - arm[:, None] * poses[:, :3, 2]
    ahead = -over.world_from_camera[:, :3, 2]
    wanted = (at - places) / np.linalg.norm(at - places, axis=1, keepdims=True)
    np.testing.assert_allclose(ahead, wanted, atol=1e-6)


def test_a_way_above_the_ground_stays_what_it_is() -> None:
    poses = np.tile(np.eye(4), (3, 1, 1))
    poses[:, 2, 3] = 9.0
    path = CameraPath(poses, np.full(3, 50.0), 24.0, 16 / 9)
    assert lifted(path, _Hill()) is path  # pyright: ignore[reportArgumentType]
