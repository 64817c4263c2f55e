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

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from scenegen.errors import RefineError
from scenegen.files import input_errors, write_atomic
from scenegen.refine.condition import MOST_ANGLE_DEG, MOST_OCTAVES, Rendered
from scenegen.types import Camera, Lens, Warps

if TYPE_CHECKING:
    from safetensors import safe_open

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


@dataclass(frozen=True)
class Part:
    """Some frames of a clip, and a window of them."""

    frames: slice
    rows: slice
    columns: slice

    def of(self, name: str) -> tuple[slice, ...]:
        """Return the part of the array of that name."""
        window = self.rows, self.columns
        if name in ("share", "cameras"):
            return (self.frames,)
        if name in ("warps", "seen", "angle", "octaves"):
            return self.frames, slice(None), *window
        return (slice(None),) if name == "lens" else (self.frames, *window)


def clip_shape(file: Path) -> tuple[int, int, int]:
    """Return frames, height and width of a clip; raises `RefineError` for a file without one."""
    with _opened(file) as arrays:
        frames, height, width = arrays.get_slice("depth").get_shape()
    return frames, height, width


def read_pair(file: Path, part: Part | None = None) -> Pair:
    """Read a clip or a part of it; raises `RefineError` for a file that holds none."""
    part = part or Part(slice(None), slice(None), slice(None))
    with _opened(file) as stored:
        arrays = {name: stored.get_slice(name)[part.of(name)] for name in ARRAYS}
    floats = {
        name: array.astype(np.float32) / 255 if array.dtype == np.uint8 else array
        for name, array in arrays.items()
    }
    floats["lens"] = floats["lens"] - [0, 0, part.columns.start or 0, part.rows.start or 0]
    frames = tuple(_frame(floats, at) for at in range(len(arrays["depth"])))
    return Pair(frames, floats["target"], floats["trusted"])


@contextmanager
def _opened(file: Path) -> Iterator[safe_open]:
    from safetensors import SafetensorError, safe_open

    try:
        with input_errors(file, RefineError), safe_open(file, framework="numpy") as arrays:
            lacking = ", ".join(sorted(set(ARRAYS) - set(arrays.keys())))
            if lacking:
                raise RefineError(
                    f"{file}: expected a clip to learn from, found one without {lacking}; "
                    "make it anew"
                )
            yield arrays
    except SafetensorError as cause:
        raise RefineError(f"{file}: expected a clip to learn from, found none: {cause}") from cause


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
