"""Batches of training clips: cut out, mirrored, relit, and with photos taken away or put wrong.

All that is drawn is drawn from the step's number: a training that was stopped goes on with what it
would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from scenegen.refine.condition import Rendered, blinded, typical_depth
from scenegen.refine.fit import Batch
from scenegen.refine.grade import PHRASES, TEXT, Grade, graded
from scenegen.refine.network import Given
from scenegen.refine.noise import world_noise
from scenegen.refine.pairs import Pair, Part, clip_shape, read_pair
from scenegen.refine.sampler import given_of
from scenegen.refine.temporal import REACH, Reprojection


@dataclass(frozen=True)
class BatchConfig:
    """What a batch is made of."""

    clips: int = 8
    frames: int = 3
    crop: int = 128
    """Side of the square that is cut out, in pixels; a multiple of 16."""
    lone: float = 0.25
    """Share of clips of which some photos are taken away, down to none."""
    foreign: float = 0.25
    """And of those of which some photos, or all, show another scene: they must not be copied."""
    shifted: float = 0.3
    """And of those whose photos lie up to `MOST_SHIFT_PX` beside their places, as poses do."""
    clean: float = 0.12
    """And of those whose render is clean already: it must come back."""
    simulated: float = 0.14
    """And of those whose render is the clean frame, worn down as renders are."""
    worded: float = 0.12
    """And of those that are graded by a phrase, which steers the network."""
    photos: bool = True
    anchored: bool = True
    """Without photos, and with noise of each frame's own: to see what they are worth."""


MOST_SHIFT_PX = 0.5


class Batches:
    """Draws batches from the clips in files."""

    def __init__(
        self,
        files: Sequence[Path],
        config: BatchConfig,
        seed: int = 0,
        vectors: Float32[np.ndarray, "phrase text"] | None = None,
    ) -> None:
        """``vectors`` are the embeddings of `grade.PHRASES`; without them there are no words."""
        self.files, self.config, self.seed, self.vectors = list(files), config, seed, vectors

    def __call__(self, step: int) -> Batch:
        """Return the batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        chosen = rng.integers(len(self.files), size=self.config.clips + 1)
        files = [self.files[index] for index in chosen.tolist()]
        clips = [self._clip(*two, rng) for two in pairwise(files)]
        return _stacked(clips, self.config.anchored)

    def _clip(self, file: Path, foreign: Path, rng: np.random.Generator) -> _Clip:
        pair = read_pair(file, _some_part(file, self.config.frames, self.config.crop, rng))
        if rng.random() < 0.5:
            pair = _mirrored(pair)
        if rng.random() < 0.5:
            pair = Pair(pair.frames[::-1], pair.target[::-1].copy(), pair.trusted[::-1].copy())
        config, chance = self.config, rng.random()
        if chance < config.clean:
            pair = with_render(pair, pair.target)
        elif chance < config.clean + config.simulated:
            pair = with_render(pair, worn(completed(pair), rng))
        if rng.random() < config.shifted:
            pair = _with_shifted_photos(pair, rng)
        if rng.random() < config.foreign and foreign != file:
            pair = with_foreign_photos(pair, read_pair(foreign), rng)
        if not config.photos or rng.random() < config.lone:
            pair = _without_photos(pair, rng if config.photos else None)
        pair, text = _relit(pair, rng), np.zeros(TEXT, np.float32)
        if self.vectors is not None and rng.random() < config.worded:
            phrase = int(rng.integers(len(self.vectors)))
            pair = under(pair, list(PHRASES.values())[phrase])
            text = self.vectors[phrase]
        return _Clip(pair, text, int(rng.integers(2**31)))


@dataclass(frozen=True, eq=False)
class _Clip:
    pair: Pair
    text: Float32[np.ndarray, "text"]
    seed: int
    """Of its noise."""


def _some_part(file: Path, count: int, side: int, rng: np.random.Generator) -> Part:
    """Return frames that follow each other, the middle one of all among them, and a square."""
    total, height, width = clip_shape(file)
    count, middle = min(count, total), total // 2
    begin = int(rng.integers(max(0, middle - count + 1), min(middle, total - count) + 1))
    top, left = (int(rng.integers(0, max(1, full - side + 1))) for full in (height, width))
    return Part(
        slice(begin, begin + count),
        slice(top, min(height, top + side)),
        slice(left, min(width, left + side)),
    )


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


def _without_photos(pair: Pair, rng: np.random.Generator | None) -> Pair:
    """Return the clip with some photos seeing nothing, and without any in the render if all do.

    Without a generator, all do.
    """
    count = len(pair.frames[0].warps.photos)
    kept = np.zeros(count, bool) if rng is None else rng.random(count) < rng.random()
    frames = tuple(blinded(frame, kept) for frame in pair.frames)
    return Pair(frames, pair.target, pair.trusted)


def completed(pair: Pair) -> Float32[np.ndarray, "frame h w 3"]:
    """Return the clean frames, where they are not known those that were rendered."""
    shown = np.stack([frame.rgb for frame in pair.frames])
    return np.where(pair.trusted[..., None] > 0, pair.target, shown)


def with_render(pair: Pair, render: Float32[np.ndarray, "frame h w 3"]) -> Pair:
    """Return the clip with another render, of the field alone as well, where its target counts."""
    frames = []
    for frame, rgb, trust in zip(pair.frames, render, pair.trusted, strict=True):
        known = trust[..., None] > 0
        shown, alone = (np.where(known, rgb, old) for old in (frame.rgb, frame.field))
        frames.append(replace(frame, rgb=shown, field=alone))
    return Pair(tuple(frames), pair.target, pair.trusted)


def worn(
    clean: Float32[np.ndarray, "frame h w 3"], rng: np.random.Generator
) -> Float32[np.ndarray, "frame h w 3"]:
    """Return clean frames as bad renders show them, all frames alike.

    Blurred, mixed with their own pixels from nearby as rays that miss mix them, and with soft
    patches of a colour in front (after Zhou et al., "NeRFLiX", 2023).
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    blur = rng.gamma(2.0, 0.6, size=2)
    shown = np.array(gaussian_filter(clean, (0, *blur, 0), mode="nearest"), np.float32)
    height, width = clean.shape[1:3]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    if rng.random() < 0.5:
        stray = 1.5 * rng.random()
        off = gaussian_filter(rng.normal(0, 1, (2, height, width)), (0, 1.0, 1.0)) * 3 * stray
        at = [rows + off[0], columns + off[1]]
        for frame in shown:
            for channel in range(3):
                frame[..., channel] = map_coordinates(
                    frame[..., channel], at, order=1, mode="nearest"
                )
    if rng.random() < 0.4:
        y, x, size = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(6, 30)
        patch = 0.7 * np.exp(-(((rows - y) ** 2 + (columns - x) ** 2) / (2 * size**2)))
        color = rng.random(3).astype(np.float32)
        shown = shown + patch[None, ..., None] * (color - shown)
    return shown.astype(np.float32)


