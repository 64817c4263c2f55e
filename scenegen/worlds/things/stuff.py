"""What a prop is made of, and shapes that several things share."""

from __future__ import annotations

from scenegen.worlds.spec import Prop


def made_of(prop: Prop, usual: str) -> str:
    """Return the stock's name of what a prop is made of: as it states, or else as is usual."""
    kind, _, color = usual.partition(":")
    if prop.material and prop.material != kind:
        kind, color = prop.material, ""
    color = prop.color or color
    return f"{kind}:{color}" if color else kind
