"""A world seen by a camera: path traced by Mitsuba, denoised, with true depth and normals.

Mitsuba's scalar variant needs no compiler of its own and is as fast as the others on two cores.
Meshes are merged by material: instances are some 40 times slower there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mitsuba as mi
import numpy as np
from jaxtyping import Float, Float32

from scenegen.types import Camera
from scenegen.worlds.air import directions, through_air
from scenegen.worlds.guides import Guides
from scenegen.worlds.mesh import Mesh
from scenegen.worlds.world import GROUND, Light, Material, World

BOUNCES = 5
"""Longest path, in segments."""

_BRIGHTEST = 30.0
"""Radiance, in means of the sky, at which a pixel is cut: a firefly must not eat its neighbours."""

_DARKEST = 0.04
"""Mean of a sky, midday's being 1, below which that is no measure: at night lamps and lit windows
would be cut as well, to one grey in all channels."""

_ABOVE_M = 4000.0
"""Higher than any mountain of a world, in metres."""

mi.set_variant("scalar_rgb")


@dataclass(frozen=True)
class Traced:
    """What a camera sees of a world.

    ``radiance`` is linear RGB without noise, through the air; ``depth`` is along the optical axis
    in metres and 0 for the sky; ``normals`` are the world's, a pixel's mean, and 0 for the sky.
    """

    radiance: Float32[np.ndarray, "height width 3"]
    depth: Float32[np.ndarray, "height width"]
    normals: Float32[np.ndarray, "height width 3"]


class Tracer:
    """Mitsuba's scene of a world, to be used by one thread at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        colors = {name: bitmap(made.texture.color) for name, made in world.materials.items()}
        scene: dict[str, Any] = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": BOUNCES, "rr_depth": 3},
            **_lights(world.light),
        }
        for name, mesh in world.meshes.items():
            material = world.materials[name]
            scene[name] = shape(name, mesh, material, colors[name])
        self._scene = mi.load_dict(scene)
        self._guides = Guides(world.meshes, colors)

    def trace(self, camera: Camera, samples: int, seed: int) -> Traced:
        """Return what ``camera`` (square pixels, no distortion) sees by ``samples`` a pixel."""
        seen = sensor(camera)
        image = np.array(mi.render(self._scene, sensor=seen, spp=samples, seed=mi.UInt32(seed)))
        mean = max(float(self.world.light.sky.mean()), _DARKEST)
        noisy = np.minimum(np.nan_to_num(image[..., :3]), _BRIGHTEST * mean)
        guides = self._guides.trace(seen)
        clean = denoised(noisy, guides.albedo, guides.normals)
        ways = directions(camera)
        distance = np.linalg.norm(guides.points - camera.position, axis=-1)
        distance[~guides.hit] = np.inf
        lost = ways[guides.lost]
        distance[guides.lost] = self.reach(np.tile(camera.position, (len(lost), 1)), lost)
        along = np.where(guides.hit, (guides.points - camera.position) @ camera.forward, 0.0)
        along[guides.lost] = distance[guides.lost] * (lost @ camera.forward)
        depth = np.where(np.isfinite(along), along, 0.0).astype(np.float32)
        radiance = through_air(self.world, camera, clean, distance)
        return Traced(radiance, depth, guides.normals)

    def reach(
        self, origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> Float[np.ndarray, "n"]:
        """Return the distances in metres along rays; infinite where nothing is hit."""
        return _reach(self._scene, origins, directions)

    def surface(self, places: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n"]:
        """Return heights in metres of the ground or water at (x, y); -infinite where there is none.

        It is asked from above, of these meshes alone: what stands there does not count, and a
        camera below them meets the ground from behind, where rays of its own tell nothing.
        """
        origins = np.column_stack([places, np.full(len(places), _ABOVE_M)])
        down = np.tile([0.0, 0.0, -1.0], (len(places), 1))
        return _ABOVE_M - _reach(self._surfaces, origins, down)

    @cached_property
    def _surfaces(self) -> Any:
        world = self.world
        lies = {
            name: _mesh(name, mesh, mi.Properties())
            for name, mesh in world.meshes.items()
            if name.startswith(GROUND) or world.materials[name].finish == "water"
        }
        return mi.load_dict({"type": "scene", **lies})


def _reach(scene: Any, origins: np.ndarray, directions: np.ndarray) -> Float[np.ndarray, "n"]:
    found = np.full(len(origins), np.inf)
    for place, (origin, direction) in enumerate(zip(origins, directions, strict=True)):
        ray = mi.Ray3f(mi.Point3f(*origin), mi.Vector3f(*direction))
        hit = scene.ray_intersect_preliminary(ray)
        if hit.is_valid():
            found[place] = float(hit.t)
    return found


def bitmap(color: np.ndarray, raw: bool = False) -> Any:
    """Return an image as a texture of Mitsuba's; ``raw`` is linear."""
    image = mi.Bitmap(np.ascontiguousarray(color))
    return mi.load_dict({"type": "bitmap", "bitmap": image, "raw": raw})


def sensor(camera: Camera) -> Any:
    """Return a camera as Mitsuba's, which looks along +Z with +X to the left."""
    lens = camera.lens
    flip = np.diag([-1.0, 1.0, -1.0, 1.0])
    return mi.load_dict({
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(lens.width_px / (2 * lens.fl_x)))),
        "fov_axis": "x",
        "near_clip": 0.02,
        "far_clip": 20_000.0,
        "to_world": mi.ScalarTransform4f(np.asarray(camera.world_from_camera, float) @ flip),
        "film": {
            "type": "hdrfilm", "width": lens.width_px, "height": lens.height_px,
            "rfilter": {"type": "box"}, "pixel_format": "rgba", "component_format": "float32",
        },
    })  # fmt: skip


