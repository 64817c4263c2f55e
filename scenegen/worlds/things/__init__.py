"""Buildings and things: a module for each kind of `scenegen.worlds.spec.Kind`, by its name."""

from __future__ import annotations

from importlib import import_module

from numpy.random import Generator

from scenegen.worlds.spec import Prop
from scenegen.worlds.world import Parts


def thing(prop: Prop, rng: Generator) -> Parts:
    """Return one of a prop: it stands on the origin, its front towards -Y, in metres."""
    module = import_module(f"scenegen.worlds.things.{prop.kind.replace(' ', '_')}")
    return module.make(prop, rng)
