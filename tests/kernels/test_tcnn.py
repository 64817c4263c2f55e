"""The tcnn backend: its layout, what it computes through a stand-in, and when it is chosen."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from scenegen import kernels
from scenegen.errors import LiftError
from scenegen.kernels import Traced, native, reference, tcnn, trace
from scenegen.kernels.rays import camera_rays
from scenegen.lift.config import LiftConfig
from scenegen.lift.state import new_state
from scenegen.lift.torch_trainer import TorchTrainer
from scenegen.lift.trainer import Problem, Rates, make_trainer
from scenegen.types import FieldShape
from tests.kernels import tinycudann_stand_in as stand_in
from tests.kernels.rigs import (
    SHAPE,
    Agreement,
    Parameters,
    points_near_and_far,
    random_field,
    random_problem,
    random_state,
    same,
    unit_vectors,
)

# Dense and hashed levels, one dense level that fills its table, inputs that need padding, and more
# vertices an edge than 32-bit indices hold.
SHAPES = [
    SHAPE,
    FieldShape(levels=5, log2_table=9, coarsest=7, finest=2048, hidden=64),
    FieldShape(levels=3, log2_table=14, coarsest=3, finest=24, hidden=16),
]


@pytest.fixture
def tinycudann(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in, on a machine on which all is as tinycudann needs it."""
    monkeypatch.setitem(sys.modules, "tinycudann", stand_in)
    monkeypatch.setattr(kernels, "tcnn_obstacle", lambda _device: "")
    monkeypatch.setenv("SCENEGEN_DEVICE", "cpu")
    tcnn._modules.cache_clear()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_entry_that_is_read_comes_back_from_the_other_layout(shape: FieldShape) -> None:
    size = (shape.levels, 1 << shape.log2_table, shape.features)
    table = torch.arange(1, 1 + int(np.prod(size)), dtype=torch.float64).view(size)
    back = torch.zeros_like(table)
    for level, part in enumerate(tcnn.grid_parameters(shape, table)):
        grid = stand_in.Encoding(
            3,
            {
                "otype": "HashGrid",
                "n_levels": 1,
                "n_features_per_level": 4,
                "log2_hashmap_size": shape.log2_table,
                "base_resolution": reference.resolutions(shape)[level] + 1,
            },
        )
        assert part.shape == grid.params.shape
        rows = part.view(-1, 4)
        back[level, : len(rows)] = rows
    entry, _ = reference.corners(shape, torch.rand(50_000, 3))
    read = entry.unique()
    assert len(read) > 0.3 * table[..., 0].numel()
    assert torch.equal(back.view(-1, 4)[read], table.view(-1, 4)[read])


@pytest.mark.parametrize("shape", SHAPES)
def test_weights_come_back_from_the_other_layout(shape: FieldShape) -> None:
    flat = torch.arange(1.0, 1.0 + native.mlp_size(shape))
    own = reference.Networks.of(shape, flat)
    back = []
    for hidden, out in (
        (own.density_hidden, own.density_out),
        (own.color_hidden, own.color_out),
    ):
        there = tcnn.network_parameters(hidden, out)
        inputs = stand_in.next_multiple(hidden.shape[1], 16)
        first, last = there.split([shape.hidden * inputs, len(there) - shape.hidden * inputs])
        first, last = first.view(shape.hidden, inputs), last.view(-1, shape.hidden)
        assert len(last) % 16 == 0
        assert not first[:, hidden.shape[1] :].any()
        assert not last[len(out) :].any()
        back += [first[:, : hidden.shape[1]].flatten(), last[: len(out)].flatten()]
    assert torch.equal(torch.cat(back), flat)


