"""An armchair: a sofa for one."""

from __future__ import annotations

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.things import sofa
from scenegen.worlds.things.stuff import made_of
from scenegen.worlds.world import Parts


def make(prop: Prop, rng: Generator) -> Parts:
    """Return an armchair 0.95 m wide, its front towards -Y."""
    own = made_of(prop, "cloth:green")
    color = own.partition(":")[2] or None
    said = Prop.model_validate({"kind": "armchair", "material": prop.material, "color": color})
    return sofa.make(said, rng, 0.95)
