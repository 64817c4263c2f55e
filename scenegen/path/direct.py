"""A script played at a location: every shot becomes a take, the takes a timeline, that a path."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.path.handheld import shaken
from scenegen.path.lens import focal_mm, focus_distance, fov_of_focal
from scenegen.path.location import Location, View
from scenegen.path.motion import Motion
from scenegen.path.moves import MAKERS
from scenegen.path.moves.along import ahead
from scenegen.path.moves.scout import Scout
from scenegen.path.script.changes import Retime, Reverse
from scenegen.path.script.schema import Script, Shake
from scenegen.path.script.shots import Keyframes, Shot
from scenegen.path.script.values import aspect_ratio
from scenegen.path.timeline import (
    Rig,
    Take,
    Timeline,
    bridge,
    settled,
    travelled,
    turn_between,
)
from scenegen.path.timing import EASE_SHARE, smoother
from scenegen.path.transforms import transformed
from scenegen.types import CameraPath, LensWork

_log = logging.getLogger("scenegen")

_MOST_FRAMES = 200_000
_SETTLE_S = 1.5
"""Seconds over which a shot's own look and zoom take over from the shot before."""

_BRIDGE_SPEED = 0.6
"""Sizes of the scene a second at which the camera travels to where an absolute move begins, at its
fastest."""

_BRIDGE_TURN = np.deg2rad(40.0)
"""And radians a second at which it turns: the path check minds 45 degrees."""

_RACK_S = 1.0
"""Seconds over which the focus goes from one shot's to the next one's."""

_NEAR = 1e-6
"""Sizes of the scene within which two places are one."""

_TURN_LOOP = np.deg2rad(2.0)
_ZOOM_LOOP = 0.02
"""What a loop may turn, and zoom in the log of its view, within the join that closes it."""


@dataclass(frozen=True)
class Directed:
    """A script played at a location.

    ``path`` has a camera a frame. ``shots`` says for each of the path's takes which shot of the
    script it belongs to, -1 for a way that leads to one, and ``starts`` at which second it begins.
    """

    path: CameraPath
    shots: tuple[int, ...]
    starts: tuple[float, ...]


def direct(script: Script, location: Location, aspect: float) -> Directed:
    """Return ``script`` played at ``location``; its own aspect goes before ``aspect``.

    Raises:
        PathError: it names what the scene has not, or makes a path of too many frames.
    """
    if script.aspect is not None:
        aspect = aspect_ratio(script.aspect)
    takes, shots = _takes(script, location, aspect)
    timeline = Timeline(takes, script.join_s, script.loop)
    seconds, time = _times(script, timeline)
    rig = timeline.at(time)
    if script.shake is not None or any(shot.shake for shot in script.shots):
        rig = shaken(rig, time, _shakes(script, shots, timeline, time), location.size)
    rig = transformed(script.transform, rig, location)
    scout = Scout(location, aspect, "script")
    work = _lens_work(script, scout, rig, timeline, shots, time)
    cuts = _cut_frames(timeline, time)
    path = CameraPath(rig.poses, rig.fov_y_deg, script.fps, aspect, work, cuts)
    starts = timeline.starts * seconds / timeline.seconds
    if time[0] > time[-1]:
        shots, starts = shots[::-1], seconds - starts[::-1]
    begins = tuple(float(start) for start in starts[:-1])
    return Directed(path, tuple(shots), begins)


def opening(script: Script, location: Location, aspect: float) -> View:
    """Return the view from which a script that begins with a relative move sets out."""
    return location.vantage(aspect, _script_lens(script, aspect)).view


