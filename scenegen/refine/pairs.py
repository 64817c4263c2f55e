"""Clips to learn from, as files: what was rendered, and what should have been.

A file holds a few frames of one shot (safetensors, 8 bits a colour):

    rgb, field        uint8 [frame h w 3]           render with the photos' detail, and without
    target            uint8 [frame h w 3]           the clean frames
    trusted           uint8 [frame h w]             255 where the target counts
    depth             float32 [frame h w]           along the optical axis, 0: nothing was hit
    opacity, coverage uint8 [frame h w]
    warps             uint8 [frame photo h w 3]     photos warped into the frame
    seen, angle, octaves  uint8 [frame photo h w]   how each photo sees each pixel
    share             float32 [frame photo]
    cameras           float64 [frame 4 4]           world from camera
    lens              float64 [4]                   fl_x, fl_y, cx, cy in pixels
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.errors import RefineError
from scenegen.files import input_errors, write_atomic
from scenegen.refine.condition import MOST_ANGLE_DEG, MOST_OCTAVES, Rendered
from scenegen.types import Camera, Lens, Warps

ARRAYS = (
    "rgb", "field", "target", "trusted", "depth", "opacity", "coverage", "warps", "seen", "angle",
    "octaves", "share", "cameras", "lens",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pair:
    """Frames of a shot and what they should have been; where ``trusted`` is 0 that is not known."""

    frames: tuple[Rendered, ...]
    target: Float32[np.ndarray, "frame h w 3"]
    trusted: Float32[np.ndarray, "frame h w"]


def write_pair(pair: Pair, file: Path) -> None:
    """Write a clip; raises `OutputError`. All frames ask the same number of photos."""
    from safetensors.numpy import save

    frames = pair.frames
    warps = [frame.warps for frame in frames]
    octaves = np.stack([np.log2(np.maximum(one.resolution, 1e-6)) for one in warps])
    angle = np.stack([np.minimum(one.angle_deg, MOST_ANGLE_DEG) for one in warps])
    lens = frames[0].camera.lens
    arrays = {
        "rgb": _bytes(np.stack([frame.rgb for frame in frames])),
        "field": _bytes(np.stack([frame.field for frame in frames])),
        "target": _bytes(pair.target),
        "trusted": _bytes(pair.trusted),
        "depth": np.stack([frame.depth for frame in frames]),
        "opacity": _bytes(np.stack([frame.opacity for frame in frames])),
        "coverage": _bytes(np.stack([frame.coverage for frame in frames])),
        "warps": _bytes(np.stack([one.rgb for one in warps])),
        "seen": _bytes(np.stack([one.seen for one in warps])),
        "angle": _bytes(angle / MOST_ANGLE_DEG),
        "octaves": _bytes((np.clip(octaves / MOST_OCTAVES, -1, 1) + 1) / 2),
        "share": np.stack([one.share for one in warps]),
        "cameras": np.stack([frame.camera.world_from_camera for frame in frames]),
        "lens": np.array([lens.fl_x, lens.fl_y, lens.cx, lens.cy]),
    }
    write_atomic(file, save({name: np.ascontiguousarray(a) for name, a in arrays.items()}))


def read_pair(file: Path) -> Pair:
    """Read a clip; raises `RefineError` for a file that holds none."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        with input_errors(file, RefineError):
            arrays = load_file(file)
    except SafetensorError as cause:
        raise RefineError(f"{file}: expected a clip to learn from, found none: {cause}") from cause
    if not set(ARRAYS) <= set(arrays):
        lacking = ", ".join(sorted(set(ARRAYS) - set(arrays)))
        raise RefineError(
            f"{file}: expected a clip to learn from, found one without {lacking}; make it anew"
        )
    floats = {
        name: array.astype(np.float32) / 255 if array.dtype == np.uint8 else array
        for name, array in arrays.items()
    }
    frames = tuple(_frame(floats, at) for at in range(len(arrays["depth"])))
    return Pair(frames, floats["target"], floats["trusted"])


def _frame(arrays: dict[str, np.ndarray], at: int) -> Rendered:
    height, width = arrays["depth"].shape[1:]
    fl_x, fl_y, cx, cy = arrays["lens"].tolist()
    octaves = (2 * arrays["octaves"][at] - 1) * MOST_OCTAVES
    return Rendered(
        Camera(Lens(width, height, fl_x, fl_y, cx, cy), arrays["cameras"][at]),
        arrays["rgb"][at],
        arrays["field"][at],
        arrays["depth"][at],
        arrays["opacity"][at],
        arrays["coverage"][at],
        Warps(
            photos=tuple(range(arrays["share"].shape[1])),
            rgb=arrays["warps"][at],
            seen=arrays["seen"][at],
            angle_deg=arrays["angle"][at] * MOST_ANGLE_DEG,
            resolution=np.exp2(octaves).astype(np.float32),
            share=arrays["share"][at],
        ),
    )


def _bytes(values: np.ndarray) -> UInt8[np.ndarray, "*n"]:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
