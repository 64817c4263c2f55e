"""Rays through a cropped and turned field: the box's faces, what is behind it, and the twin."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from scenegen.kernels import native, reference, trace
from scenegen.kernels.crop import crop_box
from scenegen.types import Crop, Field
from tests.kernels.rigs import CELLS, random_field, unit_vectors

BOX = Crop((0.5, 0.1, 0.9), (2.0, 1.4, 2.4), 25.0, (0.9, 0.1, 0.3))
TURN = Rotation.from_euler("xyz", [0.4, -0.7, 0.2]).as_matrix()


@pytest.fixture(scope="module")
def field() -> Field:
    """Dense everywhere, so that a ray is opaque soon after it enters."""
    field = random_field(np.random.default_rng(3))
    mlp = field.parameters["mlp"].copy()
    mlp[32 * 16 : 32 * 17] += 0.3
    return dataclasses.replace(
        field,
        parameters={**field.parameters, "mlp": mlp},
        occupancy=np.zeros((CELLS,) * 3, np.uint8),
    )


def rays(count: int, apart: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """Rays from around the box to about its middle: most meet it, some miss."""
    rng = np.random.default_rng(count)
    out = unit_vectors(rng, count)
    origins = np.array(BOX.centre) + apart * out
    toward = BOX.centre + rng.normal(0, 0.7, (count, 3)) - origins
    return origins, toward / np.linalg.norm(toward, axis=1, keepdims=True)


def through(crop: Crop, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Where rays enter and leave a box, in world units; by planes, face by face."""
    spans = np.tile([0.0, np.inf], (len(origins), 1))
    for axis, size in zip(crop.axes.T, crop.size, strict=True):
        at = (origins - np.array(crop.centre)) @ axis
        ends = np.stack([(side * size / 2 - at) / (directions @ axis) for side in (-1, 1)], 1)
        spans[:, 0] = np.maximum(spans[:, 0], ends.min(1))
        spans[:, 1] = np.minimum(spans[:, 1], ends.max(1))
    return spans


@pytest.mark.parametrize("turn", [None, TURN])
def test_depths_lie_in_the_box_and_all_else_is_plain(field: Field, turn: np.ndarray | None) -> None:
    cropped = dataclasses.replace(field, crop=BOX, turn=turn)
    origins, directions = rays(1023)
    seen = trace(cropped, origins, directions)
    begin, end = through(BOX, origins, directions).T
    missed = begin > end
    assert 50 < missed.sum() < 900
    assert not seen.depth[missed].any()
    assert not seen.opacity[missed].any()
    plain = np.tile(np.array(BOX.background, np.float32), (missed.sum(), 1))
    np.testing.assert_allclose(seen.rgb[missed], plain, atol=1e-5)
    hit = seen.depth > 0
    assert hit.sum() > 100
    # Sharp to rounding: not by a step, which is 0.03 of the field's radius of 2.5.
    assert (seen.depth[hit] >= begin[hit] - 1e-5).all()
    assert (seen.depth[hit] <= end[hit] + 1e-5).all()


def test_no_light_is_stopped_beyond_the_face(field: Field) -> None:
    """The opacity of a thin slab grows with its width, to much less than a step."""
    origins, directions = np.array([[0.5, -6.0, 0.9]]), np.array([[0.0, 1.0, 0.0]])
    passed = []
    for width in (0.005, 0.01, 0.02):
        slab = Crop((0.5, 0.1, 0.9), (1.0, width, 1.0))
        seen = trace(dataclasses.replace(field, crop=slab), origins, directions)
        passed.append(-np.log1p(-float(seen.opacity[0])))
    assert passed[0] > 1e-4
    np.testing.assert_allclose(np.diff(np.log(passed)), np.log(2), rtol=0.05)  # seen: 0.01


@pytest.mark.parametrize("count", [0, 1, 7, 16, 17, 1023])
def test_cropped_rays_agree_with_the_twin(count: int) -> None:
    field = dataclasses.replace(random_field(np.random.default_rng(21)), crop=BOX, turn=TURN)
    for apart in (6.0, 0.2):  # from outside the box and from inside
        expected = reference.trace(field, *rays(count, apart), device="cpu")
        found = native.trace(field, *rays(count, apart))
        for name, a, b in zip(("rgb", "depth", "opacity"), found, expected, strict=True):
            error = np.abs(a - b)
            close = error <= (1e-3 if name == "depth" else 2e-4)  # as of whole fields
            assert close.mean() >= 0.99 if count > 100 else close.all(), f"{name}: {error.max()}"


def test_a_turned_field_shows_turned_rays_the_same() -> None:
    origins, directions = rays(257)
    expected = trace(random_field(np.random.default_rng(21)), origins, directions)
    turned = dataclasses.replace(random_field(np.random.default_rng(21)), turn=TURN)
    found = trace(turned, origins @ TURN.T, directions @ TURN.T)
    same = np.abs(found.rgb - expected.rgb).max(1) < 1e-4
    assert same.mean() > 0.98  # the rest grazes a cell another way
    assert expected.opacity.max() > 0.5


def test_the_box_in_the_field_s_frame_holds_the_same_points(field: Field) -> None:
    box = crop_box(dataclasses.replace(field, crop=BOX, turn=TURN))
    assert box is not None
    points = np.random.default_rng(0).uniform(-2, 3, (2000, 3))
    local = (points @ TURN - field.centre) / field.radius
    inside = (np.abs((local - box.centre) @ box.axes.T) <= box.half).all(1)
    own = np.abs((points - np.array(BOX.centre)) @ BOX.axes) <= np.array(BOX.size) / 2
    np.testing.assert_array_equal(inside, own.all(1))
    assert 20 < inside.sum() < 1000
    assert crop_box(field) is None


def test_behind_the_box_is_its_colour_or_the_field_s(field: Field) -> None:
    sky = np.random.default_rng(3).normal(size=(3, 16)).astype(np.float32)
    field = dataclasses.replace(field, parameters={**field.parameters, "sky": sky})
    plain = dataclasses.replace(BOX, background=None)
    seen = trace(dataclasses.replace(field, crop=plain), np.full((1, 3), 9.0), np.eye(3)[:1])
    np.testing.assert_allclose(seen.rgb[0], field.background, rtol=1e-5)
    assert dataclasses.replace(field, crop=plain).whole.sky is sky
    assert torch.equal(torch.from_numpy(field.sky), torch.from_numpy(sky))
