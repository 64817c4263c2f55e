"""The example scene as it is committed, and the pieces of the script that made it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from courtyard import cameras
from courtyard import textures as own
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from scenegen.worlds import mesh as geometry
from scenegen.worlds import noise, textures

ROOT = Path(__file__).resolve().parents[2]
SCENE = ROOT / "scenes" / "courtyard"
SEED = 11
PHOTOS = sorted((SCENE / "images").glob("*.jpg"))
DEPTHS = sorted((SCENE / "true_depth").glob("*.png"))


def true_cameras() -> dict[str, np.ndarray]:
    """True world-from-camera of every photo, by the photo's name."""
    frames = json.loads((SCENE / "true_cameras.json").read_text(encoding="utf-8"))["frames"]
    return {Path(f["file_path"]).name: np.array(f["transform_matrix"]) for f in frames}


def test_the_photos_are_small_enough_to_ship():
    assert len(PHOTOS) >= 36
    assert sum(photo.stat().st_size for photo in PHOTOS) <= 4_000_000


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.stem)
def test_a_photo_is_what_a_phone_would_write(photo):
    with Image.open(photo) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (960, 640))
        lens = image.getexif().get_ifd(ExifTags.IFD.Exif)
    assert lens[ExifTags.Base.FocalLengthIn35mmFilm] == 26
    assert abs(960 * 26 / 36 - cameras.FOCAL_PX) < 0.02 * cameras.FOCAL_PX


def test_every_photo_has_a_true_camera_and_the_other_way_round():
    assert sorted(true_cameras()) == [photo.name for photo in PHOTOS]


def test_true_cameras_are_rigid_and_level():
    for pose in true_cameras().values():
        np.testing.assert_allclose(pose[:3, :3].T @ pose[:3, :3], np.eye(3), atol=1e-9)
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)
        np.testing.assert_array_equal(pose[3], [0, 0, 0, 1])
        assert pose[2, 1] > 0.98  # up stays up: less than 12 degrees of tilt


def test_the_walk_goes_around_the_fountain_in_small_steps():
    positions = np.array([pose[:3, 3] for pose in true_cameras().values()])
    azimuth = np.degrees(np.unwrap(np.arctan2(positions[:, 1], positions[:, 0])))
    assert azimuth[-1] - azimuth[0] >= 200
    assert all(0 < b - a < 10 for a, b in pairwise(azimuth))
    assert np.all((positions[:, 2] > 1.4) & (positions[:, 2] < 1.9))


def test_every_photo_shows_the_fountain():
    for pose in true_cameras().values():
        x, y, z = np.linalg.inv(pose)[:3] @ [*cameras.SUBJECT, 1]
        assert z < 0
        assert abs(cameras.FOCAL_PX * x / z) < 0.3 * cameras.WIDTH_PX
        assert abs(cameras.FOCAL_PX * y / z) < 0.3 * cameras.HEIGHT_PX


def test_the_script_gives_the_committed_cameras():
    shots = cameras.walk(len(PHOTOS), np.random.default_rng(SEED))
    committed = true_cameras()
    for shot in shots:
        np.testing.assert_allclose(shot.world_from_camera, committed[shot.name], atol=1e-9)


