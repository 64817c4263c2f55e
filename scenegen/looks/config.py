"""Options of the looks."""

from __future__ import annotations

from dataclasses import dataclass

from scenegen.errors import LookError
from scenegen.looks.look import Look
from scenegen.looks.words import read_look

MOST_STRENGTH = 2.0


@dataclass(frozen=True, kw_only=True)
class LookConfig:
    """Weather and light that the frames get."""

    look: str = ""
    """Weather and light: "golden hour", "night", "fog", "first snow", "rain", "flooded", or several
    ("rain at night"), with "light" or "heavy" before them; none changes nothing."""

    look_strength: float = 1.0
    """How much of the look: 0 is none, 2 twice as much."""

    look_seed: int = 0
    """Where flakes, drops and stars are, and where snow lies first; another seed, other places."""

    def __post_init__(self) -> None:
        if not 0 <= self.look_strength <= MOST_STRENGTH:
            raise LookError(
                f"--look-strength: expected 0 to {MOST_STRENGTH:g}, found {self.look_strength:g}; "
                "change it"
            )
        if not 0 <= self.look_seed < 2**32:
            raise LookError(
                f"--look-seed: expected 0 to {2**32 - 1}, found {self.look_seed}; change it"
            )
        read_look(self.look)

    @property
    def amounts(self) -> Look:
        """The look that is asked for, as strong as it is asked for."""
        return read_look(self.look).look.strengthened(self.look_strength)
