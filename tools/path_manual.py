"""Write docs/paths.md, the manual of the path language, from the docstrings of its schema.

python tools/path_manual.py
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from scenegen.path.script.changes import TRANSFORMS
from scenegen.path.script.schema import Script, Shake
from scenegen.path.script.shots import MOVES, Key, Shot
from scenegen.path.script.values import FILM_WIDTH_MM

FILE = Path(__file__).resolve().parent.parent / "docs" / "paths.md"

HEAD = """\
# The path language

A path script says how the camera moves: shots one after another, in YAML, JSON or Python. It knows
no scene: its targets are found, and its lengths measured, where it is played.

    schema: scenegen.path/1
    fps: 24
    shots:
      - {move: establish, seconds: 3}
      - {move: orbit, degrees: 90, height: 0.2, seconds: 5, ease: in-out}
      - {move: push-in, toward: "photo:first", until: 0.6, seconds: 2, join: cut}

    scenegen preview SCENE note.yaml --output note       # a contact sheet and a GIF, in seconds
    scenegen path SCENE note.yaml --output path.json     # a camera for every frame
    scenegen render SCENE --path note.yaml --output clip.mp4
    scenegen walkthrough PHOTOS --path note.yaml --output clip.mp4

Scripts to begin with are in [camera_paths](../camera_paths/README.md). This page is written by
`tools/path_manual.py` from the words of the schema, `scenegen/path/script/`.

## Words

**Lengths** are numbers in sizes of the scene: its size is the median distance from the photos to
what they show, so that 0.5 is as far in a room as in a valley. `2 m` and `40 cm` are metres, where
the scene's scale is known; `3 units` are units of the scene's own world. Angles are in degrees,
times in seconds.

**Targets** are what a camera moves around, goes to or looks at:

| target | is |
|---|---|
| `subject` | what the photos look at |
| `photo:0035.jpg` | what this photo shows in its middle; as a waypoint, where it was taken |
| `photo:first`, `photo:last`, `photo:25%` | the same of the photo so far through all of them |
| `{photo: 0035.jpg, pixel: [812, 440]}` | the surface that this pixel of a photo shows |
| `[1.5, 0, 2]` | a point of the scene's world, in units, +Z up |
| `start` | where the camera is when the shot begins; as a waypoint |

**Joins**: a shot begins out of the motion of the one before, continuous in place, turn, zoom and
speed, over `join_s` seconds. A *relative* move begins where the last one ended; an *absolute* one
has a place of its own, to which the camera travels first, in extra time. `join: cut` cuts.

**Easing**: the speed along a shot is constant. `ease: in` gathers it at the beginning, `out` loses
it at the end, `in-out` both.

**Lens**: `fov: 40`, or `focal: 35` in millimetres on film FILM_MM mm wide. A shot that states one
zooms to it from the shot before; `fov: [50, 30]` states both ends. Relative moves keep the last
one; absolute ones are as wide as the photos saw, unless the script states a lens for all.

**Focus**: with an `aperture`, what is not as far as `focus` blurs. `f/2.8` needs the scene's
metres; a length is the width of the lens. Where shots join, the focus is racked.
"""


def main() -> None:
    """Write the manual."""
    FILE.write_text(manual())


def manual() -> str:
    """Return the manual as Markdown."""
    parts = [
        HEAD.replace("FILM_MM", f"{FILM_WIDTH_MM:g}"),
        "## The script\n",
        "It states `schema: scenegen.path/1` and `shots`, and may state the rest.\n",
    ]
    parts += [*_table(Script, BaseModel), "\n`shake` is a mapping:\n", *_table(Shake, BaseModel)]
    parts += ["\n## Every shot\n", "Every move takes these.\n"]
    parts += [*_table(Shot, BaseModel)]
    parts += ["\n## Moves\n"]
    for name, kind in MOVES.items():
        place = "absolute" if kind.absolute else "relative"
        parts += [f"### {name}\n", f"{_words(kind)} *{place.capitalize()}.*\n"]
        parts += _table(kind, Shot)
        parts += [""]
        if name == "keyframes":
            parts += ["Each of the `keys`:\n", *_table(Key, BaseModel), ""]
    parts += ["## Transforms\n", "`transform` is a list of changes of the whole path.\n"]
    for name, kind in TRANSFORMS.items():
        parts += [f"### {name}\n", f"{_words(kind)}\n", *_table(kind, BaseModel), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def _fields(kind: type[BaseModel], base: type[BaseModel]) -> list[str]:
    """Return the fields that a model has besides those of its base, or states anew."""
    own = []
    for name, field in kind.model_fields.items():
        inherited = base.model_fields.get(name) if base is not BaseModel else None
        changed = inherited is not None and inherited.default != field.default
        if name not in ("move", "schema_") or kind.__name__ == "Move":
            own += [name] if inherited is None or changed else []
    return own


def _table(kind: type[BaseModel], base: type[BaseModel]) -> Iterator[str]:
    names = _fields(kind, base)
    if not names:
        return
    yield "| word | default | |"
    yield "|---|---|---|"
    for name in names:
        field = kind.model_fields[name]
        text = " ".join((field.description or "").split()).replace("``", "`").replace("|", "\\|")
        yield f"| `{field.alias or name}` | {_default(field.default)} | {text} |"


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "needed"
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _words(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split()).replace("``", "`")


if __name__ == "__main__":
    main()
