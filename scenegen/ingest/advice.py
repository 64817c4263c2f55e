"""Plain words on photos that could not be posed: what is wrong and what to retake.

Works on counts alone (features of each photo, verified matches of each pair), so that it says the
same whatever found them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scenegen.ingest.snapshot import Rejected, Snapshot

ENOUGH_MATCHES = 15
"""Verified matches from which two photos count as overlapping."""

_FEW_FEATURES = 150
_FEW_SHARE = 0.25
_BLURRED_SHARE = 0.4
_MOSTLY = 0.7


@dataclass(frozen=True)
class Overlap:
    """Verified matches of two photos, by index; ``flat`` if one homography explains them."""

    first: int
    second: int
    matches: int
    flat: bool


def too_few(found: int, expected: int) -> str:
    """Return the message for fewer photos than posing needs."""
    return (
        f"finding the camera positions: expected at least {expected} usable photos, found {found}; "
        "take 20 to 60 photos while walking around or through the place, each overlapping the last"
    )


def why_nothing(
    snapshots: Sequence[Snapshot], features: Sequence[int], overlaps: Sequence[Overlap]
) -> str:
    """Return the message for a capture of which nothing could be posed."""
    count = len(snapshots)
    start = f"finding the camera positions of {count} photos: "
    seen = [o for o in overlaps if o.matches >= ENOUGH_MATCHES]
    usual = float(np.median(features))
    if usual < _FEW_FEATURES:
        return start + (
            f"expected some hundred distinct details in each photo, found {usual:.0f} "
            "in most; blank walls, glass, darkness and blur have none: retake them sharp, in good "
            "light, with textured things in view"
        )
    if len({i for o in seen for i in (o.first, o.second)}) < max(3, count // 2):
        return start + (
            f"expected photos that overlap, found common details in {len(seen)} of "
            f"{count * (count - 1) // 2} pairs; take more photos, each showing at least half of "
            "what the last one showed"
        )
    if turned_only(overlaps):
        return one_spot(count)
    return start + (
        f"{len(seen)} pairs overlap, but no two of them give a reliable first pair of cameras; "
        "take more photos in between, moving a step sideways for each"
    )


def turned_only(overlaps: Sequence[Overlap]) -> bool:
    """Return whether one homography explains most pairs that overlap: the camera only turned.

    A flat subject looks the same to a pair, so ask this only where mapping failed.
    """
    seen = [o for o in overlaps if o.matches >= ENOUGH_MATCHES]
    return bool(seen) and sum(o.flat for o in seen) >= _MOSTLY * len(seen)


def one_spot(count: int) -> str:
    """Return the message for photos between which the camera did not move."""
    return (
        f"finding the camera positions of {count} photos: expected photos from different places, "
        "found all taken from one spot, or copies of one photo; move a step sideways between "
        "photos instead of turning on the spot, so that near things shift against far ones"
    )


def explain_unposed(
    snapshots: Sequence[Snapshot],
    posed: Sequence[bool],
    features: Sequence[int],
    overlaps: Sequence[Overlap],
) -> dict[str, Rejected]:
    """Return why each photo that is not posed is not, and what to do, by photo name."""
    usual = float(np.median([f for f, p in zip(features, posed, strict=True) if p]))
    sharp = float(np.median([s.sharpness for s, p in zip(snapshots, posed, strict=True) if p]))
    partners = partners_of(len(snapshots), overlaps)
    result = {}
    for i, shot in enumerate(snapshots):
        if posed[i]:
            continue
        if shot.sharpness < _BLURRED_SHARE * sharp:
            reason = _blurred(shot.sharpness / sharp)
        elif features[i] < min(_FEW_FEATURES, _FEW_SHARE * usual):
            reason = _bare(features[i], usual)
        else:
            near = {snapshots[j].source: n for j, n in partners[i].items() if posed[j]}
            far = {snapshots[j].source: n for j, n in partners[i].items() if not posed[j]}
            reason = _unconnected(near, far)
        result[shot.name] = Rejected(shot.source, *reason)
    return result


def partners_of(count: int, overlaps: Sequence[Overlap]) -> list[dict[int, int]]:
    """Return, for each of ``count`` photos, the photos it overlaps with their verified matches."""
    partners: list[dict[int, int]] = [{} for _ in range(count)]
    for overlap in overlaps:
        if overlap.matches >= ENOUGH_MATCHES:
            partners[overlap.first][overlap.second] = overlap.matches
            partners[overlap.second][overlap.first] = overlap.matches
    return partners


def _blurred(share: float) -> tuple[str, str]:
    return (
        f"blurred: {share:.0%} of the sharpness of the photos that worked",
        "retake it with the camera held still, in more light, and focused",
    )


def _bare(found: int, usual: float) -> tuple[str, str]:
    return (
        f"too few distinct details: {found}, where the photos that worked have {usual:.0f}",
        "a blank wall, glass, sky or darkness fills it; retake it with textured things in view",
    )


def _unconnected(near: Mapping[str, int], far: Mapping[str, int]) -> tuple[str, str]:
    if near:
        name = max(near, key=lambda key: near[key])
        return (
            f"overlaps too little: most with {name}, {near[name]} common details",
            f"take one or two photos between it and {name}, a step apart",
        )
    if far:
        name = max(far, key=lambda key: far[key])
        return (
            f"overlaps only with photos that could not be placed either, most with {name}",
            f"take photos that lead from it and {name} to the rest in small steps",
        )
    return (
        "overlaps with no other photo",
        "retake it so that half of it shows what a neighbouring photo shows, from nearly the same "
        "direction",
    )


def notes(
    total: int, posed: int, others: Sequence[int], metres_per_unit: float | None
) -> tuple[str, ...]:
    """Return what a user should know of the capture as a whole."""
    said = []
    if others:
        said.append(
            f"the photos fell into {len(others) + 1} parts that nothing connects; the largest, of "
            f"{posed} photos, was kept and parts of {', '.join(map(str, others))} were left out; "
            "take photos that lead from one part to the other"
        )
    elif posed < total:
        said.append(f"{total - posed} of {total} photos could not be placed; each says why")
    if metres_per_unit is None:
        said.append(
            "the size in metres is unknown; to give it, name two photos and the distance between "
            "them: --known-length FIRST SECOND METRES"
        )
    return tuple(said)
