"""What this machine has for scenegen: cores, instruction set, CUDA, extras, encoders, space."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXTRAS = {
    "heic": "photos in HEIC",
    "learned": "posing photos on which SIFT fails",
    "torch": "the kernels' reference twin, which runs everywhere",
    "cuda": "the torch backend on a GPU",
    "mesh": "open3d, for meshes; no stage uses it yet",
    "dcc": "camera paths in USD",
    "nerfstudio": "nerfstudio beside scenegen; no stage uses it yet",
    "studio": "the studio in the browser",
    "worlds": "worlds from a sentence",
    "diffusers": "large models of your own: text to image, image to video",
    "courtyard": "rendering the example scene anew",
    "dev": "developing scenegen",
}
"""The extras of pyproject.toml, and what each is for."""

ENCODERS = {
    "libx264": "H.264",
    "libx265": "HEVC",
    "libsvtav1": "AV1",
    "libvpx-vp9": "VP9",
    "prores_ks": "ProRes",
    "gif": "GIF",
}
"""FFmpeg's names of the encoders that matter to users, with the names they go by."""


@dataclass(frozen=True)
class Health:
    """What was found; ``broken`` says in whole sentences what keeps scenegen from working."""

    facts: dict[str, Any]
    broken: tuple[str, ...]

    def table(self) -> str:
        """Return the facts as lines for people."""
        rows = [(name.replace("_", " "), _said(value)) for name, value in self.facts.items()]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def examine(folder: Path) -> Health:
    """Look at this machine; the free disk space is that of ``folder``."""
    broken: list[str] = []
    facts: dict[str, Any] = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": usable_cores(),
        "memory_gb": memory_gb(),
        "free_disk_gb": round(shutil.disk_usage(folder).free / 1e9, 1),
    }
    try:
        from scenegen.kernels import instruction_set

        facts["instruction_set"] = instruction_set()
    except ImportError as error:
        facts["instruction_set"] = None
        broken.append(f"The C++ kernels cannot be loaded ({error}); run `make setup` again.")
    facts["cuda"] = cuda_devices()
    facts["encoders"] = encoders()
    if not facts["encoders"]["H.264"]:
        broken.append(
            "PyAV has no H.264 encoder; install its wheel: pip install --force-reinstall av"
        )
    facts["extras"] = {name: has_extra(name) for name in EXTRAS}
    return Health(facts, tuple(broken))


def usable_cores() -> int:
    """Return how many cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_gb() -> float | None:
    """Return the machine's memory in GB (1e9 bytes), None where the system does not tell."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None


def cuda_devices() -> list[str]:
    """Return the names of the CUDA devices that NVIDIA's driver lists, without loading torch."""
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        count = ctypes.c_int()
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return []
        name = ctypes.create_string_buffer(256)
        names = []
        for device in range(count.value):
            driver.cuDeviceGetName(name, len(name), device)
            names.append(name.value.decode())
        return names
    return []


def encoders() -> dict[str, bool]:
    """Return which of `ENCODERS` PyAV brings along."""
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    found = {}
    for codec, name in ENCODERS.items():
        try:
            Codec(codec, "w")
            found[name] = True
        except UnknownCodecError:
            found[name] = False
    return found


def has_extra(extra: str) -> bool:
    """Return whether every package that the extra of scenegen names is installed."""
    for requirement in importlib.metadata.requires("scenegen") or []:
        package = re.match(r"[\w.-]+", requirement)
        if package and re.search(rf"extra == ['\"]{extra}['\"]", requirement):
            try:
                importlib.metadata.version(package[0])
            except importlib.metadata.PackageNotFoundError:
                return False
    return True


def _said(value: Any) -> str:
    if value is None or value == []:
        return "none"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        names = [name for name, present in value.items() if present]
        return ", ".join(names) or "none"
    return str(value)


def missing_extras(facts: dict[str, Any]) -> list[str]:
    """Return a line for each extra that is not installed: what it is for, how to get it."""
    return [
        f"{EXTRAS[name]}: pip install 'scenegen[{name}]'"
        for name, present in facts["extras"].items()
        if not present
    ]
