"""The models of `diffusers` as scenegen asks for them.

Which arguments a pipeline takes differs from one to the other: each gets those of ours that its
call has.
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np

from scenegen.errors import GenerateError
from scenegen.generative.backend import Order, Picture, Pictures, Shape
from scenegen.generative.folder import ModelFolder
from scenegen.generative.loading import (
    IMAGE_TO_IMAGE,
    IMAGE_TO_VIDEO,
    TEXT_TO_IMAGE,
    Opened,
    Role,
    closed,
    failures,
    open_pipeline,
    quiet,
)
from scenegen.generative.shapes import multiple, shape_of
from scenegen.progress import Progress, silent

_DECODED = 8  # frames that a video's decoder holds at once, where it can be told
_FAILED = "the pipeline failed; update it (pip install --upgrade diffusers) or take another model"


class _Model:
    """A pipeline for as long as a ``with`` block lasts."""

    role: Role

    def __init__(self, found: ModelFolder) -> None:
        self._opened: Opened = open_pipeline(found, self.role)

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        closed(self._opened)

    def shape(self, aspect: float) -> Shape:
        """Return the size at which the model is at its best."""
        return shape_of(self._opened, aspect)

    def unread(self, words: str) -> str:
        """Return what of the words no tokenizer of the model has room for."""
        if "prompt" not in self._opened.takes:
            return words
        pipeline = self._opened.pipeline
        left = [
            _beyond(tokenizer, words, self._opened.takes.get("max_sequence_length"))
            for name in ("tokenizer", "tokenizer_2", "tokenizer_3")
            if (tokenizer := getattr(pipeline, name, None)) is not None
        ]
        return min(left, key=len, default="")

    def _made(self, order: Order, progress: Progress, label: str, **more: Any) -> Any:
        """Call the pipeline with those of the arguments that it takes; return its output."""
        import torch

        takes = self._opened.takes
        steps = order.steps or takes.get("num_inference_steps") or 50

        def stepped(pipeline: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
            del pipeline, time
            progress(label, min(step + 1, steps), steps + 1)  # the last one: making pixels of it
            return values

        wanted = {
            "prompt": order.words,
            "width": order.shape.width_px,
            "height": order.shape.height_px,
            "num_inference_steps": steps,
            "generator": torch.Generator("cpu").manual_seed(order.seed),
            "output_type": "np",
            "callback_on_step_end": stepped,
            **more,
        }
        progress(label, 0, steps + 1)
        given = {name: value for name, value in wanted.items() if name in takes}
        with quiet(), failures(self._opened.folder, _FAILED), torch.inference_mode():
            output = self._opened.pipeline(**given)
        progress(label, steps + 1, steps + 1)
        return output

    def _check_shown(self, output: Any, todo: str) -> None:
        """Raise for a picture that the model's own safety checker has blacked out."""
        flagged = getattr(output, "nsfw_content_detected", None)
        if flagged and any(flagged):
            raise GenerateError(
                f"{self._opened.folder}: the model's own safety checker has blacked out the "
                f"picture; {todo}"
            )

    def _pixels(self, values: Any, shape: tuple[int, ...]) -> Any:
        """Return a pipeline's output as pixels, having made sure that they are some."""
        folder, found = self._opened.folder, np.asarray(values, np.float32)
        if found.shape != shape:
            raise GenerateError(
                f"{folder}: expected an output of {_by(shape)}, found {_by(found.shape)}; "
                "take another model"
            )
        if not np.isfinite(found).all():
            raise GenerateError(
                f"{folder}: expected colours, found numbers that are none (NaN), as when they "
                f"grow too large for {self._opened.place.dtype}; take another version of the model"
            )
        return (found.clip(0, 1) * 255).round().astype(np.uint8)


class DiffusersTextToImage(_Model):
    """A text-to-image pipeline, such as Stable Diffusion's or Flux's."""

    role = TEXT_TO_IMAGE

    def picture(self, order: Order, progress: Progress) -> Picture:
        """Make a picture of the order's shape."""
        output = self._made(order, progress, "Making the first view")
        self._check_shown(output, "say it in other words, or take another --seed")
        shape = order.shape.height_px, order.shape.width_px, 3
        return self._pixels(output.images[0], shape)


class DiffusersImageToImage(_Model):
    """An image-to-image pipeline, or a text-to-image one, whose parts serve for it."""

    role = IMAGE_TO_IMAGE

    def fitted(self, width_px: int, height_px: int) -> Shape:
        """Return the size nearest to a picture's that the model takes."""
        step = multiple(self._opened.pipeline)
        return Shape(*(max(step, round(side / step) * step) for side in (width_px, height_px)))

    def redrawn(self, picture: Picture, order: Order, strength: float) -> Picture:
        """Redraw a picture of the order's shape."""
        from PIL import Image

        # Of the denoising steps only the last ones are taken: at least one of them.
        steps = max(order.steps or 20, math.ceil(1 / strength))
        more = {"image": Image.fromarray(picture), "strength": strength}
        output = self._made(replace(order, steps=steps), silent, "Redrawing", **more)
        self._check_shown(output, "take another --refine-seed, or a model without one")
        shape = order.shape.height_px, order.shape.width_px, 3
        return self._pixels(output.images[0], shape)


class DiffusersImageToVideo(_Model):
    """An image-to-video pipeline, such as Stable Video Diffusion's or Wan's."""

    role = IMAGE_TO_VIDEO

    def video(self, first: Picture, order: Order, progress: Progress) -> Pictures:
        """Make the frames of the order's shape; the first of them shows ``first``."""
        from PIL import Image

        fps = max(1, round(order.fps))
        output = self._made(
            order,
            progress,
            "Making the video",
            image=Image.fromarray(first),
            num_frames=order.shape.frames,
            fps=fps,
            frame_rate=fps,
            decode_chunk_size=min(_DECODED, order.shape.frames),
        )
        shape = order.shape.frames, order.shape.height_px, order.shape.width_px, 3
        return self._pixels(output.frames[0], shape)


def _beyond(tokenizer: Any, words: str, most: Any) -> str:
    """Return the words after those that a tokenizer has room for."""
    limit = min(tokenizer.model_max_length, most if isinstance(most, int) else 10_000)
    with quiet():
        tokens = tokenizer(words, truncation=False).input_ids
        if len(tokens) <= limit:
            return ""
        return str(tokenizer.decode(tokens[limit - 1 :], skip_special_tokens=True)).strip()


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
