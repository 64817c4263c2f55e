"""Undistortion is the inverse of OpenCV's distortion, and rays meet their pixels again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scenegen.kernels.rays import camera_rays, distort, pixel_rays, reach, undistort
from scenegen.types import Camera, Lens

small = st.floats(-0.05, 0.05)


def opencv(lens: Lens, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """OpenCV's forward models, written independently of the code under test."""
    if lens.model == "OPENCV_FISHEYE":
        r = np.hypot(x, y)
        theta = np.arctan(r)
        k = (lens.k1, lens.k2, lens.k3, lens.k4)
        bent = theta * (1 + sum(c * theta ** (2 * i + 2) for i, c in enumerate(k)))
        scale = np.where(r > 1e-12, bent / np.maximum(r, 1e-12), 1.0)
        return x * scale, y * scale
    r2 = x**2 + y**2
    radial = 1 + lens.k1 * r2 + lens.k2 * r2**2 + lens.k3 * r2**3
    u = x * radial + 2 * lens.p1 * x * y + lens.p2 * (r2 + 2 * x**2)
    v = y * radial + lens.p1 * (r2 + 2 * y**2) + 2 * lens.p2 * x * y
    return u, v


@given(k1=small, k2=small, k3=small, p1=st.floats(-0.005, 0.005), p2=st.floats(-0.005, 0.005))
def test_undistort_inverts_opencv(k1, k2, k3, p1, p2):
    lens = Lens(640, 480, 500, 500, 320, 240, "OPENCV", k1=k1, k2=k2, k3=k3, p1=p1, p2=p2)
    x, y = (a.ravel() for a in np.meshgrid(np.linspace(-0.7, 0.7, 9), np.linspace(-0.5, 0.5, 7)))
    found = undistort(lens, *opencv(lens, x, y))
    np.testing.assert_allclose(found[:, 0], x, atol=1e-9)
    np.testing.assert_allclose(found[:, 1], y, atol=1e-9)


@given(k1=small, k2=small, k3=st.floats(-0.01, 0.01), k4=st.floats(-0.01, 0.01))
def test_undistort_inverts_fisheye(k1, k2, k3, k4):
    lens = Lens(640, 480, 300, 300, 320, 240, "OPENCV_FISHEYE", k1=k1, k2=k2, k3=k3, k4=k4)
    x, y = (a.ravel() for a in np.meshgrid(np.linspace(-1.5, 1.5, 9), np.linspace(-1.5, 1.5, 7)))
    found = undistort(lens, *opencv(lens, x, y))
    np.testing.assert_allclose(found[:, :2] / found[:, 2:], np.stack([x, y], 1), atol=1e-8)


def test_arrays_and_tensors_are_distorted_as_opencv_does():
    lens = Lens(640, 480, 500, 500, 320, 240, "OPENCV", 0.04, -0.02, 0.01, p1=0.002, p2=-0.003)
    x, y = np.random.default_rng(3).uniform(-0.6, 0.6, (2, 20, 5))
    expected = opencv(lens, x, y)
    np.testing.assert_allclose(distort(lens, x, y), expected, atol=1e-15)
    found = distort(lens, torch.from_numpy(x), torch.from_numpy(y))
    np.testing.assert_allclose(torch.stack(found), expected, atol=1e-15)
    np.testing.assert_array_equal(distort(replace(lens, model="PINHOLE"), x, y), (x, y))


def test_a_lens_reaches_as_far_as_its_polynomial_grows():
    lens = Lens(100, 100, 80.0, 80.0, 50.0, 50.0, "OPENCV", k1=-0.3)
    assert reach(lens) == pytest.approx(np.sqrt(1 / 0.9), abs=0.01)  # 1 - 3 * 0.3 r^2 = 0
    assert reach(replace(lens, model="PINHOLE")) > 100
    assert reach(replace(lens, model="OPENCV_FISHEYE", k1=0.0)) == pytest.approx(np.pi)


def test_rays_pass_through_their_pixels():
    lens = Lens(64, 48, 60, 61, 31, 25, "OPENCV", k1=0.03, k2=-0.02, p1=0.001, p2=-0.002)
    pose = np.eye(4)
    pose[:3, :3] = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    pose[:3, 3] = [1, 2, 3]
    origins, directions = camera_rays(Camera(lens, pose))
    assert origins.shape == directions.shape == (64 * 48, 3)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    np.testing.assert_allclose(origins, np.broadcast_to([1, 2, 3], origins.shape))
    local = directions @ pose[:3, :3]
    u, v = opencv(lens, local[:, 0] / -local[:, 2], -local[:, 1] / -local[:, 2])
    columns, rows = np.meshgrid(np.arange(64), np.arange(48))
    np.testing.assert_allclose(u * lens.fl_x + lens.cx, columns.ravel() + 0.5, atol=1e-6)
    np.testing.assert_allclose(v * lens.fl_y + lens.cy, rows.ravel() + 0.5, atol=1e-6)


def test_some_rays_are_those_of_all():
    lens = Lens(20, 10, 15, 15, 10, 5)
    camera = Camera(lens, np.eye(4))
    everything = camera_rays(camera)[1].reshape(10, 20, 3)
    some = pixel_rays(camera, np.array([3, 19]), np.array([0, 9]))[1]
    np.testing.assert_array_equal(some, everything[[0, 9], [3, 19]])
