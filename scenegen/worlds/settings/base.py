"""What a setting hands over, and what most of them do alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from scenegen.worlds.ground import Layer, ground_picture
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.spec import WorldSpec
from scenegen.worlds.terrain import RINGS, Terrain, ring_mesh
from scenegen.worlds.world import Air, Lamp, Material, Parts, Stand, add


@dataclass
class Site:
    """A place while it is built: parts by material, the materials, lamps, and what is not done.

    ``ignored`` names what the spec asks for and the setting cannot have, in words.
    """

    spec: WorldSpec
    seeds: Seeds
    parts: Parts = field(default_factory=dict)
    materials: dict[str, Material] = field(default_factory=dict)
    lamps: list[Lamp] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    stand: Stand | None = None
    air: Air | None = None
    """The air within, where the weather's does not come in."""

    @property
    def snow_lies(self) -> bool:
        """Whether snow lies on what faces up."""
        spec = self.spec
        if spec.terrain.snow_cover is not None:
            return spec.terrain.snow_cover
        return spec.season == "winter" or spec.weather == "snow" or spec.terrain.ground == "snow"

    def put(self, parts: Parts) -> None:
        """Add parts."""
        add(self.parts, parts)


Builder = Callable[[Site], None]


def lay_ground(
    site: Site, land: Terrain, layers: Sequence[Layer], around: Float[np.ndarray, "2"]
) -> None:
    """Put the ground about a place into a site: a mesh and a picture for each ring."""
    for ring in range(len(RINGS)):
        name = f"ground_{ring}"
        site.parts[name] = [ring_mesh(land, ring, around)]
        picture = ground_picture(land, layers, ring, around, site.seeds("patches"))
        site.materials[name] = Material(picture)
