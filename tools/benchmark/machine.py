"""What figures depend on besides the code: processor, threads, versions, what else was running."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scenegen.kernels import instruction_set, threads

Facts = dict[str, Any]


def machine() -> Facts:
    """Return what figures depend on, for the JSON file."""
    return {
        "cpu": _cpu(),
        "threads": threads(),
        "instruction_set": instruction_set(),
        "python": platform.python_version(),
        **{name: _version(name) for name in ("numpy", "torch", "nerfstudio")},
    }


def commit() -> str:
    """Return the commit that is measured, with ``-dirty`` where files differ from it."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def load() -> float:
    """Return how many processes wanted a core over the last minute, on average."""
    return round(os.getloadavg()[0], 2)


def today() -> str:
    """Return the date in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
