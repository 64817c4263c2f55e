"""Frames for a camera that someone moves."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.errors import RenderError
from scenegen.render.preview import PREVIEW, Preview
from scenegen.types import Camera, Frame, Lens, Scene
from tests.render.test_frames import scene
from tests.render.test_reuse import Room

__all__ = ["scene"]


def camera(x: float, width: int = 66, height: int = 37) -> Camera:
    pose = np.eye(4)
    pose[0, 3] = x
    return Camera(Lens(width, height, 32.0, 32.0, width / 2, height / 2), pose)


def whole(view: Camera) -> np.ndarray:
    """Return what a trace of every pixel would show, as 8-bit levels."""
    lens = view.lens
    right = (np.arange(lens.width_px) + 0.5 - lens.cx) / lens.fl_x
    up = (lens.cy - np.arange(lens.height_px)[:, None] - 0.5) / lens.fl_y
    rays = np.stack(np.broadcast_arrays(right, up, -1.0), -1).reshape(-1, 3)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    origins = np.tile(view.position, (len(rays), 1)).astype(np.float32)
    hits = Room()(None, origins, rays.astype(np.float32))  # pyright: ignore[reportArgumentType]
    return np.rint(hits.rgb.reshape(lens.height_px, lens.width_px, 3) * 255)


def psnr(frame: Frame, view: Camera) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((frame.rgb - whole(view)) ** 2), 1e-3)))


def test_a_camera_that_moves_sees_nearly_what_is_there(scene: Scene) -> None:
    preview = Preview(scene, trace=Room())
    values = [psnr(preview.render(camera(x)), camera(x)) for x in np.linspace(0, 0.4, 25)]
    assert min(values[:8]) > 20
    assert min(values[8:]) > 38


@pytest.mark.parametrize("before", [[], [0.3, 0.31, 0.32], [9.0]])
def test_a_camera_at_rest_sees_what_a_whole_frame_would_show(
    scene: Scene, before: list[float]
) -> None:
    preview = Preview(scene, trace=Room())
    for x in before:
        preview.render(camera(x))
    frame = [preview.render(camera(0.0)) for _ in range(PREVIEW.calls_to_rest)][-1]
    assert np.abs(frame.rgb - whole(camera(0.0))).max() <= 1  # float32 rounds otherwise
    assert frame.index == len(before) + PREVIEW.calls_to_rest - 1
    assert (frame.depth > 2).all()


def test_no_frame_traces_more_than_its_share(scene: Scene) -> None:
    room = Room()
    preview = Preview(scene, trace=room)
    for x in (0.0, 0.0, 0.1, 0.2, 7.0, 7.1, -50.0, -50.0, 0.0):
        room.rays = 0
        preview.render(camera(x))
        assert 0 < room.rays <= 19 * 33 + PREVIEW.traced_share * 37 * 66


@pytest.mark.parametrize("effort", [1.0, 0.5, 0.25])
def test_less_effort_traces_less_of_a_moving_camera(scene: Scene, effort: float) -> None:
    room = Room()
    preview = Preview(scene, trace=room)
    for _ in range(PREVIEW.calls_to_rest):
        preview.render(camera(0.0))
    for x in (0.01, 0.02, 0.03):
        room.rays = 0
        preview.render(camera(x), effort)
        limit = int(effort * PREVIEW.traced_share * 37 * 66) + 1
        assert 0 < room.rays <= limit


def test_nothing_is_traced_for_a_camera_that_has_seen_all(scene: Scene) -> None:
    room = Room()
    preview = Preview(scene, trace=room)
    for _ in range(PREVIEW.calls_to_rest):
        preview.render(camera(0.0))
    room.rays = 0
    preview.render(camera(0.0))
    assert room.rays == 0


def test_frames_depend_on_the_cameras_alone(scene: Scene) -> None:
    views = [camera(x) for x in (0.0, 0.02, 0.04, 5.0, 5.0, 5.02, 0.1)]
    one, other = Preview(scene, trace=Room()), Preview(scene, trace=Room())
    kept = [one.render(view) for view in views]
    copies = [(frame.rgb.copy(), frame.depth.copy()) for frame in kept]
    for frame, (rgb, depth) in zip([other.render(view) for view in views], copies, strict=True):
        np.testing.assert_array_equal(frame.rgb, rgb)
        np.testing.assert_array_equal(frame.depth, depth)
    one.render(views[-1])
    for frame, (rgb, depth) in zip(kept, copies, strict=True):  # and stay as they were
        np.testing.assert_array_equal(frame.rgb, rgb)
        np.testing.assert_array_equal(frame.depth, depth)


def test_sizes_may_change(scene: Scene) -> None:
    preview = Preview(scene, trace=Room())
    for size in ((66, 37), (1, 1), (31, 17), (80, 45)):
        for _ in range(3):
            assert preview.render(camera(0.0, *size)).rgb.shape == (size[1], size[0], 3)
    assert psnr(preview.render(camera(0.0, 80, 45)), camera(0.0, 80, 45)) > 25


def test_a_damaged_field_is_named(scene: Scene) -> None:
    def broken(field: object, origins: np.ndarray, directions: np.ndarray) -> object:
        hits = Room()(field, origins, directions)  # pyright: ignore[reportArgumentType]
        hits.rgb[:] = np.nan
        return hits

    with pytest.raises(RenderError, match="not numbers"):
        Preview(scene, trace=broken).render(camera(0.0))  # pyright: ignore[reportArgumentType]
