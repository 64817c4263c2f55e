"""Checkpoints of training: one file, replaced atomically, so that any kill is survived."""

from __future__ import annotations

import json
from pathlib import Path

from scenegen import files
from scenegen.lift.state import TrainingState

FILE = "checkpoint.safetensors"


def save_checkpoint(folder: Path, key: str, state: TrainingState) -> None:
    """Write ``state`` into ``folder``; ``key`` says of which photos and settings it is.

    Raises `OutputError` where the disk is full or may not be written to.
    """
    from safetensors.numpy import save

    facts = {"key": key, "numbers": json.dumps(state.numbers())}
    files.write_atomic(folder / FILE, save(state.arrays(), metadata=facts))


def load_checkpoint(folder: Path, key: str) -> TrainingState | None:
    """Return the state in ``folder``, or None where there is no whole one of this ``key``."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / FILE, framework="numpy") as stream:
            facts = stream.metadata() or {}
            if facts.get("key") != key:
                return None
            # Copies: training changes the arrays in place, and the file is a read-only mapping.
            arrays = {name: stream.get_tensor(name).copy() for name in stream.keys()}  # noqa: SIM118
    except (FileNotFoundError, SafetensorError):
        return None
    return TrainingState(**arrays, **json.loads(facts["numbers"]))


def discard_checkpoint(folder: Path) -> None:
    """Remove the checkpoint in ``folder``, and the folder if nothing else is in it."""
    for file in [folder / FILE, *folder.glob(f".{FILE}.*")]:
        file.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
