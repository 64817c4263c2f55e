"""Where the time goes: every stage's share, and how far it is from what the machine can do.

Stages are timed by the kernels' own entry points, over the samples that training and rendering
really take, on all threads at once; what has no entry point is what remains of the whole. A stage's
limit is the largest of its times at the machine's measured rates: multiply-adds, random loads and
additions (in tables as large as each level), bytes in order.

Source: Williams et al., "Roofline" (2009).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from benchmark import counts
from benchmark.counts import Work
from benchmark.limits import at_size, machine_limits
from benchmark.training import Subject
from benchmark.twin import problem_of
from scenegen.kernels import native, threads
from scenegen.kernels.rays import camera_rays
from scenegen.lift.fit import fit
from scenegen.lift.native_trainer import NativeTrainer
from scenegen.lift.schedule import rates_at
from scenegen.lift.state import new_state
from scenegen.lift.trainer import Problem
from scenegen.types import Field, FieldShape

Facts = dict[str, Any]

_RAYS = 4096
_MOST_SAMPLES = 1024
_TRIES = 5
_SWEEP_STEPS = 100
_STEPS = 100


@dataclass(frozen=True)
class Samples:
    """Samples as rays take them: normalised places and directions, ray after ray."""

    points: np.ndarray
    directions: np.ndarray
    rays: int
    marched: int
    """Samples that marching yields to the end of the rays, of which ``points`` are the first."""


def measure_roofline(subject: Subject) -> Facts:
    """Return the machine's limits, and the stages of training and rendering with their times."""
    limits = machine_limits()
    problem = problem_of(subject)
    trainer = NativeTrainer(problem, new_state(problem.shape, len(problem.photos), problem.seed))
    for _ in fit(trainer, subject.effort.warm_s):
        pass
    field = trainer.field(np.zeros(3))
    return {
        "scene": subject.name,
        "threads": threads(),
        "limits": limits,
        "training": _with_limits(training_stages(trainer, problem, field), problem.shape, limits),
        "rendering": _with_limits(rendering_stages(problem, field), problem.shape, limits),
    }


