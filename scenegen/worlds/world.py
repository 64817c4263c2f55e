"""A generated world: triangles in metres, what they are made of, and the light and air about them.

The world is right-handed with +Z up and +Y to the north; a unit is a metre.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32

from scenegen.worlds.mesh import Mesh, merge
from scenegen.worlds.spec import WorldSpec
from scenegen.worlds.textures import Texture

Finish = Literal["matt", "leaf", "water", "glazed", "metal", "glow"]

Falls = Literal["rain", "snow"]

GROUND = "ground_"
"""How the names of the ground's meshes begin."""

Parts = dict[str, list[Mesh]]
"""Meshes by the name of their material."""


@dataclass(frozen=True)
class Material:
    """A texture, and how light leaves it; a glow emits its colour times ``glow``."""

    texture: Texture
    finish: Finish = "matt"
    glow: float = 0.0


@dataclass(frozen=True)
class Lamp:
    """A point of light at ``position`` metres; ``intensity`` (RGB) is its irradiance at a metre.

    Radiance is in means of the midday sky, as everywhere in a world.
    """

    position: tuple[float, float, float]
    intensity: tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """What lights a world.

    ``sky`` is radiance by latitude (row 0: zenith) and longitude (counted from +X to +Y).
    ``to_sun`` points to the sun or the moon, whose light has ``sun_irradiance``; None where no sun
    casts shadows. ``lamps`` are small lights; what glows lights as well.
    """

    sky: Float32[np.ndarray, "height width 3"]
    to_sun: Float[np.ndarray, "3"] | None
    sun_irradiance: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lamps: tuple[Lamp, ...] = ()


@dataclass(frozen=True)
class Air:
    """Haze or fog: ``density`` a metre at height ``level``, falling by 1/e every ``scale`` metres.

    ``color`` is the radiance of what is all fog, in units of the sky's mean radiance.
    """

    density: float
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    level: float = 0.0
    scale: float = 1e6


@dataclass(frozen=True)
class Stand:
    """Where the world is best looked at: a camera's place, what it looks at, and the room there.

    ``room`` is how far in metres a camera may go from ``eye``, and ``fov_y_deg`` how wide it sees.
    """

    eye: Float[np.ndarray, "3"]
    subject: Float[np.ndarray, "3"]
    room: float
    fov_y_deg: float = 50.0


@dataclass(frozen=True)
class World:
    """Everything that a picture of the world follows from. Built by `scenegen.worlds.build`."""

    spec: WorldSpec
    meshes: Mapping[str, Mesh]
    materials: Mapping[str, Material]
    light: Light
    air: Air
    stand: Stand
    ignored: tuple[str, ...] = ()
    """What the spec asks for and the setting cannot have, in words."""
    falls: Falls | None = None
    """What falls from its sky; it is in no mesh, for it moves."""
    night: bool = False
    """Whether its pictures are to be dark: a camera would expose a night as bright as a day."""

    @property
    def triangles(self) -> int:
        """How many triangles it has."""
        return sum(len(mesh.faces) for mesh in self.meshes.values())


def add(parts: Parts, more: Parts) -> None:
    """Put ``more`` into ``parts``."""
    for name, meshes in more.items():
        parts.setdefault(name, []).extend(meshes)


def placed(parts: Parts, at: Sequence[float], turn_deg: float = 0.0, size: float = 1.0) -> Parts:
    """Return parts scaled about the origin, turned about +Z and shifted by ``at`` (x, y, z)."""
    x, y, z = at
    return {
        name: [mesh.scaled(size).moved(x, y, z, turn_deg) for mesh in meshes]
        for name, meshes in parts.items()
    }


def merged(parts: Parts) -> dict[str, Mesh]:
    """Return one mesh a material, in the order of their names; those without a face are left out.

    Where plants or stones find no place, their mesh is empty, and the tracer takes no such mesh.
    """
    meshes = {name: merge(parts[name]) for name in sorted(parts)}
    return {name: mesh for name, mesh in meshes.items() if len(mesh.faces)}
