"""A path looked at before a frame is rendered: what it hits, what it shows, whom it makes sick.

Every figure is measured where it arises: clearance and crossings by rays through the scene, what is
seen by the survey of the photos, speeds and turns from the path itself. Figures that no photo
backs are said to be so: a path may leave what was seen, but not unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.clearance import clearance, open_steps
from scenegen.path.location import Location
from scenegen.path.survey import frame_rays
from scenegen.types import CameraPath

NEAR = 0.06
"""Clearance, in sizes of the scene, below which a camera is too near to a surface."""

SEEN = 0.5
"""Share of the picture that photos should have seen."""

FAST = 1.0
"""Sizes of the scene a second above which travel is hard to watch."""

TURN_DEG_S = 45.0
"""Degrees a second above which a turn is hard to watch; cinematographers stay far below."""

_SEEN_QUALITY = 0.3
"""Quality from which a ray counts as seen, as in `scenegen.path.framing`."""

_RATE = 6.0
"""Looks a second at what the path shows; crossings are looked for from frame to frame."""

_CUT = 8.0
"""How much longer than the steps around it a step is that is a cut."""

_CUT_SIZE = 0.02
"""And least length of one, in sizes of the scene."""


@dataclass(frozen=True)
class Trouble:
    """Something wrong with a path from second ``start`` to ``end``; ``words`` say what."""

    kind: str
    start: float
    end: float
    words: str

    def __str__(self) -> str:
        """Return one line that begins with the seconds."""
        when = f"{self.start:.1f} s"
        if self.end - self.start >= 0.1:
            when = f"{self.start:.1f} to {self.end:.1f} s"
        return f"{when}: {self.words}"


@dataclass(frozen=True)
class PathCheck:
    """The figures of a path at ``seconds``, and what is wrong with it.

    ``clearance``, ``photo_distance`` (to the nearest photo) and ``speed`` (a second) are in world
    units, ``photo_angle_deg`` is between the camera's view and that of the nearest photo, ``seen``
    the share of the picture that photos saw, ``turn_deg_s`` degrees a second. ``crosses`` says
    whether the way from here to the next look passes through a surface.
    """

    seconds: Float[np.ndarray, "look"]
    clearance: Float[np.ndarray, "look"]
    crosses: Bool[np.ndarray, "look"]
    photo_distance: Float[np.ndarray, "look"]
    photo_angle_deg: Float[np.ndarray, "look"]
    seen: Float[np.ndarray, "look"]
    speed: Float[np.ndarray, "look"]
    turn_deg_s: Float[np.ndarray, "look"]
    frames: Int[np.ndarray, "look"]
    troubles: tuple[Trouble, ...]

    def figures(self) -> dict[str, Any]:
        """Return what a report says of the path."""
        return {
            "path_min_clearance": round(float(self.clearance.min()), 4),
            "path_crossings": sum(trouble.kind == "crossing" for trouble in self.troubles),
            "path_least_seen": round(float(self.seen.min()), 3),
            "path_seen": [round(float(share), 3) for share in self.seen],
            "path_max_photo_distance": round(float(self.photo_distance.max()), 4),
            "path_max_photo_angle_deg": round(float(self.photo_angle_deg.max()), 1),
            "path_max_speed": round(float(self.speed.max()), 4),
            "path_max_turn_deg_s": round(float(self.turn_deg_s.max()), 1),
            "path_troubles": [str(trouble) for trouble in self.troubles],
        }


def check_path(path: CameraPath, location: Location) -> PathCheck:
    """Look at ``path`` in the scene of ``location``."""
    positions = path.world_from_camera[:, :3, 3].astype(np.float64)
    cuts = find_cuts(positions, location.size)
    step = max(1, round(path.fps / _RATE))
    frames = np.unique(np.append(np.arange(0, len(path), step), len(path) - 1))
    looks = positions[frames]
    forwards = -path.world_from_camera[frames, :3, 2]
    distance, angle = _nearest_photo(looks, forwards, location)
    speed, turn = _rates(path, cuts)
    crossing = _crossings(positions, cuts, location)
    parts = np.split(np.arange(len(path)), frames[1:])
    found = PathCheck(
        seconds=frames / path.fps,
        clearance=clearance(looks, location.survey.distances),
        crosses=np.array([bool(crossing[part].any()) for part in parts]),
        photo_distance=distance,
        photo_angle_deg=angle,
        seen=_seen(path, frames, location),
        speed=np.array([speed[part].max() for part in parts]),
        turn_deg_s=np.array([turn[part].max() for part in parts]),
        frames=frames,
        troubles=(),
    )
    at = np.flatnonzero(crossing) / path.fps
    troubles = sorted(_troubles(found, at, location), key=lambda trouble: trouble.start)
    return replace(found, troubles=tuple(troubles))


def find_cuts(positions: Float[np.ndarray, "frame 3"], size: float) -> Bool[np.ndarray, "frame"]:
    """Return for each frame whether a cut follows it: a step far longer than those around it."""
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    if len(steps) < 3:
        return np.zeros(len(positions), bool)
    padded = np.pad(steps, 1, mode="reflect")
    around = np.maximum(padded[:-2], padded[2:])
    return np.append((steps > _CUT * around) & (steps > _CUT_SIZE * size), False)


def _crossings(
    positions: Float[np.ndarray, "frame 3"], cuts: Bool[np.ndarray, "frame"], location: Location
) -> Bool[np.ndarray, "frame"]:
    """Return for each frame whether a surface lies between it and the next one."""
    open_share = open_steps(positions, location.survey.distances)
    return np.append(open_share < 1, False) & ~cuts


def _nearest_photo(
    looks: Float[np.ndarray, "look 3"], forwards: Float[np.ndarray, "look 3"], location: Location
) -> tuple[Float[np.ndarray, "look"], Float[np.ndarray, "look"]]:
    """Return the distance to the nearest photo, and the angle of the view to its view."""
    survey = location.survey
    apart = np.linalg.norm(looks[:, None] - survey.positions, axis=2)
    nearest = apart.argmin(axis=1)
    cosine = (forwards * survey.forwards[nearest]).sum(axis=1)
    return apart.min(axis=1), np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def _seen(
    path: CameraPath, frames: Int[np.ndarray, "look"], location: Location
) -> Float[np.ndarray, "look"]:
    """Return the share of the picture that photos saw, by a coarse grid of rays."""
    shares = np.empty(len(frames))
    fovs = path.fov_y_deg[frames]
    for fov in np.unique(fovs.round(1)):
        same = fovs.round(1) == fov
        rays = frame_rays(float(fov), path.aspect, 9, 5)
        poses = path.world_from_camera[frames[same]].astype(np.float64)
        quality = location.survey.view_quality(poses[:, :3, 3], poses[:, :3, :3], rays)
        shares[same] = (quality > _SEEN_QUALITY).mean(axis=1)
    return shares


def _rates(
    path: CameraPath, cuts: Bool[np.ndarray, "frame"]
) -> tuple[Float[np.ndarray, "frame"], Float[np.ndarray, "frame"]]:
    """Return speed and turn a second from each frame to the next, without cuts."""
    poses = path.world_from_camera
    if len(path) == 1:
        return np.zeros(1), np.zeros(1)
    speed = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1) * path.fps
    traces = np.einsum("gij,gij->g", poses[:-1, :3, :3], poses[1:, :3, :3])
    turn = np.degrees(np.arccos(np.clip((traces - 1) / 2, -1.0, 1.0))) * path.fps
    moving = ~cuts[:-1]
    return np.append(speed * moving, 0.0), np.append(turn * moving, 0.0)


def _troubles(
    found: PathCheck, crossings: Float[np.ndarray, "n"], location: Location
) -> Iterator[Trouble]:
    for start, end in _spans(crossings, 0.5):
        yield Trouble("crossing", start, end, "the camera passes through a surface")
    size, length = location.size, length_words(location)
    tight = found.clearance < NEAR * size
    for start, end, at in _runs(found.seconds, tight, -found.clearance):
        near = length(found.clearance[at])
        yield Trouble("near", start, end, f"a surface is {near} from the camera")
    for start, end, at in _runs(found.seconds, found.seen < SEEN, -found.seen):
        share, away = found.seen[at], length(found.photo_distance[at])
        yield Trouble(
            "unseen",
            start,
            end,
            f"photos saw {share:.0%} of the picture, the rest is made up "
            f"(the nearest photo is {away} away, its view {found.photo_angle_deg[at]:.0f} degrees "
            "from this one)",
        )
    for start, end, at in _runs(found.seconds, found.speed > FAST * size, found.speed):
        yield Trouble(
            "fast", start, end, f"the camera travels {length(found.speed[at])} a second; slow it"
        )
    for start, end, at in _runs(found.seconds, found.turn_deg_s > TURN_DEG_S, found.turn_deg_s):
        turn = found.turn_deg_s[at]
        yield Trouble("turn", start, end, f"the view turns {turn:.0f} degrees a second; slow it")


def _runs(
    seconds: Float[np.ndarray, "look"],
    bad: Bool[np.ndarray, "look"],
    badness: Float[np.ndarray, "look"],
) -> Iterator[tuple[float, float, int]]:
    """Yield start, end and worst place of each stretch of looks that are bad."""
    places = np.flatnonzero(bad)
    if len(places):
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
            worst = int(run[badness[run].argmax()])
            yield float(seconds[run[0]]), float(seconds[run[-1]]), worst


def _spans(times: Float[np.ndarray, "n"], gap: float) -> Iterator[tuple[float, float]]:
    """Yield first and last of times that lie within ``gap`` of each other."""
    if len(times):
        for part in np.split(times, np.flatnonzero(np.diff(times) > gap) + 1):
            yield float(part[0]), float(part[-1])


def length_words(location: Location) -> Any:
    """Return a function that says a length: in metres where they are known, else in units."""
    metres = location.scene.metres_per_unit
    if metres is None:
        return lambda value: f"{value:.2g} units"
    return lambda value: f"{value * metres:.2g} m"
