"""Keyframes alone are followed as the tool follows them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import BSpline

from scenegen.path.formats.hints import Hints
from scenegen.path.formats.ngp import NgpFrame
from scenegen.path.formats.registry import read_path
from scenegen.types import CameraPath

PLACES = np.array([[0.0, 0, 0], [1, 0, 2], [3, 1, 1], [4, -1, 0], [5, 2, 2]])


def ngp(tmp_path: Path, order: int, seconds: float = 4.0) -> CameraPath:
    keys = [
        {"R": [0, 0, 0, 1], "T": place.tolist(), "fov": 50.0 + i, "timestamp": i + 1.0}
        for i, place in enumerate(PLACES)
    ]
    content = {"path": keys, "duration_seconds": seconds, "spline_order": order, "loop": False}
    (tmp_path / "base_cam.json").write_text(json.dumps(content))
    return read_path(tmp_path / "base_cam.json", Hints(1.0, 10.0))


@pytest.mark.parametrize("order", [2, 3])
def test_instant_ngps_splines_are_uniform_b_splines(tmp_path: Path, order: int) -> None:
    path = ngp(tmp_path, order)
    assert len(path) == 40
    found = NgpFrame().from_capture(path.world_from_camera)[:, :3, 3]
    # The ends count again, so that a stretch lies between every two keys; order 2 lags by half.
    control = np.concatenate([PLACES[:1], PLACES, PLACES[-1:]])
    knots = np.arange(len(control) + order + 1, dtype=float)
    t = np.arange(40) / 40 * 4 + order
    np.testing.assert_allclose(found, BSpline(knots, control, order)(t), atol=1e-12)
    assert np.abs(found[10] - PLACES[1]).max() > 0.1  # it does not pass through its keys


def test_instant_ngps_straight_lines_pass_their_keys(tmp_path: Path) -> None:
    path = ngp(tmp_path, 1)
    found = NgpFrame().from_capture(path.world_from_camera)[:, :3, 3]
    np.testing.assert_allclose(found[::10], PLACES[:4], atol=1e-12)
    np.testing.assert_allclose(path.fov_y_deg[::10], [50, 51, 52, 53])


def test_a_length_that_is_a_placeholder_is_instant_ngps_default(tmp_path: Path) -> None:
    content = json.loads((ngp(tmp_path, 3), (tmp_path / "base_cam.json").read_text())[1])
    for i, key in enumerate(content["path"]):
        key["timestamp"] = (i + 1) / 5
    content["duration_seconds"] = 1.0
    (tmp_path / "base_cam.json").write_text(json.dumps(content))
    assert len(read_path(tmp_path / "base_cam.json", Hints(1.0, 10.0))) == 50


def test_lichtfelds_catmull_rom_passes_its_keys_and_eases(tmp_path: Path) -> None:
    keys = [
        {
            "time": float(i),
            "position": place.tolist(),
            "rotation": [1, 0, 0, 0],
            "focal_length_mm": 20.0 + i,
            "easing": easing,
        }
        for i, (place, easing) in enumerate(zip(PLACES[:4], (0, 1, 2, 3), strict=True))
    ]
    (tmp_path / "a.json").write_text(json.dumps({"version": 4, "keyframes": keys}))
    path = read_path(tmp_path / "a.json", Hints(1.0, 10.0))
    assert len(path) == 31  # it shows the last key too
    found = path.world_from_camera[:, :3, 3] * [-1, -1, 1]
    np.testing.assert_allclose(found[::10], PLACES[:4], atol=1e-12)
    # Half way along the first stretch, whose first key counts twice: (-1, 9, 9, -1) / 16.
    middle = (-PLACES[0] + 9 * PLACES[0] + 9 * PLACES[1] - PLACES[2]) / 16
    np.testing.assert_allclose(found[5], middle, atol=1e-12)
    focal = 12 / np.tan(np.deg2rad(path.fov_y_deg) / 2)
    # Of the second stretch an eighth is done after half its time, of the third seven eighths.
    np.testing.assert_allclose(focal[[5, 15, 25]], [20.5, 21.125, 22.875], atol=1e-9)


def test_lichtfeld_holds_focal_lengths_within_its_bounds(tmp_path: Path) -> None:
    key = {"time": 0.0, "position": [0, 0, 0], "rotation": [1, 0, 0, 0], "easing": 0}
    for focal, held in ((1e-320, 10.0), (3.0, 10.0), (50.0, 50.0), (900.0, 200.0)):
        content = {"version": 4, "keyframes": [{**key, "focal_length_mm": focal}]}
        (tmp_path / "a.json").write_text(json.dumps(content))
        fov = read_path(tmp_path / "a.json", Hints()).fov_y_deg[0]
        assert 12 / np.tan(np.deg2rad(fov) / 2) == pytest.approx(held)


def test_gltfs_cubic_splines_and_steps(tmp_path: Path) -> None:
    import base64

    times = np.array([0.0, 2.0], "<f4")
    cubic = np.array([[9, 9, 9], [0, 0, 0], [1, 0, 0], [-1, 0, 0], [4, 0, 0], [9, 9, 9]], "<f4")
    step = np.array([[0, 0, 0, 1], [0, 0.6, 0, 0.8]], "<f4")
    parts = [times.tobytes(), cubic.tobytes(), step.tobytes()]
    starts = np.cumsum([0, *map(len, parts)])
    data = base64.b64encode(b"".join(parts)).decode()
    content = {
        "asset": {"version": "2.0"},
        "nodes": [{"camera": 0}],
        "cameras": [{"type": "perspective", "perspective": {"yfov": 1.0, "znear": 0.1}}],
        "buffers": [{"byteLength": int(starts[-1]), "uri": f"data:;base64,{data}"}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": int(at), "byteLength": len(part)}
            for at, part in zip(starts, parts, strict=False)
        ],
        "accessors": [
            {"bufferView": i, "componentType": 5126, "count": count, "type": kind}
            for i, (count, kind) in enumerate(((2, "SCALAR"), (6, "VEC3"), (2, "VEC4")))
        ],
        "animations": [
            {
                "samplers": [
                    {"input": 0, "output": 1, "interpolation": "CUBICSPLINE"},
                    {"input": 0, "output": 2, "interpolation": "STEP"},
                ],
                "channels": [
                    {"sampler": 0, "target": {"node": 0, "path": "translation"}},
                    {"sampler": 1, "target": {"node": 0, "path": "rotation"}},
                ],
            }
        ],
    }
    (tmp_path / "a.gltf").write_text(json.dumps(content))
    path = read_path(tmp_path / "a.gltf", Hints(1.0, 10.0))
    assert len(path) == 21
    # Hermite: 0 to 4 over 2 s with slopes 1 and -1 a second; in the middle 2 + 2 (1 + 1) / 8.
    np.testing.assert_allclose(path.world_from_camera[[0, 10, 20], 0, 3], [0, 2.5, 4], atol=1e-6)
    turned = path.world_from_camera[:, 0, 0]
    np.testing.assert_allclose(turned[:20], 1.0, atol=1e-6)
    assert turned[20] == pytest.approx(0.28, abs=1e-6)
