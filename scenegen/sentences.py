"""What a finished job tells its user, out of the figures of its report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenegen.report import Report


def photos_said(report: Report) -> str:
    """Return how many photos came into place."""
    figures = report.figures
    return f"{figures['photos_posed']} of {figures['photos_total']} photos posed."


def training_said(report: Report) -> str:
    """Return how long a scene trained, and how good it is where that was measured."""
    said = f"Trained for {report.figures['train_s']:.0f} s."
    return f"{said} {quality_said(report)}" if "heldout_psnr_db" in report.figures else said


def quality_said(report: Report) -> str:
    """Return how near a scene comes to the photos that did not train."""
    figures = report.figures
    return (
        f"{figures['heldout_psnr_db']:.2f} dB PSNR, {figures['heldout_ssim']:.3f} SSIM "
        f"(mean over {figures['heldout_views']} photos that did not train); "
        f"guided by photos {figures['heldout_guided_psnr_db']:.2f} dB, "
        f"{figures['heldout_guided_ssim']:.3f}{_refined_said(figures)}."
    )


def _refined_said(figures: Mapping[str, Any]) -> str:
    if "heldout_refined_psnr_db" not in figures:
        return ""
    quality = figures["heldout_refined_psnr_db"], figures["heldout_refined_ssim"]
    return "; refined {:.2f} dB, {:.3f}".format(*quality)


def clip_said(report: Report, output: Path) -> str:
    """Return what a clip is, and how long a frame took."""
    figures = report.figures
    size = f"{figures['width_px']}x{figures['height_px']}"
    said = f"Clip: {output} ({figures['frames']} frames of {size}, {figures['clip_s']:.1f} s)"
    if "render_s_per_frame" not in figures:
        return said
    return f"{said}, rendered in {figures['render_s_per_frame']:.2f} s a frame"
