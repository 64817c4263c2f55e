"""What is true of a traced picture, on a floor and a box whose places are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenegen.types import Camera, Lens
from scenegen.worlds.mesh import box, quad
from scenegen.worlds.plants import tufts
from scenegen.worlds.spec import WorldSpec
from scenegen.worlds.textures import GRASS, Texture
from scenegen.worlds.world import Air, Light, Material, Stand, World

pytest.importorskip("mitsuba", reason="needs scenegen[worlds]: mitsuba")
pytest.importorskip("mitsuba_oidn", reason="needs scenegen[worlds]: mitsuba-oidn")


def small_world(air: Air) -> World:
    color = np.full((8, 8, 3), 128, np.uint8)
    grey = Material(Texture(color, np.zeros((8, 8), np.float32)))
    floor = quad((-50, -50, 0), (100, 0, 0), (0, 100, 0), (0, 0, 1, 1))
    block = box([-1, -1, 0], [1, 1, 2], np.random.default_rng(0))
    sky = np.ones((16, 32, 3), np.float32)
    stand = Stand(np.array([0.0, -6.0, 1.0]), np.zeros(3), 1.0)
    return World(
        WorldSpec(setting="plaza"), {"block": block, "floor": floor},
        {"block": grey, "floor": grey}, Light(sky, None), air, stand,
    )  # fmt: skip


def ahead() -> Camera:
    """A camera 6 m south of the origin, 1 m up, that looks north."""
    pose = np.eye(4)
    pose[:3, :3] = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)
    pose[:3, 3] = [0, -6, 1]
    return Camera(Lens(48, 32, 40.0, 40.0, 24, 16), pose)


def test_depth_and_normals_are_true_and_light_is_kept() -> None:
    from scenegen.worlds.trace import Tracer

    seen = Tracer(small_world(Air(0.0))).trace(ahead(), 16, 0)
    assert seen.depth[16, 24] == pytest.approx(5.0, abs=0.01)  # the block's front
    np.testing.assert_allclose(seen.normals[16, 24], [0, -1, 0], atol=0.01)
    below = seen.depth[30, 2]
    assert below == pytest.approx(1 / ((30.5 - 16) / 40), rel=0.05)  # the floor, 1 m below
    assert seen.depth[0, 0] == 0  # the sky
    np.testing.assert_allclose(seen.radiance[:8].mean((0, 1)), 1.0, atol=0.05)  # worst seen 0.03
    assert 0 < seen.radiance[16, 24].mean() < 1


def test_what_rays_meet_is_where_it_is() -> None:
    from scenegen.worlds.trace import Tracer

    reach = Tracer(small_world(Air(0.0))).reach
    origins = np.array([[0.0, -6.0, 1.0], [0.0, -6.0, 1.0], [0.0, -6.0, 1.0]])
    ways = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(reach(origins, ways), [5.0, 1.0, np.inf], rtol=1e-5)


def test_fog_hides_what_is_far() -> None:
    from scenegen.worlds.trace import Tracer

    clear, fog = (
        Tracer(small_world(air)).trace(ahead(), 8, 0).radiance for air in (Air(0.0), Air(2.0))
    )
    assert np.ptp(fog) < 0.1 * np.ptp(clear)


def test_a_lit_window_keeps_its_colour_at_night() -> None:
    from scenegen.worlds.trace import Tracer

    plain = small_world(Air(0.0))
    paint = np.full((4, 4, 3), (255, 186, 104), np.uint8)
    lit = Material(Texture(paint, np.zeros((4, 4), np.float32)), "glow", 1.0)
    night = Light(0.01 * plain.light.sky, None)
    world = replace(plain, light=night, materials={**plain.materials, "block": lit})
    seen = Tracer(world).trace(ahead(), 8, 0).radiance[14:18, 22:26].mean((0, 1))
    np.testing.assert_allclose(seen, (paint[0, 0] / 255.0) ** 2.2, rtol=0.05)


def test_thin_blades_leave_no_pixel_without_its_depth() -> None:
    from scenegen.worlds.trace import Tracer

    rng = np.random.default_rng(3)
    places = np.concatenate([rng.uniform([-4, -5, 0], [4, 3, 0], (3000, 3))])
    plain = small_world(Air(0.0))
    meshes = {"floor": plain.meshes["floor"], "grass": tufts(places, 0.3, GRASS, rng)}
    materials = {"floor": plain.materials["floor"], "grass": plain.materials["floor"]}
    seen = Tracer(replace(plain, meshes=meshes, materials=materials)).trace(ahead(), 1, 0)
    rows = np.arange(20, 32)
    floor = 40.0 / (rows - 16)  # of the upper edge of each row's pixels
    assert (seen.depth[rows] > 0.3).all()
    assert (seen.depth[rows] <= 1.001 * floor[:, None]).all()
