"""Training in plain PyTorch: the same steps as the C++ kernels take, on any device, slowly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from scenegen.kernels import reference
from scenegen.kernels.rays import undistort
from scenegen.kernels.reference import AdamStep, LossConfig, RayStart, TrainingRays
from scenegen.lift.poses import POSE_EVERY, placed
from scenegen.lift.state import OCCUPIED_ALPHA, TrainingState
from scenegen.lift.trainer import Problem, Rates, SliceFacts, snapshot
from scenegen.types import Field, Lens

_PARAMETERS = ("hash", "mlp", "sky", "exposure")
_ADAM = ("hash", "mlp", "sky")


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class TorchTrainer:
    """Moves a `TrainingState` on. On the CPU its arrays are changed in place and never copied.

    Runs on ``device``, or where `scenegen.kernels.reference.choose_device` says; ``reader`` is what
    reads the field.
    """

    threads = 1
    """PyTorch's threads in a step on the CPU: its tensors are small, and on a busy machine two
    threads that wait for each other took six times as long as one."""

    def __init__(
        self,
        problem: Problem,
        state: TrainingState,
        device: str | None = None,
        reader: reference.Reader = reference.plain,
    ) -> None:
        self.problem = problem
        self.state = state
        self._reader = reader
        self._device = reference.choose_device(device)
        # On the CPU these tensors are views of the state's arrays.
        names = ["exposure", *(f"{name}{part}" for name in _ADAM for part in ("", "_m", "_v"))]
        arrays = state.arrays()
        self._tensors = {n: torch.from_numpy(arrays[n]).to(self._device) for n in names}
        self._half = reference.to_half(self._tensors["hash"])
        for name in _PARAMETERS:
            self._tensors[name].requires_grad_()
        self._find_pixels()
        self.place_cameras()
        if state.step == 0:
            # Until densities are known, all that some photo sees may hold something.
            state.alpha[:] = self._visible
        self._find_empty()

    def show(self, problem: Problem) -> None:
        """Train on other pixels of the same photos from now on."""
        self.problem = problem
        self._find_pixels()

    def _find_pixels(self) -> None:
        lenses: dict[Lens, int] = {}
        photos = self.problem.photos
        places = [lenses.setdefault(photo.camera.lens, len(lenses)) for photo in photos]
        self._lens_of, self._lenses = np.array(places), list(lenses)
        counts = [photo.rgb.shape[0] * photo.rgb.shape[1] for photo in photos]
        self._pixel_offsets = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])

    @cached_property
    def _visible(self) -> np.ndarray:
        problem = self.problem
        cameras = [photo.camera for photo in problem.photos]
        ball = (problem.centre, problem.radius)
        return reference.visible_cells(cameras, *ball, problem.clear, len(self.state.alpha))

    def run(self, steps: int, rates: Rates) -> SliceFacts:
        """Take ``steps`` optimiser steps."""
        with _torch_threads(self.threads):
            return self._run(steps, rates)

    def _run(self, steps: int, rates: Rates) -> SliceFacts:
        state = self.state
        rays = compared = samples = 0
        squared_error = loss = 0.0
        pose_sums = np.zeros_like(state.pose_sums)
        exposure_sums = np.zeros_like(state.exposure_fit)
        self._tensors["exposure"].data.copy_(torch.from_numpy(state.exposure))
        for _ in range(steps):
            count = int(self.problem.batch_samples / state.samples_per_ray)
            count = int(np.clip(count, 16, 1 << 20))
            weights = (rates.outlier, self.problem.sighting_weight * rates.sighting, rates.sky)
            cost = self._backward(state.step, count, weights)
            self._update(rates, cost.touched)
            state.step += 1
            mean = cost.samples / count
            state.samples_per_ray = max(1.0, 0.9 * state.samples_per_ray + 0.1 * mean)
            rays, compared, samples = rays + count, compared + cost.compared, samples + cost.samples
            squared_error += float(cost.squared_error)
            loss += float(cost.loss.detach())
            if rates.pose:
                pose_sums += self._pose_sums(cost)
            exposure_sums += self._exposure_sums()
        self._copy_back()
        losses = squared_error, loss
        return SliceFacts(steps, rays, compared, samples, *losses, pose_sums, exposure_sums)

    def _pose_sums(self, cost: reference.StepLoss) -> np.ndarray:
        assert self._motion.grad is not None
        slope, photo = self._motion.grad[self._posed], self._photo[self._posed]
        weight = cost.pose_weight[self._posed]
        square = slope[:, :, None] * slope[:, None, :]
        rows = torch.cat([slope[:, None], weight[:, None, None] * square, square], dim=1)
        sums = slope.new_zeros(self.state.pose_sums.shape)
        return sums.index_add_(0, photo, rows).cpu().numpy()

    def _exposure_sums(self) -> np.ndarray:
        """Return slope and curvature of the last step's loss in the photos' log gains."""
        slope = self._tensors["exposure"].grad
        assert slope is not None
        curvature = torch.zeros_like(slope).index_add_(0, *self._curvature)
        return torch.stack([slope, curvature], 1).cpu().numpy()

    def place_cameras(self) -> None:
        """Take photos from where `TrainingState.pose` says from now on."""
        self._rotations, self._positions = placed(self.problem, self.state.pose)

    def gradients(
        self, step: int, ray_count: int, outlier: float, sighting: float = 0.0, sky: float = 0.0
    ) -> tuple[SliceFacts, dict[str, np.ndarray]]:
        """Return what a step's loss is and its gradients by parameter; nothing is updated."""
        cost = self._backward(step, ray_count, (outlier, sighting, sky))
        counts = (1, ray_count, cost.compared, cost.samples)
        losses = float(cost.squared_error), float(cost.loss.detach())
        facts = SliceFacts(*counts, *losses, self._pose_sums(cost), self._exposure_sums())
        grads = {name: self._tensors[name].grad for name in _ADAM}
        found = {name: grad.cpu().numpy() for name, grad in grads.items() if grad is not None}
        sums = {"exposure": facts.exposure_sums[:, 0], "curvature": facts.exposure_sums[:, 1]}
        return facts, {**found, **sums, **facts.pose_parts}

    def _backward(
        self, step: int, ray_count: int, weights: tuple[float, float, float]
    ) -> reference.StepLoss:
        """Leave the gradients of a step's loss in the parameters."""
        problem = self.problem
        for parameter in (self._tensors[name] for name in _PARAMETERS):
            parameter.grad = torch.zeros_like(parameter)
        march, rays = self._rays(step, ray_count)
        config = LossConfig(problem.huber, problem.distortion, problem.opaque_depth, *weights)
        field = self._reader(problem.shape, self._tensors["hash"], self._tensors["mlp"])
        cost = reference.step_loss(problem.shape, field, march, rays, config)
        cost.loss.backward()
        self._curvature = self._photo, cost.curvature
        return cost

    def sweep(self, decay: float, stride: int, phase: int) -> None:
        """Refresh every ``stride``-th cell of the occupancy grid and what may be leapt over."""
        state, problem = self.state, self.problem
        alpha = torch.from_numpy(state.alpha).to(self._device)
        visible = torch.from_numpy(self._visible).to(self._device)
        field = self._reader(problem.shape, self._half, self._tensors["mlp"])

        def density(points: Tensor) -> Tensor:
            return reference.density(problem.shape, *field, points)

        seed = problem.seed + state.step
        with torch.no_grad():
            sweep = (decay, stride, phase, seed)
            reference.occupancy_sweep(density, alpha, visible, problem.far, sweep)
        state.alpha[:] = alpha.cpu().numpy()
        self._find_empty()

    def field(self, background: Float[np.ndarray, "3"]) -> Field:
        """Return a copy of the field as it is now."""
        table = self._half.cpu().numpy()
        return snapshot(self.problem, self.state, table, self._occupancy, background)

    def _find_empty(self) -> None:
        self._occupancy = reference.distance_field(self.state.alpha, OCCUPIED_ALPHA)
        self._distance = torch.from_numpy(self._occupancy).to(self._device)

    def _rays(self, step: int, ray_count: int) -> tuple[reference.Marcher, TrainingRays]:
        """Draw a step's rays; those of masked pixels are left out."""
        problem = self.problem
        seen = problem.sightings
        sightings = seen and (seen.pixel, seen.distance, problem.sighting_share)
        offsets = self._pixel_offsets
        drawn = reference.draw_pixels(problem.seed, step, ray_count, offsets, sightings)
        rgb, direction, kept = self._look_up(drawn.photo, drawn.pixel)
        sky = np.where(drawn.distance > 0, 0, self._find_sky(drawn.photo, drawn.pixel))
        kept &= (sky != reference.OPEN_SKY) | (drawn.chance < np.float32(reference.SKY_SHARE))
        self._photo = torch.from_numpy(drawn.photo[kept]).to(self._device)
        posed = np.arange(ray_count) % POSE_EVERY == 0
        self._posed = torch.from_numpy(posed[kept]).to(self._device)
        self._motion = torch.zeros((len(self._photo), 6), device=self._device, requires_grad=True)
        self._motion.grad = torch.zeros_like(self._motion)

        def place(values: np.ndarray) -> Tensor:
            return torch.from_numpy(values[kept]).to(self._device)

        directions, skyward = place(direction), place(sky)
        seen_sky = reference.sky_color(self._tensors["sky"], directions)
        rays = TrainingRays(
            origins=place(self._positions[drawn.photo]),
            directions=directions,
            target=place(rgb),
            backdrop=torch.where(skyward[:, None] > 0, seen_sky, place(drawn.backdrop)),
            log_gain=self._tensors["exposure"][self._photo],
            distance=place(drawn.distance),
            motion=self._motion,
            sky=skyward,
        )
        start = RayStart(self.state.step_length, problem.near, problem.far)
        offset = place(drawn.offset)
        march = reference.Marcher(self._distance, start, rays.origins, rays.directions, offset)
        return march, rays

    def _find_sky(self, photo: np.ndarray, pixel: np.ndarray) -> np.ndarray:
        """Return what `Problem.skies` says of pixels of photos."""
        problem = self.problem
        if not problem.skies:
            return np.zeros(len(photo), np.int64)
        size = np.array([p.rgb.shape[:2] for p in problem.photos])[photo]
        cells = np.stack(problem.skies)
        row = pixel // size[:, 1] * cells.shape[1] // size[:, 0]
        column = pixel % size[:, 1] * cells.shape[2] // size[:, 1]
        return cells[photo, row, column].astype(np.int64)

    def _look_up(
        self, photo: np.ndarray, pixel: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return colours, world directions, and that no mask covers them, of pixels of photos."""
        photos = self.problem.photos
        rgb = np.zeros((len(photo), 3), np.float32)
        kept = np.ones(len(photo), bool)
        for index in np.unique(photo):
            here = np.nonzero(photo == index)[0]
            source = photos[index]
            rgb[here] = source.rgb.reshape(-1, 3)[pixel[here]] / np.float32(255.0)
            if source.mask is not None:
                kept[here] = source.mask.reshape(-1)[pixel[here]] != 0
        direction = np.zeros((len(photo), 3))
        lens_of = self._lens_of[photo]
        for index in np.unique(lens_of):
            here = np.nonzero(lens_of == index)[0]
            lens = self._lenses[index]
            row, column = np.divmod(pixel[here], lens.width_px)
            u, v = (column + 0.5 - lens.cx) / lens.fl_x, (row + 0.5 - lens.cy) / lens.fl_y
            direction[here] = undistort(lens, u, v) * [1.0, -1.0, -1.0]
        direction = np.einsum("nij,nj->ni", self._rotations[photo], direction)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        return rgb, direction.astype(np.float32), kept

    @torch.no_grad()
    def _update(self, rates: Rates, touched: Tensor | None) -> None:
        tensors, step = self._tensors, self.state.step

        def arrays(name: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
            value = tensors[name]
            assert value.grad is not None
            return value, value.grad, tensors[f"{name}_m"], tensors[f"{name}_v"]

        table = arrays("hash")
        if touched is None:
            touched = table[1].view(-1, reference.BLOCK).any(1)
        reference.adam_blocks(table, self._half, touched, AdamStep(rates.hash, step))
        for name in ("mlp", "sky"):
            reference.adam_dense(*arrays(name), AdamStep(rates.mlp, step))

    def _copy_back(self) -> None:
        if self._device.type == "cpu":
            return
        arrays = self.state.arrays()
        for name, tensor in self._tensors.items():
            arrays[name][:] = tensor.detach().cpu().numpy()
