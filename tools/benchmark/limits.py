"""What this machine can do at best: multiply-adds, random loads and additions, reading in order.

Measured by loops that do nothing else, on one thread and on all of them over the same memory, as
training shares its tables.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from scenegen.kernels import _native, threads

Facts = dict[str, Any]

ARITHMETIC, GATHERS, SCATTERS, STREAM = range(4)
TABLE_KB = (256, 1024, 4096, 8192, 16384, 32768, 65536)
_CONSTANTS = np.array([0.5, 1.0], np.float32)


def machine_limits(seconds: float = 0.15, table_kb: Sequence[int] = TABLE_KB) -> Facts:
    """Measure all limits, each for about ``seconds``; rates are of all threads together."""
    return {str(count): _limits(count, seconds, table_kb) for count in sorted({1, threads()})}


def _limits(count: int, seconds: float, table_kb: Sequence[int]) -> Facts:
    arithmetic = rate(ARITHMETIC, _CONSTANTS, count, seconds)
    rows = []
    for kilobytes in table_kb:
        table = np.ones(kilobytes * 256, np.float32)
        rows.append(
            {
                "table_kb": kilobytes,
                "gathers_per_s": round(rate(GATHERS, table, count, seconds)),
                "scatters_per_s": round(rate(SCATTERS, table, count, seconds)),
                "stream_bytes_per_s": round(4 * rate(STREAM, table, count, seconds)),
            }
        )
    return {"flops_per_s": round(2 * arithmetic), "tables": rows}


def rate(what: int, table: np.ndarray, count: int, seconds: float) -> float:
    """Return operations a second of ``count`` threads together: the best of three tries."""
    work = max(1 << 16, table.size)
    while (spent := _time(what, table, count, work)) < seconds / 3:
        work = int(work * min(64.0, max(2.0, 0.5 * seconds / max(spent, 1e-9))))
    return count * work / min(spent, *(_time(what, table, count, work) for _ in range(2)))


def _time(what: int, table: np.ndarray, count: int, work: int) -> float:
    with ThreadPoolExecutor(count) as pool:
        begun = time.perf_counter()
        tasks = [pool.submit(_native.probe, what, table, work, 8 * n) for n in range(count)]
        for task in tasks:
            task.result()
        return time.perf_counter() - begun


def at_size(limits: Facts, kilobytes: float, figure: str) -> float:
    """Return a rate for a table of some size, by interpolation between those measured."""
    sizes = [row["table_kb"] for row in limits["tables"]]
    rates = [row[figure] for row in limits["tables"]]
    place = np.interp(np.log(kilobytes), np.log(sizes), np.log(rates))
    return float(np.exp(place))
