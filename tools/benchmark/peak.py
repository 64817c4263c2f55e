"""Runs a command of scenegen and says how much memory it held at most.

python tools/benchmark/peak.py lift capture --output scene
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from scenegen.cli import main
from scenegen.report import peak_rss_mb


def peak_mb() -> float | None:
    """Return the peak of this process in MB (1e6).

    Linux's own count begins with the program; what `getrusage` tells begins with the process that
    started it, which may be far larger.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text().splitlines()
        return round(int(next(x for x in lines if x.startswith("VmHWM")).split()[1]) * 1.024e-3, 1)
    return peak_rss_mb()


if __name__ == "__main__":
    code = main(sys.argv[1:])
    print(json.dumps({"peak_mb": peak_mb()}))
    sys.exit(code)
