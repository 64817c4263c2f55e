"""Any path goes through every format and comes back, within what the format can hold."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from scenegen.path.formats.hints import Hints, RotationOrder
from scenegen.path.formats.registry import FORMATS, read_path, write_path
from scenegen.types import CameraPath, LensWork

# File, format, and the tolerances of places (by the path's size) and turns, fields of view in
# degrees, and lenses: glTF and USD hold some of them in 32 bits, .chan writes twelve digits.
KINDS = {
    "nerfstudio": ("path.json", "nerfstudio", 1e-12, 0.0, 0.0),
    "ngp": ("path.json", "ngp", 1e-11, 1e-11, 1e-11),
    "lichtfeld": ("path.json", "lichtfeld", 1e-12, 1e-9, 0.0),
    "colmap": ("path", "colmap", 1e-12, 1e-9, 0.0),
    "chan": ("path.chan", "chan", 1e-9, 1e-9, None),
    "gltf": ("path.gltf", "gltf", 3e-7, 2e-5, 0.0),
    "glb": ("path.glb", "gltf", 3e-7, 2e-5, 0.0),
    "usda": ("path.usda", "usd", 1e-12, 2e-5, 1e-6),
    "usdc": ("path.usdc", "usd", 1e-12, 2e-5, 1e-6),
}


@st.composite
def paths(draw: st.DrawFn) -> CameraPath:
    """Return paths near and far, still and turning wildly, with lenses and without."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 40))
    far = 10.0 ** draw(st.integers(-3, 4))
    poses = np.tile(np.eye(4), (count, 1, 1))
    poses[:, :3, :3] = Rotation.random(count, rng=rng).as_matrix()
    if draw(st.booleans()):  # straight down, where the angles of .chan are not their own
        poses[0, :3, :3] = Rotation.from_euler("z", rng.uniform(0, 360), degrees=True).as_matrix()
    poses[:, :3, 3] = far * rng.normal(size=(count, 3))
    fovs = rng.uniform(8, 100, count)
    if draw(st.booleans()):
        fovs[:] = fovs[0]
    work = None
    if draw(st.booleans()):
        focus, aperture = far * rng.uniform(0.1, 9, count), far * rng.uniform(0, 0.1, count)
        if draw(st.booleans()):
            aperture[:] = 0.0
        work = LensWork(focus, aperture, draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])))
    fps = draw(st.sampled_from([10.0, 23.976, 24.0, 30.0, 60.0]))
    cuts = None
    if draw(st.booleans()):
        cuts = tuple(frame for frame in range(1, count) if draw(st.integers(0, 9)) == 0)
    return CameraPath(poses, fovs, fps, draw(st.sampled_from([0.5, 1.0, 16 / 9, 2.35])), work, cuts)


@pytest.mark.filterwarnings("ignore:LichtFeld")
@pytest.mark.parametrize("kind", KINDS)
@given(path=paths())
@settings(max_examples=25, deadline=None)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, kind: str, path: CameraPath) -> None:
    name, form, rigid, fov, lens = KINDS[kind]
    if form == "usd":
        pytest.importorskip("pxr", reason="usd-core is not installed")
    file = tmp_path_factory.mktemp("path") / name
    write_path(path, file, round(1080 * path.aspect), 1080, form)
    back = read_path(file, Hints(path.aspect, path.fps))
    assert len(back) == len(path)
    assert back.cuts == (None if form == "chan" else path.cuts)
    assert back.fps == pytest.approx(path.fps, rel=1e-12)
    assert back.aspect == pytest.approx(path.aspect, rel=1e-3 if form == "nerfstudio" else 1e-12)
    size = 1 + np.abs(path.world_from_camera[:, :3, 3]).max()
    np.testing.assert_allclose(
        back.world_from_camera[:, :3, 3],
        path.world_from_camera[:, :3, 3],
        rtol=0,
        atol=rigid * size,
    )
    np.testing.assert_allclose(
        back.world_from_camera[:, :3, :3], path.world_from_camera[:, :3, :3], atol=max(rigid, 1e-9)
    )
    np.testing.assert_allclose(back.fov_y_deg, path.fov_y_deg, rtol=0, atol=fov)
    if lens is None:
        assert back.lens_work is None
    else:
        same_lens(path.lens_work, back.lens_work, lens, form)


def same_lens(work: LensWork | None, back: LensWork | None, rtol: float, form: str) -> None:
    if work is None:
        assert back is None
        return
    assert back is not None
    np.testing.assert_allclose(back.focus_distance, work.focus_distance, rtol=max(rtol, 1e-12))
    np.testing.assert_allclose(back.aperture, work.aperture, rtol=max(rtol, 1e-12))
    assert back.shutter == pytest.approx(work.shutter, abs=1e-9)
    del form


def test_every_format_is_tried() -> None:
    assert {form for _, form, *_ in KINDS.values()} == set(FORMATS)


def test_frames_of_other_tools_are_taken_off_and_put_on(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    poses = np.tile(np.eye(4), (4, 1, 1))
    poses[:, :3, :3] = Rotation.random(4, rng=rng).as_matrix()
    poses[:, :3, 3] = rng.normal(size=(4, 3))
    path = CameraPath(poses, np.full(4, 50.0), 24.0, 1.0)
    golden = Path(__file__).parents[2] / "golden/paths"
    for form, frame in (("nerfstudio", "dataparser_transforms"), ("ngp", "ngp_transforms")):
        file = tmp_path / f"{form}.json"
        hints = Hints(1.0, 24.0, golden / f"{frame}.json")
        write_path(path, file, 64, 64, form, hints)
        moved = read_path(file, Hints(1.0, 24.0))
        assert np.abs(moved.world_from_camera - poses).max() > 0.1
        back = read_path(file, hints)
        np.testing.assert_allclose(back.world_from_camera, poses, atol=1e-12)


@pytest.mark.parametrize("order", get_args(RotationOrder))
@given(path=paths())
@settings(max_examples=10, deadline=None)
def test_every_rotation_order_comes_back(
    tmp_path_factory: pytest.TempPathFactory, order: RotationOrder, path: CameraPath
) -> None:
    file, hints = tmp_path_factory.mktemp("path") / "a.chan", Hints(rotation_order=order)
    write_path(path, file, 160, 90, hints=hints)
    turns = read_path(file, hints).world_from_camera[:, :3, :3]
    np.testing.assert_allclose(turns, path.world_from_camera[:, :3, :3], atol=1e-9)
