"""What runs in pycolmap's own process: ``python -m scenegen.ingest.worker STEP TASK.json``.

Each step takes paths and plain values, and leaves its result in COLMAP's database or in a folder
of models.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pycolmap


def extract(
    database: str, photos: str, names: Sequence[str], lens: int, sift: dict[str, float]
) -> None:
    """Find SIFT features in the photos ``names``, all taken through camera ``lens``."""
    reader = pycolmap.ImageReaderOptions()
    reader.existing_camera_id = lens
    options = pycolmap.FeatureExtractionOptions()
    options.type = pycolmap.FeatureExtractorType.SIFT
    options.max_image_size = int(sift["max_side_px"])
    options.num_threads = _cores()
    options.use_gpu = False
    options.sift.max_num_features = int(sift["max_features"])
    options.sift.peak_threshold = sift["peak_threshold"]
    options.sift.estimate_affine_shape = bool(sift["affine"])
    options.sift.domain_size_pooling = bool(sift["affine"])
    pycolmap.extract_features(
        database, photos, names, pycolmap.CameraMode.SINGLE, reader, options, pycolmap.Device.cpu
    )


def match(database: str, pairs: str, block: int, seed: int) -> None:
    """Match the SIFT features of the pairs of names in the file ``pairs``, and verify them.

    Pairs matched before are skipped. The database is written after every ``block`` pairs.
    """
    pairing = pycolmap.ImportedPairingOptions()
    pairing.match_list_path = pairs
    pairing.block_size = block
    matching = pycolmap.FeatureMatchingOptions()
    matching.type = pycolmap.FeatureMatcherType.SIFT_BRUTEFORCE
    matching.num_threads = _cores()
    matching.use_gpu = False
    pycolmap.match_image_pairs(
        database, matching, pairing, _verification(seed), pycolmap.Device.cpu
    )


def verify(database: str, pairs: str, seed: int) -> None:
    """Verify matches of the pairs in the file ``pairs`` that were written by somebody else."""
    pycolmap.verify_matches(database, pairs, _verification(seed))


def map_photos(
    database: str, photos: str, models: str, seed: int, relaxed: bool, held: bool
) -> None:
    """Write the models of incremental mapping to folders in ``models``; print a dot a photo.

    ``relaxed`` takes starting pairs and photos with fewer matches and narrower angles, and pairs
    between which the camera went straight ahead, as on a walk down a street. ``held`` finds out
    the lens distortion only at the end: a few photos taken while walking ahead do not tell it.
    """
    options = pycolmap.IncrementalPipelineOptions()
    options.random_seed = seed
    options.num_threads = _cores()
    options.min_model_size = 3
    options.max_num_models = 8
    if relaxed:
        options.min_num_matches = 10
        options.mapper.init_min_num_inliers = 50
        options.mapper.init_min_tri_angle = 4.0
        options.mapper.init_max_forward_motion = 1.0
        options.mapper.abs_pose_min_num_inliers = 15
        options.mapper.abs_pose_min_inlier_ratio = 0.15

    if held:
        options.ba_refine_extra_params = False
        options.mapper.abs_pose_refine_extra_params = False

    def dot() -> None:
        print(".", end="", flush=True)

    found = pycolmap.incremental_mapping(
        database,
        photos,
        models,
        options,
        initial_image_pair_callback=dot,
        next_image_callback=dot,
    )
    for index, model in found.items() if held else ():
        pycolmap.bundle_adjustment(model)
        model.write(Path(models) / str(index))


def _verification(seed: int) -> pycolmap.TwoViewGeometryOptions:
    options = pycolmap.TwoViewGeometryOptions()
    options.ransac.random_seed = seed
    return options


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _end_with(parent: int) -> None:
    """End this process when ``parent`` has ended, however that came."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


STEPS: dict[str, Callable[..., None]] = {
    "extract": extract,
    "match": match,
    "verify": verify,
    "map": map_photos,
}

if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    pycolmap.logging.minloglevel = int(pycolmap.logging.Level.ERROR)
    STEPS[sys.argv[1]](**json.loads(Path(sys.argv[2]).read_text()))