def denoised(
    radiance: Float32[np.ndarray, "height width 3"],
    albedo: Float32[np.ndarray, "height width 3"],
    normals: Float32[np.ndarray, "height width 3"],
) -> Float32[np.ndarray, "height width 3"]:
    """Return radiance without noise (Intel Open Image Denoise, guided by noise-free features)."""
    import mitsuba_oidn

    layers = [
        np.ascontiguousarray(layer, np.float32)
        for layer in (radiance, np.clip(albedo, 0, 1), normals)
    ]
    return np.asarray(mitsuba_oidn.denoise(*layers, hdr=True, clean_aux=True))


def shape(name: str, mesh: Mesh, material: Material, color: Any) -> Any:
    """Return a mesh as Mitsuba's, smooth where faces share vertices."""
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(_bsdf(material, color))
    if material.finish == "glow":
        linear = (material.texture.color.reshape(-1, 3).mean(0) / 255.0) ** 2.2
        value = [float(channel) for channel in material.glow * linear]
        properties["emitter"] = mi.load_dict(
            {"type": "area", "radiance": {"type": "rgb", "value": value}}
        )
    return _mesh(name, mesh, properties)


def _mesh(name: str, mesh: Mesh, properties: Any) -> Any:
    made = mi.Mesh(
        name, len(mesh.points), len(mesh.faces),
        has_vertex_normals=True, has_vertex_texcoords=True, props=properties,
    )  # fmt: skip
    values = mi.traverse(made)
    values["vertex_positions"] = mesh.points.astype(np.float32).ravel()
    values["vertex_normals"] = mesh.normals.astype(np.float32).ravel()
    values["vertex_texcoords"] = mesh.image_uv.astype(np.float32).ravel()
    values["faces"] = mesh.faces.astype(np.uint32).ravel()
    values.update()
    return made


def _bsdf(material: Material, color: Any) -> dict[str, Any]:
    if material.finish == "water":
        return _with_relief(
            {"type": "plastic", "diffuse_reflectance": color, "int_ior": 1.33}, material
        )
    if material.finish == "glazed":
        return {"type": "twosided", "inner": {"type": "plastic", "diffuse_reflectance": color}}
    if material.finish == "metal":
        rough = {"type": "principled", "base_color": color, "metallic": 0.8, "roughness": 0.4}
        return {"type": "twosided", "inner": rough}
    diffuse = _with_relief({"type": "diffuse", "reflectance": color}, material)
    return {"type": "twosided", "inner": diffuse}


def _with_relief(inner: dict[str, Any], material: Material) -> dict[str, Any]:
    relief = material.texture.relief_m
    if not relief.any():
        return inner
    return {"type": "bumpmap", "relief": bitmap(relief[..., None], raw=True), "inner": inner}


def _lights(light: Light) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sky": {
            "type": "envmap",
            "bitmap": mi.Bitmap(np.ascontiguousarray(light.sky)),
            "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
        }
    }
    if light.to_sun is not None:
        made["sun"] = {
            "type": "directional",
            "direction": [-float(part) for part in light.to_sun],
            "irradiance": {"type": "rgb", "value": list(light.sun_irradiance)},
        }
    for place, lamp in enumerate(light.lamps):
        made[f"lamp{place}"] = {
            "type": "point",
            "position": list(lamp.position),
            "intensity": {"type": "rgb", "value": list(lamp.intensity)},
        }
    return made
