"""What share of the fields that a table of sentences asks for a reader reads right.

    python -m tests.worlds.scoring [table.yaml ...]

prints what is wrong and the share.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from scenegen.worlds.spec import WorldSpec

HERE = Path(__file__).resolve().parent
TREES = {"pine", "broadleaf", "birch", "palm", "cypress"}

Reader = Callable[[str], WorldSpec]
Field = tuple[str, Any, Any, bool]
"""Its name, what was expected, what was read, and whether that is right."""


def cases(table: str) -> list[dict[str, Any]]:
    """Return the sentences of a table with what they say."""
    return yaml.safe_load((HERE / table).read_text())


def fields(case: dict[str, Any], spec: WorldSpec) -> Iterator[Field]:
    """Yield every field that a case asks for."""
    for name, expected in case.items():
        if name in ("setting", "time", "season", "weather", "mood", "water"):
            yield _same(name, expected, getattr(spec, name))
        elif name == "density":
            yield _same(name, expected, spec.vegetation.density)
        elif name in ("snow_cover", "relief", "ground"):
            yield _same(name, expected, getattr(spec.terrain, name))
        elif name == "camera":
            yield from _camera(expected, spec)
        elif name == "vegetation":
            yield from _vegetation(expected, spec)
        elif name == "props":
            yield from _props(expected, spec)
        elif name == "not_understood":
            read = spec.not_understood
            yield name, expected, read, set(expected) <= set(read) if expected else not read
        elif name != "text":
            raise KeyError(name)


def share(table: str, read: Reader) -> tuple[float, list[str]]:
    """Return the share of fields read right, and a line for each that was not."""
    right, wrong, total = 0, [], 0
    for case in cases(table):
        for name, expected, found, good in fields(case, read(case["text"])):
            total, right = total + 1, right + good
            if not good:
                wrong.append(f"{case['text']!r}: {name}: expected {expected}, read {found}")
    return right / total, wrong


def _same(name: str, expected: Any, found: Any) -> Field:
    return name, expected, found, found == expected


def _camera(expected: list[Any], spec: WorldSpec) -> Iterator[Field]:
    """A shot is asked for by its move, or by that and more: ``{orbit: {seconds: 6}}``."""
    asked = [shot if isinstance(shot, dict) else {shot: {}} for shot in expected]
    moves = [name for shot in asked for name in shot]
    yield _same("camera", moves, [shot["move"] for shot in spec.camera])
    for index, shot in enumerate(asked):
        for name, word in ((n, w) for more in shot.values() for n, w in more.items()):
            found = spec.camera[index].get(name) if index < len(spec.camera) else None
            if word in ("+", "-"):
                good = isinstance(found, int | float) and (found > 0) == (word == "+")
                yield f"camera.{name}", word, found, good
            else:
                yield _same(f"camera.{name}", word, found)


def _vegetation(expected: list[str] | str, spec: WorldSpec) -> Iterator[Field]:
    grows = spec.vegetation
    if expected == "none":
        yield _same("vegetation", "none", grows.density)
        return
    for kind in expected:
        if not kind.startswith("no "):
            yield kind, "it grows", grows.kinds, kind in grows.kinds
            continue
        absent = TREES if kind == "no trees" else {kind.removeprefix("no ")}
        bare = grows.density == "none" or absent <= set(grows.without)
        yield kind, "it does not grow", grows, bare and not absent & set(grows.kinds)


def _props(expected: list[str] | dict[str, dict[str, Any]], spec: WorldSpec) -> Iterator[Field]:
    wanted = expected if isinstance(expected, dict) else {kind: {} for kind in expected}
    for kind, stated in wanted.items():
        found = [prop for prop in spec.props if prop.kind == kind]
        yield kind, "it is there", spec.props, bool(found)
        for name, value in stated.items():
            values = [getattr(prop, name) for prop in found]
            yield f"{kind}.{name}", value, values, value in values


def main(tables: list[str]) -> None:
    """Print what is read wrong of each table, and the share that is right."""
    from scenegen.worlds.reading.read import read_sentence

    for table in tables or [file.name for file in sorted(HERE.glob("sentences_*.yaml"))]:
        right, wrong = share(table, read_sentence)
        print(*wrong, f"{table}: {100 * right:.1f} % right", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
