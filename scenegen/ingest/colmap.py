"""The three steps of structure from motion with pycolmap: features, matches, cameras.

Photos enter COLMAP's database under their index (`00012.jpg`), so their own names may hold
whatever they like. Only SIFT is asked of COLMAP: its ALIKED aborts the process.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pycolmap
from jaxtyping import Float32, UInt8, UInt32

from scenegen.ingest.native import run_step
from scenegen.ingest.snapshot import Snapshot
from scenegen.progress import Progress

Pair = tuple[int, int]

_UNKNOWN_FOCAL = 1.2  # times the longer side: about 45 degrees, COLMAP's own guess
_MATCH_BLOCK = 64  # pairs that one call of the database writes at once; progress moves by this


@dataclass(frozen=True)
class Workspace:
    """A folder with COLMAP's database and the photos under their index as name."""

    folder: Path
    snapshots: tuple[Snapshot, ...]
    seed: int

    @property
    def database(self) -> Path:
        """COLMAP's SQLite file."""
        return self.folder / "database.db"

    @property
    def photos(self) -> Path:
        """The folder that COLMAP reads photos from."""
        return self.folder / "photos"

    def photo(self, index: int) -> str:
        """Return the name of photo ``index`` in the database."""
        return f"{index:05d}{self.snapshots[index].file.suffix}"


@dataclass(frozen=True)
class Features:
    """How features are looked for."""

    max_side_px: int
    max_features: int = 4000
    peak_threshold: float = 0.02 / 3
    affine: bool = False


@dataclass(frozen=True)
class TwoViews:
    """What the matches of one pair of photos say after geometric verification.

    ``flat`` means that one homography explains them: a plane, or a camera that only turned.
    """

    pair: Pair
    inliers: np.ndarray
    flat: bool


def open_workspace(folder: Path, snapshots: Sequence[Snapshot], seed: int) -> Workspace:
    """Return a fresh workspace in ``folder`` with a lens for every set of photos that share one."""
    workspace = Workspace(folder, tuple(snapshots), seed)
    shutil.rmtree(folder, ignore_errors=True)
    workspace.photos.mkdir(parents=True)
    for index, snapshot in enumerate(snapshots):
        link = workspace.photos / workspace.photo(index)
        try:
            os.symlink(snapshot.file.resolve(), link)
        except OSError:  # a file system without links
            shutil.copyfile(snapshot.file, link)
    return workspace


def lens_groups(snapshots: Sequence[Snapshot]) -> list[list[int]]:
    """Return the indices of the photos that share a lens, lens by lens."""
    groups: dict[tuple[str, int, int], list[int]] = {}
    for index, shot in enumerate(snapshots):
        groups.setdefault((shot.lens_key, shot.width_px, shot.height_px), []).append(index)
    return list(groups.values())


def first_lens(snapshots: Sequence[Snapshot]) -> pycolmap.Camera:
    """Return the lens to start from for photos that share one: EXIF's focal length or a guess."""
    shot = snapshots[0]
    known = [s.focal_px for s in snapshots if s.focal_px]
    focal = (
        float(np.median(known)) if known else _UNKNOWN_FOCAL * max(shot.width_px, shot.height_px)
    )
    camera = pycolmap.Camera.create_from_model_name(
        0, "SIMPLE_RADIAL", focal, shot.width_px, shot.height_px
    )
    camera.has_prior_focal_length = bool(known)
    return camera


def extract_sift(workspace: Workspace, features: Features, progress: Progress) -> None:
    """Find SIFT features in all photos and write them and the lenses to the database."""
    total = len(workspace.snapshots)
    for group in lens_groups(workspace.snapshots):
        with pycolmap.Database.open(workspace.database) as database:
            lens = database.write_camera(first_lens([workspace.snapshots[i] for i in group]))
        run_step(
            workspace.folder,
            "extract",
            {
                "database": str(workspace.database),
                "photos": str(workspace.photos),
                "names": [workspace.photo(index) for index in group],
                "lens": lens,
                "sift": asdict(features),
            },
            lambda: progress("Finding features", _count(workspace, "keypoints"), total),
        )
    progress("Finding features", total, total)


def match_sift(workspace: Workspace, pairs: Sequence[Pair], progress: Progress) -> None:
    """Match the features of ``pairs`` and verify them; pairs matched before cost nothing."""
    before = _count(workspace, "two_view_geometries")

    def poll() -> None:
        done = _count(workspace, "two_view_geometries") - before
        progress("Comparing photos", min(done, len(pairs)), len(pairs))

    run_step(
        workspace.folder,
        "match",
        {
            "database": str(workspace.database),
            "pairs": str(write_pairs(workspace, pairs)),
            "block": _MATCH_BLOCK,
            "seed": workspace.seed,
        },
        poll,
    )
    progress("Comparing photos", len(pairs), len(pairs))