def _with_shifted_photos(pair: Pair, rng: np.random.Generator) -> Pair:
    """Return the clip with each photo's colours a little beside their places, in all frames."""
    from scipy.ndimage import shift

    count = len(pair.frames[0].warps.photos)
    offs = rng.uniform(-MOST_SHIFT_PX, MOST_SHIFT_PX, (count, 2))
    frames = []
    for frame in pair.frames:
        moved = [
            shift(rgb, (*off, 0), order=1, mode="nearest")
            for rgb, off in zip(frame.warps.rgb, offs, strict=True)
        ]
        frames.append(replace(frame, warps=replace(frame.warps, rgb=np.stack(moved))))
    return Pair(tuple(frames), pair.target, pair.trusted)


def with_foreign_photos(pair: Pair, other: Pair, rng: np.random.Generator) -> Pair:
    """Return the clip with some photos, or all, that claim to see all of it: another scene's.

    They show the same of it, and so agree with each other, or each something else.
    """
    height, width = pair.frames[0].size
    shown = other.target[len(other.frames) // 2]
    if shown.shape[0] < height or shown.shape[1] < width:
        return pair
    count = len(pair.frames[0].warps.photos)
    chosen = rng.permutation(count)[: rng.integers(1, count + 1)]
    alike, pictures = rng.random() < 0.5, {}
    for at in chosen.tolist():
        down, right = (0, 0) if alike else rng.integers(shown.shape[:2]).tolist()
        pictures[at] = np.roll(shown, (down, right), (0, 1))[:height, :width]
    frames = []
    for frame in pair.frames:
        rgb, seen = frame.warps.rgb.copy(), frame.warps.seen.copy()
        for at, picture in pictures.items():
            rgb[at], seen[at] = picture, 1.0
        frames.append(replace(frame, warps=replace(frame.warps, rgb=rgb, seen=seen)))
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


def under(pair: Pair, grade: Grade) -> Pair:
    """Return the clip under a grade: what is given, and what it should have been."""
    typical = typical_depth(pair.frames[len(pair.frames) // 2].depth)
    frames = tuple(graded(frame, grade, typical) for frame in pair.frames)
    target = [
        graded(replace(frame, rgb=clean), grade, typical).rgb
        for frame, clean in zip(pair.frames, pair.target, strict=True)
    ]
    return Pair(frames, np.stack(target), pair.trusted)


def _stacked(clips: list[_Clip], anchored: bool) -> Batch:
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
            seed = clip.seed if anchored else clip.seed + at
            drawn.append(_colors(world_noise(frame.camera, frame.depth, seed)))
        noise.append(torch.stack(drawn))
    text = torch.from_numpy(np.stack([clip.text for clip in clips]))
    return Batch(given, target, trusted, noise, text)


def _window(frames: tuple[Rendered, ...], at: int) -> Given:
    around = range(max(0, at - REACH), min(len(frames), at + REACH + 1))
    surfaces = {other - at: (frames[other].camera, frames[other].depth) for other in around}
    return given_of(frames[at], surfaces)


def _joined(ones: list[Reprojection]) -> Reprojection:
    return Reprojection(
        torch.cat([one.place for one in ones]), torch.cat([one.apart for one in ones])
    )


def _colors(colors: Float32[np.ndarray, "h w 3"]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(colors, -1, 0)))


def _plane(plane: Float32[np.ndarray, "h w"]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(plane))[None]
