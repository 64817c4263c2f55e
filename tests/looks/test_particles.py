"""Flakes and drops."""

from __future__ import annotations

import numpy as np
import pytest

from scenegen.looks.particles import Kind, Particles, drops_of, flakes_of
from scenegen.types import Camera
from tests.looks.yard import camera_at

KIND = Kind(200, 4.0, 0.03, (0.3, 0.1, -1.0), 0.1, 1.0)
FREE = np.full((54, 96), np.inf, np.float32)


def marks(camera: Camera, points: np.ndarray) -> np.ndarray:
    local = (points - camera.position) @ camera.world_from_camera[:3, :3]
    lens = camera.lens
    ahead = -local[:, 2]
    return np.stack(
        [lens.cx + lens.fl_x * local[:, 0] / ahead, lens.cy - lens.fl_y * local[:, 1] / ahead], -1
    )


def test_two_cameras_see_the_same_particles_at_the_same_time() -> None:
    particles = Particles(KIND, 3)
    here, there = np.array([0.0, 0.0, 1.0]), np.array([0.7, -0.4, 1.2])
    one, other = particles.places(here, 12.5), particles.places(there, 12.5)
    inside = np.abs(one - there).max(axis=1) < 2.0  # of both boxes
    assert inside.sum() > 80
    assert one[inside] == pytest.approx(other[inside], abs=1e-9)
    assert (np.abs(one - here) <= 2.0).all()


def test_particles_fall_on_their_way_and_not_with_the_camera() -> None:
    particles = Particles(Kind(50, 4.0, 0.03, (0.3, 0.1, -1.0), 0.0, 1.0), 0)
    eye = np.array([0.0, 0.0, 1.0])
    moved = particles.places(eye, 1.1) - particles.places(eye, 1.0)
    stayed = np.abs(moved).max(axis=1) < 2.0  # the others left the box and came in again
    assert stayed.sum() > 40
    assert moved[stayed] == pytest.approx(np.tile([0.03, 0.01, -0.1], (stayed.sum(), 1)), abs=1e-9)


def test_a_particle_is_drawn_where_it_is_projected() -> None:
    particles = Particles(Kind(1, 4.0, 0.03, (0, 0, 0), 0.0, 1.0), 1)
    at = particles.places(np.zeros(3), 0.0)[0]
    eye = at + np.array([0.1, -1.0, 0.05])
    camera = camera_at(tuple(eye), tuple(np.add(eye, [0, 1, 0])))
    drawn = particles.drawn(camera, FREE, 0.0, 0.0)
    rows, columns = np.indices(drawn.shape) + 0.5
    centre = [(columns * drawn).sum() / drawn.sum(), (rows * drawn).sum() / drawn.sum()]
    assert centre == pytest.approx(marks(camera, at[None])[0], abs=0.3)
    assert 0.1 < drawn.max() <= 1.0


def test_what_is_nearer_hides_particles() -> None:
    camera = camera_at((0, 0, 1), (0, 1, 1))
    particles = Particles(KIND, 0)
    shown = [
        particles.drawn(camera, np.full_like(FREE, depth), 2.0, 0.0).sum()
        for depth in (0.0, 0.5, 1.0, 1.5, np.inf)
    ]
    assert shown[0] == 0
    assert (np.diff(shown) >= 0).all()
    assert shown[-1] > 1.2 * shown[1]
    assert shown[2] > 0


def test_a_longer_exposure_draws_longer_and_fainter_streaks() -> None:
    camera = camera_at((0, 0, 1), (0, 1, 1))
    particles = Particles(KIND, 0)
    short, long = (particles.drawn(camera, FREE, 1.0, t) for t in (0.0, 0.1))
    assert (long > 0.002).sum() > 1.5 * (short > 0.002).sum()
    assert long.max() < short.max()


def test_the_same_seed_is_the_same_snow() -> None:
    camera = camera_at((0, 0, 1), (0, 1, 1))
    one, again, other = (
        Particles(flakes_of(1.0, 1.0), seed).drawn(camera, FREE, 3.0, 0.02) for seed in (4, 4, 5)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_rain_falls_faster_than_snow_and_more_of_it_is_more() -> None:
    assert drops_of(1.0, 1.0).velocity[2] < 3 * flakes_of(1.0, 1.0).velocity[2]
    assert drops_of(2.0, 1.0).count == 2 * drops_of(1.0, 1.0).count
    assert drops_of(1.0, 0.5).box == 0.5 * drops_of(1.0, 1.0).box
