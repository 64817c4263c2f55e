"""Every scene of the folder after the same short training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from true_depth import depth_facts

from benchmark.scenes import Scene, downscale_for, posed_folder
from benchmark.training import Subject, train
from scenegen.ingest.capture import load_capture
from scenegen.lift.scene_folder import load_scene

Facts = dict[str, Any]


def measure_scene(scene: Scene, cache: Path, subject: Subject) -> Facts:
    """Train a scene with every eighth photo held out; ``subject`` gives the work folder and effort.

    Where the true depths lie with the photos, depth is measured against them.
    """
    capture = posed_folder(scene, cache)
    posed = load_capture(capture)
    own = replace(subject, name=scene.name, capture=capture, downscale=downscale_for(posed))
    folder, figures = train(own, subject.effort.scene_budget_s)
    lens = load_scene(folder).photos[0].camera.lens
    size = [lens.width_px // own.downscale, lens.height_px // own.downscale]
    if (scene.source / "true_depth").is_dir():
        figures |= depth_facts(load_scene(folder), scene.source)
    return {"budget_s": subject.effort.scene_budget_s, "size_px": size, **figures}
