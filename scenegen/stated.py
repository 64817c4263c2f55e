"""Files in which people state things: YAML that is data, and what is wrong with it, by its line.

A `Language` is the pydantic model that such a file becomes, with the words that its messages use.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scenegen.errors import SceneGenError
from scenegen.files import input_errors

MOST_BYTES = 4_000_000
MOST_VALUES = 200_000
"""So many values has a file at most, those that aliases repeat counted again."""

_MOST_TOLD = 8

Place = tuple[str | int, ...]
"""The way of keys and places in lists that leads to a value of a file."""

Lines = Mapping[Place, int]
"""Line of each value of a file."""


def _no_unions(value: Any, error: ErrorDetails) -> str:
    return f"expected {error['msg']}, found {kind_of(value)}; correct it"


@dataclass(frozen=True)
class Language:
    """What a kind of file states, for its messages."""

    noun: str
    """What such a file is, in a user's words: ``path script``."""
    whole: str
    """What the messages call all of it: ``script``."""
    too_long: str
    """What to do with a file that is too long."""
    error: type[SceneGenError]
    """What is raised."""
    root: type[BaseModel]
    """What the whole file becomes."""
    schema: str
    """What its ``schema`` has to say."""
    needs: str
    """The word that it cannot do without, besides ``schema``."""
    example: str
    """Where such a file is to be seen."""
    inner: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    """What is below a key, wherever it stands."""
    members: Mapping[str, Mapping[str, type[BaseModel]]] = field(default_factory=dict)
    """The members, by their tags, of the unions of which some of the root's keys have a list."""
    which: Callable[[Any, ErrorDetails], str] = _no_unions
    """Tells that a value is no member of a union."""


