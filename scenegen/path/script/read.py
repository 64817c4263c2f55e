"""Reading and writing path scripts; what is wrong with one is told with its line.

YAML is read with the safe loader: a script is data. A ``.py`` file is a program and is run, as
Python would run it; it leaves a `Script`, or what one is made of, in ``script``.
"""

from __future__ import annotations

import difflib
import json
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scenegen.errors import PathError
from scenegen.files import input_errors, write_atomic
from scenegen.path.script.changes import TRANSFORMS
from scenegen.path.script.schema import SCHEMA, Script, Shake
from scenegen.path.script.shots import MOVES, Key

_MOST_BYTES = 4_000_000
_MOST_TOLD = 8

Lines = Mapping[tuple[str | int, ...], int]
"""Line of each value of a file, by the way of keys and places that leads to it."""


def read_script(file: Path) -> Script:
    """Return the script in a ``.yaml``, ``.yml``, ``.json`` or ``.py`` file.

    Raises:
        PathError: the file cannot be read, or says what no script says: where, what was expected,
            what was found.
    """
    if file.suffix.lower() == ".py":
        return _run(file)
    text = _text(file)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as cause:
        raise PathError(f"{file}: {_broken(cause)}; mend that line") from cause
    return as_script(content, f"{file}", _lines(root, file) if root else {})


def as_script(content: Any, source: str = "script", lines: Lines | None = None) -> Script:
    """Return plain lists and mappings as a script; ``source`` and ``lines`` serve the messages.

    Raises:
        PathError: they say what no script says.
    """
    if isinstance(content, Script):
        return content
    if not isinstance(content, dict):
        raise PathError(
            f"{source}: expected a path script, a mapping with 'schema: {SCHEMA}' and 'shots', "
            f"found {_kind(content)}; see camera_paths/ for examples"
        )
    if "schema" not in content:
        raise PathError(
            f"{source}: expected 'schema: {SCHEMA}' in it, found none; "
            "add that line, so that later versions know how to read the script"
        )
    try:
        return Script.model_validate(content)
    except ValidationError as cause:
        errors = [error for error in cause.errors() if not _follows(error)]
        told = [_told(error, content, source, lines or {}) for error in errors]
        more = len(told) - _MOST_TOLD
        rest = [f"{source}: and {more} more"] if more > 0 else []
        raise PathError("\n".join(told[:_MOST_TOLD] + rest)) from cause


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
        content = json.loads(_text(file))
    except (ValueError, PathError):
        return False
    return isinstance(content, dict) and str(content.get("schema", "")).startswith("scenegen.path")