def _lift(pose: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
    """World points (n, 3) of all pixels of a depth map that have a depth."""
    height, width = depth_m.shape
    focal = cameras.FOCAL_PX * width / cameras.WIDTH_PX
    row, column = np.nonzero(depth_m)
    z = depth_m[row, column]
    x, y = (column + 0.5 - width / 2) / focal * z, (height / 2 - row - 0.5) / focal * z
    return np.stack([x, y, -z], -1) @ pose[:3, :3].T + pose[:3, 3]


def _seen(
    points: np.ndarray, pose: np.ndarray, depth_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Depth of the points that fall into a depth map, and what the map has there."""
    height, width = depth_m.shape
    focal = cameras.FOCAL_PX * width / cameras.WIDTH_PX
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    z = -local[:, 2]
    column = np.floor(width / 2 + focal * local[:, 0] / z)
    row = np.floor(height / 2 - focal * local[:, 1] / z)
    inside = (z > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    there = depth_m[row[inside].astype(int), column[inside].astype(int)]
    return z[inside], np.where(there == 0, np.inf, there)


@pytest.mark.parametrize("pair", list(pairwise(DEPTHS)), ids=lambda pair: pair[0].stem)
def test_true_depths_agree_with_the_true_cameras(pair):
    poses, maps = [], []
    for file in pair:
        with Image.open(file) as image:
            maps.append(np.asarray(image, dtype=np.float64) / 1000)
        poses.append(true_cameras()[f"{file.stem}.jpg"])
        assert maps[-1].shape == (160, 240)
    z, there = _seen(_lift(poses[0], maps[0]), poses[1], maps[1])
    assert len(z) > 5000
    same = np.abs(z - there) < 0.05 * z
    floating = z < 0.95 * there  # the other map looks right through a surface: impossible
    assert same.mean() > 0.5
    assert floating.mean() < 0.08  # leaves and edges, at the maps' 4 pixels


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_noise_is_normalised_and_follows_its_generator(seed):
    first, again = (noise.fractal((40, 56), 50, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.mean() == pytest.approx(0, abs=1e-4)
    assert first.std() == pytest.approx(1, abs=1e-4)


SURFACES = {
    "masonry": lambda rng: textures.masonry((2, 1), 60, rng),
    "plaster": lambda rng: textures.plaster((2, 1), 60, rng, (200, 180, 120)),
    "paving": lambda rng: own.paving((9, 9), 20, rng),
    "wood": lambda rng: textures.wood((2, 1), 60, rng),
    "clay": lambda rng: textures.clay((2, 1), 60, rng),
    "roof": lambda rng: textures.roof_tiles((2, 1), 60, rng),
    "tiles": lambda rng: own.glazed_tiles((4, 3), 24, rng),
    "poster": lambda rng: own.poster(1, 90, rng),
}
PATTERNS = {
    "cloth": lambda rng: textures.woven((2, 1), 60, rng),
    "leaf": lambda rng: textures.leaves(16, 16, rng),
}


@pytest.mark.parametrize("name", [*SURFACES, *PATTERNS])
def test_textures_follow_their_seed(name):
    make = (SURFACES | PATTERNS)[name]
    first, again, other = (make(np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.color, again.color)
    np.testing.assert_array_equal(first.relief_m, again.relief_m)
    assert first.color.shape[:2] == first.relief_m.shape
    assert (first.color != other.color).mean() > 0.3


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_do_not_repeat(name):
    color = SURFACES[name](np.random.default_rng(3)).color.astype(float)
    half = color.shape[1] // 2
    left, right = (color[:, k : k + half].ravel() for k in (0, half))
    assert np.corrcoef(left, right)[0, 1] < 0.9  # what repeats would be matched wrongly


def test_cells_know_their_nearest_edge():
    sites = np.array([[0.25, 0.5], [0.75, 0.5]])
    rng = np.random.default_rng(0)
    number, edge = noise.cells(sites, (100, 100), 100, rng, wobble_m=0.0)
    assert set(np.unique(number[:, :50])) == {0}
    assert edge[50, 10] == pytest.approx(0.4, abs=1e-5)  # from x = 0.1 to the edge at 0.5


def _volume(mesh: geometry.Mesh) -> float:
    """Signed volume; positive where the faces look outward."""
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def test_closed_shapes_look_outward():
    rng = np.random.default_rng(0)
    assert _volume(geometry.box([1, 2, 3], [2, 4, 6], rng)) == pytest.approx(6)
    cone = geometry.lathe([(0, 0), (1, 0), (0, 2)], 256, smooth=1)
    assert _volume(cone) == pytest.approx(2 * np.pi / 3, rel=1e-3)


def test_moving_and_merging_keeps_shapes():
    rng = np.random.default_rng(0)
    one = geometry.box([0, 0, 0], [1, 1, 1], rng)
    two = geometry.merge([one, one.scaled(2).moved(5, -3, 1, 40)])
    assert _volume(two) == pytest.approx(1 + 8)
    np.testing.assert_allclose(np.linalg.norm(two.normals, axis=1), 1)


@pytest.mark.slow
def test_the_renderer_gives_the_committed_photo():
    pytest.importorskip("mitsuba", reason="needs scenegen[courtyard]: mitsuba")
    pytest.importorskip("mitsuba_oidn", reason="needs scenegen[courtyard]: mitsuba-oidn")
    from courtyard import render

    stage = render.load_stage(SEED, 0.2)
    shot = cameras.walk(len(PHOTOS), np.random.default_rng(SEED))[4]
    size = (120, 80)
    radiance = render.trace_radiance(stage, shot.world_from_camera, size, 4, 0)
    guides = render.guides(stage, shot.world_from_camera, size)
    small = render.develop(render.denoise(radiance, guides)).astype(float)
    with Image.open(SCENE / "images" / shot.name) as photo:
        committed = np.asarray(photo.resize(size, Image.Resampling.BOX), dtype=float)
    assert np.abs(small - committed).mean() < 16  # of 255; textures are coarser here
    assert np.corrcoef(small.ravel(), committed.ravel())[0, 1] > 0.9
