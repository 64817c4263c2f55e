"""Reading and writing files so that nothing is lost and nothing half-written stays."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from scenegen.errors import OutputError, SceneGenError


def check_output(output: Path, overwrite: bool) -> None:
    """Raise `OutputError` unless ``output`` may be written: absent or to be overwritten."""
    parent = output.absolute().parent
    with output_errors(output):
        exists = output.exists()
        while not parent.exists():
            parent = parent.parent
    if exists and not overwrite:
        raise OutputError(
            f"{output}: exists already, expected a new name; "
            "pass --overwrite to replace it or choose another --output"
        )
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise OutputError(
            f"{output}: {parent} is not a folder that may be written to; "
            "choose another --output or change its permissions"
        )


@contextmanager
def output_errors(output: Path, below: Path | None = None) -> Iterator[None]:
    """Turn a full disk or missing permission while writing ``output`` into an `OutputError`.

    Where the block also reads other files, ``below`` is the folder in which it writes: permissions
    that are missing elsewhere say nothing about the output.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(
                f"{output}: the disk is full; free some space and run the command again"
            ) from error
        denied = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        if denied and (below is None or below in Path(str(error.filename)).parents):
            raise OutputError(
                f"{output}: may not be written ({error.strerror}); choose another --output"
            ) from error
        raise


@contextmanager
def input_errors(source: Path, error: type[SceneGenError]) -> Iterator[None]:
    """Turn what forbids or hinders looking at ``source``, or below it, into ``error``.

    A file that is absent, or of another kind than expected, is for the caller to tell.
    """
    try:
        yield
    except (FileNotFoundError, IsADirectoryError):
        raise
    except OSError as cause:
        raise error(
            f"{cause.filename or source}: cannot be read ({cause.strerror}); "
            "change its permissions or copy it elsewhere"
        ) from cause


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: either all of it is there afterwards or the old file is."""
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, atomically."""
    write_atomic(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def read_json(path: Path, error: type[SceneGenError]) -> Any:
    """Return the JSON value in ``path``; raise ``error`` with the place where it is broken."""
    try:
        with input_errors(path, error):
            return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as cause:
        raise error(f"{path}: no such file; check the path") from cause
    except IsADirectoryError as cause:
        raise error(f"{path}: expected a JSON file, found a folder; name a file") from cause
    except UnicodeDecodeError as cause:
        raise error(
            f"{path}: expected JSON as UTF-8 text, found binary data; export the file again"
        ) from cause
    except json.JSONDecodeError as cause:
        raise error(
            f"{path}: line {cause.lineno}, column {cause.colno}: not valid JSON ({cause.msg}); "
            "mend the file or export it again"
        ) from cause


def inside(folder: Path, relative: str, error: type[SceneGenError], source: Path) -> Path:
    """Return ``folder / relative``; raise ``error`` if that leaves ``folder``.

    Only the name is looked at: links inside ``folder`` were made by its owner and may lead to
    another disk. ``source`` is the file that names the path, for the message.
    """
    inner = Path(os.path.normpath(relative))
    if inner.is_absolute() or ".." in inner.parts:
        raise error(
            f"{source}: path {relative!r} leaves the folder {folder}; "
            "put the file inside that folder and name it relative to it"
        )
    return folder.resolve() / inner


@contextmanager
def staged_folder(output: Path, overwrite: bool = False) -> Iterator[Path]:
    """Yield a new folder that takes the place of ``output`` when the block ends without an error.

    On an error, and on Ctrl-C, the folder is removed and ``output`` stays as it was.
    """
    with output_errors(output):
        _clear_stale(output)
        check_output(output, overwrite)
        output.absolute().parent.mkdir(parents=True, exist_ok=True)
        staging = _sibling(output, "new")
    try:
        with output_errors(output, below=staging):
            yield staging
        with output_errors(output):
            replace_folder(staging, output)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def replace_folder(source: Path, output: Path) -> None:
    """Move the folder ``source`` to ``output``, whose former content goes only once it is there."""
    if output.exists():
        old = _sibling(output, "old")
        os.replace(output, old / output.name)
        os.replace(source, output)
        shutil.rmtree(old)
    else:
        os.replace(source, output)


def _sibling(output: Path, kind: Literal["new", "old"]) -> Path:
    """Make a hidden folder beside ``output`` that tells which process works in it."""
    prefix = f".{output.name}.{os.getpid()}.{kind}."
    folder = Path(tempfile.mkdtemp(dir=output.absolute().parent, prefix=prefix))
    os.chmod(folder, 0o755)  # noqa: S103 - mkdtemp's 0o700 would hide the output from others
    return folder


def _clear_stale(output: Path) -> None:
    """Remove what killed processes left of ``output``; put back what one had moved away.

    Our own process has just begun: what carries its number is of a dead one that had it before.
    """
    parent = output.absolute().parent
    name = re.compile(rf"\.{re.escape(output.name)}\.(\d+)\.(new|old)\..+")
    for folder in list(parent.iterdir()) if parent.is_dir() else []:
        match = name.fullmatch(folder.name)
        if match and (int(match[1]) == os.getpid() or not _is_running(int(match[1]))):
            if match[2] == "old" and (folder / output.name).exists() and not output.exists():
                os.replace(folder / output.name, output)
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name != "posix":
        return True  # cannot be asked there: better to leave something behind
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def fingerprint(*parts: Any) -> str:
    """Return 16 hex digits that change whenever one of the JSON-able or bytes ``parts`` does."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()[:16]
