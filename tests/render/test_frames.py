from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from scenegen.errors import RenderError
from scenegen.render import rays
from scenegen.render.config import RenderConfig
from scenegen.render.field_pass import FieldFrame
from scenegen.render.frames import render_fingerprint, render_path
from scenegen.types import Camera, CameraPath, Field, FieldShape, Scene

SMALL = RenderConfig(width_px=30, height_px=20, every_frame_anew=True)


@dataclass
class Hits:
    rgb: np.ndarray
    depth: np.ndarray
    opacity: np.ndarray


@pytest.fixture
def scene() -> Scene:
    field = Field(
        FieldShape(),
        centre=np.zeros(3),
        radius=1.0,
        step=0.01,
        near=0.0,
        far=100.0,
        parameters={},
        occupancy=np.zeros((1, 1, 1), np.uint8),
        background=np.zeros(3, np.float32),
    )
    return Scene(field, (), (), np.zeros((0, 3), np.float32), fingerprint="0123456789abcdef")


@pytest.fixture
def path() -> CameraPath:
    """Four cameras along X that look along -Z."""
    poses = np.tile(np.eye(4), (4, 1, 1))
    poses[:, 0, 3] = [0, 1, 2, 3]
    return CameraPath(poses, np.full(4, 60.0), fps=24.0, aspect=1.5)


