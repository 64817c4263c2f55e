"""Depth of field and motion blur, against a thin lens that is traced ray by ray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from scenegen.errors import RenderError
from scenegen.kernels.srgb import encoded, linear
from scenegen.render.config import RenderConfig
from scenegen.render.exposure import Exposure, expose, exposure_of
from scenegen.render.field_pass import FieldFrame, Trace, render_field
from scenegen.render.frames import render_fingerprint, render_path
from scenegen.render.reuse import retrace
from scenegen.types import Camera, CameraPath, Field, Lens, LensWork
from tests.publish.room import Hits, room_path, room_scene, trace_room

SIZE = (160, 90)
CONFIG = RenderConfig(*SIZE)


def worked(path: CameraPath, focus: float, aperture: float, shutter: float = 0.0) -> CameraPath:
    count = len(path)
    work = LensWork(np.full(count, focus), np.full(count, aperture), shutter)
    return replace(path, lens_work=work)


def trace_board(field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
    """Meet a board of red and dark squares in the room, or else its walls."""
    hits = trace_room(field, origins, directions)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = (0.3 - origins[:, 1]) / directions[:, 1]
        at = origins + depth[:, None] * directions
        on = (depth > 0) & (np.abs(at[:, 0] + 0.1) < 0.3) & (np.abs(at[:, 2] + 0.2) < 0.35)
    squares = np.floor(at[on][:, [0, 2]] * 10).astype(int).sum(1) % 2
    hits.rgb[on] = np.array([0.7, 0.3, 0.1]) * (0.4 + 0.6 * squares[:, None])
    hits.depth[on] = depth[on]
    return hits


def thin_lens(exposure: Exposure, trace: Trace, count: int = 200) -> np.ndarray:
    """Return what a lens of many random points sees over the exposure."""
    rng = np.random.default_rng(5)
    field, light = room_scene().field, np.zeros((SIZE[1], SIZE[0], 3))
    radius = np.sqrt((np.arange(count) + rng.random(count)) / count)
    turn = rng.permutation(2 * np.pi * (np.arange(count) + rng.random(count)) / count)
    moments = (rng.permutation(count) + 0.5) / count
    for r, angle, moment in zip(radius, turn, moments, strict=True):
        at = (float(r * np.cos(angle)), float(r * np.sin(angle)))
        light += linear(render_field(field, exposure.camera(at, float(moment)), trace).rgb)
    return encoded((light / count).astype(np.float32))


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


@pytest.mark.parametrize("backend", ["native", "torch"])
@pytest.mark.parametrize(
    ("focus", "aperture", "shutter", "trace", "least"),
    [
        (1.2, 0.2, 0.0, trace_room, 41.0),
        (1.2, 0.2, 0.5, trace_room, 41.0),
        (1.2, 0.1, 0.0, trace_board, 35.0),
        (2.4, 0.1, 0.0, trace_board, 33.0),
    ],
)
def test_frames_look_as_through_a_thin_lens(
    focus: float,
    aperture: float,
    shutter: float,
    trace: Trace,
    least: float,
    backend: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCENEGEN_BACKEND", backend)
    exposure = exposure_of(worked(room_path(12), focus, aperture, shutter), 4, *SIZE)
    assert exposure is not None
    field = room_scene().field
    sharp = render_field(field, exposure.opening, trace)
    expected = thin_lens(exposure, trace)
    shown = expose(sharp, exposure, partial(retrace, field, trace=trace))
    assert decibels(shown.rgb, expected) > max(least, decibels(sharp.rgb, expected) + 8)
    np.testing.assert_array_equal(shown.depth, sharp.depth)


def test_what_the_frame_hides_is_looked_for() -> None:
    exposure = exposure_of(worked(room_path(12), 2.4, 0.15), 4, *SIZE)
    assert exposure is not None
    field = room_scene().field
    sharp = render_field(field, exposure.opening, trace_board)
    expected = thin_lens(exposure, trace_board)
    told = expose(sharp, exposure, partial(retrace, field, trace=trace_board))
    guessed = expose(sharp, exposure)
    assert decibels(told.rgb, expected) > decibels(guessed.rgb, expected) + 1


def dot(depth: float, at: tuple[int, int] = (45, 80)) -> FieldFrame:
    """A bright dot of 2 x 2 pixels on a dark wall."""
    rgb = np.full((SIZE[1], SIZE[0], 3), 0.05, np.float32)
    rgb[at[0] - 1 : at[0] + 1, at[1] - 1 : at[1] + 1] = 1.0
    return FieldFrame(rgb, np.full(SIZE[::-1], depth, np.float32), np.ones(SIZE[::-1], np.float32))


def standing(focus: float, aperture: float) -> Exposure:
    camera = Camera(Lens(*SIZE, 100.0, 100.0, SIZE[0] / 2, SIZE[1] / 2), np.eye(4))
    return Exposure(camera, camera, focus, aperture)


def test_a_bright_dot_spreads_into_an_even_round_disc() -> None:
    sharp = dot(4.0)
    shown = expose(sharp, standing(1.0, 0.3))
    spread = 100 * 0.3 * (1 / 1.0 - 1 / 4.0)  # the disc's width in pixels
    light, before = linear(shown.rgb)[..., 0], linear(sharp.rgb)[..., 0]
    assert light.sum() == pytest.approx(before.sum(), rel=0.01)  # none is lost
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    far = np.hypot(x - 79.5, y - 44.5)
    gained = light - before.min()
    inside, outside = gained[far < spread / 2 - 3], gained[far > spread / 2 + 3]
    even = 4 * (1 - before.min()) / (np.pi * (spread / 2) ** 2)
    np.testing.assert_allclose(inside, even, rtol=0.35)
    assert np.abs(outside).max() < 0.1 * even


@pytest.mark.parametrize("backend", ["native", "torch"])
def test_what_is_in_focus_stays_as_sharp(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENEGEN_BACKEND", backend)
    sharp = dot(2.0)
    sharp.depth[:, :40] = 8.0
    shown = expose(sharp, standing(2.0, 0.4))
    assert np.abs(shown.rgb - sharp.rgb)[:, 40:].max() < 1e-6  # worst seen 1.8e-7


@pytest.mark.parametrize("aperture", [0.02, 0.2, 1.0])
def test_one_color_stays_that_color(aperture: float) -> None:
    sharp = dot(4.0)
    sharp.rgb[:] = (0.2, 0.5, 0.9)
    sharp.depth[:] = np.random.default_rng(0).uniform(0.5, 9.0, SIZE[::-1])
    sharp.depth[:20] = 0.0
    shown = expose(sharp, standing(1.5, aperture))
    np.testing.assert_allclose(shown.rgb, sharp.rgb, atol=1e-6)  # worst seen 3.6e-7


def test_no_aperture_is_a_pinhole_bit_for_bit() -> None:
    sharp = dot(4.0)
    np.testing.assert_array_equal(expose(sharp, standing(1.0, 0.0)).rgb, sharp.rgb)


@pytest.mark.parametrize(
    ("focus", "depth", "aperture"),
    [(1.0, 4.0, 0.2), (1.0, 4.0, 0.5), (4.0, 1.0, 0.3), (1.0, 0, 0.3)],
)
def test_a_bright_dot_spreads_as_far_as_the_thin_lens_says(
    focus: float, depth: float, aperture: float
) -> None:
    """A disc of width w has a root mean square distance of w / sqrt(8) from its middle."""
    sharp = dot(depth)
    gained = (
        linear(expose(sharp, standing(focus, aperture)).rgb)[..., 0] - linear(sharp.rgb[0, 0])[0]
    )
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    square = (x - 79.5) ** 2 + (y - 44.5) ** 2
    near = 1 / depth if depth else 0.0
    width = 100 * aperture * abs(near - 1 / focus)
    own = 0.5 + 2 / 12  # of the dot itself, and of what is shown by the nearest whole pixel
    mean = np.sqrt((gained * square).sum() / gained.sum() - own)
    assert mean == pytest.approx(width / np.sqrt(8), rel=0.04)
    assert gained[np.sqrt(square) > width / 2 + 4].max() < 0.02 * gained.max()


def trace_strip(_field: Field, origins: np.ndarray, directions: np.ndarray) -> Hits:
    """Meet a black strip, 0.05 to either side at the depth 1, before a white wall at 3."""
    hits = trace_room(_field, origins, directions)
    ahead = -directions[:, 2]
    across = origins[:, 0] + directions[:, 0] / ahead * (1 + origins[:, 2])
    strip = np.abs(across) < 0.05
    hits.rgb[:] = np.where(strip, 0.0, 0.8)[:, None]
    hits.depth[:] = np.where(strip, 1 + origins[:, 2], 3 + origins[:, 2]) / ahead
    hits.opacity[:] = 1
    return hits


def strip_seen(focus: float, aperture: float) -> np.ndarray:
    """Return the light of a row, with the strip 10 pixels wide in its middle."""
    exposure = standing(focus, aperture)
    field = room_scene().field
    sharp = render_field(field, exposure.opening, trace_strip)
    return linear(
        expose(sharp, exposure, partial(retrace, field, trace=trace_strip)).rgb[45, :, 0]
    ) / linear(np.full(1, 0.8, np.float32))


def test_a_blurred_background_never_bleeds_over_what_is_sharp() -> None:
    row = strip_seen(1.0, 0.3)
    assert (row[75:85] == 0).all()
    assert (row[:75] > 1 - 1e-5).all()
    assert (row[85:] > 1 - 1e-5).all()


@pytest.mark.parametrize("aperture", [0.3, 0.5])
def test_a_blurred_strip_covers_its_share_of_the_lens(aperture: float) -> None:
    """The wall is sharp; a place of it sees the strip over a band of the lens."""
    row = strip_seen(3.0, aperture)
    disc = 100 * aperture * (1 - 1 / 3)
    at = (np.arange(SIZE[0]) + 0.5 - 80)[:, None] + np.linspace(-0.5, 0.5, 21)
    ends = [np.clip((at + side) / (disc / 2), -1, 1) for side in (-5.0, 5.0)]
    low, high = ((np.arcsin(end) + end * np.sqrt(1 - end**2)) / np.pi for end in ends)
    expected = 1 - (high - low).mean(1)
    assert 0.05 < expected.min() < 0.65
    np.testing.assert_allclose(row, expected, atol=0.05)


def panning(count: int = 6, step: float = 0.1) -> CameraPath:
    poses = np.tile(np.eye(4), (count, 1, 1))
    angle = step * np.arange(count)
    poses[:, 0, 0] = poses[:, 2, 2] = np.cos(angle)
    poses[:, 0, 2], poses[:, 2, 0] = -np.sin(angle), np.sin(angle)
    fov = 2 * np.degrees(np.arctan(SIZE[1] / 2 / 100))
    return CameraPath(poses, np.full(count, fov), 24.0, SIZE[0] / SIZE[1])


@pytest.mark.parametrize("index", [2, 5])  # the last frame moves on as it came
def test_a_pan_draws_a_streak_as_long_as_the_shutter_is_open(index: int) -> None:
    exposure = exposure_of(worked(panning(), 2.0, 0.0, 0.5), index, *SIZE)
    assert exposure is not None
    shown = expose(dot(3.0), exposure)
    row = linear(shown.rgb)[44, :, 0]
    lit = np.flatnonzero(row > 0.5 * row.max())
    # To the right by 0.05 rad the dot goes left: 100 tan(0.05) = 5 pixels.
    assert 4 <= len(lit) <= 8
    assert 72 <= lit.min() < lit.max() <= 81
    assert linear(shown.rgb)[..., 0].sum() == pytest.approx(
        linear(dot(3.0).rgb)[..., 0].sum(), rel=0.05
    )


def test_a_cut_is_not_smeared() -> None:
    path = panning(8, 0.01)
    poses = path.world_from_camera.copy()
    poses[4:, 0, 3] += 5.0
    cut = worked(replace(path, world_from_camera=poses, cuts=(4,)), 2.0, 0.0, 0.5)
    for index in range(8):
        exposure = exposure_of(cut, index, *SIZE)
        assert exposure is not None
        np.testing.assert_allclose(exposure.closing.position, poses[index, :3, 3])
        turned = exposure.opening.world_from_camera[:3, :3].T
        turned = turned @ exposure.closing.world_from_camera[:3, :3]
        assert np.arccos(turned[0, 0]) == pytest.approx(0.005, rel=1e-6)


@pytest.mark.parametrize("work", [None, (0.0, 0.0), (1e-9, 0.0), (0.0, 1e-9)])
def test_without_lens_and_shutter_no_pixel_changes(work: tuple[float, float] | None) -> None:
    path = room_path(5)
    plain = render_path(room_scene(), path, CONFIG, trace=trace_room)
    stated = worked(path, 1.2, *work) if work else replace(path, lens_work=None)
    for one, other in zip(
        plain, render_path(room_scene(), stated, CONFIG, trace=trace_room), strict=True
    ):
        np.testing.assert_array_equal(one.rgb, other.rgb)


def test_a_frame_is_the_same_wherever_rendering_began() -> None:
    path = worked(room_path(6), 1.2, 0.1, 0.5)
    whole = list(render_path(room_scene(), path, CONFIG, trace=trace_room))
    for first in (2, 5):
        rest = list(render_path(room_scene(), path, CONFIG, first, trace=trace_room))
        for ours, theirs in zip(rest, whole[first:], strict=True):
            np.testing.assert_array_equal(ours.rgb, theirs.rgb)


def test_the_fingerprint_tells_lens_and_shutter() -> None:
    path, scene = room_path(3), room_scene()
    paths = [path, *(worked(path, *way) for way in ((1, 0.1), (2, 0.1), (1, 0.2), (1, 0.1, 0.5)))]
    assert len({render_fingerprint(scene, one, CONFIG) for one in paths}) == len(paths)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda path: worked(path, 0.0, 0.1),
            "render: frame 0 of the camera path has an aperture of 0.1 and its focus at 0, "
            "expected 0 or more and more than 0; mend the path",
        ),
        (
            lambda path: worked(path, 1.0, np.nan),
            "render: frame 0 of the camera path has an aperture of nan and its focus at 1, "
            "expected 0 or more and more than 0; mend the path",
        ),
        (
            lambda path: worked(path, 1.0, 0.1, 1.5),
            "render: the camera path has its shutter open for 1.5 of a frame's time, "
            "expected 0 to 1; mend the path",
        ),
    ],
)
def test_impossible_lenses_are_errors(
    change: Callable[[CameraPath], CameraPath], message: str
) -> None:
    with pytest.raises(RenderError) as error:
        render_path(room_scene(), change(room_path(3)), CONFIG, trace=trace_room)
    assert str(error.value) == message
