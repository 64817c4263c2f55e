"""The ladder of retries: each rung spends more to pose photos that the rungs below left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scenegen.ingest import colmap, learned
from scenegen.ingest.advice import Overlap, turned_only
from scenegen.ingest.config import IngestConfig
from scenegen.ingest.matching import choose_pairs
from scenegen.ingest.model import agreements, index_of
from scenegen.ingest.snapshot import Snapshot
from scenegen.progress import Progress

if TYPE_CHECKING:
    import pycolmap

_EXHAUSTIVE_RETRY_UP_TO = 120
_WORST_REPROJECTION_PX = 2.0
_WORST_DISTORTION = 0.8
_AGREEMENT = 0.5
_PART = 3


@dataclass(frozen=True)
class Rung:
    """One way to pose the photos."""

    name: str
    features: colmap.Features
    thorough: bool
    relaxed: bool
    held: bool = False
    learned: bool = False


@dataclass(frozen=True)
class Climb:
    """The best model over the ``rungs`` that were tried; ``model`` is None where none came out.

    ``workspace`` is the one it came from, ``others`` counts the photos of further, separate parts.
    """

    model: pycolmap.Reconstruction | None
    workspace: colmap.Workspace
    others: tuple[int, ...] = ()
    rungs: tuple[str, ...] = ()

    @property
    def posed(self) -> int:
        """Number of photos in the model."""
        return self.model.num_reg_images() if self.model else 0


def ladder(config: IngestConfig) -> Iterator[Rung]:
    """Yield the rungs from cheap to costly."""
    plain = colmap.Features(config.max_side_px)
    rich = replace(plain, max_features=8000, peak_threshold=plain.peak_threshold / 3, affine=True)
    large = replace(rich, max_side_px=config.max_side_px * 8 // 5, affine=False)
    yield Rung("SIFT", plain, thorough=False, relaxed=False)
    yield Rung("weaker starts", plain, thorough=False, relaxed=True)
    yield Rung("lens held", plain, thorough=False, relaxed=True, held=True)
    yield Rung("all pairs", plain, thorough=True, relaxed=True)
    yield Rung("more features", rich, thorough=True, relaxed=True)
    yield Rung("larger photos", large, thorough=True, relaxed=True)
    if learned.installed():
        yield Rung("learned features", plain, thorough=False, relaxed=True, learned=True)


def climb(
    snapshots: tuple[Snapshot, ...],
    ordered: bool,
    work: Path,
    config: IngestConfig,
    progress: Progress,
) -> Climb:
    """Return the best model: the first with enough photos, else the best over all rungs."""
    best: Climb | None = None
    tried: list[str] = []
    made: dict[colmap.Features, colmap.Workspace] = {}
    for rung in ladder(config):
        label = _labelled(progress, rung.name if tried else "")
        if rung.features not in made:
            folder = work / f"features{len(made)}"
            made[rung.features] = colmap.open_workspace(folder, snapshots, config.seed)
            colmap.extract_sift(made[rung.features], rung.features, label)
        workspace = made[rung.features]
        pairs = _pairs(workspace, ordered, rung, config)
        if rung.learned:
            side = rung.features.max_side_px
            workspace = learned.match_learned(workspace, work / "learned", pairs, side, label)
        else:
            colmap.match_sift(workspace, pairs, label)
        tried.append(rung.name)
        found = _map(workspace, rung, label)
        if best is None or found.posed > best.posed:
            best = found
        if best.posed >= config.min_posed_share * len(snapshots):
            break
        if best.posed == 0 and rung.relaxed and turned_only(overlaps_of(workspace)):
            break  # no effort finds depth where the camera only turned
    assert best is not None
    return replace(best, rungs=tuple(tried))


def _labelled(progress: Progress, name: str) -> Progress:
    suffix = f" ({name})" if name else ""
    return lambda label, done, total: progress(label + suffix, done, total)


def _pairs(
    workspace: colmap.Workspace, ordered: bool, rung: Rung, config: IngestConfig
) -> list[colmap.Pair]:
    matching, reach = config.matching, 1
    if rung.thorough and len(workspace.snapshots) <= _EXHAUSTIVE_RETRY_UP_TO:
        matching = "exhaustive"
    elif rung.thorough:
        reach = 3
    return choose_pairs(colmap.read_descriptors(workspace), ordered, matching, reach)


def overlaps_of(workspace: colmap.Workspace) -> list[Overlap]:
    """Return the verified matches of every pair as counts."""
    pairs = colmap.read_pairs(workspace)
    return [Overlap(*pair.pair, len(pair.inliers), pair.flat) for pair in pairs]


def _map(workspace: colmap.Workspace, rung: Rung, progress: Progress) -> Climb:
    keypoints, matched = colmap.read_keypoints(workspace), colmap.read_pairs(workspace)
    models = [
        model
        for model in colmap.map_photos(workspace, rung.relaxed, rung.held, progress)
        if _believable(model)
    ]
    for model in models:
        drop_misplaced(model, agreements(model, keypoints, matched))
    models.sort(key=lambda model: -model.num_reg_images())
    if not models:
        return Climb(None, workspace)
    placed = {image.name for image in _registered(models[0])}
    others = []
    for model in models[1:]:
        names = {image.name for image in _registered(model)} - placed
        placed |= names
        others += [len(names)] if len(names) >= _PART else []
    return Climb(models[0], workspace, tuple(others))


def _registered(model: pycolmap.Reconstruction) -> list[pycolmap.Image]:
    return [model.images[i] for i in model.reg_image_ids()]


def drop_misplaced(model: pycolmap.Reconstruction, shares: Mapping[int, float]) -> None:
    """Take photos out of ``model`` most of whose matches contradict their place."""
    for image_id in list(model.reg_image_ids()):
        image = model.images[image_id]
        if shares[index_of(image)] < _AGREEMENT:
            model.deregister_frame(image.frame_id)


def _believable(model: pycolmap.Reconstruction) -> bool:
    """Return whether the points fit the photos and no lens was bent to make them fit."""
    distortions = [
        camera.params[i] for camera in model.cameras.values() for i in camera.extra_params_idxs()
    ]
    return (
        model.compute_mean_reprojection_error() <= _WORST_REPROJECTION_PX
        and max(map(abs, distortions)) <= _WORST_DISTORTION
    )
