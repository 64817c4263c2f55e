"""Training by the C++ kernels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from scenegen.kernels import _native, native
from scenegen.lift.poses import POSE_EVERY, placed
from scenegen.lift.state import OCCUPIED_ALPHA, TrainingState
from scenegen.lift.trainer import Problem, Rates, SliceFacts, snapshot
from scenegen.types import Field


def _photos(problem: Problem) -> list[_native.NativePhoto]:
    where = (problem.centre, problem.radius)
    skies = problem.skies or (None,) * len(problem.photos)
    return [
        native.native_photo(p.rgb, p.mask, p.camera, *where, sky)
        for p, sky in zip(problem.photos, skies, strict=True)
    ]


class NativeTrainer:
    """Moves a `TrainingState` on; its arrays are changed in place and never copied."""

    def __init__(self, problem: Problem, state: TrainingState) -> None:
        self.problem = problem
        self.state = state
        self._half = np.zeros(state.hash.shape, np.float16)
        _native.to_half(state.hash.reshape(-1), self._half.reshape(-1).view(np.uint16))
        self._occupancy = np.zeros(state.alpha.shape, np.uint8)
        parameters = {"hash": self._half, "mlp": state.mlp, "sky": state.sky}
        self._field = native.native_field(problem.shape, parameters, self._occupancy)
        self._photos = _photos(problem)
        self._visible = native.visible_cells(self._photos, problem.clear)
        arrays = [
            *(state.hash, state.hash_m, state.hash_v),
            *(state.mlp, state.mlp_m, state.mlp_v),
            state.exposure,
            *(state.sky, state.sky_m, state.sky_v),
        ]
        assert all(a.dtype == np.float32 and a.flags.c_contiguous for a in arrays)
        self._trainer = _native.NativeTrainer(
            self._field,
            self._photos,
            arrays,
            [problem.huber, problem.distortion, problem.opaque_depth],
            problem.seed,
            native.threads(),
        )
        self._see()
        self._trainer.samples_per_ray = state.samples_per_ray
        self.place_cameras()
        if state.step == 0:
            # Until densities are known, all that some photo sees may hold something.
            state.alpha[:] = self._visible
        self._find_empty()

    def run(self, steps: int, rates: Rates) -> SliceFacts:
        """Take ``steps`` optimiser steps."""
        state, trainer = self.state, self._trainer
        self._field.march_by(state.step_length, self.problem.near, self.problem.far)
        self._weigh(rates.outlier, self.problem.sighting_weight * rates.sighting, rates.sky)
        trainer.pose_every = POSE_EVERY if rates.pose else 0
        facts = trainer.run(
            state.step,
            steps,
            rates.hash,
            rates.mlp,
            self.problem.batch_samples,
        )
        state.step += steps
        state.samples_per_ray = trainer.samples_per_ray
        return self._facts(facts)

    def _weigh(self, outlier: float, sighting: float, sky: float) -> None:
        self._trainer.outlier, self._trainer.sighting_weight = outlier, sighting
        self._trainer.sky_pull = sky

    @property
    def stage_seconds(self) -> dict[str, float]:
        """Where the workers' time in `run` went, in seconds of one core since the beginning.

        ``rays`` from pixels to gradients, ``scatter`` of gradients to the table, ``adam`` on the
        table, ``dense`` parameters, ``waiting`` for other workers.
        """
        return self._trainer.stage_seconds

    def gradients(
        self, step: int, ray_count: int, outlier: float, sighting: float = 0.0, sky: float = 0.0
    ) -> tuple[SliceFacts, dict[str, np.ndarray]]:
        """Return what a step's loss is and its gradients by parameter; nothing is updated."""
        state = self.state
        self._field.march_by(state.step_length, self.problem.near, self.problem.far)
        self._weigh(outlier, sighting, sky)
        self._trainer.pose_every = POSE_EVERY
        gradients = {name: np.zeros_like(getattr(state, name)) for name in ("hash", "mlp", "sky")}
        facts = self._facts(self._trainer.gradients(step, ray_count, *gradients.values()))
        sums = {"exposure": facts.exposure_sums[:, 0], "curvature": facts.exposure_sums[:, 1]}
        return facts, {**gradients, **sums, **facts.pose_parts}

    def _facts(self, facts: _native.StepFacts) -> SliceFacts:
        pose_sums = np.zeros_like(self.state.pose_sums)
        self._trainer.take_pose_sums(pose_sums)
        exposure_sums = np.zeros((len(pose_sums), 2, 3), np.float32)
        self._trainer.take_exposure_sums(exposure_sums)
        return SliceFacts(
            steps=facts["steps"],
            rays=facts["rays"],
            compared=facts["compared"],
            samples=facts["samples"],
            squared_error=facts["squared_error"],
            loss=facts["loss"],
            pose_sums=pose_sums,
            exposure_sums=exposure_sums,
        )

    def place_cameras(self) -> None:
        """Take photos from where `TrainingState.pose` says from now on."""
        self._trainer.place(*placed(self.problem, self.state.pose))

    def show(self, problem: Problem) -> None:
        """Train on other pixels of the same photos from now on."""
        self.problem = problem
        self._photos = _photos(self.problem)
        self._trainer.show(self._photos)
        self.place_cameras()
        self._see()

    def _see(self) -> None:
        seen = self.problem.sightings
        if seen is not None:
            self._trainer.see(seen.pixel, seen.distance, self.problem.sighting_share)

    def sweep(self, decay: float, stride: int, phase: int) -> None:
        """Refresh every ``stride``-th cell of the occupancy grid and what may be leapt over."""
        state = self.state
        self._field.march_by(state.step_length, self.problem.near, self.problem.far)
        seed = self.problem.seed + state.step
        self._trainer.sweep(state.alpha, self._visible, decay, stride, phase, seed)
        self._find_empty()

    def _find_empty(self) -> None:
        native.distance_field(self.state.alpha, OCCUPIED_ALPHA, self._occupancy)

    def field(self, background: Float[np.ndarray, "3"]) -> Field:
        """Return a copy of the field as it is now."""
        return snapshot(self.problem, self.state, self._half, self._occupancy, background)
