"""The frames of a shot, refined as they come: every step hands its frames on to the next one.

All frames advance together, step by step, as a chain of generators: a frame is denoised for the
first time as soon as the frames that it attends to are there, and for the second time as soon as
these have been denoised once. So a film of any length is refined as a whole, without seams, while
only some frames around the present one are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from scenegen.refine.bridge import Bridge
from scenegen.refine.condition import (
    Rendered,
    as_reprojection,
    blinded,
    filled,
    frame_channels,
    padded,
    photo_channels,
    reprojection,
)
from scenegen.refine.network import COARSEST, Given, Refiner
from scenegen.refine.noise import world_noise
from scenegen.refine.temporal import windowed
from scenegen.types import Camera

Surface = tuple[Camera, Float32[np.ndarray, "h w"]]
"""What a frame shows, without its colours: its camera and depth."""


@dataclass(frozen=True, eq=False)
class Refined:
    """A refined frame and what it is made of.

    ``rgb`` is sRGB-encoded, in 0..1; ``shares`` add up to 1 over the render, the field alone and
    each photo of the frame's `Warps`; ``made_up`` is what was added to their sum.
    """

    rendered: Rendered
    rgb: Float32[np.ndarray, "h w 3"]
    shares: Float32[np.ndarray, "source h w"]
    made_up: Float32[np.ndarray, "h w 3"]


@dataclass(frozen=True, eq=False)
class _Place:
    """A frame on its way over the bridge."""

    rendered: Rendered
    given: Given
    noise: Tensor
    kappa: Tensor
    x: Tensor


def refine_shot(
    frames: Iterable[Rendered],
    network: Refiner,
    steps: int = 1,
    seed: int = 0,
    text: Float32[np.ndarray, "text"] | None = None,
) -> Iterator[Refined]:
    """Yield the refined frames of a shot, in their order; they are of one size, without cuts.

    The same frames, weights and seed give the same pixels.
    """
    bridge = network.bridge
    words = None if text is None else torch.from_numpy(text)[None]
    stream = _begun(frames, network, seed)
    times = bridge.times(steps)
    for pair in pairwise(times):
        stream = _stepped(stream, network, pair, words, bridge)
    return _finished(stream, network, times[-1], words)


def _begun(frames: Iterable[Rendered], network: Refiner, seed: int) -> Iterator[_Place]:
    """Yield the frames at the bridge's far end: the render, and noise."""
    bridge, anchored = network.bridge, network.sizes.anchored
    if not network.sizes.photos:
        frames = (blinded(frame, np.zeros(len(frame.warps.seen), bool)) for frame in frames)
    waiting: deque[Rendered] = deque()

    def surfaces() -> Iterator[Surface]:
        for frame in frames:
            waiting.append(frame)
            yield _fitted_surface(frame)

    for index, window in enumerate(windowed(surfaces())):
        rendered, (camera, depth) = waiting.popleft(), window[0]
        given = given_of(fitted(rendered), window)
        drawn = world_noise(camera, depth, seed if anchored else seed + index)
        noise = torch.from_numpy(np.moveaxis(drawn, -1, 0).copy())[None]
        kappa = bridge.kappa(given.opacity)
        x = bridge.at(given.render, given.render, noise, kappa, torch.ones(()))
        yield _Place(rendered, given, noise, kappa, x)


def given_of(frame: Rendered, around: dict[int, Surface]) -> Given:
    """Return what the network is given of a frame; ``around`` is by how many frames later.

    Sides fit the network's grids.
    """
    photos = photo_channels(filled(frame, 1))  # all the same to the network, but not none at all
    reach = {
        later: as_reprojection(reprojection(frame.camera, frame.depth, *surface))
        for later, surface in around.items()
        if later
    }
    channels = torch.from_numpy(frame_channels(frame))[None]
    return Given(channels, torch.from_numpy(photos)[None], reach)


def _stepped(
    stream: Iterator[_Place],
    network: Refiner,
    times: tuple[float, float],
    text: Tensor | None,
    bridge: Bridge,
) -> Iterator[_Place]:
    """Yield the frames one denoising step further; the noise stays that which they began with."""
    waiting: deque[_Place] = deque()
    eta = torch.tensor(bridge.eta(times[1]))
    for clean in network(_fed(stream, waiting), torch.tensor([times[0]]), text):
        place = waiting.popleft()
        x = bridge.at(clean.rgb, place.given.render, place.noise, place.kappa, eta)
        yield replace(place, x=x)


def _finished(
    stream: Iterator[_Place], network: Refiner, time: float, text: Tensor | None
) -> Iterator[Refined]:
    waiting: deque[_Place] = deque()
    made = network(_fed(stream, waiting), torch.tensor([time]), text)
    while True:
        with torch.no_grad():  # not around a yield: it would hold for whoever asks
            clean = next(made, None)
        if clean is None:
            return
        rendered = waiting.popleft().rendered
        height, width = rendered.size
        rgb, shares, made_up = (
            plane[0, :, :height, :width].numpy()
            for plane in (clean.rgb.clamp(0, 1), clean.shares, clean.made_up)
        )
        yield Refined(rendered, np.moveaxis(rgb, 0, -1).copy(), shares, np.moveaxis(made_up, 0, -1))


def _fed(stream: Iterator[_Place], waiting: deque[_Place]) -> Iterator[tuple[Given, Tensor]]:
    for place in stream:
        waiting.append(place)
        yield place.given, place.x


def fitted(frame: Rendered) -> Rendered:
    """Return a frame whose sides fit the network's grids; its last pixels go on."""
    camera, depth = _fitted_surface(frame)
    if depth.shape == frame.size:
        return frame
    warps = frame.warps
    warps = replace(
        warps,
        rgb=_grown(warps.rgb),
        seen=padded(warps.seen, COARSEST),
        angle_deg=padded(warps.angle_deg, COARSEST),
        resolution=padded(warps.resolution, COARSEST),
    )
    return Rendered(
        camera,
        _grown(frame.rgb),
        _grown(frame.field),
        depth,
        padded(frame.opacity, COARSEST),
        padded(frame.coverage, COARSEST),
        warps,
    )


def _fitted_surface(frame: Rendered) -> Surface:
    height, width = (side + -side % COARSEST for side in frame.size)
    lens = replace(frame.camera.lens, width_px=width, height_px=height)
    return replace(frame.camera, lens=lens), padded(frame.depth, COARSEST)


def _grown(colors: Float32[np.ndarray, "*n h w 3"]) -> Float32[np.ndarray, "*n h w 3"]:
    return np.moveaxis(padded(np.moveaxis(colors, -1, -3), COARSEST), -3, -1)
