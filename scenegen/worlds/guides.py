"""Noise-free albedo, normals and places, some twenty times cheaper than Mitsuba's AOVs.

The scene is rebuilt with every surface glowing in its own albedo, normal or place, and only
emission is traced: half a microsecond a sample in the scalar variant, where the `aov` integrator
takes twelve. Surfaces glow on their front alone, so every face has a twin that looks the other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mitsuba as mi
import numpy as np
from jaxtyping import Bool, Float, Float32

from scenegen.worlds.mesh import Mesh

_SAMPLES = 5
"""Samples a pixel of albedo and normals; places have one, for they do not mix."""

_LEAST = 0.05
"""How much a place glows at least: what does not is the back of a face."""

_APART = 2e-4
"""Metres by which a face and its twin lie apart."""


@dataclass(frozen=True)
class Guide:
    """What a camera sees of the surfaces: albedo, normals and places in the world.

    Albedo and normals are means over a pixel, so that a normal is shorter than 1 at an edge; places
    are of one ray each. Where nothing is ``hit`` all are 0. Where a ray came between a face and its
    twin it is not known what it met: those pixels are ``lost``, and hit nothing.
    """

    albedo: Float32[np.ndarray, "height width 3"]
    normals: Float32[np.ndarray, "height width 3"]
    points: Float[np.ndarray, "height width 3"]
    hit: Bool[np.ndarray, "height width"]
    lost: Bool[np.ndarray, "height width"]


class Guides:
    """The glowing scenes of a world; ``colors`` are its textures of Mitsuba's."""

    def __init__(self, meshes: Mapping[str, Mesh], colors: Mapping[str, Any]) -> None:
        everything = np.concatenate([mesh.points for mesh in meshes.values()])
        self._low = everything.min(axis=0)
        self._span = float((everything.max(axis=0) - self._low).max()) or 1.0
        twins = {name: _two_sided(mesh) for name, mesh in meshes.items()}
        normal = {name: 0.5 + 0.5 * normals for name, (_, normals) in twins.items()}
        place = {
            name: _LEAST + (1 - _LEAST) * (mesh.points - self._low) / self._span
            for name, (mesh, _) in twins.items()
        }
        self._albedo = _glowing_scene(twins, colors)
        self._normal = _glowing_scene(twins, normal)
        self._place = _glowing_scene(twins, place)

    def trace(self, sensor: Any) -> Guide:
        """Return what a camera of Mitsuba's sees."""
        place = _render(self._place, sensor, 1)
        met, glows = place[..., 3] > 0.5, place[..., :3].min(axis=-1) > 0.5 * _LEAST
        hit = met & glows
        share = (place[..., :3].astype(np.float64) - _LEAST) / (1 - _LEAST)
        points = share * self._span + self._low
        normal = _render(self._normal, sensor, _SAMPLES)
        normals = 2 * normal[..., :3] - normal[..., 3:4]
        albedo = _render(self._albedo, sensor, _SAMPLES)[..., :3]
        return Guide(albedo, normals, np.where(hit[..., None], points, 0.0), hit, met & ~glows)


def _render(scene: Any, sensor: Any, samples: int) -> Float32[np.ndarray, "height width 4"]:
    return np.array(mi.render(scene, sensor=sensor, spp=samples, seed=mi.UInt32(0)))


def _glowing_scene(twins: Mapping[str, tuple[Mesh, np.ndarray]], glows: Mapping[str, Any]) -> Any:
    scene: dict[str, Any] = {"type": "scene", "i": {"type": "path", "max_depth": 1}}
    for name, (mesh, _) in twins.items():
        scene[name] = _glowing(name, mesh, glows[name])
    return mi.load_dict(scene)


def _two_sided(mesh: Mesh) -> tuple[Mesh, Float[np.ndarray, "vertex 3"]]:
    """Return a mesh with a twin that looks the other way, and the normals of the first for both."""
    normals = mesh.normals
    points = np.concatenate(
        [mesh.points + _APART / 2 * normals, mesh.points - _APART / 2 * normals]
    )
    faces = np.concatenate([mesh.faces, mesh.faces[:, ::-1] + len(mesh.points)])
    return Mesh(points, np.concatenate([mesh.uv, mesh.uv]), faces), np.concatenate([normals] * 2)


def _glowing(name: str, mesh: Mesh, glow: Any) -> Any:
    attribute = isinstance(glow, np.ndarray)
    radiance = {"type": "mesh_attribute", "name": "vertex_glow"} if attribute else glow
    properties = mi.Properties()
    properties["emitter"] = mi.load_dict({"type": "area", "radiance": radiance})
    made = mi.Mesh(
        name, len(mesh.points), len(mesh.faces), has_vertex_texcoords=True, props=properties
    )
    if attribute:
        made.add_attribute("vertex_glow", 3, glow.astype(np.float32).ravel().tolist())
    values = mi.traverse(made)
    values["vertex_positions"] = mesh.points.astype(np.float32).ravel()
    values["vertex_texcoords"] = mesh.image_uv.astype(np.float32).ravel()
    values["faces"] = mesh.faces.astype(np.uint32).ravel()
    values.update()
    return made
