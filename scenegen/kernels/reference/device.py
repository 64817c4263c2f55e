"""Where the twin runs."""

from __future__ import annotations

import os

import torch

from scenegen.errors import LiftError


def choose_device(name: str | None = None) -> torch.device:
    """Return the device ``name``, or `SCENEGEN_DEVICE`, or CUDA where it is there, or the CPU.

    Raises `LiftError` for a name that PyTorch does not know or cannot use on this machine.
    """
    wanted = name or os.environ.get("SCENEGEN_DEVICE", "")
    if not wanted:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as cause:
        reason = str(cause).splitlines()[0]
        raise LiftError(
            f"SCENEGEN_DEVICE={wanted}: expected a device that PyTorch can use here, such as cpu "
            f"or cuda, found: {reason}; unset it to let scenegen choose"
        ) from cause
    return device