def _takes(script: Script, location: Location, aspect: float) -> tuple[list[Take], list[int]]:
    takes: list[Take] = []
    shots: list[int] = []
    view = opening(script, location, aspect)
    lens = _script_lens(script, aspect)
    for index, shot in enumerate(script.shots):
        scout = Scout(location, aspect, f"shots[{index}]", lens)
        cut = shot.join == "cut" or not takes
        motion = MAKERS[type(shot)](shot, view, scout)
        motion = _zoomed(motion, _stated_fovs(shot, aspect), None if cut else view.fov_y_deg)
        motion = _looking(motion, shot, scout)
        begin = motion.view(0.0)
        if cut:
            pass
        elif np.linalg.norm(begin.position - view.position) > _NEAR * location.size:
            takes.append(_bridged(view, begin, location))
            shots.append(-1)
        else:
            motion = settled(motion, view, min(0.5, _SETTLE_S / shot.seconds))
        seconds = _seconds(shot)
        takes.append(Take(motion, seconds, shot.ease, cut))
        shots.append(index)
        view = takes[-1].at(np.array([seconds])).view(0)
    if script.loop:
        begin = takes[0].motion.view(0.0)
        if _apart(view, begin, location):
            takes.append(_bridged(view, begin, location))
            shots.append(-1)
        takes[0] = Take(takes[0].motion, takes[0].seconds, takes[0].ease, cut=False)
    return takes, shots


def _apart(one: View, other: View, location: Location) -> bool:
    """Return whether the end of a loop is too far from its beginning to lead into it by a join."""
    moved = np.linalg.norm(other.position - one.position) > _NEAR * location.size
    zoomed = abs(np.log(other.fov_y_deg / one.fov_y_deg)) > _ZOOM_LOOP
    return bool(moved or zoomed or turn_between(one, other) > _TURN_LOOP)


def _bridged(begin: View, end: View, location: Location) -> Take:
    way = bridge(begin, end, location)
    far, turned = travelled(way)
    longest = max(far / location.size / _BRIDGE_SPEED, turned / _BRIDGE_TURN)
    seconds = max(1.0, longest / (1 - EASE_SHARE))  # the eased speed is so much above its mean
    _log.info(
        "path: %.1f s more, to travel to where the next shot begins (join: cut cuts)", seconds
    )
    return Take(way, seconds, "in-out")


def _seconds(shot: Shot) -> float:
    times = [key.at for key in shot.keys] if isinstance(shot, Keyframes) else []
    if times and times[-1] and not shot.closed:  # pyright: ignore[reportAttributeAccessIssue]
        return float(times[-1])
    return shot.seconds


def _stated_fovs(words: Script | Shot, aspect: float) -> tuple[float, ...]:
    """Return the stated fields of view, vertical and in degrees: none, one or two."""
    stated = words.fov if words.fov is not None else words.focal
    if stated is None:
        return ()
    pair = stated if isinstance(stated, tuple) else (stated,)
    return pair if words.fov is not None else tuple(fov_of_focal(mm, aspect) for mm in pair)


def _script_lens(script: Script, aspect: float) -> float | None:
    """Return the field of view that a script states for all of its shots, in degrees."""
    stated = _stated_fovs(script, aspect)
    return stated[0] if stated else None


def _zoomed(motion: Motion, fovs: tuple[float, ...], last: float | None) -> Motion:
    """Return a motion with the lens that its shot states.

    Of two fields of view it zooms from the first to the second. To a single one it zooms from the
    ``last`` one of the shot before; after a cut there is none, and it keeps the stated one. A shot
    that states nothing has the lens that its move gave it.
    """
    if not fovs:
        return motion
    begin, end = fovs[0], fovs[-1]
    if len(fovs) == 1 and last is not None:
        begin = last

    def zooms(shares: np.ndarray) -> np.ndarray:
        share = smoother(shares)
        return np.exp((1 - share) * np.log(begin) + share * np.log(end))

    return replace(motion, zooms=zooms)


def _looking(motion: Motion, shot: Shot, scout: Scout) -> Motion:
    if shot.look is None:
        return motion
    if shot.look == "ahead":
        return replace(motion, turns=ahead(motion.places, shot.seconds, scout))
    point = scout.point(shot.look, "look", motion.view(0.0))
    scout.apart(motion.view(0.0), point, "look")
    return replace(motion, turns=scout.toward(motion.places, point))