def wall(_field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
    """Trace a wall at z = -5 whose colour is the position, repeated every ten units."""
    depth = (-5 - origins[:, 2]) / directions[:, 2]
    points = origins + depth[:, None] * directions
    return Hits(points / 10 % 1, depth, np.full(len(depth), 0.75, np.float32))


def test_depth_is_along_the_optical_axis(scene: Scene, path: CameraPath) -> None:
    for frame in render_path(scene, path, SMALL, trace=wall):
        np.testing.assert_allclose(frame.depth, 5, rtol=1e-6)


def test_a_frame_is_what_its_type_says(scene: Scene, path: CameraPath) -> None:
    frames = list(render_path(scene, path, SMALL, trace=wall))
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    for frame in frames:
        assert (frame.rgb.shape, frame.rgb.dtype) == ((20, 30, 3), np.uint8)
        assert (frame.depth.shape, frame.depth.dtype) == ((20, 30), np.float32)
        assert (frame.opacity.shape, frame.opacity.dtype) == ((20, 30), np.float32)
    # The wall's height is 10 tan(30 deg); the top left pixel of frame 0 sees this point of it.
    unit = 10 * np.tan(np.pi / 6) / 20
    seen = np.array([-14.5 * unit, 9.5 * unit, -5]) / 10 % 1
    np.testing.assert_array_equal(frames[0].rgb[0, 0], np.rint(seen * 255))


def test_starting_later_gives_the_same_frames(scene: Scene, path: CameraPath) -> None:
    whole = list(render_path(scene, path, SMALL, trace=wall))
    for first in range(5):
        rest = list(render_path(scene, path, SMALL, first, trace=wall))
        assert [frame.index for frame in rest] == [frame.index for frame in whole[first:]]
        for ours, theirs in zip(rest, whole[first:], strict=True):
            np.testing.assert_array_equal(ours.rgb, theirs.rgb)


def test_bands_leave_no_seams(
    scene: Scene, path: CameraPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = next(render_path(scene, path, SMALL, trace=wall))
    monkeypatch.setattr(rays, "RAYS_PER_BAND", 90)
    banded = next(render_path(scene, path, SMALL, trace=wall))
    np.testing.assert_array_equal(whole.rgb, banded.rgb)
    np.testing.assert_array_equal(whole.depth, banded.depth)
    np.testing.assert_array_equal(whole.opacity, banded.opacity)


def test_frames_are_rendered_only_when_asked_for(scene: Scene, path: CameraPath) -> None:
    calls = []

    def counted(field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
        calls.append(len(origins))
        return wall(field, origins, directions)

    frames = render_path(scene, path, SMALL, trace=counted)
    assert calls == []
    next(frames)
    assert calls == [600]


def test_colours_are_rounded_and_clipped(scene: Scene, path: CameraPath) -> None:
    def flat(value: float) -> Callable[..., Hits]:
        return lambda _field, origins, _directions: Hits(
            np.full((len(origins), 3), value, np.float32),
            np.zeros(len(origins), np.float32),
            np.full(len(origins), 1.0001, np.float32),
        )

    for value, level in [(-0.5, 0), (0.0, 0), (99.6 / 255, 100), (1.0, 255), (1.7, 255)]:
        frame = next(render_path(scene, path, SMALL, trace=flat(value)))
        assert (frame.rgb == level).all()
        assert (frame.depth == 0).all()
        assert (frame.opacity == 1).all()


def test_progress_rises_to_the_number_of_frames(
    scene: Scene, path: CameraPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rays, "RAYS_PER_BAND", 300)
    told: list[tuple[str, float, float]] = []
    list(render_path(scene, path, SMALL, 2, lambda *report: told.append(report), wall))
    assert told == [("rendering", done, 4) for done in (2.5, 3.0, 3.5, 4.0)]


def test_a_field_of_nan_is_an_error(scene: Scene, path: CameraPath) -> None:
    def broken(field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
        hits = wall(field, origins, directions)
        hits.rgb[7, 1] = np.nan
        return hits

    with pytest.raises(RenderError) as error:
        next(render_path(scene, path, SMALL, 3, trace=broken))
    assert str(error.value) == (
        "frame 3: expected colours from 0 to 1, found values that are not numbers; "
        "the scene is damaged: run `scenegen lift` again"
    )


@pytest.mark.parametrize(("width", "height"), [(0, 540), (960, -1), (20000, 20000)])
def test_an_impossible_size_is_an_error(
    scene: Scene, path: CameraPath, width: int, height: int
) -> None:
    with pytest.raises(RenderError) as error:
        render_path(scene, path, RenderConfig(width, height), trace=wall)
    assert str(error.value) == (
        f"render: frame size {width}x{height} pixels, expected 1x1 to 134,217,728 pixels in all; "
        "choose another --width and --height"
    )


def test_an_empty_path_is_an_error(scene: Scene) -> None:
    empty = CameraPath(np.zeros((0, 4, 4)), np.zeros(0), 24.0, 1.5)
    with pytest.raises(RenderError) as error:
        render_path(scene, empty, SMALL, trace=wall)
    assert str(error.value) == (
        "render: the camera path has no frames, expected one or more; plan it anew"
    )


@pytest.mark.parametrize(
    ("fov", "shift", "scale"),
    [
        (0.0, 0, 1),
        (180.0, 0, 1),
        (np.nan, 0, 1),
        (60.0, np.inf, 1),
        (60.0, 0, 2),
        (60.0, 0, np.nan),
    ],
)
def test_a_broken_camera_is_an_error(
    scene: Scene, path: CameraPath, fov: float, shift: float, scale: float
) -> None:
    path.fov_y_deg[2] = fov
    path.world_from_camera[2, 1, 3] += shift
    path.world_from_camera[2, :3, :3] *= scale
    with pytest.raises(RenderError) as error:
        render_path(scene, path, SMALL, trace=wall)
    assert str(error.value) == (
        "render: frame 2 of the camera path has a pose that is not a finite rigid motion, "
        f"or a field of view outside 0 to 180 degrees ({fov:g}); mend the path"
    )


def test_the_fingerprint_tells_what_changes_a_pixel(scene: Scene, path: CameraPath) -> None:
    moved = path.world_from_camera.copy()
    moved[3, 2, 3] += 1e-9
    prints = [
        render_fingerprint(scene, path, SMALL),
        render_fingerprint(replace(scene, fingerprint="fedcba9876543210"), path, SMALL),
        render_fingerprint(scene, replace(path, world_from_camera=moved), SMALL),
        render_fingerprint(scene, replace(path, fov_y_deg=path.fov_y_deg + 1e-9), SMALL),
        render_fingerprint(scene, path, RenderConfig(20, 30)),
    ]
    assert len(set(prints)) == len(prints)
    assert render_fingerprint(scene, replace(path, fps=30.0), SMALL) == prints[0]


def test_the_fingerprint_tells_what_renders(
    scene: Scene, path: CameraPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = []
    for backend in ("native", "torch"):
        monkeypatch.setenv("SCENEGEN_BACKEND", backend)
        prints.append(render_fingerprint(scene, path, SMALL))
    monkeypatch.setattr("scenegen.render.frames.__version__", "0.0.1")
    prints.append(render_fingerprint(scene, path, SMALL))
    assert len(set(prints)) == 3


def test_a_guide_sees_each_camera_with_its_frame(scene: Scene, path: CameraPath) -> None:
    seen = []

    def darker(camera: Camera, made: FieldFrame) -> FieldFrame:
        seen.append((camera.position[0], made.rgb.dtype, made.rgb.shape))
        return replace(made, rgb=made.rgb / 2)

    plain = list(render_path(scene, path, SMALL, 1, trace=wall))
    guided = list(render_path(scene, path, SMALL, 1, trace=wall, guide=darker))
    assert seen == [(x, np.float32, (20, 30, 3)) for x in (1.0, 2.0, 3.0)]
    for ours, theirs in zip(guided, plain, strict=True):
        assert np.abs(2.0 * ours.rgb - theirs.rgb).max() <= 1.5  # of levels, by rounding
        np.testing.assert_array_equal(ours.depth, theirs.depth)
