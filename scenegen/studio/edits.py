"""What a director does to a script at the desk: functions from script to script.

A script that has no shots yet is a `Script` too, though no file may say so: `EMPTY`. Whatever an
edit makes is read like a file of a stranger, so that no edit makes what `render` would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.path.script.read import as_script
from scenegen.path.script.schema import SCHEMA, Script
from scenegen.path.script.shots import MOVES, Key, Keyframes, Shot

KEY_SECONDS = 2.0
"""Time from one keyframe to a new one after it."""

_STAND_IN = {"move": "hold"}


def content_of(script: Script) -> dict[str, Any]:
    """Return what a script states as mappings and lists, also of one without shots."""
    content = script.model_dump(by_alias=True, exclude_unset=True)
    content["schema"] = SCHEMA
    content["shots"] = [dict(shot) for shot in content.get("shots", ())]
    return content


def script_of(content: Mapping[str, Any]) -> Script:
    """Return the script that a content states, also one without shots; raise `PathError`."""
    if content.get("shots"):
        return as_script(dict(content))
    return as_script({**content, "shots": [_STAND_IN]}).model_copy(update={"shots": ()})


EMPTY = script_of({"schema": SCHEMA})
"""A script without shots."""


def with_settings(script: Script, **settings: Any) -> Script:
    """Return the script with words of the whole film changed; None takes a word back."""
    content = content_of(script)
    for name, value in settings.items():
        content.pop(name, None)
        if value is not None:
            content[name] = value
    return script_of(content)


def with_shot(script: Script, shot: Mapping[str, Any] | Shot, at: int | None = None) -> Script:
    """Return the script with a shot more: at a place, or at the end."""
    content = content_of(script)
    shots = content["shots"]
    shots.insert(len(shots) if at is None else at, _stated(shot))
    return script_of(content)


def with_words(script: Script, shot: int, **words: Any) -> Script:
    """Return the script with words of one shot changed; None takes a word back."""
    content = content_of(script)
    stated = content["shots"][shot]
    for name, value in words.items():
        stated.pop(name, None)
        if value is not None:
            stated[name] = value
    if "seconds" in words and stated["move"] == "keyframes":
        _stretch(stated, words["seconds"])
    return script_of(content)


def rewritten(script: Script, shot: int, words: Mapping[str, Any]) -> Script:
    """Return the script with one shot stated anew."""
    content = content_of(script)
    content["shots"][shot] = dict(words)
    return script_of(content)


def without_shot(script: Script, shot: int) -> Script:
    """Return the script without a shot."""
    content = content_of(script)
    del content["shots"][shot]
    return script_of(content)


def reordered(script: Script, shot: int, to: int) -> Script:
    """Return the script with a shot at another place."""
    content = content_of(script)
    shots = content["shots"]
    shots.insert(min(max(to, 0), len(shots) - 1), shots.pop(shot))
    return script_of(content)


def key_at_pose(pose: np.ndarray, fov_y_deg: float) -> Key:
    """Return the keyframe that holds a camera-to-world matrix and a field of view."""
    from scipy.spatial.transform import Rotation

    quaternion = Rotation.from_matrix(pose[:3, :3]).as_quat(scalar_first=True)
    return Key(
        position=tuple(float(value) for value in pose[:3, 3]),  # pyright: ignore[reportArgumentType]
        rotation=tuple(float(value) for value in quaternion),  # pyright: ignore[reportArgumentType]
        fov=float(np.clip(fov_y_deg, 1.0, 150.0)),
    )


def with_key(
    script: Script, key: Key, shot: int | None = None, after: int | None = None
) -> tuple[Script, int, int]:
    """Return the script with a keyframe more, and the places of its shot and of the key in it.

    It comes ``after`` a key of ``shot``, or at the shot's end; -1 is before its first. Without a
    shot of keyframes the script gets a new one at its end. Keys that have times get one between
    their neighbours; otherwise the shot takes longer, so that the speed stays about the same.
    """
    if shot is None:
        last = len(script.shots) - 1
        shot = last if last >= 0 and isinstance(script.shots[last], Keyframes) else None
    if shot is None or not isinstance(script.shots[shot], Keyframes):
        words = {"move": "keyframes", "seconds": KEY_SECONDS, "keys": [_stated(key)]}
        return with_shot(script, words), len(script.shots), 0
    content = content_of(script)
    stated = content["shots"][shot]
    keys = [dict(one) for one in stated["keys"]]
    place = len(keys) if after is None else after + 1
    entered = _stated(key)
    if keys[0].get("at") is not None:
        entered["at"] = _time_between(keys, place)
        if place == 0:
            for later in keys:
                later["at"] += KEY_SECONDS
    else:
        seconds = stated.get("seconds", Keyframes.model_fields["seconds"].default)
        stated["seconds"] = seconds * len(keys) / max(1, len(keys) - 1)
    stated["keys"] = [*keys[:place], entered, *keys[place:]]
    return script_of(content), shot, place


def with_key_moved(script: Script, shot: int, key: int, moved: Key) -> Script:
    """Return the script with a keyframe at another pose; its time stays."""
    content = content_of(script)
    keys = _keys(content, shot)
    stated = _stated(moved)
    if keys[key].get("at") is not None:
        stated["at"] = keys[key]["at"]
    keys[key] = stated
    content["shots"][shot]["keys"] = keys
    return script_of(content)


def without_key(script: Script, shot: int, key: int) -> Script:
    """Return the script without a keyframe; a shot without its last one goes as well."""
    content = content_of(script)
    keys = _keys(content, shot)
    count = len(keys)
    del keys[key]
    if not keys:
        return without_shot(script, shot)
    stated = content["shots"][shot]
    if keys[0].get("at") is not None:
        first = keys[0]["at"]
        keys = [{**one, "at": one["at"] - first} for one in keys]
    else:
        seconds = stated.get("seconds", Keyframes.model_fields["seconds"].default)
        stated["seconds"] = seconds * max(1, count - 2) / (count - 1)
    stated["keys"] = keys
    return script_of(content)


def with_keys_reordered(script: Script, shot: int, key: int, to: int) -> Script:
    """Return the script with a keyframe at another place of its shot; the times stay in order."""
    content = content_of(script)
    keys = _keys(content, shot)
    times = [one.get("at") for one in keys]
    keys.insert(min(max(to, 0), len(keys) - 1), keys.pop(key))
    for one, time in zip(keys, times, strict=True):
        one.pop("at", None)
        if time is not None:
            one["at"] = time
    content["shots"][shot]["keys"] = keys
    return script_of(content)


def retimed(script: Script, shot: int, key: int, at: float, times: Sequence[float]) -> Script:
    """Return the script with a keyframe passed at another second of its shot.

    ``times`` are those at which the keys are passed now. From here on each has its own; those
    after the key move along with it, so that what comes after it keeps its speed. The first key
    stays at 0.

    Raises:
        PathError: the second is not after that of the key before.
    """
    if key == 0:
        raise PathError(
            "first keyframe: its shot begins with it, at second 0; retime the second one instead"
        )
    if at <= times[key - 1] + 1e-3:
        raise PathError(
            f"keyframe {key + 1}: expected a second after that of the one before "
            f"({times[key - 1]:.2f}), found {at:.2f}; move that one first"
        )
    content = content_of(script)
    keys = _keys(content, shot)
    shift = at - times[key]
    for index, one in enumerate(keys):
        one["at"] = round(float(times[index]) + (shift if index >= key else 0.0), 4)
    keys[0]["at"] = 0.0
    content["shots"][shot]["keys"] = keys
    return script_of(content)


def even_speed(script: Script, shot: int) -> Script:
    """Return the script with the times of a shot's keys taken back: constant speed again."""
    content = content_of(script)
    keys = _keys(content, shot)
    if keys[-1].get("at"):
        content["shots"][shot]["seconds"] = keys[-1]["at"]
    content["shots"][shot]["keys"] = [
        {name: value for name, value in one.items() if name != "at"} for one in keys
    ]
    return script_of(content)


