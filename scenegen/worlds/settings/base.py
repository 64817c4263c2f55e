"""What a setting hands over, and what most of them do alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from scenegen.worlds import ground
from scenegen.worlds.ground import Layer, ground_picture
from scenegen.worlds.seeds import Seeds
from scenegen.worlds.spec import Kind, Prop, WorldSpec
from scenegen.worlds.terrain import RINGS, Terrain, ring_mesh
from scenegen.worlds.textures import Texture
from scenegen.worlds.unbuilt import Had, Stood, unseen
from scenegen.worlds.world import GROUND, Air, Lamp, Material, Parts, Stand, add, placed


@dataclass
class Site:
    """A place while it is built: parts by material, the materials, lamps, and what stands there.

    ``ignored`` names, in words, what the spec asks for and neither the setting's `Scope` nor what
    stands there tells.
    """

    spec: WorldSpec
    seeds: Seeds
    parts: Parts = field(default_factory=dict)
    materials: dict[str, Material] = field(default_factory=dict)
    lamps: list[Lamp] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    had: Had = field(default_factory=Had)
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

    @property
    def dark(self) -> bool:
        """Whether lamps and windows are lit."""
        return self.spec.time in ("dusk", "night")

    def words(self, kind: Kind) -> Prop:
        """Return the spec's first words about a kind of thing, or none but its name."""
        return next((prop for prop in self.spec.props if prop.kind == kind), Prop(kind=kind))

    def put(self, parts: Parts) -> None:
        """Add parts."""
        add(self.parts, parts)

    def place(self, prop: Prop, parts: Parts, at: Sequence[float], turn_deg: float = 0.0) -> None:
        """Put one of a prop, whose ``parts`` are on the origin, at (x, y, z), and note it."""
        self.put(placed(parts, at, turn_deg))
        self.stands(prop, at, parts)

    def stands(
        self, prop: Prop, at: Sequence[float], parts: Parts, missing: Sequence[str] | None = None
    ) -> None:
        """Note that one of a prop stands at (x, y, z); ``parts`` are it, on the origin.

        ``missing`` are the words of the prop that show nowhere; by default those that no part is
        named by.
        """
        x, y, z = (float(one) for one in at)
        high = max(float(mesh.points[:, 2].max()) for meshes in parts.values() for mesh in meshes)
        words = unseen(prop, parts) if missing is None else tuple(missing)
        self.had.stood.append(Stood(prop, (x, y, z), high, words))


def lay_ground(
    site: Site, land: Terrain, layers: Sequence[Layer], around: Float[np.ndarray, "2"]
) -> None:
    """Put the ground about a place into a site: a mesh and a picture for each ring."""
    for ring in range(len(RINGS)):
        name = f"{GROUND}{ring}"
        site.parts[name] = [ring_mesh(land, ring, around)]
        picture = ground_picture(land, layers, ring, around, site.seeds("patches"))
        site.materials[name] = Material(picture)


def cover(site: Site, usual: Texture) -> Texture:
    """Return the tile that covers the ground: what the spec states, or else what is usual."""
    made = {
        "grass": lambda rng: ground.grass((88, 122, 50), rng),
        "soil": lambda rng: ground.soil((128, 102, 76), rng),
        "sand": lambda rng: ground.sand((214, 188, 146), rng),
        "rock": lambda rng: ground.rock((142, 136, 128), rng),
    }  # fmt: skip
    make = made.get(site.spec.terrain.ground or "")
    return make(site.seeds("ground stated")) if make else usual
