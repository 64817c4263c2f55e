"""Reading and writing path scripts; what is wrong with one is told with its line.

YAML is read with the safe loader: a script is data. A ``.py`` file is a program and is run, as
Python would run it; it leaves a `Script`, or what one is made of, in ``script``.
"""

from __future__ import annotations

import difflib
import json
import runpy
from pathlib import Path
from typing import Any

import yaml
from pydantic_core import ErrorDetails

from scenegen.errors import PathError
from scenegen.files import write_atomic
from scenegen.path.script.changes import TRANSFORMS
from scenegen.path.script.schema import SCHEMA, Script, Shake
from scenegen.path.script.shots import MOVES, Key
from scenegen.stated import (
    Language,
    Lines,
    kind_of,
    stated_content,
    stated_model,
    stated_text,
    whole_numbers,
)


def read_script(file: Path) -> Script:
    """Return the script in a ``.yaml``, ``.yml``, ``.json`` or ``.py`` file.

    Raises:
        PathError: the file cannot be read, or says what no script says: where, what was expected,
            what was found.
    """
    if file.suffix.lower() == ".py":
        return _run(file)
    content, lines = stated_content(stated_text(file, _LANGUAGE), f"{file}", _LANGUAGE)
    return as_script(content, f"{file}", lines)


def as_script(content: Any, source: str = "script", lines: Lines | None = None) -> Script:
    """Return plain lists and mappings as a script; ``source`` and ``lines`` serve the messages.

    Raises:
        PathError: they say what no script says.
    """
    if isinstance(content, Script):
        return content
    return stated_model(content, source, lines or {}, _LANGUAGE)


def script_text(script: Script) -> str:
    """Return a script as YAML, one shot a line; what it leaves to the defaults stays left out."""
    content = _plain(script)
    shots = content.pop("shots")
    head = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)
    lines = [
        yaml.safe_dump(
            shot, sort_keys=False, allow_unicode=True, width=100, default_flow_style=True
        )
        for shot in shots
    ]
    body = "".join("  - " + line.rstrip().replace("\n", "\n   ") + "\n" for line in lines)
    return f"{head}shots:\n{body}"


def write_script(script: Script, file: Path) -> None:
    """Write a script atomically, as JSON or as YAML, by the name of the file."""
    if file.suffix.lower() == ".json":
        write_atomic(file, (json.dumps(_plain(script), indent=2) + "\n").encode())
    else:
        write_atomic(file, script_text(script).encode())


def is_script(file: Path) -> bool:
    """Say whether a file is a path script rather than the path of another tool."""
    if file.suffix.lower() in (".yaml", ".yml", ".py"):
        return True
    if file.suffix.lower() != ".json":
        return False
    try:
        content = json.loads(stated_text(file, _LANGUAGE))
    except (ValueError, PathError):
        return False
    return isinstance(content, dict) and str(content.get("schema", "")).startswith("scenegen.path")


def _plain(script: Script) -> dict[str, Any]:
    """Return what a script states as lists and mappings, whole numbers without a fraction."""
    content = script.model_dump(mode="json", by_alias=True, exclude_unset=True)
    content = {"schema": SCHEMA, **whole_numbers(content)}
    content["shots"] = [{"move": shot["move"], **shot} for shot in content["shots"]]
    return content


def _run(file: Path) -> Script:
    stated_text(file, _LANGUAGE)  # for the messages of a file that is absent or no text
    try:
        left = runpy.run_path(str(file), run_name="scenegen_path")
    except Exception as cause:
        trace = cause.__traceback__
        line = 0
        while trace is not None:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(file) else line
            trace = trace.tb_next
        raise PathError(
            f"{file}: line {line}: the program stopped with "
            f"{type(cause).__name__}: {cause}; mend it"
        ) from cause
    if "script" not in left:
        raise PathError(
            f"{file}: expected the program to leave a Script in 'script', found no such name; "
            "write: script = Script(shots=[...])"
        )
    return as_script(left["script"], f"{file}: script")


def _which(value: Any, error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    names = [tag.strip("'") for tag in str(context.get("expected_tags", "")).split(", ") if tag]
    if error["type"] == "union_tag_not_found" and not names:
        stated = kind_of(value)
        if error["loc"] and error["loc"][0] == "shots":
            return f"expected a shot with 'move: ...', found {stated}; say how the camera moves"
        return (
            "expected a transform (move, rotate, scale, mirror, reverse or retime), "
            f"found {stated}; correct it"
        )
    found = str(context.get("tag", ""))
    near = difflib.get_close_matches(found, names, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}"
    return f"unknown move {found!r}; {hint}"


_LANGUAGE = Language(
    noun="path script",
    whole="script",
    too_long="keep long paths in a camera path file",
    error=PathError,
    root=Script,
    schema=SCHEMA,
    needs="shots",
    example="see camera_paths/ for examples",
    inner={"keys": Key, "shake": Shake},
    members={"shots": MOVES, "transform": TRANSFORMS},
    which=_which,
)
