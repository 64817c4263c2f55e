"""Tracing rays through a field: native kernels, the twin, and what must hold of any."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from scenegen.errors import LiftError
from scenegen.kernels import Traced, native, reference, threads, trace
from scenegen.types import Field
from tests.kernels.rigs import CELLS, SHAPE, random_field, unit_vectors


@pytest.fixture(scope="module")
def field() -> Field:
    rng = np.random.default_rng(21)
    field = random_field(rng)
    mlp = field.parameters["mlp"].copy()
    # Rays that end early, rays that see through, and much between.
    mlp[32 * 16 : 32 * 17] += 0.15
    return dataclasses.replace(field, parameters={**field.parameters, "mlp": mlp})


def rays(field: Field, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    return field.centre + field.radius * rng.normal(0, 0.4, (count, 3)), unit_vectors(rng, count)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 257, 1023])
def test_trace_agrees_with_the_twin(field: Field, count: int) -> None:
    found = native.trace(field, *rays(field, count))
    expected = reference.trace(field, *rays(field, count), device="cpu")
    for name, a, b in zip(("rgb", "depth", "opacity"), found, expected, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype == np.float32
        # Rays that graze a cell by less than a rounding step another way, so a few may differ.
        error = np.abs(a - b)
        close = error <= (1e-3 if name == "depth" else 2e-4)
        assert close.mean() >= 0.99 if count > 100 else close.all(), f"{name}: {error.max()}"
    if count > 1000:
        opacity = expected[2]
        assert (opacity > 0.9).mean() > 0.02
        assert (opacity < 0.1).mean() > 0.02
        assert ((opacity > 0.1) & (opacity < 0.9)).mean() > 0.1


def test_one_and_two_threads_trace_the_same(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for count in ("1", "2", "5"):
        monkeypatch.setenv("SCENEGEN_THREADS", count)
        assert threads() == int(count)
        results.append(native.trace(field, *rays(field, 3000)))
    for found in results[1:]:
        for a, b in zip(found, results[0], strict=True):
            assert np.array_equal(a, b)


def test_a_wrong_number_of_threads_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENEGEN_THREADS", "many")
    with pytest.raises(LiftError) as error:
        threads()
    assert str(error.value) == (
        "SCENEGEN_THREADS=many: expected a number of threads from 1 to 256; "
        "unset it to use all cores"
    )


def test_the_torch_backend_traces_too(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    native_result = trace(field, *rays(field, 100))
    monkeypatch.setenv("SCENEGEN_BACKEND", "torch")
    monkeypatch.setenv("SCENEGEN_DEVICE", "cpu")
    twin = trace(field, *rays(field, 100))
    assert isinstance(twin, Traced)
    assert np.abs(twin.opacity - native_result.opacity).mean() < 1e-3


def test_wrong_backends_and_devices_are_named(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCENEGEN_BACKEND", "cuda")
    with pytest.raises(LiftError) as error:
        trace(field, *rays(field, 1))
    assert str(error.value) == (
        "SCENEGEN_BACKEND=cuda: expected native, torch or tcnn; unset it to let scenegen choose"
    )
    monkeypatch.setenv("SCENEGEN_BACKEND", "torch")
    monkeypatch.setenv("SCENEGEN_DEVICE", "abacus")
    with pytest.raises(LiftError, match="SCENEGEN_DEVICE=abacus: expected a device that PyTorch"):
        trace(field, *rays(field, 1))


def test_rays_that_meet_nothing_show_the_background(field: Field) -> None:
    empty = dataclasses.replace(field, occupancy=np.full((CELLS,) * 3, 15, np.uint8))
    for backend in (native.trace, reference.trace):
        rgb, depth, opacity = backend(empty, *rays(empty, 9))
        np.testing.assert_allclose(rgb, np.tile(field.background, (9, 1)), rtol=1e-5)
        assert not depth.any()
        assert not opacity.any()


def test_rays_that_meet_nothing_show_the_sky(field: Field) -> None:
    sky = np.random.default_rng(3).normal(size=(3, 16)).astype(np.float32)
    empty = dataclasses.replace(
        field,
        occupancy=np.full((CELLS,) * 3, 15, np.uint8),
        parameters={**field.parameters, "sky": sky},
    )
    origins, directions = rays(empty, 40)
    expected = reference.sky_color(torch.from_numpy(sky), torch.from_numpy(directions)).numpy()
    assert np.ptp(expected, axis=0).min() > 0.2
    for backend in (native.trace, reference.trace):
        rgb, _, opacity = backend(empty, origins, directions)
        np.testing.assert_allclose(rgb, expected, atol=2e-6)
        assert not opacity.any()
    seen = native.trace(dataclasses.replace(empty, occupancy=field.occupancy), origins, directions)
    twin = reference.trace(
        dataclasses.replace(empty, occupancy=field.occupancy), origins, directions, device="cpu"
    )
    # All but rays that graze a cell: of what is before the sky, each shows as much as the other.
    assert np.quantile(np.abs(seen[0] - twin[0]), 0.95) < 2e-4


def test_depth_is_where_the_light_is_halved(field: Field) -> None:
    """In fog of one density everywhere, the median lies at ln 2 / density along the ray."""
    density = 4.0
    mlp = np.zeros_like(field.parameters["mlp"])
    table = np.ones_like(field.parameters["hash"])
    mlp[:16] = 1.0 / 16  # the first hidden unit is 1 everywhere
    mlp[32 * 16] = np.log(density)
    fog = dataclasses.replace(
        field,
        parameters={"hash": table, "mlp": mlp},
        occupancy=np.zeros((CELLS,) * 3, np.uint8),
        near=0.0,
    )
    origins, directions = rays(field, 50)
    for backend in (native.trace, reference.trace):
        rgb, depth, opacity = backend(fog, origins, directions)
        # Marching begins half a step from the origin, where fog is not counted.
        expected = (np.log(2.0) / density + 0.5 * field.step) * field.radius
        np.testing.assert_allclose(depth, expected, rtol=1e-4)
        assert opacity.min() > 0.99
        np.testing.assert_allclose(rgb, 0.5, atol=0.01)


@pytest.mark.parametrize("pixel_angle", [1e-4, 0.01, 0.3])
def test_pixels_of_any_size_agree_with_the_twin(field: Field, pixel_angle: float) -> None:
    found = native.trace(field, *rays(field, 400), pixel_angle)
    expected = reference.trace(field, *rays(field, 400), device="cpu", pixel_angle=pixel_angle)
    for a, b in zip(found, expected, strict=True):
        assert (np.abs(a - b) <= 1e-3).mean() >= 0.99


def test_a_pixel_leaves_out_the_levels_that_are_finer_than_it(field: Field) -> None:
    def red(angle: float, table: np.ndarray) -> np.ndarray:
        parameters = {**field.parameters, "hash": table}
        changed = dataclasses.replace(field, parameters=parameters)
        return native.trace(changed, *rays(field, 400), angle)[0]

    table, nothing = field.parameters["hash"], np.zeros_like(field.parameters["hash"])
    coarse = table.copy()
    coarse[2:] = 0  # cells of 1/8 and 1/18 of space stay, those of 1/42 and 1/100 go
    apart = [np.abs(red(angle, table) - red(angle, coarse)).mean() for angle in (0.0, 0.1, 1.0)]
    assert apart[0] > 1.5 * apart[1] > 2 * apart[2]
    assert np.abs(red(1e4, table) - red(1e4, nothing)).max() < 1e-3
    np.testing.assert_array_equal(red(0.0, table), native.trace(field, *rays(field, 400))[0])


def test_level_weights_are_those_of_zip_nerf() -> None:
    sizes = torch.logspace(-5, 0, 200)
    weights = reference.level_weights(SHAPE, sizes)
    cells = sizes[:, None] * torch.tensor(reference.resolutions(SHAPE), dtype=torch.float32)
    expected = torch.erf(1.0 / torch.sqrt(8.0 * cells.square()))
    assert (weights - expected).abs().max() < 0.007  # worst seen 0.0063
