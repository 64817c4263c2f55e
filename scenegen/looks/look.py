"""What a look is made of: amounts of weather and light."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Look:
    """Amounts; 0 is none and 1 what the plain word means, so that nothing but zeros is no look.

    ``night``, ``golden`` and ``overcast`` are shares of the frame's light that are replaced, and
    ``wet``, ``puddles`` and ``cover`` say how much of what can be so is: beyond 1 they stay at it.
    """

    fog: float = 0.0
    """Fog; at 1 half of the light is lost at the distance to what photos see."""
    cover: float = 0.0
    """Snow that lies on what faces up."""
    flakes: float = 0.0
    """Flakes that fall."""
    wet: float = 0.0
    """Wetness of surfaces, which darkens them."""
    puddles: float = 0.0
    """Water on the ground that mirrors."""
    drops: float = 0.0
    """Rain that falls."""
    overcast: float = 0.0
    """Light of a covered sky."""
    golden: float = 0.0
    """Light of a low sun."""
    night: float = 0.0
    """Light of the moon."""
    flood: float = 0.0
    """Water that stands; at 1 up to the knee of whoever took the photos."""

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not any(self.amounts.values())

    @property
    def amounts(self) -> dict[str, float]:
        """All amounts by their names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def strengthened(self, strength: float) -> Look:
        """Return the look with ``strength`` times as much of everything; 0 gives the empty one."""
        scaled = {name: amount * strength for name, amount in self.amounts.items()}
        shares = ("night", "golden", "overcast", "wet", "puddles", "cover")
        return replace(self, **scaled | {name: min(scaled[name], 1.0) for name in shares})

    def merged(self, other: Look) -> Look:
        """Return the look that has the larger amount of both, of everything."""
        theirs = other.amounts
        return Look(**{name: max(amount, theirs[name]) for name, amount in self.amounts.items()})
