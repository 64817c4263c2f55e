"""Blender itself, not files in its shape: it wrote what we read, and it reads what we write.

The files it wrote are kept. For the rest it has to be installed, in a Python of its own: name that
in SCENEGEN_BLENDER_PYTHON (and a folder with add-ons in SCENEGEN_BLENDER_ADDONS, see
`tools/blender_cameras.py`).
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenegen.path.formats.hints import Hints
from scenegen.path.formats.registry import read_path, write_path
from tests.golden.blender import generate
from tests.path.formats.shots import shots
from tests.path.formats.test_markers import (
    HEIGHT,
    OFF_PX,
    WIDTH,
    expected,
    middles,
    room_walk,
)

GOLDEN = Path(generate.__file__).parent
HINTS = Hints(WIDTH / HEIGHT, 24.0)
WRITTEN = {
    "my camera.gltf": HINTS,
    "camera.glb": HINTS,
    "camera_zoom.gltf": HINTS,
    "camera.usda": HINTS,
    "camera_y_up.usda": HINTS,
    "camera_zxy.chan": HINTS,
    "camera_xyz.chan": replace(HINTS, rotation_order="XYZ"),
    "camera_path_blender.json": HINTS,
}
ZOOMLESS = ("my camera.gltf", "camera.glb")
"""What Blender writes by default: glTF has no zoom but by an extension that is to be ticked."""


@pytest.mark.parametrize("name", WRITTEN)
def test_what_blender_wrote_shows_the_same_pixels(tmp_path: Path, name: str) -> None:
    if name.endswith(".usda"):
        pytest.importorskip("pxr", reason="usd-core is not installed")
    path = read_path(GOLDEN / name, WRITTEN[name])
    seen = shots()
    if name in ZOOMLESS:
        seen = [replace(shot, fov_y_deg=seen[0].fov_y_deg) for shot in seen]
    assert len(path) == len(seen)
    assert path.fps == 24.0
    off = middles(path, tmp_path / "clip.mp4") - expected(seen)
    assert np.abs(off).max() < OFF_PX, off
    np.testing.assert_allclose(  # Blender counts in 32 bits
        path.world_from_camera, room_walk().world_from_camera, atol=2e-6
    )


def blender_python() -> Path:
    """Return a Python that has Blender."""
    named = os.environ.get("SCENEGEN_BLENDER_PYTHON")
    if named:
        return Path(named)
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("no Blender: name a Python that has bpy in SCENEGEN_BLENDER_PYTHON")
    return Path(sys.executable)


def addons() -> list[str]:
    return [os.environ[name] for name in ("SCENEGEN_BLENDER_ADDONS",) if name in os.environ]


def test_blender_renders_what_is_written_onto_the_same_pixels(tmp_path: Path) -> None:
    python = blender_python()
    names = ["path.gltf", "path.glb", "path.usda", "path.usdc", "metres.usda"]
    names += ["path.chan", "path.json"] if addons() else []
    for name in names:
        unit = 1.0 if name == "metres.usda" else None
        hints = replace(HINTS, metres_per_unit=unit)
        write_path(room_walk(), tmp_path / name, WIDTH, HEIGHT, hints=hints)
    files = [tmp_path / name for name in names]
    generate.blender(python, "read", tmp_path, *files, tmp_path / "seen.json", *addons())
    for name, seen in json.loads((tmp_path / "seen.json").read_text()).items():
        off = np.array(seen["middles"]) - expected(shots())
        assert np.abs(off).max() < 0.2, name  # worst seen 0.09, 16 samples a pixel
        np.testing.assert_allclose(seen["fovs"], room_walk().fov_y_deg, atol=1e-4)
        assert seen["lens"][1] == pytest.approx(36.0)  # the film's width in mm
        poses = np.array(seen["poses"])
        poses[:, :3, :3] /= np.linalg.norm(poses[:, :3, :3], axis=1, keepdims=True)
        np.testing.assert_allclose(poses, room_walk().world_from_camera, atol=2e-6)


def test_blender_still_writes_what_is_kept(tmp_path: Path) -> None:
    generate.blender(blender_python(), "write", tmp_path, tmp_path, *addons())
    written = [name for name in WRITTEN if (tmp_path / name).exists()]
    assert {"my camera.gltf", "camera.glb", "camera_zoom.gltf", "camera.usda"} <= set(written)
    for name in written:
        kept, made = (read_path(at / name, WRITTEN[name]) for at in (GOLDEN, tmp_path))
        np.testing.assert_allclose(made.world_from_camera, kept.world_from_camera, atol=1e-6)
        np.testing.assert_allclose(made.fov_y_deg, kept.fov_y_deg, atol=1e-5)
