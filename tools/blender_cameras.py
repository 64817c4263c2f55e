"""Carry animated cameras into and out of a real Blender, to compare them with scenegen's.

Run by a Python that has `bpy` (``pip install bpy`` into an environment of its own), not scenegen's:

    python tools/blender_cameras.py write WALK.json FOLDER [ADDONS]
    python tools/blender_cameras.py read  WALK.json FILE... OUT.json [ADDONS]

WALK.json states ``fps``, ``width``, ``height``, ``marker`` (3), ``radius``, ``poses`` (n x 4 x 4,
camera to world, OpenGL axes, +Z up, as Blender's own) and ``fovs`` (vertical, degrees). `write`
animates a camera along it and exports what this Blender can. `read` imports each file as Blender's
menus do, writes the camera of every frame to OUT.json, and renders the marker, a disc that shines
in the dark at y = const, with Cycles: its middle in pixels goes to OUT.json too.

ADDONS is a folder with Blender add-ons as Python modules: ``io_anim_nuke_chan`` for .chan and
``nerfstudio_blender`` for nerfstudio's camera paths. Neither comes with Blender.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

SAMPLES = 16


class Studio:
    """An empty Blender file with the size and speed of a walk."""

    def __init__(self, walk: dict[str, Any], addons: set[str]) -> None:
        self.bpy = import_module("bpy")
        self.walk, self.addons = walk, addons
        self.bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = self.bpy.context.scene
        self.scene.render.fps = round(walk["fps"])
        self.scene.render.resolution_x = walk["width"]
        self.scene.render.resolution_y = walk["height"]
        for name in addons:
            import_module(name).register()

    def close(self) -> None:
        """Take the add-ons out again, for the next file."""
        for name in self.addons:
            import_module(name).unregister()

    def new_camera(self) -> Any:
        """Put a camera into the scene and choose it."""
        data = self.bpy.data.cameras.new("Camera")
        camera = self.bpy.data.objects.new("Camera", data)
        self.scene.collection.objects.link(camera)
        self.bpy.context.view_layer.objects.active = camera
        self.scene.camera = camera
        return camera

    def animate(self) -> None:
        """Move and zoom a camera along the walk, from frame 1 on, as Blender counts."""
        matrix = import_module("mathutils").Matrix
        camera = self.new_camera()
        camera.rotation_mode = "QUATERNION"
        camera.data.sensor_fit = "VERTICAL"
        poses, fovs = self.walk["poses"], self.walk["fovs"]
        for frame, (pose, fov) in enumerate(zip(poses, fovs, strict=True), 1):
            camera.matrix_world = matrix(pose)
            camera.data.angle_y = np.deg2rad(fov)
            camera.keyframe_insert("location", frame=frame)
            camera.keyframe_insert("rotation_quaternion", frame=frame)
            camera.data.keyframe_insert("lens", frame=frame)
        self.scene.frame_start, self.scene.frame_end = 1, len(poses)

    def export(self, folder: Path) -> None:
        """Write what the animated camera can be written to."""
        ops = self.bpy.ops
        pointers = {"export_pointer_animation": True, "export_extras": True}
        for name, kind, more in (
            ("my camera.gltf", "GLTF_SEPARATE", {}),  # a name that a URI has to spell otherwise
            ("camera.glb", "GLB", {}),
            ("camera_zoom.gltf", "GLTF_SEPARATE", pointers),
        ):
            ops.export_scene.gltf(
                filepath=str(folder / name),
                export_format=kind,
                export_cameras=True,
                export_animations=True,
                export_animation_mode="SCENE" if more else "ACTIONS",
                export_optimize_animation_size=False,
                **more,
            )
        for name, up in (("camera.usda", False), ("camera_y_up.usda", True)):
            ops.wm.usd_export(
                filepath=str(folder / name),
                export_animation=True,
                convert_orientation=up,
                export_global_forward_selection="NEGATIVE_Z",
                export_global_up_selection="Y",
                convert_scene_units="CENTIMETERS" if up else "METERS",
            )
        if "io_anim_nuke_chan" in self.addons:
            for order in ("ZXY", "XYZ"):
                file = folder / f"camera_{order.lower()}.chan"
                ops.export.export_chan(filepath=str(file), rotation_order=order)
        if "nerfstudio_blender" in self.addons:
            self.scene.NeRF = self.bpy.data.objects.new("nerf", None)
            self.scene.JSONInputFilePath = f"{folder}/"
            ops.opr.create_json_camera_path()

    def import_file(self, file: Path) -> Any:
        """Import a file as the menus do and return its camera."""
        ops = self.bpy.ops
        if file.suffix in (".gltf", ".glb"):
            ops.import_scene.gltf(filepath=str(file))
        elif file.suffix in (".usda", ".usdc", ".usd"):
            ops.wm.usd_import(filepath=str(file))
        elif file.suffix == ".chan":
            self.new_camera()
            size = {"sensor_width": 36.0, "sensor_height": 36.0 * 9 / 16}
            ops.import_scene.import_chan(filepath=str(file), rotation_order="ZXY", **size)
        else:
            self.scene.NeRF = self.bpy.data.objects.new("nerf", None)
            self.scene.NS_input_jsonFilePath = str(file)
            ops.opr.read_json_camera_path()
        (camera,) = (one for one in self.bpy.data.objects if one.type == "CAMERA")
        self.scene.camera = camera
        return camera

    def seen(self, camera: Any, first: int) -> dict[str, Any]:
        """Return the camera's poses, fields of view and pictures' middles."""
        found: dict[str, Any] = {"first": first, "fps": self.scene.render.fps}
        found |= {"poses": [], "fovs": [], "middles": []}
        found["lens"] = [camera.data.lens, camera.data.sensor_width, camera.data.sensor_height]
        found["focus"] = [camera.data.dof.focus_distance, camera.data.dof.aperture_fstop]
        self.light_marker()
        for frame in range(first, first + len(self.walk["poses"])):
            self.scene.frame_set(frame)
            found["poses"].append([list(row) for row in camera.matrix_world])
            # Of the whole frame, whatever side the sensor is fitted to.
            view = self.projection(camera)
            found["fovs"].append(float(np.rad2deg(2 * np.arctan(1 / view[1][1]))))
            found["middles"].append(self.picture())
        return found

    def projection(self, camera: Any) -> Any:
        """Return the matrix by which this frame is projected."""
        graph = self.bpy.context.evaluated_depsgraph_get()
        return camera.evaluated_get(graph).calc_matrix_camera(
            graph, x=self.walk["width"], y=self.walk["height"]
        )

    def light_marker(self) -> None:
        """Put a shining disc into a black world."""
        bpy, scene = self.bpy, self.scene
        turns = np.linspace(0, 2 * np.pi, 256, endpoint=False)
        ring = self.walk["radius"] * np.stack([np.cos(turns), 0 * turns, np.sin(turns)], axis=1)
        mesh = bpy.data.meshes.new("marker")
        points = (ring + self.walk["marker"]).tolist()
        mesh.from_pydata(points, [], [list(range(len(points)))])
        paint = bpy.data.materials.new("light")
        paint.use_nodes = True
        nodes = paint.node_tree.nodes
        nodes.clear()
        light, end = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
        paint.node_tree.links.new(light.outputs[0], end.inputs[0])
        mesh.materials.append(paint)
        scene.collection.objects.link(bpy.data.objects.new("marker", mesh))
        scene.world = bpy.data.worlds.new("dark")
        scene.world.color = (0, 0, 0)
        scene.render.engine = "CYCLES"
        scene.cycles.device, scene.cycles.samples = "CPU", SAMPLES
        scene.cycles.use_denoising = False
        scene.render.threads_mode, scene.render.threads = "FIXED", 1
        scene.view_settings.view_transform = "Raw"
        scene.render.image_settings.file_format = "PNG"

    def picture(self) -> list[float]:
        """Render this frame and return the middle of what shines, from the left and the top."""
        with tempfile.TemporaryDirectory() as temporary:
            self.scene.render.filepath = f"{temporary}/frame.png"
            self.bpy.ops.render.render(write_still=True)
            image = self.bpy.data.images.load(self.scene.render.filepath)
            width, height = image.size
            bright = np.array(image.pixels[:]).reshape(height, width, -1)[::-1, :, 0]
        self.bpy.data.images.remove(image)
        bright = np.clip(bright - 0.5, 0, None)  # what is dark weighs nothing
        if bright.sum() == 0:
            return [float("nan")] * 2
        y, x = np.indices(bright.shape) + 0.5
        return [float((x * bright).sum() / bright.sum()), float((y * bright).sum() / bright.sum())]


def first_frame(file: Path) -> int:
    """Return the frame at which Blender puts a file's first."""
    return 1 if file.suffix in (".chan", ".json") else 0


def main(words: list[str]) -> None:
    """Do what the module's text says."""
    what, walk_file, *files = words
    walk = json.loads(Path(walk_file).read_text())
    found: set[str] = set()
    if Path(files[-1]).is_dir() and len(files) > 1:
        sys.path.insert(0, files[-1])
        names = ("io_anim_nuke_chan", "nerfstudio_blender")
        found = {one for one in names if list(Path(files[-1]).glob(f"{one}*"))}
        files = files[:-1]
    if what == "write":
        studio = Studio(walk, found)
        studio.animate()
        studio.export(Path(files[0]))
        return
    *sources, out = map(Path, files)
    seen = {}
    for file in sources:
        studio = Studio(walk, found)
        seen[file.name] = studio.seen(studio.import_file(file), first_frame(file))
        studio.close()
    out.write_text(json.dumps(seen))


if __name__ == "__main__":
    failed = 1
    try:
        main(sys.argv[1:])
        failed = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(failed)  # closing Python, Blender's library waits for its own threads forever
