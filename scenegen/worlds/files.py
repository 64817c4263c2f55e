"""Specs of worlds as YAML that people edit; what is wrong with a file is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from scenegen.errors import WorldError
from scenegen.files import write_atomic
from scenegen.stated import (
    Language,
    Lines,
    kind_of,
    stated_content,
    stated_model,
    stated_text,
    whole_numbers,
)
from scenegen.worlds.spec import SCHEMA, Prop, Terrain, Vegetation, WorldSpec

_SUFFIXES = (".yaml", ".yml", ".json")
_TOLD = ("not_understood", "choices")


def read_spec(
    file: Path, check: Callable[[WorldSpec, str, Lines], None] | None = None
) -> WorldSpec:
    """Return the spec in a ``.yaml``, ``.yml`` or ``.json`` file.

    ``check`` raises for what this stage cannot know, such as the shots of a camera; it is told the
    spec, its source and the lines.

    Raises:
        WorldError: the file cannot be read, or states what no spec states: where, what was
            expected, what was found.
    """
    content, lines = stated_content(stated_text(file, _LANGUAGE), f"{file}", _LANGUAGE)
    spec = as_spec(content, f"{file}", lines)
    if check is not None:
        check(spec, f"{file}", lines)
    return spec


def as_spec(content: Any, source: str = "world", lines: Lines | None = None) -> WorldSpec:
    """Return plain lists and mappings as a spec; ``source`` and ``lines`` serve the messages.

    Raises:
        WorldError: they state what no spec states.
    """
    if isinstance(content, dict) and content.get("schema", SCHEMA) != SCHEMA:
        line = f"line {lines[('schema',)]}: " if lines and ("schema",) in lines else ""
        raise WorldError(
            f"{source}: {line}schema: expected {SCHEMA!r}, found {kind_of(content['schema'])}; "
            "name a world's file, or update scenegen if a later version wrote it"
        )
    return stated_model(content, source, lines or {}, _LANGUAGE)


def spec_text(spec: WorldSpec) -> str:
    """Return a spec as YAML, a prop and a shot a line; what its setting decides stays left out."""
    return _yaml(spec, frozenset())


def shown_text(spec: WorldSpec) -> str:
    """Return a spec for reading: YAML, with what was not understood and decided as remarks.

    It can be saved, edited and read again; the remarks are none of its fields.
    """
    lines = [f'# not understood: "{word}"' for word in spec.not_understood]
    lines += [f"# decided: {choice}" for choice in spec.choices]
    told = "".join(f"{' '.join(line.split())}\n" for line in lines)
    return _yaml(spec, frozenset(_TOLD)) + told


def write_spec(spec: WorldSpec, file: Path) -> None:
    """Write a spec atomically."""
    write_atomic(file, spec_text(spec).encode())


def is_spec(text: str) -> bool:
    """Say whether a word of the command line names a spec's file rather than being a sentence."""
    return text.lower().endswith(_SUFFIXES) and "\n" not in text


def is_other_file(text: str) -> bool:
    """Say whether a word of the command line is the name of a file that is there, but no spec's."""
    try:
        return not is_spec(text) and " " not in text and Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with characters that none has
        return False


def _yaml(spec: WorldSpec, without: frozenset[str]) -> str:
    content = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    content = {"schema": SCHEMA, **whole_numbers(content)}
    text = ""
    for name, value in content.items():
        if name in without:
            continue
        if name in ("props", "camera"):
            text += f"{name}:\n" + "".join(_item(item) for item in value)
        else:
            text += yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=100)
    return text


def _item(value: Any) -> str:
    line = yaml.safe_dump(
        value, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=True
    )
    return f"  - {line.rstrip()}\n"


_LANGUAGE = Language(
    noun="world",
    whole="world",
    too_long="a world is a page of words",
    error=WorldError,
    root=WorldSpec,
    schema=SCHEMA,
    needs="setting",
    example="print one with --show",
    inner={"terrain": Terrain, "vegetation": Vegetation, "props": Prop},
)
