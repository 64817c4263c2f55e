"""Batches of training clips: cut out, mirrored, relit, and with photos taken away.

All that is drawn is drawn from the step's number: a training that was stopped goes on with what it
would have seen.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from scenegen.refine.condition import Rendered
from scenegen.refine.fit import Batch
from scenegen.refine.network import Given
from scenegen.refine.noise import world_noise
from scenegen.refine.pairs import Pair, read_pair
from scenegen.refine.sampler import given_of
from scenegen.refine.temporal import REACH, Reprojection

_KEPT = 48
"""Clips that are kept in memory."""


@dataclass(frozen=True)
class BatchConfig:
    """What a batch is made of."""

    clips: int = 8
    frames: int = 3
    crop: int = 128
    """Side of the square that is cut out, in pixels; a multiple of 16."""
    lone: float = 0.25
    """Share of clips of which some photos are taken away, down to none."""


class Batches:
    """Draws batches from the clips in files."""

    def __init__(self, files: Sequence[Path], config: BatchConfig, seed: int = 0) -> None:
        self.files, self.config, self.seed = list(files), config, seed
        self._kept: OrderedDict[Path, Pair] = OrderedDict()

    def __call__(self, step: int) -> Batch:
        """Return the batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        # Sixteen steps draw from the same few files: reading them takes longer than cutting.
        pool = np.random.default_rng([self.seed, step // 16, 1]).permutation(len(self.files))
        chosen = rng.choice(pool[:_KEPT], self.config.clips)
        clips = [self._clip(self.files[index], rng) for index in chosen.tolist()]
        return _stacked(clips)

    def _clip(self, file: Path, rng: np.random.Generator) -> _Clip:
        if file not in self._kept:
            self._kept[file] = read_pair(file)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(file)
        pair = _some_frames(self._kept[file], self.config.frames, rng)
        pair = _cut_out(pair, self.config.crop, rng)
        if rng.random() < 0.5:
            pair = _mirrored(pair)
        if rng.random() < 0.5:
            pair = Pair(pair.frames[::-1], pair.target[::-1].copy(), pair.trusted[::-1].copy())
        if rng.random() < self.config.lone:
            pair = _without_photos(pair, rng)
        return _Clip(_relit(pair, rng), int(rng.integers(2**31)))


@dataclass(frozen=True, eq=False)
class _Clip:
    pair: Pair
    seed: int
    """Of its noise."""


def _some_frames(pair: Pair, count: int, rng: np.random.Generator) -> Pair:
    """Return frames that follow each other, the middle one of all among them."""
    total = len(pair.frames)
    count = min(count, total)
    middle = total // 2
    begin = int(rng.integers(max(0, middle - count + 1), min(middle, total - count) + 1))
    some = slice(begin, begin + count)
    return Pair(pair.frames[some], pair.target[some], pair.trusted[some])


def _cut_out(pair: Pair, side: int, rng: np.random.Generator) -> Pair:
    """Return the same square of all frames."""
    height, width = pair.frames[0].size
    top, left = (int(rng.integers(0, max(1, full - side + 1))) for full in (height, width))
    rows, columns = slice(top, top + side), slice(left, left + side)
    window = (..., rows, columns)
    frames = []
    for frame in pair.frames:
        lens = frame.camera.lens
        small = replace(
            lens,
            width_px=min(side, width),
            height_px=min(side, height),
            cx=lens.cx - left,
            cy=lens.cy - top,
        )
        warps = replace(
            frame.warps,
            rgb=frame.warps.rgb[:, rows, columns],
            seen=frame.warps.seen[window],
            angle_deg=frame.warps.angle_deg[window],
            resolution=frame.warps.resolution[window],
        )
        frames.append(
            Rendered(
                replace(frame.camera, lens=small),
                frame.rgb[rows, columns],
                frame.field[rows, columns],
                frame.depth[window],
                frame.opacity[window],
                frame.coverage[window],
                warps,
            )
        )
    return Pair(tuple(frames), pair.target[:, rows, columns], pair.trusted[window])


def _mirrored(pair: Pair) -> Pair:
    """Return the clip of the mirrored world: left is right, and cameras move and turn likewise."""
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    frames = []
    for frame in pair.frames:
        lens, warps = frame.camera.lens, frame.warps
        camera = replace(
            frame.camera,
            lens=replace(lens, cx=lens.width_px - lens.cx),
            world_from_camera=flip @ frame.camera.world_from_camera @ flip,
        )
        warps = replace(
            warps,
            rgb=warps.rgb[:, :, ::-1],
            seen=warps.seen[..., ::-1],
            angle_deg=warps.angle_deg[..., ::-1],
            resolution=warps.resolution[..., ::-1],
        )
        frames.append(
            Rendered(
                camera,
                frame.rgb[:, ::-1],
                frame.field[:, ::-1],
                frame.depth[:, ::-1],
                frame.opacity[:, ::-1],
                frame.coverage[:, ::-1],
                warps,
            )
        )
    return Pair(tuple(frames), pair.target[:, :, ::-1], pair.trusted[:, :, ::-1])


def _without_photos(pair: Pair, rng: np.random.Generator) -> Pair:
    """Return the clip with some photos seeing nothing, and without any in the render if all do."""
    count = len(pair.frames[0].warps.photos)
    kept = rng.random(count) < rng.random()
    frames = []
    for frame in pair.frames:
        seen = frame.warps.seen * kept[:, None, None]
        rgb = frame.rgb if kept.any() else frame.field
        coverage = frame.coverage if kept.any() else 0 * frame.coverage
        warps = replace(frame.warps, seen=seen.astype(np.float32))
        frames.append(replace(frame, rgb=rgb, coverage=coverage, warps=warps))
    return Pair(tuple(frames), pair.target, pair.trusted)


def _relit(pair: Pair, rng: np.random.Generator) -> Pair:
    """Return the clip in another exposure and white balance, the same for all that it holds."""
    gain = np.exp(rng.normal(0, 0.12) + rng.normal(0, 0.05, 3)).astype(np.float32)

    def lit(colors: Float32[np.ndarray, "*n h w 3"]) -> Float32[np.ndarray, "*n h w 3"]:
        return np.clip(colors * gain, 0, 1)

    frames = tuple(
        replace(
            frame,
            rgb=lit(frame.rgb),
            field=lit(frame.field),
            warps=replace(frame.warps, rgb=lit(frame.warps.rgb)),
        )
        for frame in pair.frames
    )
    return Pair(frames, lit(pair.target), pair.trusted)


def _stacked(clips: list[_Clip]) -> Batch:
    """Return clips of the same length and size as a batch of each of their frames."""
    count = len(clips[0].pair.frames)
    given, target, trusted, noise = [], [], [], []
    for at in range(count):
        ones = [_window(clip.pair.frames, at) for clip in clips]
        given.append(
            Given(
                torch.cat([one.frame for one in ones]),
                torch.cat([one.photos for one in ones]),
                {later: _joined([one.reach[later] for one in ones]) for later in ones[0].reach},
            )
        )
        trust = torch.stack([_plane(clip.pair.trusted[at]) for clip in clips])
        clean = torch.stack([_colors(clip.pair.target[at]) for clip in clips])
        # What is not known is taken to be as rendered: it has no part in the loss.
        target.append(torch.where(trust > 0, clean, given[-1].render))
        trusted.append(trust)
        drawn = []
        for clip in clips:
            frame = clip.pair.frames[at]
            drawn.append(_colors(world_noise(frame.camera, frame.depth, clip.seed)))
        noise.append(torch.stack(drawn))
    return Batch(given, target, trusted, noise)


def _window(frames: tuple[Rendered, ...], at: int) -> Given:
    around = range(max(0, at - REACH), min(len(frames), at + REACH + 1))
    return given_of({other - at: frames[other] for other in around})


def _joined(ones: list[Reprojection]) -> Reprojection:
    return Reprojection(
        torch.cat([one.place for one in ones]), torch.cat([one.apart for one in ones])
    )


def _colors(colors: Float32[np.ndarray, "h w 3"]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(colors, -1, 0)))


def _plane(plane: Float32[np.ndarray, "h w"]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(plane))[None]