def turned(script: Script, turn: Float[np.ndarray, "3 3"]) -> Script:
    """Return the script with all that it states in coordinates turned about the world's origin.

    That are the only three numbers in a row which a script knows, and the keyframes' rotations.
    """
    return script_of(_turned(content_of(script), np.asarray(turn)))


def _turned(value: Any, turn: np.ndarray) -> Any:
    from scipy.spatial.transform import Rotation

    if isinstance(value, Mapping):
        made = {name: _turned(inner, turn) for name, inner in value.items()}
        if "rotation" in value:
            old = Rotation.from_quat(value["rotation"], scalar_first=True)
            made["rotation"] = (
                (Rotation.from_matrix(turn) * old).as_quat(scalar_first=True).tolist()
            )
        return made
    if not isinstance(value, list | tuple):
        return value
    if len(value) == 3 and all(isinstance(part, int | float) for part in value):
        return (turn @ np.array(value, float)).tolist()
    return [_turned(part, turn) for part in value]


def _stated(words: Mapping[str, Any] | Key | Shot) -> dict[str, Any]:
    if isinstance(words, Key | Shot):
        stated = words.model_dump(exclude_unset=True)
        if isinstance(words, Shot):
            name = next(name for name, kind in MOVES.items() if kind is type(words))
            return {"move": name, **stated}
        return stated
    return dict(words)


def _keys(content: Mapping[str, Any], shot: int) -> list[dict[str, Any]]:
    return [dict(key) for key in content["shots"][shot]["keys"]]


def _stretch(stated: dict[str, Any], seconds: float | None) -> None:
    """Spread the times of a shot's keys over other seconds."""
    keys = [dict(key) for key in stated["keys"]]
    if seconds and keys[-1].get("at"):
        factor = seconds / keys[-1]["at"]
        stated["keys"] = [{**key, "at": key["at"] * factor} for key in keys]


def _time_between(keys: Sequence[Mapping[str, Any]], place: int) -> float:
    if place == 0:
        return 0.0
    if place == len(keys):
        return keys[-1]["at"] + KEY_SECONDS
    return (keys[place - 1]["at"] + keys[place]["at"]) / 2
