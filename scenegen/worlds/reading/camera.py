"""The camera's shots that a text asks for, as mappings of the path language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scenegen.worlds.reading.clauses import Clause, Found, clauses_of, found_at, table
from scenegen.worlds.reading.senses import closed
from scenegen.worlds.reading.words import Word

_SECONDS = {"spiral": 12.0, "fly-through": 6.0, "hold": 2.0, "turntable": 10.0, "walkthrough": 8.0}
"""How long moves take that need other than four seconds."""

_PACE = {"very slow": 2.0, "slow": 1.5, "smooth": 1.0, "fast": 0.5}
"""How many times as long a move takes."""

AROUND = {"orbit": 90.0, "spiral": 360.0, "turntable": 360.0, "arc": 30.0}
"""Moves around something, and how many degrees they go where none are stated."""
_SUBJECTS = AROUND.keys() | {"push-in", "pull-out", "dolly-zoom"}
_UNITS = {
    "second": "seconds", "sec": "seconds", "s": "seconds", "degree": "degrees", "deg": "degrees",
    "°": "degrees", "m": "metres", "metre": "metres", "meter": "metres", "mm": "focal",
}  # fmt: skip
_BOUNDS = {"seconds": (0.5, 60.0), "degrees": (0.0, 1080.0), "metres": (0.0, 1000.0),
           "focal": (1.0, 2000.0)}  # fmt: skip
"""What a camera in a world can be told; beyond, the nearest is taken."""
_NEAR = 4
"""How many words from its move a direction or a pace may stand."""


@dataclass
class Camera:
    """The shots; the places of the words that they came of; what was decided."""

    shots: list[dict[str, Any]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    choices: list[str] = field(default_factory=list)
    subject_from: tuple[int, int] | None = None
    """Between which words the thing is named that the first shot goes around or towards."""


@dataclass
class _Said:
    """What a clause says of its moves."""

    pace: str = ""
    directions: list[str] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    fov: float | None = None
    shaken: bool = False


def camera_of(words: Sequence[Word], denied: Sequence[bool]) -> Camera:
    """Return the shots that a text asks for, in the order in which they are played."""
    found = Camera()
    clauses = _with_modifiers(clauses_of(words), words)
    for clause in clauses:
        moves = _merged([move for move in clause.moves if not _denied(move, denied, words, found)])
        if found.shots and clause.connector == "while" and _only_rises(moves):
            found.shots[-1] |= _rising(found.shots[-1]["move"], words, moves[0])
            found.taken |= set(range(moves[0].start, moves[0].end))
            continue
        shots = []
        for index, move in enumerate(moves):
            start = clause.start if index == 0 else move.start
            end = moves[index + 1].start if index + 1 < len(moves) else clause.end
            said = _said(words, start, end, move, found)
            shots.append(_shot(move.move, said))
            found.taken |= set(range(move.start, move.end))
            if found.subject_from is None and move.move in _SUBJECTS:
                found.subject_from = (move.end, end)
        if shots:
            _take_camera(words, clause, found)
        _placed(found.shots, shots, clause)
    _stays(words, denied, found)
    return found


def _only_rises(moves: Sequence[Found]) -> bool:
    return len(moves) == 1 and moves[0].move == "pedestal" and not moves[0].strong


def _rising(name: str, words: Sequence[Word], move: Found) -> dict[str, Any]:
    """Return what a shot is told by ``while rising``."""
    down = any(
        table("DIRECTION").get((word.lemma,)) == "down" for word in words[move.start : move.end]
    )
    sign = -1 if down else 1
    if name in AROUND:
        return {"height": 0.2 * sign}
    return {"rise": 0.3 * sign} if name == "crane" else {}


def _placed(played: list[dict[str, Any]], shots: list[dict[str, Any]], clause: Clause) -> None:
    """Append shots; those ``after`` which the last was played come before it."""
    if clause.connector == "after" and played and shots:
        played[-1:-1] = shots
    else:
        played += shots


def _with_modifiers(clauses: list[Clause], words: Sequence[Word]) -> list[Clause]:
    """Join a clause that only says how slow, or how long, with the moves it speaks of."""
    joined: list[Clause] = []
    for clause in clauses:
        only = not clause.moves and all(
            _modifies(words, at) for at in range(clause.start, clause.end)
        )
        if joined and only and joined[-1].moves:
            joined[-1].end = clause.end
        elif joined and clause.moves and not joined[-1].moves and all(
            _modifies(words, at) for at in range(joined[-1].start, joined[-1].end)
        ):  # fmt: skip
            clause.start = joined.pop().start
            joined.append(clause)
        else:
            joined.append(clause)
    return joined


def _modifies(words: Sequence[Word], at: int) -> bool:
    word = words[at]
    known = any((word.lemma,) in table(name) for name in ("SPEED", "DIRECTION"))
    unit = word.number is not None or word.lemma in _UNITS
    lens = any(word.lemma in phrase for phrase in table("LENS"))
    shaken = (word.lemma,) in closed("SHAKE") | closed("CAMERA")
    return known or unit or lens or shaken or word.lemma in ("for", "over", "and")


def _denied(move: Found, denied: Sequence[bool], words: Sequence[Word], found: Camera) -> bool:
    if not denied[move.start]:
        return False
    found.taken |= set(range(move.start, move.end))
    said = " ".join(word.text for word in words[move.start : move.end])
    found.choices.append(f"no {said!r}: the camera does not")
    return True


def _merged(moves: list[Found]) -> list[Found]:
    """Return the moves of a clause, those that only say more of another one taken to it."""
    kept: list[Found] = []
    for move in moves:
        if kept and kept[-1].move == "establish":
            kept.pop()
        same = kept and kept[-1].move == move.move
        rises = kept and move.move == "pedestal" and not move.strong
        flies = kept and kept[-1].move == "crane" and not move.strong and move.move == "dolly"
        turns = kept and kept[-1].move in AROUND and move.move == "orbit"
        if same or (not move.strong and (rises or flies or turns)):
            kept[-1].also.append(move)
            continue
        if move.move == "establish" and kept:
            continue
        kept.append(move)
    return kept


def _said(words: Sequence[Word], start: int, end: int, move: Found, found: Camera) -> _Said:
    """Return what the words around a move say of it."""
    said = _Said()
    at = start
    while at < end:
        at += _one(words, at, end, move, said, found)
    spans = [range(one.start, one.end) for one in (move, *move.also)]
    for lemma in [words[at].lemma for span in spans for at in span]:
        direction = table("DIRECTION").get((lemma,))
        if direction and move.move not in ("push-in", "pull-out"):
            said.directions.append(direction)
    over = {words[at].lemma for span in spans for at in (*span, span.stop) if at < end}
    if over & {"over", "above", "across"}:
        said.directions.append("over")
    return said


def _one(words: Sequence[Word], at: int, end: int, move: Found, said: _Said, camera: Camera) -> int:
    """Take in what is said at a word; return how many words that are."""
    word, taken = words[at], camera.taken
    near = move.start - _NEAR <= at < move.end + _NEAR
    unit = _UNITS.get(words[at + 1].lemma) if at + 1 < end else None
    if word.number is not None and unit:
        said.numbers[unit] = _bounded(word.number, unit, camera)
        taken.update((at, at + 1))
        return 2
    for name in ("TURN", "SPEED", "DIRECTION", "LENS"):
        value = found_at(words, at, end, name)
        if value is None or not (near or name in ("TURN", "LENS")):
            continue
        if name == "TURN":
            said.numbers["degrees"] = float(value[0])
        elif name == "LENS":
            said.fov = float(value[0])
        elif name == "SPEED":
            said.pace = said.pace or value[0]
        elif not move.start <= at < move.end:
            said.directions.append(value[0])
        taken.update(range(at, at + value[1]))
        return value[1]
    if word.number == 360:
        said.numbers["degrees"] = 360.0
        taken.add(at)
    if any(tuple(near.lemma for near in words[at : at + n]) in closed("SHAKE") for n in (1, 2)):
        said.shaken = True
        taken.add(at)
    return 1


def _bounded(number: float, unit: str, camera: Camera) -> float:
    """Return a number that a camera can be told, and say so where it is another."""
    least, most = _BOUNDS[unit]
    taken = min(max(number, least), most)
    if taken != number:
        named = "mm" if unit == "focal" else unit
        camera.choices.append(f"{number:g} {named}: the camera takes {taken:g}")
    return taken


def _shot(name: str, said: _Said) -> dict[str, Any]:
    """Return the shot of a move, as the path language calls it."""
    shot: dict[str, Any] = {"move": name}
    if name in ("zoom-in", "zoom-out"):
        shot = {"move": "hold", "seconds": 4.0, "fov": [50, 30] if name == "zoom-in" else [30, 50]}
    shot |= _amounts(name, said)
    rises = {"up", "down"} & set(said.directions)
    if name in ("push-in", "pull-out", "dolly") and rises:
        ahead = name == "push-in" or (name == "dolly" and "back" not in said.directions)
        shot = {"move": "crane", "rise": 0.3 if "up" in rises else -0.3,
                "forward": 0.4 if ahead else -0.4}  # fmt: skip
    if name == "fly-through":
        shot["waypoints"] = ["start", "subject"]
    seconds = said.numbers.get("seconds")
    if seconds is not None:
        shot["seconds"] = seconds
    elif said.pace in _PACE and _PACE[said.pace] != 1:
        shot["seconds"] = shot.get("seconds", _SECONDS.get(name, 4.0)) * _PACE[said.pace]
    if said.pace in ("very slow", "slow", "smooth"):
        shot["ease"] = "in-out"
    if said.shaken:
        shot["shake"] = 0.5
    if name != "dolly-zoom" and "fov" not in shot:
        shot |= _lens(said)
    return shot


def _lens(said: _Said) -> dict[str, Any]:
    focal = said.numbers.get("focal")
    if focal is not None:
        return {"focal": focal}
    return {"fov": said.fov} if said.fov else {}


def _amounts(name: str, said: _Said) -> dict[str, Any]:
    """Return how far a move goes, and to which side."""
    degrees, metres = said.numbers.get("degrees"), said.numbers.get("metres")
    to = set(said.directions)
    left, down = bool({"left", "clockwise"} & to), "down" in to
    sided = bool({"left", "right", "clockwise", "counter"} & to)
    if name in AROUND:
        stated: dict[str, Any] = {}
        if degrees is not None or sided:
            stated["degrees"] = (degrees or AROUND[name]) * (-1 if left else 1)
        if {"up", "down"} & to:
            stated["height"] = -0.2 if down else 0.2
        return stated
    if name in ("pan", "tilt", "roll"):
        back = down if name == "tilt" else "left" in to or "counter" in to
        if degrees is None and not back:
            return {}
        return {"degrees": (degrees or (30.0 if name == "pan" else 15.0)) * (-1 if back else 1)}
    if name in ("dolly", "truck", "pedestal"):
        usual = {"dolly": 0.3, "truck": 0.25, "pedestal": 0.2}[name]
        back = {"dolly": "back" in to, "truck": "left" in to, "pedestal": down}[name]
        if metres is not None:
            return {"distance": f"{-metres if back else metres:g} m"}
        return {"distance": -usual} if back else {}
    if name == "crane":
        stated = {"rise": -0.3 if down else 0.3}
        if metres is not None:
            stated["rise"] = f"{-metres if down else metres:g} m"
        if {"forward", "over", "back"} & to:
            stated["forward"] = -0.3 if "back" in to else 0.3
        return stated
    return {}


def _take_camera(words: Sequence[Word], clause: Clause, found: Camera) -> None:
    """Take the words that only name the camera."""
    for at in range(clause.start, clause.end):
        for count in (1, 2, 3):
            phrase = tuple(word.lemma for word in words[at : at + count])
            if phrase in closed("CAMERA"):
                found.taken |= set(range(at, min(at + count, clause.end)))


def _stays(words: Sequence[Word], denied: Sequence[bool], found: Camera) -> None:
    """Hold the camera where its movement is denied; take words that only name it."""
    for at, word in enumerate(words):
        if (word.lemma,) in closed("NOT_CAMERA"):
            found.taken.add(at)
            if denied[at] and not found.shots:
                found.shots.append({"move": "hold"})
