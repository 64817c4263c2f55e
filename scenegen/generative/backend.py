"""What scenegen asks of a generative model, whoever made it.

Nothing here knows a library: `scenegen.generative.diffusers_models` has the models of `diffusers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import UInt8

from scenegen.progress import Progress

Picture = UInt8[np.ndarray, "h w 3"]
Pictures = UInt8[np.ndarray, "frame h w 3"]


@dataclass(frozen=True)
class Shape:
    """Size of what a model makes at once."""

    width_px: int
    height_px: int
    frames: int = 1


@dataclass(frozen=True)
class Order:
    """What a model is to make."""

    words: str
    """What is to be seen."""
    shape: Shape
    """One that the model's own ``shape`` has named."""
    seed: int
    """The same order gives the same pixels, on one machine with one version of the packages."""
    steps: int = 0
    """Steps of denoising; 0 takes as many as the model does by itself."""
    fps: float = 24.0
    """Frames a second at which a video will be shown; not every model can be told."""


class TextToImage(Protocol):
    """Words in, a picture out."""

    def shape(self, aspect: float) -> Shape:
        """Return the size, of about this width over height, at which the model is at its best."""
        ...

    def unread(self, words: str) -> str:
        """Return what of the words the model does not read, for want of room; mostly nothing."""
        ...

    def picture(self, order: Order, progress: Progress) -> Picture:
        """Make a picture of the order's shape.

        Raises:
            GenerateError: the model failed, or made none.
        """
        ...


class ImageToImage(Protocol):
    """A picture in, the same picture out as the model would have it."""

    def fitted(self, width_px: int, height_px: int) -> Shape:
        """Return the size nearest to a picture's that the model takes."""
        ...

    def redrawn(self, picture: Picture, order: Order, strength: float) -> Picture:
        """Redraw a picture of the order's shape; ``strength`` in 0..1 says how freely.

        Raises:
            GenerateError: the model failed, or made none.
        """
        ...


class ImageToVideo(Protocol):
    """A first view in, a video out that goes on from it."""

    def shape(self, aspect: float) -> Shape:
        """Return the size and number of frames at which the model is at its best."""
        ...

    def unread(self, words: str) -> str:
        """Return what of the words the model does not read: all of them where it takes none."""
        ...

    def video(self, first: Picture, order: Order, progress: Progress) -> Pictures:
        """Make the frames of the order's shape; the first of them shows ``first``.

        Raises:
            GenerateError: the model failed, or made none.
        """
        ...
