"""Capture to scene: train a radiance field for as long as the budget allows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from scenegen import __version__, files
from scenegen.errors import LiftError
from scenegen.kernels import threads
from scenegen.lift.bounds import clear_distances, unit_ball
from scenegen.lift.checkpoint import discard_checkpoint, load_checkpoint, save_checkpoint
from scenegen.lift.config import LiftConfig
from scenegen.lift.exposures import refine_exposures
from scenegen.lift.photo_store import MOST_BYTES, PhotoStore, open_photos
from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.poses import judge, refine_poses, refined_camera, seen_motion
from scenegen.lift.prune import prune
from scenegen.lift.scene_folder import check_scene_output, load_scene, save_scene
from scenegen.lift.schedule import (
    POSE_SHARES,
    STEPS_PER_S,
    field_shape,
    rates_at,
    sighting_weight,
    step_length_for,
)
from scenegen.lift.sightings import find_sightings
from scenegen.lift.sky import find_skies
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.trainer import Problem, SliceFacts, Trainer, make_trainer
from scenegen.progress import Progress, silent
from scenegen.types import Capture, Field, Photo, Scene

log = logging.getLogger("scenegen")

MIN_PHOTOS = 3
NEAR = 0.05
"""Where rays begin, in radii of the unit ball."""
_SLICE_S = 0.3
"""Wall time between two looks at the clock."""
_CHECKPOINT_S = 10.0
_SLICE_STEPS = 50
_SWEEP_STEPS = 100
_FULL_SWEEPS = 10
_SWEEP_DECAY = 0.8


@dataclass(frozen=True)
class FitRecord:
    """Where training stands after a slice of steps."""

    step: int
    elapsed_s: float
    psnr_db: float
    samples_per_s: float


class Watch(Protocol):
    """Looks on while a scene comes to be. What it raises ends the training, as Ctrl-C does."""

    def begin(self, capture: Capture) -> None:
        """See what is trained on."""
        ...

    def step(self, record: FitRecord, field: Callable[[], Field]) -> None:
        """See where training stands after a slice; ``field`` gives a copy of it as it is then."""
        ...


def lift(
    capture: Capture,
    output: Path,
    config: LiftConfig,
    progress: Progress = silent,
    watch: Watch | None = None,
) -> Scene:
    """Train a field on ``capture`` and save the scene folder ``output``.

    Checkpoints lie in ``output`` with ``.partial`` added; after a kill the same call goes on from
    there. The time that ``watch`` takes counts as training. Raises `LiftError` where the photos
    cannot train, `OutputError` where nothing can be written.
    """
    _check(capture, output, config)
    if watch is not None:
        watch.begin(capture)
    photos, heldout = _split(capture, config)
    partial = output.with_name(output.name + ".partial")
    beside, most_bytes = output.absolute().parent, config.photo_memory_mb * 1_000_000
    if config.steps and not most_bytes:
        most_bytes = MOST_BYTES  # where steps count, how much memory is free decides nothing
    with open_photos(photos, config.downscale, beside, most_bytes, progress) as store:
        field, state = _train(capture, store, partial, config, (progress, watch))
    photos = tuple(
        replace(photo, camera=refined_camera(photo.camera, field.radius, correction))
        for photo, correction in zip(photos, state.pose, strict=True)
    )
    scene = _scene(capture, field, (photos, heldout), state, config)
    if state.pose.any():
        moved = round(1e3 * seen_motion(state)[0], 2)
        scene = replace(scene, facts={**scene.facts, "poses_moved_mrad": moved})
    with files.staged_folder(output, config.overwrite) as folder:
        save_scene(scene, folder)
    discard_checkpoint(partial)
    return load_scene(output)


def _train(
    capture: Capture,
    store: PhotoStore,
    partial: Path,
    config: LiftConfig,
    seen_by: tuple[Progress, Watch | None],
) -> tuple[Field, TrainingState]:
    """Return the trained field and the state in which training ended."""
    progress, watch = seen_by
    background = np.mean([fact.mean for fact in store.facts], axis=0) / 255.0
    problem = make_problem(capture, store.photos, config)
    key = _key(capture, store, config)
    state = load_checkpoint(partial, key)
    if state is None:
        state = new_state(problem.shape, len(store.photos), config.seed)
    else:
        log.info("going on with the training in %s at %.0f s", partial, state.elapsed_s)
    trainer = make_trainer(problem, state, config.backend)
    saved_s = state.elapsed_s
    if store.turn(state.step):
        trainer.show(make_problem(capture, store.photos, config))
    for record in fit(trainer, config.budget_s, config.steps):
        if config.steps:
            progress("training", record.step, config.steps)
        else:
            progress("training", record.elapsed_s, config.budget_s)
        begun = time.perf_counter()
        if store.turn(state.step):
            trainer.show(make_problem(capture, store.photos, config))
        if record.elapsed_s - saved_s > _CHECKPOINT_S:
            save_checkpoint(partial, key, state)
            saved_s = record.elapsed_s
        if watch is not None:
            watch.step(record, lambda: trainer.field(background))
        state.elapsed_s += time.perf_counter() - begun  # the budget is the user's time
    pixels = [
        replace(photo, camera=refined_camera(photo.camera, problem.radius, correction))
        for photo, correction in zip(store.photos, state.pose, strict=True)
    ]
    return prune(trainer.field(background), pixels, config.seed), state


def fit(trainer: Trainer, budget_s: float, total_steps: int = 0) -> Iterator[FitRecord]:
    """Train until the state's ``elapsed_s`` reaches ``budget_s``; yields a record every slice.

    With ``total_steps`` the number of steps ends training, and the clock decides nothing.
    Learning rates follow the share that is spent, so a resumed run takes up its schedule where it
    was.
    """
    state, steps = trainer.state, 2
    while state.step < total_steps if total_steps else state.elapsed_s < budget_s:
        begun = time.perf_counter()
        if total_steps:
            steps = _slice_steps(state.step, total_steps)
        share = state.step / total_steps if total_steps else state.elapsed_s / budget_s
        refine = trainer.problem.refine_poses and state.pose_refined
        rates = rates_at(share, state.error, refine)
        facts = trainer.run(steps, rates)
        if rates.exposure > 0:
            refine_exposures(state, facts.exposure_sums, rates.exposure)
        if rates.pose:
            _move_cameras(trainer, facts, share)
        state.error = float(np.sqrt(facts.squared_error / max(facts.compared, 1))) or state.error
        state.step_length = step_length_for(facts.samples / max(facts.rays, 1), state.step_length)
        if state.step % _SWEEP_STEPS < steps:
            _sweep(trainer)
        spent = time.perf_counter() - begun
        state.elapsed_s += spent
        yield FitRecord(
            step=state.step,
            elapsed_s=state.elapsed_s if total_steps else min(state.elapsed_s, budget_s),
            psnr_db=-20.0 * float(np.log10(max(state.error, 1e-6))),
            samples_per_s=facts.samples / spent,
        )
        # Short slices first, while the step length still changes fast.
        steps = int(np.clip(steps * _SLICE_S / spent, 1, min(_SLICE_STEPS, 2 * steps)))


def _move_cameras(trainer: Trainer, facts: SliceFacts, share: float) -> None:
    state = trainer.state
    refine_poses(trainer.problem, state, facts.pose_sums, share)
    if share > POSE_SHARES[1] and not state.pose_judged:
        judge(state)
        log.info("given cameras were %s", "wrong" if state.pose_refined else "good enough")
    trainer.place_cameras()


def _slice_steps(step: int, total_steps: int) -> int:
    """Return how many steps to take next; a run that was interrupted comes by the same places."""
    whole = (step // _SLICE_STEPS + 1) * _SLICE_STEPS
    return min(max(2, 2 * step), whole, total_steps) - step


def _sweep(trainer: Trainer) -> None:
    number = trainer.state.step // _SWEEP_STEPS
    if number <= _FULL_SWEEPS:
        trainer.sweep(_SWEEP_DECAY, 1, 0)
    else:
        trainer.sweep(_SWEEP_DECAY, 4, number % 4)


def _check(source: Capture, output: Path, config: LiftConfig) -> None:
    check_scene_output(output, config.overwrite, [photo.file for photo in source.photos])
    if len(source.photos) < MIN_PHOTOS:
        raise LiftError(
            f"the capture has {len(source.photos)} posed photos, expected {MIN_PHOTOS} or more; "
            "take more photos that overlap and ingest them again"
        )


def _split(capture: Capture, config: LiftConfig) -> tuple[tuple[Photo, ...], tuple[Photo, ...]]:
    photos = sorted(capture.photos, key=lambda photo: photo.name)
    every = config.holdout_every
    heldout = tuple(p for i, p in enumerate(photos) if every and i % every == 0)
    training = tuple(p for i, p in enumerate(photos) if not (every and i % every == 0))
    if len(training) < MIN_PHOTOS - 1:
        raise LiftError(
            f"--holdout-every {every} leaves {len(training)} photos to train from, expected "
            f"{MIN_PHOTOS - 1} or more; hold fewer out"
        )
    return training, heldout


def make_problem(capture: Capture, pixels: list[PhotoPixels], config: LiftConfig) -> Problem:
    """Return what a lift with ``config`` trains from; ``pixels`` are photos of ``capture``."""
    cameras = [photo.camera for photo in pixels]
    centre, radius = unit_ball(cameras, capture.points)
    clear = clear_distances(cameras, capture.points, NEAR * radius)
    weight = sighting_weight(len(pixels))
    return Problem(
        photos=pixels,
        shape=field_shape(config.steps / STEPS_PER_S if config.steps else config.budget_s),
        centre=centre,
        radius=radius,
        seed=config.seed,
        near=NEAR,
        refine_poses=config.refine_poses,
        clear=[distance / radius for distance in clear],
        # Few photos, few points: of many, no photo looks at all points.
        sightings=find_sightings(cameras, capture.points, radius) if weight > 0 else None,
        sighting_weight=weight,
        skies=find_skies(pixels, capture.points),
    )


def _key(capture: Capture, store: PhotoStore, config: LiftConfig) -> str:
    """Return what a checkpoint must have been made from to be gone on with."""
    free = ("overwrite", "backend", "photo_memory_mb")
    settings = {k: v for k, v in asdict(config).items() if k not in free}
    digests = [fact.digest for fact in store.facts]
    return files.fingerprint(__version__, settings, capture.points.tobytes(), digests)


def _scene(
    capture: Capture,
    field: Field,
    photos: tuple[tuple[Photo, ...], tuple[Photo, ...]],
    state: TrainingState,
    config: LiftConfig,
) -> Scene:
    training, heldout = photos
    parameters = [np.ascontiguousarray(v).tobytes() for v in field.parameters.values()]
    marching = [field.centre.tolist(), field.radius, field.step, field.near, field.far]
    return Scene(
        field=field,
        photos=training,
        heldout=heldout,
        points=capture.points,
        fingerprint=files.fingerprint(
            *parameters,
            field.occupancy.tobytes(),
            field.background.tobytes(),
            marching,
            state.exposure.tobytes(),
        ),
        metres_per_unit=capture.metres_per_unit,
        facts={
            "photos_total": capture.photos_total,
            "photos_posed": len(capture.photos),
            "train_s": round(state.elapsed_s, 2),
            "train_steps": state.step,
            "train_psnr_db": round(-20.0 * float(np.log10(max(state.error, 1e-6))), 2),
            "downscale": config.downscale,
            **({"steps": config.steps} if config.steps else {"budget_s": config.budget_s}),
            "threads": threads(),
        },
        exposures=state.exposure.copy(),
    )
