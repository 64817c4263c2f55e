"""Path tracing with Mitsuba, denoising, and developing the photos."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np
from jaxtyping import Float, Float32, UInt8, UInt16
from numpy.random import SeedSequence, default_rng
from PIL import Image

from courtyard.building import SIDES, Parts, add, arcade, ground_and_hills, place, south_wall, tower
from courtyard.cameras import FOCAL_PX, HEIGHT_PX, WIDTH_PX
from courtyard.materials import make_materials
from courtyard.objects import fountain, pictures, scattered
from courtyard.plants import garden
from courtyard.sky import SUN_IRRADIANCE, sky_map, sun_direction
from scenegen.worlds.guides import Guides
from scenegen.worlds.mesh import Mesh, merge
from scenegen.worlds.trace import bitmap, denoised, shape

EXPOSURE = 0.175
"""Scales radiance before the film curve."""
BOUNCES = 5
"""Longest path, in segments."""


def model(seed: int) -> dict[str, Mesh]:
    """The whole courtyard, one mesh a material."""
    parts: Parts = {}

    def rng(name: str) -> np.random.Generator:
        return default_rng(SeedSequence([seed, *name.encode()]))

    for side in SIDES:
        add(parts, place(arcade(side, rng(side.name)), side.name))
    add(parts, place(south_wall(rng("south")), "south"))
    add(parts, tower())
    add(parts, ground_and_hills())
    add(parts, fountain(rng("fountain")))
    add(parts, scattered(rng("objects")))
    add(parts, pictures())
    add(parts, garden(rng("garden")))
    return {name: merge(meshes) for name, meshes in parts.items()}


@dataclass(frozen=True)
class Stage:
    """The Mitsuba scene and a digest of all that its pictures follow from."""

    scene: Any
    meshes: dict[str, Mesh]
    albedos: dict[str, Any]
    digest: str


def load_stage(seed: int, texture_scale: float) -> Stage:
    """Build shapes, sun and sky."""
    mi.set_variant("scalar_rgb")
    materials = make_materials(seed, texture_scale)
    meshes = model(seed)
    albedos = {name: bitmap(material.texture.color) for name, material in materials.items()}
    sky = sky_map(512, default_rng(SeedSequence([seed, 7])))
    sun: dict[str, Any] = {
        "type": "directional",
        "direction": list(sun_direction()),
        "irradiance": {"type": "rgb", "value": list(SUN_IRRADIANCE)},
    }
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": BOUNCES, "rr_depth": 2},
        "sun": sun,
        "sky": {
            "type": "envmap",
            "bitmap": mi.Bitmap(sky),
            "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
        },
    }
    digest = hashlib.blake2b(repr((sun, BOUNCES)).encode() + sky.tobytes(), digest_size=8)
    for name, mesh in meshes.items():
        texture = materials[name].texture
        scene[name] = shape(name, mesh, materials[name], albedos[name])
        for array in (
            mesh.points.astype(np.float32),
            mesh.uv,
            mesh.faces,
            texture.color,
            texture.relief_m,
        ):
            digest.update(np.ascontiguousarray(array).tobytes())
    return Stage(mi.load_dict(scene), meshes, albedos, digest.hexdigest())


def _sensor(pose: Float[np.ndarray, "4 4"], size: tuple[int, int]) -> Any:
    width, height = size
    focal = FOCAL_PX * width / WIDTH_PX
    flip = np.diag([-1.0, 1.0, -1.0, 1.0])  # Mitsuba looks along +Z with +X to the left
    return mi.load_dict({
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(width / (2 * focal)))),
        "fov_axis": "x",
        "near_clip": 0.05,
        "far_clip": 1000.0,
        "to_world": mi.ScalarTransform4f(pose @ flip),
        "film": {
            "type": "hdrfilm", "width": width, "height": height,
            "rfilter": {"type": "box"}, "pixel_format": "rgba", "component_format": "float32",
        },
    })  # fmt: skip


def trace_radiance(
    stage: Stage, pose: Float[np.ndarray, "4 4"], size: tuple[int, int], samples: int, seed: int
) -> Float32[np.ndarray, "height width 3"]:
    """Mean radiance over ``samples`` paths a pixel."""
    sensor = _sensor(pose, size)
    image = np.array(mi.render(stage.scene, sensor=sensor, spp=samples, seed=mi.UInt32(seed)))
    return np.minimum(np.nan_to_num(image[..., :3]), 30.0)  # one firefly must not eat its pixel


def guides(
    stage: Stage, pose: Float[np.ndarray, "4 4"], size: tuple[int, int]
) -> Float32[np.ndarray, "height width 6"]:
    """Albedo and normals of a photo."""
    seen = Guides(stage.meshes, stage.albedos).trace(_sensor(pose, size))
    return np.concatenate([seen.albedo, seen.normals], -1)


def denoise(
    radiance: Float32[np.ndarray, "height width 3"], guides: Float32[np.ndarray, "height width 6"]
) -> Float32[np.ndarray, "height width 3"]:
    """Linear radiance without noise (Open Image Denoise, guided by noise-free features)."""
    return denoised(radiance, guides[..., :3], guides[..., 3:])


def develop(radiance: Float32[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
    """Film curve (Hable, "Uncharted 2", 2010), a little more contrast, sRGB."""

    def curve(x: np.ndarray) -> np.ndarray:
        a, b, c, d, e, f = 0.22, 0.30, 0.10, 0.20, 0.01, 0.30
        return (x * (a * x + c * b) + d * e) / (x * (a * x + b) + d * f) - e / f

    linear = np.clip(curve(4.2 * EXPOSURE * np.maximum(radiance, 0)) / curve(np.array(9.0)), 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    contrast = srgb + 0.10 * (srgb - 0.5) * 4 * srgb * (1 - srgb)
    return (np.clip(contrast, 0, 1) * 255 + 0.5).astype(np.uint8)


def depth_mm(
    stage: Stage, pose: Float[np.ndarray, "4 4"], size: tuple[int, int]
) -> UInt16[np.ndarray, "height width"]:
    """Distance along the optical axis at the pixel centres, in mm; 0 for the sky and past 65 m."""
    width, height = size
    focal = FOCAL_PX * width / WIDTH_PX
    depth = np.zeros((height, width), np.uint16)
    origin = mi.Point3f(*pose[:3, 3])
    for row in range(height):
        for column in range(width):
            ray = np.array(
                [(column + 0.5 - width / 2) / focal, (height / 2 - row - 0.5) / focal, -1]
            )
            length = float(np.linalg.norm(ray))
            direction = mi.Vector3f(*(pose[:3, :3] @ ray / length))
            hit = stage.scene.ray_intersect_preliminary(mi.Ray3f(origin, direction))
            along = float(hit.t) / length * 1000
            if hit.is_valid() and along < 65535:
                depth[row, column] = round(along)
    return depth


def save_jpeg(pixels: UInt8[np.ndarray, "height width 3"], file: Path, bytes_at_most: int) -> None:
    """Write the best JPEG that fits, with the EXIF of a phone, through a temporary file."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "scenegen", "Courtyard"
    lens = exif.get_ifd(0x8769)
    lens[0x920A], lens[0xA405], lens[0x829D] = 5.4, 26, 1.8
    lens[0xA002], lens[0xA003] = WIDTH_PX, HEIGHT_PX
    image = Image.fromarray(pixels)
    part = file.with_suffix(".part")
    for quality in range(92, 40, -2):
        image.save(part, "JPEG", quality=quality, optimize=True, progressive=True, exif=exif)
        if part.stat().st_size <= bytes_at_most:
            break
    part.replace(file)
