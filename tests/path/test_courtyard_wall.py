"""A path deliberately through a wall of the courtyard: found in its second, and bent out of it.

The courtyard was modelled, so what a camera truly meets is known to the millimetre; the field that
is checked has learnt it from the photos alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scenegen import LiftConfig, pipeline
from scenegen.cli import main
from scenegen.path.formats.nerfstudio import read_camera_path
from scenegen.types import CameraPath

pytestmark = pytest.mark.slow
mi = pytest.importorskip("mitsuba", reason="needs scenegen[courtyard]: mitsuba")

ROOT = Path(__file__).resolve().parents[2]
COURTYARD = ROOT / "scenes" / "courtyard"
SEED = 11
FPS = 24.0

THROUGH = """
schema: scenegen.path/1
shots:
  - move: keyframes  # in metres: a step, up, out through the painted wall in the north, and back
    keys:
      - {at: 0, position: [3.9, -4.2, 1.7], look: [0, 12, 4], fov: 50}
      - {at: 2.5, position: [3.4, -3.8, 1.7], look: [0, 12, 4], fov: 50}
      - {at: 5.2, position: [1, 8.2, 5.4], look: [0, 12, 4], fov: 50}
      - {at: 5.8, position: [-1, 8.2, 5.4], look: [0, 12, 4], fov: 50}
      - {at: 8.5, position: [-3.4, -3.8, 1.7], look: [0, 12, 4], fov: 50}
      - {at: 11, position: [-3.9, -4.2, 1.7], look: [0, 12, 4], fov: 50}
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The courtyard at its true cameras, in metres, after a short training; the same every time."""
    folder = tmp_path_factory.mktemp("courtyard")
    (folder / "photos").mkdir()
    (folder / "photos" / "images").symlink_to(COURTYARD / "images")
    cameras = (COURTYARD / "true_cameras.json").read_text(encoding="utf-8")
    (folder / "photos" / "transforms.json").write_text(cameras, encoding="utf-8")
    pipeline.lift(folder / "photos", folder / "scene", LiftConfig(steps=3000, downscale=2))
    (folder / "through.yaml").write_text(THROUGH)
    return folder / "scene"


@pytest.fixture(scope="module")
def truth():
    """The true courtyard, for rays."""
    mi.set_variant("scalar_rgb")
    from courtyard.render import model

    shapes = {}
    for name, mesh in model(SEED).items():
        shape = mi.Mesh(name, len(mesh.points), len(mesh.faces))
        values = mi.traverse(shape)
        values["vertex_positions"] = mesh.points.astype(np.float32).ravel()
        values["faces"] = mesh.faces.astype(np.uint32).ravel()
        values.update()
        shapes[name] = shape
    return mi.load_dict({"type": "scene", **shapes})


def crossings_s(path: CameraPath, truth) -> list[float]:
    """Seconds at which the straight ways from frame to frame truly pass through something."""
    places = path.world_from_camera[:, :3, 3].astype(np.float64)
    moments = []
    for frame, step in enumerate(np.diff(places, axis=0)):
        length = float(np.linalg.norm(step))
        if length > 0:
            ray = mi.Ray3f(mi.Point3f(*places[frame]), mi.Vector3f(*(step / length)))
            hit = truth.ray_intersect_preliminary(ray)
            if hit.is_valid() and hit.t < length:
                moments.append((frame + float(hit.t) / length) / path.fps)
    return moments


def played(scene: Path, folder: Path, *words: str) -> tuple[CameraPath, dict]:
    """Run `scenegen path` as a user does; return the path and what the report says of it."""
    output, report = folder / "path.json", folder / "report.json"
    files = ["--output", str(output), "--report", str(report)]
    script = str(scene.parent / "through.yaml")
    assert main(["path", str(scene), script, *files, *words]) == 0
    return read_camera_path(output), json.loads(report.read_text())["path_check"]


def of_kind(check: dict, *kinds: str) -> list[dict]:
    return [trouble for trouble in check["troubles"] if trouble["kind"] in kinds]


def jolt(path: CameraPath) -> float:
    """The most that the speed changes in a second, in metres a second."""
    speed = np.diff(path.world_from_camera[:, :3, 3].astype(np.float64), axis=0) * FPS
    return float(np.linalg.norm(np.diff(speed, axis=0), axis=1).max() * FPS)


def test_a_wall_is_reported_in_the_second_in_which_the_camera_truly_meets_it(
    scene: Path, truth, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, check = played(scene, tmp_path, "--check-map", str(tmp_path / "map.png"))
    true_s = crossings_s(path, truth)
    assert len(true_s) == 2  # the wall, out and in
    crossings = of_kind(check, "crossing")
    first, last = crossings[0]["start"], crossings[-1]["end"]
    # The camera travels some 4.5 m a second there, the field is some 20 cm soft: worst seen 0.05 s.
    assert first == pytest.approx(true_s[0], abs=0.1)
    assert last == pytest.approx(true_s[-1], abs=0.1)
    assert f"path: {first:.1f} to " in capsys.readouterr().err
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_fixed_it_truly_passes_through_nothing_and_else_is_as_it_was(
    scene: Path, truth, tmp_path: Path
) -> None:
    before, _ = played(scene, tmp_path)
    after, check = played(scene, tmp_path, "--fix", "--overwrite")
    assert of_kind(check, "crossing", "near") == []
    assert crossings_s(after, truth) == []
    assert len(after) == len(before)
    moved = np.linalg.norm(
        after.world_from_camera[:, :3, 3] - before.world_from_camera[:, :3, 3], axis=1
    )
    assert moved.max() > 1.2  # out of a house that the path was 1.2 m inside of
    # Its first and its last half second are the same to a centimetre and at the same time: the bend
    # has all but faded out there, worst seen 7.5 mm.
    calm = np.r_[0 : int(FPS / 2), len(before) - int(FPS / 2) : len(before)]
    assert moved[calm].max() < 1e-2
    np.testing.assert_allclose(
        after.world_from_camera[calm], before.world_from_camera[calm], atol=1e-2
    )
    # And the detour jolts little more than the way through did.
    assert jolt(after) < 1.5 * jolt(before)  # worst seen 1.44