def stated_text(file: Path, language: Language) -> str:
    """Return the text of a file; raise the language's error where it is none, or too long."""
    error, noun = language.error, language.noun
    try:
        with input_errors(file, error):
            data = file.read_bytes()
    except FileNotFoundError as cause:
        raise error(f"{file}: no such file; check the path") from cause
    except IsADirectoryError as cause:
        raise error(f"{file}: expected a {noun}, found a folder; name a file") from cause
    if len(data) > MOST_BYTES:
        raise error(
            f"{file}: expected a {noun} of at most {MOST_BYTES:,} bytes, "
            f"found {len(data):,}; {language.too_long}"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise error(f"{file}: expected UTF-8 text, found binary data; save it as text") from cause


def stated_content(text: str, source: str, language: Language) -> tuple[Any, Lines]:
    """Return what a YAML or JSON text holds, read as data, and the lines of it."""
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        if root:
            _bounded(root, source, language)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as cause:
        raise language.error(f"{source}: {_broken(cause)}; mend that line") from cause
    return content, _lines(root, source, language) if root else {}


def stated_model(content: Any, source: str, lines: Lines, language: Language) -> Any:
    """Return plain lists and mappings as the language's model.

    Raises the language's error where they state something else.
    """
    if not isinstance(content, dict):
        raise language.error(
            f"{source}: expected a {language.noun}, a mapping with 'schema: {language.schema}' and "
            f"'{language.needs}', found {kind_of(content)}; {language.example}"
        )
    if "schema" not in content:
        raise language.error(
            f"{source}: expected 'schema: {language.schema}' in it, found none; "
            f"add that line, so that later versions know how to read the {language.whole}"
        )
    try:
        return language.root.model_validate(content)
    except ValidationError as cause:
        raise language.error(_wrong(cause, content, source, lines, language)) from cause


def _wrong(
    cause: ValidationError, content: Any, source: str, lines: Lines, language: Language
) -> str:
    """Return all that is wrong with a file: where, what was expected, what was found, the fix."""
    errors = [error for error in cause.errors() if not _follows(error)]
    told = [_told(error, content, source, lines, language) for error in errors]
    more = len(told) - _MOST_TOLD
    rest = [f"{source}: and {more} more"] if more > 0 else []
    return "\n".join(told[:_MOST_TOLD] + rest)


def whole_numbers(value: Any) -> Any:
    """Return plain lists and mappings with whole numbers written without a fraction."""
    if isinstance(value, dict):
        return {key: whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [whole_numbers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def kind_of(value: Any) -> str:
    """Return what a value of a file is, in a user's words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = str(value) if isinstance(value, bool | int | float) else repr(value)
    return (text.lower() if isinstance(value, bool) else text)[:60]


def _broken(cause: Exception) -> str:
    mark = getattr(cause, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = getattr(cause, "problem", None) or "nested too deep or not readable"
    return f"{where}expected YAML, found what is none ({problem})"


def _bounded(root: yaml.Node, source: str, language: Language) -> None:
    """Raise the language's error for more values than a file has: aliases make a few lines many."""
    counts: dict[int, int | None] = {}

    def values(node: yaml.Node) -> int:
        """Return how many values a node has with its aliases written out."""
        if id(node) not in counts:
            counts[id(node)] = None  # until it is counted: whoever meets it now is inside of it
            inner: list[yaml.Node] = []
            if isinstance(node, yaml.MappingNode):
                inner = [part for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                inner = node.value
            counts[id(node)] = 1 + sum(map(values, inner))
        count = counts[id(node)]
        if count is None:
            raise language.error(
                f"{source}: line {node.start_mark.line + 1}: expected values, found an alias "
                "inside of what it repeats; write out what is meant"
            )
        return count

    if values(root) > MOST_VALUES:
        raise language.error(
            f"{source}: expected at most {MOST_VALUES:,} values, aliases written out, found more; "
            f"{language.too_long}"
        )


def _lines(root: yaml.Node, source: str, language: Language) -> dict[Place, int]:
    """Return the line at which each value of a YAML document begins.

    Values that aliases repeat have that of the first. Raises the language's error for a word that
    is stated twice in one mapping, of which YAML would silently take the last.
    """
    lines: dict[Place, int] = {}
    waiting: list[tuple[Place, yaml.Node]] = [((), root)]
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
                    raise language.error(
                        f"{source}: line {key.start_mark.line + 1}: {_named((*way, word))}: "
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


def _told(error: ErrorDetails, content: Any, source: str, lines: Lines, language: Language) -> str:
    """Return what is wrong at one place."""
    way, value, model = _followed(error["loc"], content, language)
    kind = error["type"]
    if kind == "invalid_key" and way:
        way, value = (*way[:-1], str(way[-1])), way[-1]
    known = [place for place in (way[:count] for count in range(len(way), 0, -1)) if place in lines]
    named = _named(way) or language.whole
    where = f"{source}: line {lines[known[0]]}: {named}" if known else f"{source}: {named}"
    if kind == "extra_forbidden":
        return f"{where}: unknown word; {_meant(str(way[-1]), model)}"
    if kind == "missing":
        return f"{where}: expected it to be stated, found nothing; add it"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"{where}: {language.which(value, error)}"
    if kind == "value_error":
        expected = str(error.get("ctx", {})["error"])
        found = f", found {kind_of(value)}" if not isinstance(value, dict) else ""
        return f"{where}: expected {expected}{found}; correct it"
    if kind in ("float_type", "int_type") and isinstance(value, str) and _is_number(value):
        return f"{where}: expected a number, found the text {value!r}; write it plainly, as 1200"
    return f"{where}: expected {_expected(error)}, found {kind_of(value)}; {_fix(error, value)}"


def _fix(error: ErrorDetails, value: Any) -> str:
    """Return what to do about a value: the word that was meant, where one is like it."""
    if error["type"] == "literal_error" and isinstance(value, str):
        words = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        near = difflib.get_close_matches(value.casefold(), words, 1, 0.6)
        if near:
            return f"did you mean {near[0]!r}?"
    return "correct it"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _followed(
    place: Sequence[str | int], content: Any, language: Language
) -> tuple[Place, Any, type[BaseModel]]:
    """Return the way through the file to a place of an error, what is there, and the model around.

    pydantic's places also name the members of unions that it tried: these are not in the file.
    """
    way: list[str | int] = []
    value: Any = content
    model = language.root
    members = language.members.get(str(place[0]), {}) if place else {}
    for index, step in enumerate(place):
        if index == 2 and step in members:
            model = members[str(step)]
        elif isinstance(value, dict) and (step in value or index == len(place) - 1):
            way, value = [*way, step], value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int):
            way, value = [*way, step], value[step] if step < len(value) else None
        inside = index < len(place) - 1
        if inside and step in language.inner and way and way[-1] == step:
            model = language.inner[str(step)]
    return tuple(way), value, model


def _named(way: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in way)
    return text.lstrip(".")


def _meant(word: str, model: type[BaseModel]) -> str:
    names = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(word, names, 1, 0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"expected one of {', '.join(sorted(names))}"


def _in_full(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def _expected(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    simple = {
        "float_type": "a number",
        "int_type": "a whole number",
        "string_type": "text",
        "bool_type": "true or false",
        "tuple_type": "a list",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "finite_number": "a finite number",
        "invalid_key": "text for a word",
    }
    if error["type"] in simple:
        return simple[error["type"]]
    if error["type"] == "too_short":
        return f"a list of at least {context['min_length']}"
    bounds = {"gt": "above", "ge": "not below", "lt": "below", "le": "not above"}
    for name, words in bounds.items():
        if name in context:
            return f"a number {words} {_in_full(context[name])}"
    if error["type"] == "literal_error":
        return str(context["expected"])
    return error["msg"].removeprefix("Input should be ").removeprefix("Input should have ")
