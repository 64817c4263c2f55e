"""scenegen: photos or a video in, a 3D scene and a walkthrough clip out, on the CPU alone.

    from scenegen import pipeline

    pipeline.walkthrough(Path("my_photos"), Path("clip.mp4"))

`scenegen.pipeline` has a function for every subcommand of the command line, with the same name.
Below it lie the stages, as functions from value to value (see `scenegen.types`), all of which can
be imported from here: they are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenegen import pipeline
    from scenegen.errors import SceneGenError
    from scenegen.ingest.capture import load_capture
    from scenegen.ingest.config import IngestConfig
    from scenegen.lift.config import LiftConfig
    from scenegen.lift.scene_folder import load_scene
    from scenegen.path.config import PathConfig
    from scenegen.path.formats.nerfstudio import read_camera_path, write_camera_path
    from scenegen.path.walkthrough import plan_walkthrough
    from scenegen.publish.clip import publish_clip
    from scenegen.publish.config import PublishConfig
    from scenegen.render.config import RenderConfig
    from scenegen.render.frames import render_path
    from scenegen.types import Camera, CameraPath, Capture, Frame, Lens, Scene

__version__ = "0.1.0"

_PLACES = {
    "SceneGenError": "errors",
    "load_capture": "ingest.capture",
    "IngestConfig": "ingest.config",
    "LiftConfig": "lift.config",
    "load_scene": "lift.scene_folder",
    "PathConfig": "path.config",
    "read_camera_path": "path.formats.nerfstudio",
    "write_camera_path": "path.formats.nerfstudio",
    "plan_walkthrough": "path.walkthrough",
    "publish_clip": "publish.clip",
    "PublishConfig": "publish.config",
    "RenderConfig": "render.config",
    "render_path": "render.frames",
    **dict.fromkeys(("Camera", "CameraPath", "Capture", "Frame", "Lens", "Scene"), "types"),
}

__all__ = [
    "Camera",
    "CameraPath",
    "Capture",
    "Frame",
    "IngestConfig",
    "Lens",
    "LiftConfig",
    "PathConfig",
    "PublishConfig",
    "RenderConfig",
    "Scene",
    "SceneGenError",
    "load_capture",
    "load_scene",
    "pipeline",
    "plan_walkthrough",
    "publish_clip",
    "read_camera_path",
    "render_path",
    "write_camera_path",
]


def __getattr__(name: str) -> Any:
    if name == "pipeline":
        return import_module("scenegen.pipeline")
    if name in _PLACES:
        return getattr(import_module(f"scenegen.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'scenegen' has no attribute {name!r}")