def replace_features(
    workspace: Workspace,
    keypoints: Sequence[Float32[np.ndarray, "feature 2"]],
    matches: Mapping[Pair, UInt32[np.ndarray, "match 2"]],
) -> None:
    """Put features and matches that somebody else found in place of those in the database."""
    with pycolmap.Database.open(workspace.database) as database:
        database.clear_two_view_geometries()
        database.clear_matches()
        database.clear_descriptors()
        database.clear_keypoints()
        rows = _rows(workspace, database)
        for row, at in zip(rows, keypoints, strict=True):
            database.write_keypoints(row, at)
        for (first, second), indices in matches.items():
            database.write_matches(rows[first], rows[second], indices)


def verify(workspace: Workspace, pairs: Sequence[Pair]) -> None:
    """Verify the matches of ``pairs``."""
    run_step(
        workspace.folder,
        "verify",
        {
            "database": str(workspace.database),
            "pairs": str(write_pairs(workspace, pairs)),
            "seed": workspace.seed,
        },
        lambda: None,
    )


def write_pairs(workspace: Workspace, pairs: Sequence[Pair]) -> Path:
    """Write ``pairs`` as the names in the database and return the file."""
    file = workspace.folder / "pairs.txt"
    file.write_text("".join(f"{workspace.photo(a)} {workspace.photo(b)}\n" for a, b in pairs))
    return file


def map_photos(
    workspace: Workspace, relaxed: bool, held: bool, progress: Progress
) -> list[pycolmap.Reconstruction]:
    """Return the models that incremental mapping finds, the one with most photos first.

    `worker.map_photos` tells what ``relaxed`` and ``held`` do.
    """
    models = workspace.folder / "models"
    shutil.rmtree(models, ignore_errors=True)
    models.mkdir()
    total = len(workspace.snapshots)
    dots = workspace.folder / "map.out"
    run_step(
        workspace.folder,
        "map",
        {
            "database": str(workspace.database),
            "photos": str(workspace.photos),
            "models": str(models),
            "seed": workspace.seed,
            "relaxed": relaxed,
            "held": held,
        },
        lambda: progress("Finding the cameras", min(dots.stat().st_size, total), total),
    )
    progress("Finding the cameras", total, total)
    found = [pycolmap.Reconstruction(folder) for folder in sorted(models.iterdir())]
    return sorted(found, key=lambda model: -model.num_reg_images())


def _count(workspace: Workspace, table: str) -> int:
    """Return the number of rows of ``table`` while pycolmap's process may be writing to it.

    Never do this while this very process has the database open in pycolmap: two copies of SQLite
    in one process undo each other's locks, which destroys the database.
    """
    try:
        uri = f"{workspace.database.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0.1)) as database:
            return int(database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 # a constant of this module
    except sqlite3.Error:
        return 0


def read_descriptors(workspace: Workspace) -> list[UInt8[np.ndarray, "feature 128"]]:
    """Return the SIFT descriptors of every photo, in the photos' order."""
    with pycolmap.Database.open(workspace.database) as database:
        rows = _rows(workspace, database)
        return [np.asarray(database.read_descriptors(row).data).reshape(-1, 128) for row in rows]


def read_keypoints(workspace: Workspace) -> list[Float32[np.ndarray, "feature 2"]]:
    """Return where the features of every photo lie, in pixels, in the photos' order."""
    with pycolmap.Database.open(workspace.database) as database:
        rows = _rows(workspace, database)
        return [database.read_keypoints(row)[:, :2] for row in rows]


def feature_counts(workspace: Workspace) -> list[int]:
    """Return the number of features of every photo, in the photos' order."""
    with pycolmap.Database.open(workspace.database) as database:
        return [database.num_keypoints_for_image(row) for row in _rows(workspace, database)]


def read_pairs(workspace: Workspace) -> list[TwoViews]:
    """Return the pairs whose matches were verified."""
    flat = {
        pycolmap.TwoViewGeometryConfiguration.PLANAR,
        pycolmap.TwoViewGeometryConfiguration.PANORAMIC,
        pycolmap.TwoViewGeometryConfiguration.PLANAR_OR_PANORAMIC,
    }
    with pycolmap.Database.open(workspace.database) as database:
        index = {row: i for i, row in enumerate(_rows(workspace, database))}
        ids, geometries = database.read_two_view_geometries()
    pairs = []
    for pair_id, geometry in zip(ids, geometries, strict=True):
        first, second = (index[row] for row in pycolmap.pair_id_to_image_pair(pair_id))
        inliers = np.asarray(geometry.inlier_matches)
        if len(inliers):
            pairs.append(TwoViews((first, second), inliers, geometry.config in flat))
    return pairs


def _rows(workspace: Workspace, database: pycolmap.Database) -> list[int]:
    """Return the id in the database of every photo, in the photos' order."""
    ids = {image.name: image.image_id for image in database.read_all_images()}
    return [ids[workspace.photo(index)] for index in range(len(workspace.snapshots))]