def training_stages(trainer: NativeTrainer, problem: Problem, field: Field) -> list[Facts]:
    """Return the stages of a training step; seconds are of one core for one sample."""
    shape = problem.shape
    kernel = kernel_seconds(field, take_samples(problem, field, problem.opaque_depth, 16))
    rates = rates_at(0.5, trainer.state.error)
    trainer.run(5, rates)
    before = dict(trainer.stage_seconds)
    facts = trainer.run(_STEPS, rates)
    spent = {
        name: (seconds - before[name]) / max(1, facts.samples)
        for name, seconds in trainer.stage_seconds.items()
    }
    sweep_s, _ = _timed(lambda: trainer.sweep(0.8, 4, 0))
    per_sample = threads() * _STEPS / max(1, facts.samples)
    forward = kernel["march"] + kernel["encode"] + kernel["density"]
    blocks = touched_blocks(trainer, facts.rays // _STEPS) * _STEPS / max(1, facts.samples)
    rows = [
        ("march", kernel["march"], counts.march()),
        ("encode", kernel["encode"], counts.encode(shape)),
        ("density network", kernel["density"], counts.density(shape)),
        ("colour, loss, backwards", spent["rays"] - forward, counts.learn(shape)),
        ("scatter", spent["scatter"], counts.scatter(shape)),
        ("optimiser", spent["adam"] + spent["dense"], counts.optimise(blocks)),
        ("waiting for each other", spent["waiting"], Work(0.0)),
        ("occupancy", sweep_s / _SWEEP_STEPS * per_sample, Work(0.0)),
    ]
    return [_row(*row) for row in rows]


def rendering_stages(problem: Problem, field: Field) -> list[Facts]:
    """Return the stages of rendering; seconds are of one core for one sample."""
    shape = problem.shape
    samples = take_samples(problem, field, native.OPAQUE_DEPTH, 4)
    kernel = kernel_seconds(field, samples)
    origins, directions = _some_rays(problem, 16 * _RAYS)
    whole_s, _ = _timed(lambda: native.trace(field, origins, directions))
    per_ray = len(samples.points) / samples.rays
    total = whole_s * threads() / (len(origins) * per_ray)
    known = sum(kernel[name] for name in ("march", "encode", "density"))
    rows = [
        ("march", kernel["march"], counts.march()),
        ("encode", kernel["encode"], counts.encode(shape)),
        ("density network", kernel["density"], counts.density(shape)),
        ("colour, compositing", total - known, counts.shade(shape)),
    ]
    return [_row(*row) for row in rows]


def _row(stage: str, seconds: float, work: Work) -> Facts:
    return {"stage": stage, "seconds": max(0.0, seconds), "work": vars(work), "bytes": work.bytes}


def _with_limits(rows: list[Facts], shape: FieldShape, limits: Facts) -> list[Facts]:
    """Add to every stage its share of the time, its limit, and what the limit comes from."""
    total = sum(row["seconds"] for row in rows)
    for row in rows:
        bounds = stage_bounds(row["work"], shape, limits)
        name = max(bounds, key=bounds.__getitem__)
        row["share"] = round(row["seconds"] / total, 4)
        row["bound"] = name if bounds[name] > 0 else ""
        row["limit_s"] = bounds[name]
        row["of_limit"] = round(bounds[name] / row["seconds"], 3) if row["seconds"] else None
    return rows


def stage_bounds(work: Facts, shape: FieldShape, limits: Facts) -> dict[str, float]:
    """Return the least seconds of one core for a sample by each of the machine's rates.

    A level's gradients belong to one worker; all else is shared by all.
    """
    kernels, alone, every = threads(), limits["1"], limits[str(threads())]
    sizes = level_kilobytes(shape)
    gathers, scatters = work["gathers"] / len(sizes), work["scatters"] / len(sizes)
    return {
        "FMA": kernels * work["flops"] / every["flops_per_s"],
        "random loads": kernels
        * sum(gathers / at_size(every, size, "gathers_per_s") for size in sizes),
        "random additions": sum(
            scatters / at_size(alone, 2 * size, "scatters_per_s") for size in sizes
        ),
        "bandwidth": kernels
        * work["stream_bytes"]
        / at_size(every, every["tables"][-1]["table_kb"], "stream_bytes_per_s"),
    }


def level_kilobytes(shape: FieldShape) -> list[float]:
    """Return the size of each level's table of halves, coarse levels being dense."""
    growth = (shape.finest / shape.coarsest) ** (1 / max(1, shape.levels - 1))
    cells = [int(shape.coarsest * growth**level + 1e-6) for level in range(shape.levels)]
    return [min((n + 1) ** 3, 1 << shape.log2_table) * counts.GATHER_BYTES / 1024 for n in cells]


def take_samples(problem: Problem, field: Field, opaque: float, wave: int) -> Samples:
    """March rays of photos and keep of each what is evaluated before it is opaque, in waves."""
    wrapped = native.native_field(field.shape, dict(field.parameters), field.occupancy)
    wrapped.march_by(field.step, field.near, field.far)
    origins, directions = _some_rays(problem, _RAYS)
    origins = np.ascontiguousarray((origins - field.centre) / field.radius, np.float32)
    t, dt = np.zeros(_MOST_SAMPLES, np.float32), np.zeros(_MOST_SAMPLES, np.float32)
    points, ways, marched = [], [], 0
    for origin, direction in zip(origins, directions.astype(np.float32), strict=True):
        count = wrapped.march(origin, direction, 0.5, t, dt)
        marched += count
        places = origin + t[:count, None] * direction
        sigma = np.zeros(count, np.float32)
        wrapped.density(places, sigma)
        behind = np.flatnonzero(np.cumsum(sigma * dt[:count]) > opaque)
        kept = min(count, -(-(int(behind[0]) + 1) // wave) * wave) if len(behind) else count
        points.append(places[:kept])
        ways.append(np.repeat(direction[None], kept, 0))
    return Samples(np.concatenate(points), np.concatenate(ways), len(origins), marched)


def _some_rays(problem: Problem, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rays through random pixels of all photos, in the world."""
    rng = np.random.default_rng(0)
    share = -(-count // len(problem.photos))
    origins, directions = [], []
    for photo in problem.photos:
        o, d = camera_rays(photo.camera)
        chosen = rng.integers(len(o), size=share)
        origins.append(o[chosen])
        directions.append(d[chosen])
    return np.concatenate(origins)[:count], np.concatenate(directions)[:count]


def kernel_seconds(field: Field, samples: Samples) -> dict[str, float]:
    """Return seconds of one core for one sample of every kernel, all threads at work.

    The density network's share of a density is what more hidden units make it slower by.
    """
    narrow, wide = _density_seconds(field, samples, 16), _density_seconds(field, samples, 64)
    network = max(0.0, (wide - narrow) / 48 * field.shape.hidden)
    whole = _density_seconds(field, samples, field.shape.hidden)
    march = _march_seconds(field, samples)
    return {"march": march, "encode": whole - network, "density": network}


def _density_seconds(field: Field, samples: Samples, hidden: int) -> float:
    """Return seconds for one sample of a density from networks of ``hidden`` units."""
    shape = replace(field.shape, hidden=hidden)
    networks = np.zeros(native.mlp_size(shape), np.float32)
    parameters = {"hash": field.parameters["hash"], "mlp": networks}
    wrapped = native.native_field(shape, parameters, field.occupancy)
    sigma = np.zeros(len(samples.points), np.float32)

    def work(part: slice) -> None:
        wrapped.density(samples.points[part], sigma[part])

    return _on_all_threads(work, len(sigma)) / len(sigma)


def _march_seconds(field: Field, samples: Samples) -> float:
    """Return seconds for one sample of marching, less what a call from Python costs by itself."""
    wrapped = native.native_field(field.shape, dict(field.parameters), field.occupancy)
    wrapped.march_by(field.step, field.near, field.far)
    starts = np.flatnonzero(np.any(np.diff(samples.directions, axis=0, prepend=np.nan), axis=1))
    lines = [(samples.points[at].copy(), samples.directions[at].copy()) for at in starts]
    t, dt = np.zeros(_MOST_SAMPLES, np.float32), np.zeros(_MOST_SAMPLES, np.float32)
    none = np.zeros(0, np.float32)

    def walk(t: np.ndarray, dt: np.ndarray) -> int:
        return sum(wrapped.march(point, way, 0.5, t, dt) for point, way in lines)

    full_s, taken = _timed(lambda: walk(t, dt))
    calls_s, _ = _timed(lambda: walk(none, none))
    return max(0.0, full_s - calls_s) / max(1, taken)


def touched_blocks(trainer: NativeTrainer, rays: int) -> int:
    """Return how many blocks of four entries the gradients of a step reach."""
    _, gradients = trainer.gradients(trainer.state.step, rays, 0.0)
    return int(np.count_nonzero(gradients["hash"].reshape(-1, 16).any(axis=1)))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the least seconds of some calls, and what the last one returned."""
    seconds, result = [], None
    for _ in range(_TRIES):
        begun = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds), result


def _on_all_threads(work: Callable[[slice], Any], count: int) -> float:
    """Return the core seconds of ``work`` on slices of ``count`` items, one for each thread."""
    edges = np.linspace(0, count, threads() + 1).astype(int).tolist()
    parts = [slice(a, b) for a, b in pairwise(edges)]
    with ThreadPoolExecutor(len(parts)) as pool:
        return len(parts) * _timed(lambda: list(pool.map(work, parts)))[0]
