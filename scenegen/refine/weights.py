"""The refiner's weights: a safetensors file that ships with the package.

Half precision on disk, single in use. The file's metadata say what it is, the sizes of the network
that it belongs to, and the bridge on which it was trained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.errors import RefineError
from scenegen.files import input_errors, write_atomic

if TYPE_CHECKING:
    from scenegen.refine.network import Refiner

SHIPPED = Path(__file__).parent / "weights" / "refiner.safetensors"
FORMAT = "scenegen refiner 1"


def lacking(file: Path | None = None) -> str | None:
    """Return what keeps frames from being refined here, with what to do about it, or None."""
    if find_spec("torch") is None:
        return "PyTorch is not installed; run: pip install 'scenegen[torch]'"
    if not (file or SHIPPED).is_file():
        todo = "correct --refine-weights" if file else "install scenegen again"
        return f"{file or SHIPPED}: expected the refiner's weights, found no file; {todo}"
    return None


def digest(file: Path) -> str:
    """Return 16 hex digits that change with the weights; raises `RefineError`."""
    with input_errors(file, RefineError):
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def load_refiner(file: Path | None = None) -> Refiner:
    """Return the network of a file of weights, by default the shipped ones, ready to refine.

    Raises:
        RefineError: PyTorch is not installed, or the file holds no weights of this network.
    """
    missing = lacking(file)
    if missing is not None:
        raise RefineError(f"refine: {missing}")
    file = file or SHIPPED
    from safetensors import SafetensorError, safe_open

    from scenegen.refine.bridge import Bridge
    from scenegen.refine.network import Refiner, Sizes

    try:
        with input_errors(file, RefineError), safe_open(file, "pt") as content:
            found = content.metadata() or {}
            weights = {name: content.get_tensor(name).float() for name in content.keys()}  # noqa: SIM118
    except SafetensorError as cause:
        raise RefineError(f"{file}: expected the refiner's weights, found none: {cause}") from cause
    if found.get("format") != FORMAT:
        raise RefineError(
            f"{file}: expected weights in the format {FORMAT!r}, found "
            f"{found.get('format', 'another file')!r}; train them anew, or install scenegen again"
        )
    try:
        sizes = Sizes(**{field.name: int(found[field.name]) for field in fields(Sizes)})
        bridge = Bridge(**{field.name: float(found[field.name]) for field in fields(Bridge)})
        network = Refiner(sizes, bridge)
        network.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError) as cause:
        raise RefineError(
            f"{file}: expected weights of this network, found others ({cause}); train them anew"
        ) from cause
    return network.requires_grad_(False).eval()


def save_refiner(network: Refiner, file: Path, facts: Mapping[str, str]) -> None:
    """Write a network's weights, with facts about how they came to be; raises `OutputError`."""
    from safetensors.torch import save

    weights = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    made = {
        name: str(value) for name, value in (asdict(network.sizes) | asdict(network.bridge)).items()
    }
    write_atomic(file, save(weights, {"format": FORMAT, **made, **facts}))
