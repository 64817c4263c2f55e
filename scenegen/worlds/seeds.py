"""Random generators by name: what is added to a world changes nothing else in it."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator, SeedSequence, default_rng


@dataclass(frozen=True)
class Seeds:
    """The generators of one world; equal names give equal numbers."""

    seed: int

    def __call__(self, name: str) -> Generator:
        """Return the generator of a name, at its beginning."""
        return default_rng(SeedSequence([self.seed, *name.encode()]))
