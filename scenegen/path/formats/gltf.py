"""glTF 2.0, ``.gltf`` and ``.glb``: a perspective camera at an animated node.

- The world has +Y up (ours is turned by a quarter), the camera looks along -Z, ``yfov`` is vertical
  and in radians, quaternions are xyzw, times are seconds.
- A path is a key a frame, frame i at i / fps, interpolated linearly. glTF itself cannot animate
  ``yfov``: a zoom is written by the extension KHR_animation_pointer as well; readers that do not
  know it keep the first frame's.
- Read is the camera of the first node that has one, with the animation of every node above it.
  Frames per second are those of the keys where these are even and 12 to 240 a second, as tools
  that bake an animation write them; otherwise the clip's. Even scale is taken off, uneven refused.
- Frames per second, aspect, focus, aperture and shutter are in the camera's ``extras.scenegen``.

Source: Khronos, "glTF 2.0 Specification", chapters 3.6 (accessors), 3.10 (cameras) and 3.11
(animations), and its extension KHR_animation_pointer.
"""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import write_atomic
from scenegen.path.formats.axes import from_y_up, to_y_up
from scenegen.path.formats.gltf_tree import Tree
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.own import KEY, own_of, read_own
from scenegen.path.formats.values import frame_count, positive, unscaled
from scenegen.types import CameraPath

_POINTER = "KHR_animation_pointer"
_YFOV = "/cameras/0/perspective/yfov"


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to ``file``: binary if its suffix is ``.glb``; raises `OutputError`."""
    from scipy.spatial.transform import Rotation

    del size, hints
    poses = to_y_up(path.world_from_camera)
    turns = Rotation.from_matrix(poses[:, :3, :3]).as_quat()
    flips = np.cumsum((turns[1:] * turns[:-1]).sum(axis=1) < 0) % 2
    turns[1:] *= np.where(flips, -1.0, 1.0)[:, None]  # so that readers need no shortest way
    columns = [
        ("SCALAR", np.arange(len(path)) / path.fps),
        ("VEC3", poses[:, :3, 3]),
        ("VEC4", turns),
        ("SCALAR", np.deg2rad(path.fov_y_deg)),
    ]
    zooms = bool(np.ptp(path.fov_y_deg))
    content, data = _packed(columns if zooms else columns[:3])
    content |= _described(path, zooms)
    if file.suffix.lower() == ".glb":
        write_atomic(file, _binary(content, data))
        return
    uri = f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"
    content["buffers"][0]["uri"] = uri
    write_atomic(file, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())


def _packed(columns: list[tuple[str, np.ndarray]]) -> tuple[dict[str, Any], bytes]:
    """Return accessors, views and buffer of arrays, one after the other, and their bytes."""
    accessors, views, data = [], [], b""
    for index, (shape, values) in enumerate(columns):
        packed = np.ascontiguousarray(values, "<f4")
        view = {"buffer": 0, "byteOffset": len(data), "byteLength": packed.nbytes}
        entry = {
            "bufferView": index,
            "componentType": 5126,
            "count": len(packed),
            "type": shape,
        }
        if index == 0:
            entry |= {"min": [float(packed.min())], "max": [float(packed.max())]}
        accessors.append(entry)
        views.append(view)
        data += packed.tobytes()
    buffers: list[dict[str, Any]] = [{"byteLength": len(data)}]
    return {"accessors": accessors, "bufferViews": views, "buffers": buffers}, data


def _described(path: CameraPath, zooms: bool) -> dict[str, Any]:
    """Return the scene of one camera with its animation."""
    lens = {
        "aspectRatio": path.aspect,
        "yfov": float(np.deg2rad(path.fov_y_deg[0])),
        "znear": 0.01,
    }
    targets: list[dict[str, Any]] = [
        {"node": 0, "path": "translation"},
        {"node": 0, "path": "rotation"},
    ]
    if zooms:
        targets.append({"path": "pointer", "extensions": {_POINTER: {"pointer": _YFOV}}})
    animation = {
        "name": "camera",
        "channels": [{"sampler": i, "target": target} for i, target in enumerate(targets)],
        "samplers": [
            {"input": 0, "output": i + 1, "interpolation": "LINEAR"} for i in range(len(targets))
        ],
    }
    camera = {"type": "perspective", "perspective": lens, "extras": {KEY: own_of(path)}}
    return {
        "asset": {"version": "2.0", "generator": "scenegen"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "camera", "camera": 0}],
        "cameras": [{"name": "camera", **camera}],
        "animations": [animation],
        **({"extensionsUsed": [_POINTER]} if zooms else {}),
    }


def _binary(content: dict[str, Any], data: bytes) -> bytes:
    """Return the two chunks of a .glb."""
    text = json.dumps(content, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    data += b"\0" * (-len(data) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    body += struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def read(file: Path, hints: Hints) -> CameraPath:
    """Read the animated camera of a file that any tool wrote; raises `PathError`."""
    tree = Tree(file)
    chain, camera = tree.camera()
    lens = camera.get("perspective")
    if not isinstance(lens, dict):
        raise PathError(
            f"{file}: expected a perspective camera, found {camera.get('type')!r}; "
            "make it a perspective one and export again"
        )
    extras = camera.get("extras")
    stated = extras.get(KEY) if isinstance(extras, dict) else None
    own = read_own(stated, f"{file}: {KEY}")
    times = tree.key_times(chain)
    fps = own.fps or _rate(times) or hints.fps
    begin = float(times[0]) if len(times) else 0.0
    span = float(times[-1]) - begin if len(times) else 0.0
    frames = frame_count(np.floor(span * fps + 1e-3) + 1, f"{file}")
    t = begin + np.arange(frames) / fps
    poses = from_y_up(unscaled(tree.world(chain, t), f"{file}: node {chain[-1]}"))
    fovs = np.rad2deg(tree.yfov(lens, t))
    aspect = own.aspect or _aspect(lens, file) or hints.aspect
    own = read_own(stated, f"{file}: {KEY}", frames)
    return CameraPath(poses, fovs, fps, aspect, own.lens_work, own.cuts)


def _aspect(lens: dict[str, Any], file: Path) -> float | None:
    value = lens.get("aspectRatio")
    return None if value is None else positive(value, f"{file}: aspectRatio")


def _rate(times: Float[np.ndarray, "key"]) -> float | None:
    """Return how many even keys there are a second; None for keyframes that were set by hand."""
    if len(times) < 3:
        return None
    rate = (len(times) - 1) / (times[-1] - times[0])
    even = np.abs(np.diff(times) * rate - 1).max() < 0.02
    whole = round(float(rate))
    near = abs(rate - whole) < 1e-3 * rate
    return (float(whole) if near else float(rate)) if even and 12 <= rate <= 240 else None