def grid_points(count: int) -> torch.Tensor:
    """Contracted points anywhere, on the border, on faces of cells, and a rounding step off it."""
    rng = np.random.default_rng(count)
    anywhere = torch.from_numpy(rng.random((count, 3), dtype=np.float32))
    edges = torch.tensor([0.0, -3e-8, 0.125, 0.5, 1.0 - 2.0**-24])
    return torch.cat([anywhere, torch.cartesian_prod(edges, edges, edges)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("tinycudann")
def test_the_grid_reads_what_the_twin_reads(shape: FieldShape) -> None:
    own = Parameters.random(shape, np.random.default_rng(3))
    table, x = torch.from_numpy(own.table), grid_points(2000)
    read, _ = tcnn.fused(shape, table, torch.from_numpy(own.mlp))
    assert callable(read)
    expected = reference.interpolate(table, *reference.corners(shape, x))
    found = read(x)
    assert found.dtype == torch.float32
    # Places are rounded in other orders; on the border a grain of the vertex beyond it comes in.
    assert (found - expected).abs().max() < 1e-6 * shape.finest  # worst seen 2.3e-7 of it


@pytest.mark.parametrize("count", [0, 1, 255, 257])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.usefixtures("tinycudann")
def test_radiance_is_the_twins_to_half_precision(shape: FieldShape, count: int) -> None:
    rng = np.random.default_rng(count)
    own = Parameters.random(shape, rng)
    table, flat = torch.from_numpy(own.table), torch.from_numpy(own.mlp)
    points = torch.from_numpy(points_near_and_far(rng, count))
    directions = torch.from_numpy(unit_vectors(rng, count))
    sigma, rgb = reference.radiance(shape, *tcnn.fused(shape, table, flat), points, directions)
    want = reference.radiance(shape, *reference.plain(shape, table, flat), points, directions)
    np.testing.assert_allclose(sigma.log(), want[0].log(), atol=0.005)  # worst seen 1.3e-3
    np.testing.assert_allclose(rgb, want[1], atol=0.003)  # worst seen 8e-4


@pytest.mark.usefixtures("tinycudann")
def test_gradients_are_the_twins_to_half_precision() -> None:
    problem, rng = random_problem(np.random.default_rng(4)), np.random.default_rng(5)
    state = random_state(problem, rng)
    found, expected = (
        TorchTrainer(problem, same(state), "cpu", reader).gradients(7, 200, 0.1)
        for reader in (tcnn.fused, reference.plain)
    )
    assert found[0].samples == pytest.approx(expected[0].samples, rel=0.01)
    agreement = Agreement(most=0.003, worst=0.05, rel_l2=0.025, bias=0.0015)
    poses = {"pose", "pose_curvature", "pose_squares"}
    assert set(found[1]) == {"hash", "mlp", "sky", "exposure", "curvature"} | poses
    assert not found[1]["sky"].any()  # no photo shows it
    assert not expected[1].pop("sky").any()
    for name, gradient in expected[1].items():
        agreement.check(name, found[1][name], gradient)


@pytest.mark.parametrize("size", [1e-6, 1e6])
@pytest.mark.usefixtures("tinycudann")
def test_gradients_neither_vanish_nor_overflow_in_halves(size: float) -> None:
    own = Parameters.random(SHAPE, np.random.default_rng(6))
    table = torch.from_numpy(own.table).float().requires_grad_()
    flat = torch.from_numpy(own.mlp).requires_grad_()
    points = torch.from_numpy(points_near_and_far(np.random.default_rng(7), 64))
    read, networks = tcnn.fused(SHAPE, table, flat)
    (networks.geometry(reference.encode(SHAPE, read, points)).sum() * size).backward()
    for parameter in (table, flat):
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
        # What overflows teaches nothing; what is small still does.
        assert bool(parameter.grad.any()) == (size < 1)


def smooth_problem() -> Problem:
    """Photos whose colours are those of the directions that they look in: quick to learn."""
    problem = random_problem(np.random.default_rng(8))
    photos = []
    for photo in problem.photos:
        rgb = 127.5 * (1.0 + 0.9 * camera_rays(photo.camera)[1])
        size = photo.rgb.shape
        photos.append(dataclasses.replace(photo, rgb=rgb.astype(np.uint8).reshape(size), mask=None))
    return dataclasses.replace(problem, photos=photos, batch_samples=1024)


@pytest.mark.usefixtures("tinycudann")
def test_what_it_trained_renders_on_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = smooth_problem()
    rates = Rates(hash=0.05, mlp=0.01, outlier=0.0)
    losses, fields = [], []
    for backend in ("tcnn", "torch"):
        trainer = make_trainer(problem, new_state(SHAPE, len(problem.photos), 0), backend)
        facts = [trainer.run(6, rates) for _ in range(3)]
        trainer.sweep(0.8, 4, 1)
        losses.append([slice_.squared_error / slice_.rays for slice_ in facts])
        fields.append(trainer.field(np.full(3, 0.5)))
    assert losses[0] == pytest.approx(losses[1], rel=0.01)  # worst seen 1.1e-3
    assert losses[0][-1] < 0.5 * losses[0][0]
    rng = np.random.default_rng(9)
    rays = rng.normal(0.0, 0.3, (300, 3)), unit_vectors(rng, 300)
    shown = {}
    for backend in ("tcnn", "native"):
        monkeypatch.setenv("SCENEGEN_BACKEND", backend)
        shown[backend] = trace(fields[0], *rays, pixel_angle=0.01)
    assert isinstance(shown["tcnn"], Traced)
    assert shown["native"].rgb.std() > 0.02
    assert np.abs(shown["tcnn"].rgb - shown["native"].rgb).mean() < 2e-4
    assert np.abs(shown["tcnn"].opacity - shown["native"].opacity).mean() < 2e-4


@pytest.mark.usefixtures("tinycudann")
def test_a_random_field_looks_the_same_on_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(10)
    field = random_field(rng)
    origins = field.centre + field.radius * rng.normal(0, 0.4, (400, 3))
    directions = unit_vectors(rng, 400)
    expected = native.trace(field, origins, directions, 0.01)[0]
    monkeypatch.delenv("SCENEGEN_BACKEND", raising=False)
    assert kernels.backend() == "tcnn"
    found = trace(field, origins, directions, 0.01).rgb
    assert np.abs(found - expected).mean() < 2e-4
    assert expected.std() > 0.1


def said(device: str = "") -> str:
    """Why tinycudann does not run here, if anything."""
    kernels.tcnn_obstacle.cache_clear()
    return kernels.tcnn_obstacle(device)


def package(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "tinycudann.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "tinycudann", raising=False)


def test_what_keeps_it_from_running_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCENEGEN_DEVICE", raising=False)
    assert said() == (
        "expected tinycudann, which is not installed; "
        "build it as https://github.com/NVlabs/tiny-cuda-nn says"
    )
    package(tmp_path / "old", "raise OSError('compute capability 20 is\\nold')", monkeypatch)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert said() == "expected a CUDA device, PyTorch finds none; choose native or torch"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert said("cpu") == "expected a CUDA device, found SCENEGEN_DEVICE=cpu; unset it"
    assert said("cuda:1") == (
        "expected tinycudann to work, importing it says: compute capability 20 is; build it anew"
    )
    monkeypatch.delenv("SCENEGEN_BACKEND", raising=False)
    assert kernels.backend() == "native"
    package(tmp_path / "new", "", monkeypatch)
    assert said() == ""
    assert kernels.backend() == "tcnn"
    kernels.tcnn_obstacle.cache_clear()


def test_who_asks_for_it_in_vain_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "tcnn_obstacle", lambda _device: "expected a, found b; do c")
    problem = random_problem(np.random.default_rng(11))
    with pytest.raises(LiftError) as error:
        make_trainer(problem, new_state(SHAPE, 3, 0), LiftConfig(backend="tcnn").backend)
    assert str(error.value) == "--backend tcnn: expected a, found b; do c"
    monkeypatch.setenv("SCENEGEN_BACKEND", "tcnn")
    with pytest.raises(LiftError) as error:
        kernels.backend()
    assert str(error.value) == "SCENEGEN_BACKEND=tcnn: expected a, found b; do c"
