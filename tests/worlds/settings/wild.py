"""What the tests of settings ask of every world."""

from __future__ import annotations

from hashlib import sha256

import numpy as np

from scenegen.worlds.build import build
from scenegen.worlds.mesh import Mesh
from scenegen.worlds.spec import WorldSpec
from scenegen.worlds.world import World

MOST_TRIANGLES = 1_200_000


def digest(world: World) -> str:
    """Return a hash of all geometry."""
    made = sha256()
    for name, mesh in sorted(world.meshes.items()):
        made.update(name.encode())
        for part in (mesh.points, mesh.uv, mesh.faces):
            made.update(np.ascontiguousarray(part).tobytes())
    return made.hexdigest()


def is_sound(spec: WorldSpec) -> World:
    """Build a spec twice and one with another seed; return the world after general checks."""
    world = build(spec)
    assert digest(world) == digest(build(spec))
    assert digest(world) != digest(build(spec.model_copy(update={"seed": spec.seed + 1})))
    assert world.triangles < MOST_TRIANGLES
    for name, mesh in world.meshes.items():
        assert np.isfinite(mesh.points).all(), name
        assert np.isfinite(mesh.uv).all(), name
    return world


def nearest(meshes: list[Mesh], point: np.ndarray) -> float:
    """Return the distance in metres from a point to the nearest vertex."""
    return min(float(np.linalg.norm(mesh.points - point, axis=1).min()) for mesh in meshes)