def _plain(script: Script) -> dict[str, Any]:
    """Return what a script states as lists and mappings, whole numbers without a fraction."""

    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: whole(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [whole(inner) for inner in value]
        return int(value) if isinstance(value, float) and value.is_integer() else value

    content = script.model_dump(mode="json", by_alias=True, exclude_unset=True)
    content = {"schema": SCHEMA, **whole(content)}
    content["shots"] = [{"move": shot["move"], **shot} for shot in content["shots"]]
    return content


def _run(file: Path) -> Script:
    _text(file)  # for the messages of a file that is absent or no text
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


def _text(file: Path) -> str:
    try:
        with input_errors(file, PathError):
            data = file.read_bytes()
    except FileNotFoundError as cause:
        raise PathError(f"{file}: no such file; check the path") from cause
    except IsADirectoryError as cause:
        raise PathError(f"{file}: expected a path script, found a folder; name a file") from cause
    if len(data) > _MOST_BYTES:
        raise PathError(
            f"{file}: expected a path script of at most {_MOST_BYTES:,} bytes, "
            f"found {len(data):,}; keep long paths in a camera path file"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise PathError(
            f"{file}: expected UTF-8 text, found binary data; save it as text"
        ) from cause


def _broken(cause: Exception) -> str:
    mark = getattr(cause, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = getattr(cause, "problem", None) or "nested too deep or not readable"
    return f"{where}expected YAML, found what is none ({problem})"


def _lines(root: yaml.Node, file: Path) -> dict[tuple[str | int, ...], int]:
    """Return the line at which each value of a YAML document begins.

    Values that aliases repeat have that of the first. Raises `PathError` for a word that is stated
    twice in one mapping, of which YAML would silently take the last.
    """
    lines: dict[tuple[str | int, ...], int] = {}
    waiting: list[tuple[tuple[str | int, ...], yaml.Node]] = [((), root)]
    known: set[int] = set()
    while waiting:
        way, node = waiting.pop()
        lines[way] = node.start_mark.line + 1
        if id(node) in known:  # aliases may repeat without end
            continue
        known.add(id(node))
        if isinstance(node, yaml.MappingNode):
            stated: set[str] = set()
            for key, value in node.value:
                word = str(key.value)
                if word in stated:
                    raise PathError(
                        f"{file}: line {key.start_mark.line + 1}: {_named((*way, word))}: "
                        "expected it to be stated once, found it again; leave one of them out"
                    )
                stated.add(word)
                waiting.append(((*way, word), value))
        elif isinstance(node, yaml.SequenceNode):
            waiting += [((*way, place), value) for place, value in enumerate(node.value)]
    return lines


def _follows(error: ErrorDetails) -> bool:
    """Say whether a list is called too short only because what is in it is wrong itself."""
    found = error["input"]
    least = error.get("ctx", {}).get("min_length", 0)
    return error["type"] == "too_short" and isinstance(found, list | tuple) and len(found) >= least


def _told(error: ErrorDetails, content: Any, source: str, lines: Lines) -> str:
    """Return what is wrong at one place: where, what was expected, what was found, the fix."""
    way, value, model = _followed(error["loc"], content)
    known = [place for place in (way[:count] for count in range(len(way), 0, -1)) if place in lines]
    where = (
        f"{source}: line {lines[known[0]]}: {_named(way)}" if known else f"{source}: {_named(way)}"
    )
    kind = error["type"]
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{where}: unknown word; {_meant(str(way[-1]), model)}"
    if kind == "missing":
        return f"{where}: expected it to be stated, found nothing; add it"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"{where}: {_which(value, error, context)}"
    if kind == "value_error":
        expected = str(context["error"])
        found = f", found {_kind(value)}" if not isinstance(value, dict) else ""
        return f"{where}: expected {expected}{found}; correct it"
    if kind in ("float_type", "int_type") and isinstance(value, str) and _is_number(value):
        return f"{where}: expected a number, found the text {value!r}; write it plainly, as 1200"
    return f"{where}: expected {_expected(error)}, found {_kind(value)}; correct it"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _followed(
    place: Sequence[str | int], content: Any
) -> tuple[tuple[str | int, ...], Any, type[BaseModel]]:
    """Return the way through the file to a place of an error, what is there, and the model around.

    pydantic's places also name the members of unions that it tried: these are not in the file.
    """
    way: list[str | int] = []
    value: Any = content
    model: type[BaseModel] = Script
    for index, step in enumerate(place):
        if index == 2 and place[0] in ("shots", "transform") and step in _MODELS[place[0]]:
            model = _MODELS[place[0]][str(step)]
        elif isinstance(value, dict) and (step in value or index == len(place) - 1):
            way, value = [*way, step], value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int):
            way, value = [*way, step], value[step] if step < len(value) else None
        inside = index < len(place) - 1
        if inside and step in ("keys", "shake") and way and way[-1] == step:
            model = Key if step == "keys" else Shake
    return tuple(way), value, model


def _named(way: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way)
    return text.lstrip(".") or "script"


def _meant(word: str, model: type[BaseModel]) -> str:
    names = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(word, names, 1, 0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"expected one of {', '.join(sorted(names))}"


def _which(value: Any, error: ErrorDetails, context: Mapping[str, Any]) -> str:
    names = [tag.strip("'") for tag in str(context.get("expected_tags", "")).split(", ") if tag]
    if error["type"] == "union_tag_not_found" and not names:
        stated = _kind(value)
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


def _expected(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    simple = {
        "float_type": "a number",
        "int_type": "a whole number",
        "string_type": "text",
        "bool_type": "true or false",
        "tuple_type": "a list",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "finite_number": "a finite number",
        "invalid_key": "words with their values",
    }
    if error["type"] in simple:
        return simple[error["type"]]
    if error["type"] == "too_short":
        return f"a list of at least {context['min_length']}"
    bounds = {"gt": "above", "ge": "not below", "lt": "below", "le": "not above"}
    for name, words in bounds.items():
        if name in context:
            return f"a number {words} {context[name]:g}"
    if error["type"] == "literal_error":
        return str(context["expected"])
    return error["msg"].removeprefix("Input should be ").removeprefix("Input should have ")


def _kind(value: Any) -> str:
    """Return what a value of a file is, in a user's words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = str(value) if isinstance(value, bool | int | float) else repr(value)
    return (text.lower() if isinstance(value, bool) else text)[:60]


_MODELS: Mapping[str | int, Mapping[str, type[BaseModel]]] = {
    "shots": MOVES,
    "transform": TRANSFORMS,
}
