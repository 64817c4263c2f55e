"""A path looked at before a frame is rendered: what it hits, what it shows, whom it makes sick.

Every figure is measured where it arises: clearance and crossings by rays through the scene, what is
seen by the survey of the photos, speeds and turns from the path itself. A path may leave what
photos saw, but not unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from scenegen.path.clearance import clearance
from scenegen.path.location import Location
from scenegen.path.polyline import way_of
from scenegen.path.survey import frame_rays
from scenegen.types import CameraPath

NEAR = 0.04
"""Clearance, in sizes of the scene, below which a camera is too near to a surface.

Where a photo was itself taken nearer, its own clearance is all that is asked."""

SEEN = 0.5
"""Share of the picture that photos should have seen."""

FAST = 1.0
"""Sizes of the scene a second above which travel is hard to watch."""

TURN_DEG_S = 45.0
"""Degrees a second above which a turn is hard to watch; cinematographers stay far below."""

_SEEN_QUALITY = 0.3
"""Quality from which a ray counts as seen, as in `scenegen.path.framing`."""

_RATE = 6.0
"""Looks a second at what the path shows; crossings are looked for from every frame."""

_MOST_LOOKS = 600

_AHEAD = 0.05
"""How far ahead of every frame a surface is looked for, in sizes of the scene: trained surfaces are
soft, and no single frame's step goes far enough through one to meet it."""

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
    whether the way from here to the next look passes through a surface, ``near`` whether one is
    too near. ``frames`` are the looks' frames; ``cuts`` says of every frame whether a cut follows.
    """

    seconds: Float[np.ndarray, "look"]
    clearance: Float[np.ndarray, "look"]
    crosses: Bool[np.ndarray, "look"]
    photo_distance: Float[np.ndarray, "look"]
    photo_angle_deg: Float[np.ndarray, "look"]
    seen: Float[np.ndarray, "look"]
    speed: Float[np.ndarray, "look"]
    turn_deg_s: Float[np.ndarray, "look"]
    near: Bool[np.ndarray, "look"]
    frames: Int[np.ndarray, "look"]
    cuts: Bool[np.ndarray, "frame"]
    troubles: tuple[Trouble, ...]

    @property
    def shots(self) -> Int[np.ndarray, "frame"]:
        """Which shot each frame is in, counted from 0."""
        return np.cumsum(np.append(0, self.cuts[:-1]))

    def figures(self) -> dict[str, Any]:
        """Return what a report says of the path; None stands for a clearance without end."""
        return {
            "min_clearance": _figure(self.clearance.min()),
            "crossings": sum(trouble.kind == "crossing" for trouble in self.troubles),
            "least_seen": _figure(self.seen.min()),
            "max_photo_distance": _figure(self.photo_distance.max()),
            "max_photo_angle_deg": _figure(self.photo_angle_deg.max()),
            "max_speed": _figure(self.speed.max()),
            "max_turn_deg_s": _figure(self.turn_deg_s.max()),
            "troubles": [asdict(trouble) for trouble in self.troubles],
            "seconds": _figures(self.seconds),
            "clearance": _figures(self.clearance),
            "photo_distance": _figures(self.photo_distance),
            "photo_angle_deg": _figures(self.photo_angle_deg),
            "seen": _figures(self.seen),
            "speed": _figures(self.speed),
            "turn_deg_s": _figures(self.turn_deg_s),
        }


def check_path(path: CameraPath, location: Location) -> PathCheck:
    """Look at ``path`` in the scene of ``location``.

    Where it does not say whether it cuts, cuts are guessed from its steps.
    """
    positions = path.world_from_camera[:, :3, 3].astype(np.float64)
    cuts = cuts_of(path, location.size)
    step = max(1, round(path.fps / _RATE), -(-len(path) // _MOST_LOOKS))
    frames = np.unique(np.append(np.arange(0, len(path), step), len(path) - 1))
    looks = positions[frames]
    distance, angle, nearest = _nearest_photo(path.world_from_camera[frames], location)
    speed, turn = _rates(path, cuts)
    crossings = crossing_frames(positions, cuts, location)
    place = np.clip(np.searchsorted(frames, crossings, side="right") - 1, 0, None)
    parts = np.split(np.arange(len(path)), frames[1:])
    room = clearance(looks, location.touching)
    found = PathCheck(
        seconds=frames / path.fps,
        clearance=room,
        crosses=np.isin(np.arange(len(frames)), place),
        photo_distance=distance,
        photo_angle_deg=angle,
        seen=_seen(path, frames, location),
        speed=np.array([speed[part].max() for part in parts]),
        turn_deg_s=np.array([turn[part].max() for part in parts]),
        near=room < room_wanted(nearest, location),
        frames=frames,
        cuts=cuts,
        troubles=(),
    )
    troubles = _troubles(found, crossings / path.fps, location)
    return replace(found, troubles=tuple(sorted(troubles, key=lambda one: (one.start, one.kind))))


def cuts_of(path: CameraPath, size: float) -> Bool[np.ndarray, "frame"]:
    """Return for each frame whether a cut follows it: as stated, or else as found."""
    if path.cuts is None:
        return find_cuts(path.world_from_camera[:, :3, 3].astype(np.float64), size)
    cuts = np.zeros(len(path), bool)
    cuts[np.array(path.cuts, int) - 1] = True
    return cuts


def with_cuts(path: CameraPath, size: float) -> CameraPath:
    """Return a path that says where it cuts; ``size`` is that of the scene."""
    if path.cuts is not None:
        return path
    return replace(path, cuts=tuple((np.flatnonzero(cuts_of(path, size)) + 1).tolist()))


def find_cuts(positions: Float[np.ndarray, "frame 3"], size: float) -> Bool[np.ndarray, "frame"]:
    """Return for each frame whether a cut follows it: a step far longer than those around it."""
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=1)
    if len(steps) < 3:
        return np.zeros(len(positions), bool)
    padded = np.pad(steps, 1, mode="reflect")
    around = np.maximum(padded[:-2], padded[2:])
    return np.append((steps > _CUT * around) & (steps > _CUT_SIZE * size), False)


def shots_of(cuts: Bool[np.ndarray, "frame"]) -> list[Int[np.ndarray, "n"]]:
    """Return the frames of each shot between cuts."""
    shots = np.split(np.arange(len(cuts)), np.flatnonzero(cuts) + 1)
    return [shot for shot in shots if len(shot)]


def crossing_frames(
    positions: Float[np.ndarray, "frame 3"], cuts: Bool[np.ndarray, "frame"], location: Location
) -> Float[np.ndarray, "n"]:
    """Return the moments, in frames, at which the camera meets a surface, in order.

    A thick surface is met over and over, until the camera has left it.
    """
    moments = [np.zeros(0)]
    for shot in shots_of(cuts):
        places = positions[shot]
        way = way_of(places)
        last = len(shot) - 1
        ahead = np.searchsorted(way, way + _AHEAD * location.size)
        ahead = np.clip(ahead, np.minimum(np.arange(len(shot)) + 1, last), last)
        begin = np.flatnonzero(way[ahead] > way)
        chord = places[ahead[begin]] - places[begin]
        length = np.linalg.norm(chord, axis=1)
        begin, chord, length = (part[length > 0] for part in (begin, chord, length))
        if not len(begin):
            continue
        reach = location.touching(places[begin], chord / length[:, None])
        met = reach < length
        share = reach[met] / length[met]
        begin = begin[met]
        hit = way[begin] + share * (way[ahead[begin]] - way[begin])
        moments.append(shot[0] + np.interp(hit, way, np.arange(len(shot))))
    return np.sort(np.concatenate(moments))


def room_wanted(nearest: Int[np.ndarray, "n"], location: Location) -> Float[np.ndarray, "n"]:
    """Return the clearance asked for where these photos are the nearest, in world units."""
    photos, place = np.unique(nearest, return_inverse=True)
    own = clearance(location.survey.positions[photos], location.touching)
    return np.minimum(NEAR * location.size, 0.9 * own)[place]


def _nearest_photo(
    poses: Float[np.ndarray, "look 4 4"], location: Location
) -> tuple[Float[np.ndarray, "look"], Float[np.ndarray, "look"], Int[np.ndarray, "look"]]:
    """Return the distance to the nearest photo, the angle between its view and ours, and which."""
    survey = location.survey
    nearest, apart = survey.nearest(poses[:, :3, 3])
    cosine = (-poses[:, :3, 2] * survey.forwards[nearest]).sum(axis=1)
    return apart, np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))), nearest


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
    """Return speed and turn a second from each frame to the next, without cuts.

    The last frame has those of the one before.
    """
    poses = path.world_from_camera
    if len(path) == 1:
        return np.zeros(1), np.zeros(1)
    speed = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1) * path.fps
    traces = np.einsum("gij,gij->g", poses[:-1, :3, :3], poses[1:, :3, :3])
    turn = np.degrees(np.arccos(np.clip((traces - 1) / 2, -1.0, 1.0))) * path.fps
    moving = ~cuts[:-1]
    return np.pad(speed * moving, (0, 1), "edge"), np.pad(turn * moving, (0, 1), "edge")


def _troubles(
    found: PathCheck, crossings: Float[np.ndarray, "n"], location: Location
) -> Iterator[Trouble]:
    for start, end in _spans(crossings, 0.5):
        yield Trouble("crossing", start, end, "the camera passes through a surface")
    size, length = location.size, location.length_words
    for start, end, at in _runs(found.seconds, found.near, -found.clearance):
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


def _figure(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _figures(values: Float[np.ndarray, "look"]) -> list[float | None]:
    return [_figure(value) for value in values]
