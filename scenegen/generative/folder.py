"""The folder of a diffusers pipeline, looked at before a library reads it.

Nothing in it is executed: folders that bring code, or weights that are pickles, are refused. What
is read of it is JSON, the tables of tokenizers, and safetensors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenegen.errors import GenerateError
from scenegen.files import fingerprint, input_errors, read_json

INDEX = "model_index.json"

_PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
_CODE = (".py", ".pyc", ".so", ".pyd")
_SAFE = ".safetensors"
_LFS = b"version https://git-lfs"
_VARIANTS = ("fp16", "bf16")
_COPY = "copy the whole folder of the model again"
_CONVERT = (
    "take a folder whose weights are .safetensors, or write one: "
    "save_pretrained(folder, safe_serialization=True)"
)


@dataclass(frozen=True)
class ModelFolder:
    """A folder that may be read: what `check_folder` found in it."""

    folder: Path
    pipeline: str
    """Name of the pipeline's class, which is still to be found in diffusers."""
    libraries: frozenset[str]
    """What its components come from: diffusers, transformers, or a pipeline of diffusers."""
    parameters: dict[str, int]
    """Number of parameters of each component that has weights."""
    variant: str | None
    """Part of the names of its weights, such as ``fp16``, where there are no plain ones."""
    fingerprint: str
    """Changes with the names, sizes and times of the files."""


def check_folder(folder: Path) -> ModelFolder:
    """Return what a folder holds, having made sure that reading it executes nothing.

    Raises:
        GenerateError: it is no pipeline of diffusers, is not whole, names or holds code, or has
            pickles for weights.
    """
    index = _index(folder)
    name = index["_class_name"]
    components = {part: made for part, made in index.items() if not part.startswith("_")}
    libraries: set[str] = set()
    parameters: dict[str, int] = {}
    variants: set[str | None] = set()
    facts: list[list[Any]] = [[str(folder.resolve())]]
    _no_code(_listed(folder))
    for part, made in components.items():
        library = _library(folder, part, made)
        if library is None:
            continue
        libraries.add(library)
        files = _component(folder, part)
        _no_code(files)
        weights, variant = _weights(folder / part, files)
        if weights:
            parameters[part] = sum(map(_parameters, weights))
            variants.add(variant)
        for file in files:
            facts.append([part, file.name, file.stat().st_size, file.stat().st_mtime_ns])
    if not parameters:
        raise GenerateError(f"{folder}: expected weights in it, found none; {_COPY}")
    named = sorted(variants - {None}, key=str)
    if len(named) > 1:
        raise GenerateError(
            f"{folder}: expected one kind of weights, found {' and '.join(map(str, named))}; "
            "keep the files of one of them"
        )
    variant = named[0] if named else None
    key = fingerprint(index, facts)
    return ModelFolder(folder, name, frozenset(libraries), parameters, variant, key)


def _index(folder: Path) -> dict[str, Any]:
    """Return the content of model_index.json, whose class is a plain name."""
    with input_errors(folder, GenerateError):
        exists, is_folder = folder.exists(), folder.is_dir()
    if not is_folder:
        found = "a file" if exists else "nothing there"
        raise GenerateError(
            f"{folder}: expected the folder of a diffusers pipeline, found {found}; models are "
            f"read from folders of this machine, with a {INDEX} in them, and never downloaded"
        )
    if not (folder / INDEX).is_file():
        raise GenerateError(
            f"{folder}: expected a diffusers pipeline, with {INDEX} in it, found none; name the "
            "folder that holds that file"
        )
    index = read_json(folder / INDEX, GenerateError)
    name = index.get("_class_name") if isinstance(index, dict) else None
    if isinstance(name, list):
        raise GenerateError(
            f"{folder / INDEX}: _class_name: expected a pipeline of diffusers, found one with code "
            f"of its own ({', '.join(map(str, name))}); such code is never run: take a model whose "
            "pipeline diffusers has"
        )
    if not isinstance(name, str):
        raise GenerateError(
            f"{folder / INDEX}: expected a mapping with _class_name, the name of a pipeline, found "
            f"none; {_COPY}"
        )
    return index


def _library(folder: Path, part: str, made: Any) -> str | None:
    """Return where a component's class comes from; None for one that is left out or a setting."""
    if not isinstance(made, list):
        return None
    if len(made) != 2 or not all(name is None or isinstance(name, str) for name in made):
        raise GenerateError(
            f"{folder / INDEX}: {part}: expected [library, class], found {str(made)[:60]}; {_COPY}"
        )
    return made[0]


def _component(folder: Path, part: str) -> list[Path]:
    below = folder / part
    if Path(part).name != part or not below.is_dir():
        raise GenerateError(
            f"{folder}: expected the folder {part!r}, which {INDEX} names, found none; {_COPY}"
        )
    return _listed(below)


def _listed(folder: Path) -> list[Path]:
    with input_errors(folder, GenerateError):
        return sorted(file for file in folder.iterdir() if file.is_file())


def _no_code(files: list[Path]) -> None:
    """Raise for code among the files, or named by a component's config."""
    for file in files:
        if file.suffix.lower() in _CODE:
            raise GenerateError(
                f"{file}: expected weights and settings, found code; such code is never run: "
                "remove the file, if diffusers has the model itself, or take another model"
            )
        if file.suffix.lower() == ".json" and file.stat().st_size < 1_000_000:
            content = read_json(file, GenerateError)
            if isinstance(content, dict) and "auto_map" in content:
                raise GenerateError(
                    f"{file}: expected settings, found that they name code (auto_map); such code "
                    "is never run: remove that entry, if diffusers has the model itself, or take "
                    "another model"
                )


def _weights(folder: Path, files: list[Path]) -> tuple[list[Path], str | None]:
    """Return the safetensors files of a component, of one variant, and which that is."""
    pickles = [file for file in files if file.suffix.lower() in _PICKLES]
    safe = [file for file in files if file.suffix.lower() == _SAFE]
    if pickles and not safe:
        raise GenerateError(
            f"{pickles[0]}: expected weights as .safetensors, found pickled ones, which can run "
            f"code when they are read; {_CONVERT}"
        )
    for variant in (None, *_VARIANTS):
        of_it = [file for file in safe if _variant(file) == variant]
        if of_it:
            return of_it, variant
    if safe:
        raise GenerateError(
            f"{folder}: expected weights named as diffusers names them, found {safe[0].name}; "
            f"{_COPY}"
        )
    return [], None


def _variant(file: Path) -> str | None:
    """Return what a file name has before its suffix: model.fp16.safetensors, model.safetensors."""
    middle = [part.split("-")[0] for part in file.name.split(".")[1:-1]]
    return middle[0] if middle else None


def _parameters(file: Path) -> int:
    """Return how many numbers a file of weights has."""
    from safetensors import SafetensorError, safe_open

    with file.open("rb") as stream:
        if stream.read(len(_LFS)) == _LFS:
            raise GenerateError(
                f"{file}: expected weights, found a pointer of Git LFS to them; fetch them: "
                "git lfs pull"
            )
    try:
        with safe_open(str(file), "np") as stored:
            return sum(math.prod(stored.get_slice(name).get_shape()) for name in stored.keys())  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as cause:
        raise GenerateError(
            f"{file}: expected weights as safetensors, found a file that is none or is cut short "
            f"({cause}); {_COPY}"
        ) from cause
