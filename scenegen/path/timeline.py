"""Shots one after another: one camera over the seconds of a film, without jolts unless it cuts.

Two shots that are joined smoothly overlap for a moment: each is continued at its own speed past its
end, and the camera passes from one to the other along a rise whose first two derivatives vanish at
both ends. Position, rotation and zoom are thus continuous in place and in speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from scenegen.path.location import Location, View
from scenegen.path.motion import Motion, Places, even, straight
from scenegen.path.script.shots import Ease
from scenegen.path.timing import share_of_way, smoother

_LOOKED_AT = 0.9
"""Cosine of the angle to something up to which a camera looks at it."""

_TRIED = 60
"""Parts of a way by which it is measured."""

_UNNOTICED = 0.1
"""Distance from the photos that counts as much as a longer way, in sizes of the scene."""

_STEP = 1e-4
"""Share of a take over which its speed at an end is measured."""


@dataclass(frozen=True)
class Rig:
    """A camera at several moments: positions, rotations to the world, vertical fields of view."""

    positions: Float[np.ndarray, "n 3"]
    rotations: Float[np.ndarray, "n 3 3"]
    fov_y_deg: Float[np.ndarray, "n"]

    def view(self, index: int) -> View:
        """Return the view at one of the moments."""
        return View(self.positions[index], self.rotations[index], float(self.fov_y_deg[index]))

    @property
    def poses(self) -> Float[np.ndarray, "n 4 4"]:
        """Camera-to-world matrices."""
        matrices = np.tile(np.eye(4), (len(self.positions), 1, 1))
        matrices[:, :3, :3], matrices[:, :3, 3] = self.rotations, self.positions
        return matrices


@dataclass(frozen=True)
class Take:
    """A motion that takes some seconds; ``cut`` says that it begins with a cut."""

    motion: Motion
    seconds: float
    ease: Ease = "none"
    cut: bool = False

    def at(self, time: Float[np.ndarray, "n"]) -> Rig:
        """Return the camera at seconds of the take; beyond its ends it keeps its speed there."""
        share = time / self.seconds
        inside = np.clip(share, 0.0, 1.0)
        rig = self._inside(inside)
        beyond = share - inside
        if not beyond.any():
            return rig
        return _continued(
            rig,
            self._speed(0.0),
            np.minimum(beyond, 0.0),
            self._speed(1.0),
            np.maximum(beyond, 0.0),
        )

    def until_mark(self, end: float) -> float:
        """Return the seconds from an end, 0 or 1, to the nearest mark, or to the other end."""
        if not self.motion.marks:
            return self.seconds
        time = np.linspace(0.0, 1.0, 1001)
        at = np.interp(self.motion.marks, share_of_way(time, self.ease), time)
        return float(np.abs(at - end).min()) * self.seconds

    def _inside(self, share: Float[np.ndarray, "n"]) -> Rig:
        way = share_of_way(share, self.ease)
        motion = self.motion
        return Rig(motion.places(way), motion.turns(way), motion.zooms(way))

    def _speed(self, end: float) -> Rate:
        pair = np.array([0.0, _STEP]) if end == 0 else np.array([1.0 - _STEP, 1.0])
        rig = self._inside(pair)
        shift = (rig.positions[1] - rig.positions[0]) / _STEP
        turn = _rotvec(rig.rotations[0].T @ rig.rotations[1]) / _STEP
        zoom = float(np.diff(np.log(rig.fov_y_deg))[0]) / _STEP
        return Rate(shift, turn, zoom)


@dataclass(frozen=True)
class Rate:
    """How fast a camera moves, turns (in its own frame) and zooms (in the log of its view)."""

    shift: Float[np.ndarray, "3"]
    turn: Float[np.ndarray, "3"]
    zoom: float


class Timeline:
    """Takes one after another; with ``loop`` the last one leads into the first."""

    def __init__(self, takes: Sequence[Take], join_s: float, loop: bool = False) -> None:
        self.takes = tuple(takes)
        self.loop = loop
        self.starts = np.concatenate([[0.0], np.cumsum([take.seconds for take in takes])])
        self._join = join_s

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(self.starts[-1])

    def at(self, time: Float[np.ndarray, "n"]) -> Rig:
        """Return the camera at ``time``, 0 to `seconds`."""
        place = self.takes_at(time)
        rig = Rig(np.empty((len(time), 3)), np.empty((len(time), 3, 3)), np.empty(len(time)))
        for index, take in enumerate(self.takes):
            here = place == index
            _put(rig, here, take.at(time[here] - self.starts[index]))
        for index in range(0 if self.loop else 1, len(self.takes)):
            self._joined(rig, time, index)
        return rig

    def takes_at(self, time: Float[np.ndarray, "n"]) -> Int[np.ndarray, "n"]:
        """Return which take is on at ``time``."""
        place = np.searchsorted(self.starts, time, side="right") - 1
        return np.clip(place, 0, len(self.takes) - 1)

    def _joined(self, rig: Rig, time: Float[np.ndarray, "n"], index: int) -> None:
        """Blend take ``index`` with the one before it, around its beginning."""
        take, before = self.takes[index], self.takes[index - 1]
        if take.cut or (len(self.takes) == 1 and not self.loop):
            return
        half = min(self._join / 2, take.seconds / 2, before.seconds / 2)
        half = min(half, take.until_mark(0.0), before.until_mark(1.0))
        offset = time - self.starts[index]
        if index == 0:  # of a loop: the end of the film is the time before its beginning
            offset = np.where(time > self.seconds / 2, time - self.seconds, time)
        near = np.abs(offset) < half
        if near.any():
            old = before.at(before.seconds + offset[near])
            new = take.at(offset[near])
            _put(rig, near, between(old, new, smoother(offset[near] / half / 2 + 0.5)))


def between(one: Rig, other: Rig, share: Float[np.ndarray, "n"]) -> Rig:
    """Return what lies ``share`` (0 to 1) of the way from one camera to the other."""
    from scipy.spatial.transform import Rotation

    apart = Rotation.from_matrix(one.rotations.swapaxes(1, 2) @ other.rotations).as_rotvec()
    part = Rotation.from_rotvec(apart * share[:, None]).as_matrix()
    return Rig(
        one.positions + share[:, None] * (other.positions - one.positions),
        one.rotations @ part,
        np.exp((1 - share) * np.log(one.fov_y_deg) + share * np.log(other.fov_y_deg)),
    )


def settled(motion: Motion, start: View, share: float) -> Motion:
    """Return ``motion`` begun with the rotation and zoom of ``start``, its own after ``share``.

    Or after its first mark, if that comes before. The difference fades along `smoother`; places
    stay.
    """
    share = min((share, *motion.marks))
    first = motion.view(0.0)
    turned = _rotvec(first.rotation.T @ start.rotation)
    zoomed = np.log(start.fov_y_deg / first.fov_y_deg)
    if np.linalg.norm(turned) < 1e-9 and abs(zoomed) < 1e-9:
        return motion

    def turns(shares: np.ndarray) -> np.ndarray:
        from scipy.spatial.transform import Rotation

        left = 1 - smoother(shares / share)
        return motion.turns(shares) @ Rotation.from_rotvec(left[:, None] * turned).as_matrix()

    def zooms(shares: np.ndarray) -> np.ndarray:
        return motion.zooms(shares) * np.exp(zoomed * (1 - smoother(shares / share)))

    return replace(motion, turns=turns, zooms=zooms)


def bridge(begin: View, end: View, location: Location) -> Motion:
    """Return the way from one view to another, turning evenly.

    It is straight. Between views that both look at the subject it leads around that, on the side
    where it strays less from the photos.
    """
    about = location.subject
    if not all(_looks_at(view, about) for view in (begin, end)):
        return _turning(straight(begin.position, end.position), begin, end, 0.0)
    arms = begin.position - about, end.position - about
    heading, goal = (np.arctan2(arm[1], arm[0]) for arm in arms)
    shorter = float((goal - heading + np.pi) % (2 * np.pi) - np.pi)
    ways = []
    for turn in (shorter, shorter - np.copysign(2 * np.pi, shorter)):
        places = even(_swung(*arms, about, turn))
        ways.append((_strayed(places, location), turn, places))
    _, turn, places = min(ways, key=lambda way: way[0])
    return _turning(places, begin, end, turn)


def _turning(places: Places, begin: View, end: View, turn: float) -> Motion:
    """Return a motion that turns about the vertical by radians, and evenly by what is left."""
    from scipy.spatial.transform import Rotation

    def around(shares: np.ndarray) -> np.ndarray:
        return Rotation.from_rotvec(turn * shares[:, None] * [0.0, 0.0, 1.0]).as_matrix()

    unturned = around(-np.ones(1))[0] @ end.rotation

    def rig(shares: np.ndarray) -> Rig:
        goal = replace(end, rotation=unturned)
        return between(_repeated(begin, len(shares)), _repeated(goal, len(shares)), shares)

    return Motion(places, lambda s: around(s) @ rig(s).rotations, lambda s: rig(s).fov_y_deg)


def _strayed(places: Places, location: Location) -> float:
    """Return how long a way is, and how far from the photos, in one figure to compare ways by."""
    way = places(np.linspace(0.0, 1.0, _TRIED + 1))
    _, away = location.survey.nearest(way[:-1])
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    return float(steps @ (away + _UNNOTICED * location.size))


def _looks_at(view: View, point: Float[np.ndarray, "3"]) -> bool:
    arm = point - view.position
    return bool(arm @ view.forward > _LOOKED_AT * np.linalg.norm(arm))


def _swung(
    first: Float[np.ndarray, "3"],
    last: Float[np.ndarray, "3"],
    about: Float[np.ndarray, "3"],
    turn: float,
) -> Places:
    """Return the way around ``about`` from arm to arm, which is a turn of so many radians."""
    heading = np.arctan2(first[1], first[0])
    near, far = np.hypot(*first[:2]), np.hypot(*last[:2])

    def places(shares: np.ndarray) -> np.ndarray:
        angle, radius = heading + turn * shares, near + (far - near) * shares
        height = first[2] + (last[2] - first[2]) * shares
        return about + np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)

    return places


def travelled(motion: Motion) -> tuple[float, float]:
    """Return how far a camera goes during a motion, in world units, and turns, in radians."""
    from scipy.spatial.transform import Rotation

    shares = np.linspace(0.0, 1.0, _TRIED + 1)
    places, rotations = motion.places(shares), motion.turns(shares)
    turns = Rotation.from_matrix(rotations[:-1].swapaxes(1, 2) @ rotations[1:]).magnitude()
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum()), float(turns.sum())


def turn_between(one: View, other: View) -> float:
    """Return the angle in radians by which a camera turns from one view to the other."""
    return float(np.linalg.norm(_rotvec(one.rotation.T @ other.rotation)))


def _repeated(view: View, count: int) -> Rig:
    return Rig(
        np.tile(view.position, (count, 1)),
        np.tile(view.rotation, (count, 1, 1)),
        np.full(count, view.fov_y_deg),
    )


def _continued(
    rig: Rig,
    first: Rate,
    early: Float[np.ndarray, "n"],
    last: Rate,
    late: Float[np.ndarray, "n"],
) -> Rig:
    from scipy.spatial.transform import Rotation

    shift = early[:, None] * first.shift + late[:, None] * last.shift
    turn = early[:, None] * first.turn + late[:, None] * last.turn
    zoom = early * first.zoom + late * last.zoom
    rotations = rig.rotations @ Rotation.from_rotvec(turn).as_matrix()
    return Rig(rig.positions + shift, rotations, np.minimum(rig.fov_y_deg * np.exp(zoom), 170.0))


def _put(rig: Rig, where: np.ndarray, part: Rig) -> None:
    rig.positions[where] = part.positions
    rig.rotations[where] = part.rotations
    rig.fov_y_deg[where] = part.fov_y_deg


def _rotvec(rotation: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3"]:
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(rotation).as_rotvec()