def _times(script: Script, timeline: Timeline) -> tuple[float, Float[np.ndarray, "n"]]:
    """Return the seconds of the path and, for each frame, the second of the timeline it shows."""
    seconds, backwards = timeline.seconds, False
    for change in script.transform:
        if isinstance(change, Retime):
            seconds = change.retime
        backwards ^= isinstance(change, Reverse)
    count = round(seconds * script.fps)
    if not 1 <= count <= _MOST_FRAMES:
        raise PathError(
            f"script: {seconds:g} s at {script.fps:g} fps make {count} frames, expected 1 to "
            f"{_MOST_FRAMES:,}; change the seconds or the fps"
        )
    share = np.arange(count) / count if script.loop else np.linspace(0.0, 1.0, count)
    time = share * timeline.seconds
    return seconds, time[::-1].copy() if backwards else time


def _cut_frames(timeline: Timeline, time: Float[np.ndarray, "n"]) -> tuple[int, ...]:
    """Return the frames before which the picture cuts, whichever way the film runs."""
    place = timeline.takes_at(time)
    cut = np.cumsum([take.cut for take in timeline.takes])
    # A film that runs forwards loses the cut before its first take, as there is nothing before it.
    return tuple(int(frame) + 1 for frame in np.flatnonzero(np.diff(cut[place])))


def _shakes(
    script: Script, shots: list[int], timeline: Timeline, time: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n"], int]:
    """Return how much the hand shakes in every frame, without jumps, and its seed."""
    from scipy.ndimage import gaussian_filter1d

    hand = script.shake or Shake(amount=0.0)
    amounts = np.array(
        [
            hand.amount
            if index < 0 or script.shots[index].shake is None
            else script.shots[index].shake
            for index in np.array(shots)[timeline.takes_at(time)]
        ],
        np.float64,
    )
    soft = gaussian_filter1d(amounts, 0.25 * script.fps, mode="wrap" if script.loop else "nearest")
    return soft, hand.seed


def _lens_work(
    script: Script, scout: Scout, rig: Rig, timeline: Timeline, shots: list[int], time: np.ndarray
) -> LensWork | None:
    """Return focus, aperture and shutter of every frame, or None where nothing is asked for.

    Where one shot joins another smoothly, the focus is racked from the one's to the other's.
    """
    wanted = any(one.aperture is not None for one in (script, *script.shots))
    if not wanted and script.shutter == 0:
        return None
    place = timeline.takes_at(time)
    focus, aperture = np.zeros(len(time)), np.zeros(len(time))
    for frame, take in enumerate(place):
        view = rig.view(frame)
        focus[frame], aperture[frame] = _set_lens(script, shots[take], view, scout)
        seconds = min(_RACK_S, timeline.takes[take].seconds / 2)
        share = (time[frame] - timeline.starts[take]) / seconds
        if (take > 0 or script.loop) and share < 1 and not timeline.takes[take].cut:
            before = _set_lens(script, shots[take - 1], view, scout)
            part = float(smoother(np.array([share]))[0])
            focus[frame] = 1 / ((1 - part) / before[0] + part / focus[frame])
            aperture[frame] = (1 - part) * before[1] + part * aperture[frame]
    return LensWork(focus, aperture, script.shutter / 360)


def _set_lens(script: Script, index: int, view: View, scout: Scout) -> tuple[float, float]:
    """Return the distance of the focus and the width of the lens as a shot of the script sets it.

    ``index`` -1 is a way between shots, set as the script says.
    """
    words = script.shots[index] if index >= 0 else script
    where = f"shots[{index}]" if index >= 0 else "script"
    stop = words.aperture if words.aperture is not None else script.aperture
    width = 0.0
    if stop is not None:
        mm = focal_mm(view.fov_y_deg, scout.aspect)
        width = scout.location.aperture(stop, mm, f"{where}.aperture")
    target = words.focus if words.focus is not None else script.focus
    return focus_distance(target, view, scout.location, f"{where}.focus"), width
