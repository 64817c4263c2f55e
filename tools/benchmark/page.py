"""The tables of docs/benchmarks.md, each between marks; what stands around them stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.lens import lens_table
from benchmark.reach import PARTS, reach_table
from benchmark.results import Results
from scenegen import files
from scenegen.errors import UsageError

Facts = dict[str, Any]

SCENE = "scene "
"""What the names of the parts that measure one scene each begin with."""


def write_page(page: Path, results: Results) -> None:
    """Replace the measured tables of ``page``; raise `UsageError` where it has no place for one."""
    text = page.read_text() if page.is_file() else ""
    for name, table in tables(results).items():
        text = replaced(text, name, table, page)
    files.write_atomic(page, text.encode())


def tables(results: Results) -> dict[str, str]:
    """Return the tables of all parts that were measured, by name, in the order of the page.

    What was reached is told as a whole or not: one part measured anew must not empty the rest.
    """
    scenes = [part for part in results.parts if part.startswith(SCENE)]
    found = {
        "reach": (reach_table(results), list(PARTS)),
        "training": (training_table(results), ["training", "twin", "nerfacto"]),
        "twin": (twin_table(results["twin"]), ["twin"]),
        "studio": (studio_table(results), ["studio"]),
        "scenes": (scenes_table(results, scenes), scenes),
        "lens": (lens_table(results["lens"]), ["lens"]),
        "limits": (limits_table(results["roofline"]), ["roofline"]),
        "stages": (stages_table(results["roofline"]), ["roofline"]),
    }
    return {
        name: f"{table}\n\n{results.about(parts)}"
        for name, (table, parts) in found.items()
        if any(part in results.parts for part in parts) and table
        if name != "reach" or all(part in results.parts for part in parts)
    }


def replaced(text: str, name: str, table: str, page: Path) -> str:
    """Return ``text`` with ``table`` between the marks of ``name``."""
    begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
    before, mark, rest = text.partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise UsageError(f"{page}: expected the lines {begin} and {end} around a table; add them")
    return f"{before}{begin}\n{table}\n{end}{after}"


def training_table(results: Results) -> str:
    """Return the quality after each budget, of the kernels, their twin and nerfacto."""
    rows = results["training"].get("budgets", [])
    twins = {row["budget_s"]: row for row in results["twin"].get("trainings", [])}
    others = {row["budget_s"]: row for row in results["nerfacto"].get("budgets", [])}
    lines = [
        "| budget | runs | field alone | guided by photos | SSIM | steps | twin | nerfacto |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        budget_s = row["budget_s"]
        cells = [
            f"{budget_s:g} s",
            str(len(row["runs"])),
            spread_text(row, "heldout_psnr_db"),
            spread_text(row, "heldout_guided_psnr_db"),
            number(row.get("heldout_ssim"), 3),
            number(row.get("train_steps"), 0),
            psnr_text(twins.get(budget_s, {})),
            psnr_text(others.get(budget_s, {})),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if "nerfacto" in results.parts and not others:
        reason = results.parts["nerfacto"].get("error", "")
        lines += ["", f"nerfacto was not measured: {reason}"]
    return "\n".join(lines) if rows else ""


def psnr_text(row: Facts) -> str:
    """Return the PSNR of a training, or why there is none."""
    return f"{row['heldout_psnr_db']:.2f} dB" if "heldout_psnr_db" in row else row.get("note", "")


def spread_text(row: Facts, name: str) -> str:
    """Return the median of a figure in decibels, with its range where there were several runs."""
    runs = [run[name] for run in row["runs"] if run.get(name) is not None]
    if not runs:
        return ""
    text = f"{row[name]:.2f} dB"
    return text + (f" ({min(runs):.2f} to {max(runs):.2f})" if len(runs) > 1 else "")


def number(value: Any, digits: int, unit: str = "") -> str:
    """Return a number as text, nothing where there is none."""
    return "" if value is None else f"{value:.{digits}f}{unit}"


def twin_table(found: Facts) -> str:
    """Return the speed of the kernels and of their twin at the same steps."""
    if not found:
        return ""
    native, twin = found["native"], found["torch"]
    rows = [
        ("training, native", f"{native['samples_per_s'] / 1e6:.3f} M samples/s"),
        ("training, PyTorch twin", f"{twin['samples_per_s'] / 1e6:.3f} M samples/s"),
        ("rays, native", f"{native['rays_per_s']:.0f} a second"),
        ("rays, PyTorch twin", f"{twin['rays_per_s']:.0f} a second"),
        ("ratio", "{ratio} (turns from {ratio_range[0]} to {ratio_range[1]})".format(**found)),
        ("ratio of CPU time", f"{found['ratio_of_cpu_time']}"),
        ("ratio, the twin's marching not counted", f"{found['ratio_without_torch_gathering']}"),
        ("threads of the twin, the faster of 1 and all", f"{found['torch_threads']}"),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def studio_table(results: Results) -> str:
    """Return how quick the studio is in a browser, or why that was not measured."""
    found = results["studio"]
    if not found:
        reason = results.parts.get("studio", {}).get("error", "")
        return reason and f"The studio was not measured: {reason}"
    lines = [
        "| in front of the picture | moving | width | from a move to its picture "
        "| from stopping to sharp | cores: studio, browser | playing | clock: drift, lag |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in (("nothing", found["bare"]), ("photos and a film", found["film"])):
        play = row.get("play", {})
        clock = "{drift_s:.2f} s, {lag_s:.2f} s".format(**play) if play else ""
        cells = [
            name,
            number(row["frames_per_s"], 1, " a second"),
            number(row["width_px"], 0, " px"),
            number(row["latency_s"], 2, " s"),
            number(row["sharp_s"], 2, " s"),
            f"{row['cores_of_server']:.2f}, {row['cores_of_browser']:.2f}",
            number(play.get("frames_per_s"), 1, " a second"),
            clock,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


_SCENE_COLUMNS = (
    ("field alone", "heldout_psnr_db", 2, " dB"),
    ("matched", "heldout_matched_psnr_db", 2, " dB"),
    ("guided", "heldout_guided_psnr_db", 2, " dB"),
    ("SSIM", "heldout_ssim", 3, ""),
    ("guided SSIM", "heldout_guided_ssim", 3, ""),
    ("floaters", "heldout_floaters_percent", 2, " %"),
    ("pinholes a Mpx", "heldout_pinholes_per_mpx", 0, ""),
    ("depth error", "depth_error_m", 3, " m"),
    ("of depth", "depth_error_percent", 2, " %"),
)


def scenes_table(results: Results, parts: list[str]) -> str:
    """Return the quality of every scene, with the columns that at least one of them fills."""
    figures = {part.removeprefix(SCENE): results[part] for part in parts}
    columns = [c for c in _SCENE_COLUMNS if any(c[1] in found for found in figures.values())]
    head = ["scene", "photos posed", "trained at", "budget", *(c[0] for c in columns)]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, found in figures.items():
        if not found:
            reason = results.parts[SCENE + name].get("error", "").split(";")[0]
            lines.append(f"| {name} | {reason} |" + " |" * (len(head) - 2))
            continue
        cells = [
            name,
            f"{found['photos_posed']} of {found['photos_total']}",
            "x".join(str(side) for side in found["size_px"]),
            f"{found['budget_s']:g} s",
            *(number(found.get(key), digits, unit) for _, key, digits, unit in columns),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def limits_table(found: Facts) -> str:
    """Return what the machine can do at best, on one thread and on all."""
    if not found:
        return ""
    lines = []
    counts = list(found["limits"])
    names = [f"{count} thread{'s' * (count != '1')}" for count in counts]
    flops = [f"{found['limits'][count]['flops_per_s'] / 1e9:.0f} GFLOP/s" for count in counts]
    said = ", ".join(f"{flop} on {name}" for flop, name in zip(flops, names, strict=True))
    lines += [f"Multiply-adds: {said}.", ""]
    head = [f"{what}, {name}" for name in names for what in ("loads", "additions", "reading")]
    lines += [f"| table | {' | '.join(head)} |", "|" + "---|" * (len(head) + 1)]
    for rows in zip(*(found["limits"][count]["tables"] for count in counts), strict=True):
        cells = [f"{rows[0]['table_kb'] / 1024:g} MB"]
        for row in rows:
            cells += [f"{row[name] / 1e6:.0f} M/s" for name in ("gathers_per_s", "scatters_per_s")]
            cells.append(f"{row['stream_bytes_per_s'] / 1e9:.0f} GB/s")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def stages_table(found: Facts) -> str:
    """Return every stage's share of the time, its work, and how near it is to its limit."""
    if not found:
        return ""
    lines = [
        "| stage | share | ns a sample | FLOP | loads | additions | bytes | bound by | of limit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for part in ("training", "rendering"):
        lines.append(f"| **{part}** |" + " |" * 8)
        for row in found[part]:
            work = row["work"]
            near = row["of_limit"] if row["bound"] else None
            cells = [
                row["stage"],
                f"{100 * row['share']:.0f} %",
                f"{1e9 * row['seconds']:.1f}",
                *(number(work[name] or None, 0) for name in ("flops", "gathers", "scatters")),
                number(row["bytes"] or None, 0),
                row["bound"],
                "" if near is None else f"{100 * near:.0f} %",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
