"""Buildings and things: a module for each kind of `scenegen.worlds.spec.Kind`, by its name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from numpy.random import Generator

from scenegen.worlds.spec import Kind, Prop
from scenegen.worlds.world import Parts


def thing(prop: Prop, rng: Generator) -> Parts:
    """Return one of a prop: it stands on the origin, its front towards -Y, in metres."""
    module = import_module(f"scenegen.worlds.things.{prop.kind.replace(' ', '_')}")
    return module.make(prop, rng)


def known(kind: Kind) -> bool:
    """Return whether there is a module for a kind."""
    return find_spec(f"scenegen.worlds.things.{kind.replace(' ', '_')}") is not None
