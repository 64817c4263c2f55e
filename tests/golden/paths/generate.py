"""Camera paths in the shape in which other tools write them, of the walk in `shots`.

    python -m tests.golden.paths.generate

Nothing of scenegen is used: every file follows the writer of its tool, by the source named in the
module of the format. What the tool rounds to 32 bits or six digits is so here.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.path.formats.shots import Shot, shots

HERE = Path(__file__).resolve().parent
FPS = 24.0
WIDTH, HEIGHT = 160, 90

TURN = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
SHIFT, SCALE = np.array([0.5, -1.0, 0.25]), 0.4
NGP_SCALE, NGP_OFFSET = 0.5, np.array([0.1, 0.2, 0.3])


def opengl(shot: Shot) -> tuple[np.ndarray, np.ndarray]:
    """Return rotation (camera to world) and position of a camera that looks along -Z."""
    right, up, forward = shot.axes
    return np.stack([right, up, -forward], axis=1), np.array(shot.position)


def square(turn: np.ndarray, place: np.ndarray) -> np.ndarray:
    return np.block([[turn, place[:, None]], [np.zeros(3), 1.0]])


def singles(values: np.ndarray) -> list[float]:
    return np.asarray(values, np.float32).astype(float).ravel().tolist()


def quaternion(turn: np.ndarray) -> np.ndarray:
    """Return wxyz of a rotation of less than half a turn or near it, by its largest component."""
    trace = np.array([np.trace(turn), *(2 * np.diag(turn) - np.trace(turn))])
    big = int(trace.argmax())
    off = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    q = np.zeros(4)
    q[big] = np.sqrt(1 + trace[big]) / 2
    if big == 0:
        q[1:] = off / (4 * q[0])
    else:
        i, j, k = big - 1, big % 3, (big + 1) % 3
        q[0] = off[i] / (4 * q[big])
        q[j + 1] = (turn[i, j] + turn[j, i]) / (4 * q[big])
        q[k + 1] = (turn[i, k] + turn[k, i]) / (4 * q[big])
    return q


def y_up(turn: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a camera of a world with +Z up in one with +Y up."""

    def swap(v: np.ndarray) -> np.ndarray:
        return np.array([v[0], v[2], -v[1]])

    return np.stack([swap(column) for column in turn.T], axis=1), swap(place)


def nerfstudio_viewer() -> str:
    cameras = []
    for shot in shots():
        matrix = singles(square(*opengl(shot)))
        cameras.append({"camera_to_world": matrix, "fov": shot.fov_y_deg, "aspect": WIDTH / HEIGHT})
    keys = [
        {
            "matrix": camera["camera_to_world"],
            "fov": camera["fov"],
            "aspect": WIDTH / HEIGHT,
            "override_transition_enabled": False,
            "override_transition_sec": None,
        }
        for camera in cameras
    ]
    content = {
        "default_fov": 75.0,
        "default_transition_sec": 2.0,
        "keyframes": keys,
        "camera_type": "perspective",
        "render_height": HEIGHT,
        "render_width": WIDTH,
        "fps": FPS,
        "seconds": len(cameras) / FPS,
        "is_cycle": False,
        "smoothness_value": 0.5,
        "camera_path": cameras,
    }
    return json.dumps(content, indent=2)


def nerfstudio_blender() -> str:
    keys, cameras = [], []
    for shot in shots():
        matrix = square(*opengl(shot))
        keys.append(
            {
                "matrix": str(matrix.T.ravel().tolist()),
                "fov": shot.fov_y_deg,
                "aspect": 1.0,
                "properties": f'[["FOV", {shot.fov_y_deg}], ["NAME", "Camera 1"], ["TIME", 0]]',
            }
        )
        cameras.append(
            {"camera_to_world": matrix.ravel().tolist(), "fov": shot.fov_y_deg, "aspect": 1}
        )
    content = {
        "keyframes": keys,
        "camera_type": "perspective",
        "render_height": HEIGHT,
        "render_width": WIDTH,
        "camera_path": cameras,
        "fps": int(FPS),
        "seconds": len(cameras) / FPS,
        "smoothness_value": 0,
        "is_cycle": False,
        "crop": None,
    }
    return json.dumps(content, indent=2)


def nerfstudio_normalised() -> str:
    content = json.loads(nerfstudio_viewer())
    for camera, shot in zip(content["camera_path"], shots(), strict=True):
        turn, place = opengl(shot)
        camera["camera_to_world"] = singles(square(TURN @ turn, SCALE * (TURN @ place + SHIFT)))
    return json.dumps(content, indent=2)


def dataparser_transforms() -> str:
    matrix = np.concatenate([TURN, SHIFT[:, None]], axis=1)
    return json.dumps({"transform": matrix.tolist(), "scale": SCALE}, indent=4)


def ngp(scale: float = 0.33, offset: np.ndarray | float = 0.5) -> str:
    keys = []
    for index, shot in enumerate([*shots(), shots()[-1]]):
        turn, place = opengl(shot)
        turn = turn * [1, -1, -1]
        moved = place * scale + offset
        turn, moved = turn[[1, 2, 0]], moved[[1, 2, 0]]
        w, x, y, z = singles(quaternion(turn))
        keys.append(
            {
                "R": [x, y, z, w],
                "T": singles(moved),
                "aperture_size": 0.0,
                "fov": shot.fov_y_deg,
                "scale": 1.5,
                "slice": 0.0,
                "timestamp": float(np.float32((index + 1) / FPS)),
            }
        )
    content = {
        "duration_seconds": float(np.float32(4 / FPS)),
        "loop": False,
        "path": keys,
        "spline_order": 1,
        "time": 0.0,
    }
    return json.dumps(content)


def ngp_moved() -> str:
    return ngp(NGP_SCALE, NGP_OFFSET)


def ngp_transforms() -> str:
    return json.dumps({"scale": NGP_SCALE, "offset": NGP_OFFSET.tolist(), "frames": []})


def lichtfeld() -> str:
    keys = []
    for index, shot in enumerate(shots()):
        turn, place = opengl(shot)
        turned = np.diag([-1.0, -1.0, 1.0])  # about Y on loading, about X in the viewer
        keys.append(
            {
                "easing": 0,
                "focal_length_mm": float(12 / np.tan(np.deg2rad(shot.fov_y_deg) / 2)),
                "position": singles(turned @ place),
                "rotation": singles(quaternion(turned @ turn)),
                "time": float(np.float32(index / FPS)),
            }
        )
    return json.dumps({"clip_duration": 30.0, "keyframes": keys, "version": 4}, indent=2)


def colmap_cameras() -> str:
    lines = ["# Camera list with one line of data per camera:", "# Number of cameras: 4"]
    for index, shot in enumerate(shots()):
        focal = HEIGHT / 2 / np.tan(np.deg2rad(shot.fov_y_deg) / 2)
        lines.append(
            f"{7 - index} SIMPLE_PINHOLE {WIDTH} {HEIGHT} {focal} {WIDTH / 2} {HEIGHT / 2}"
        )
    return "\n".join(lines) + "\n"


def colmap_images() -> str:
    lines = ["# Image list with two lines of data per image:"]
    for index in (2, 0, 3, 1):
        turn, place = opengl(shots()[index])
        world_to_camera = (turn * [1, -1, -1]).T
        numbers = [*quaternion(world_to_camera), *(-world_to_camera @ place)]
        words = " ".join(repr(float(value)) for value in numbers)
        lines += [f"{index + 20} {words} {7 - index} shot {8 + index}.jpg", "10.5 3.25 -1 4 5 17"]
    return "\n".join(lines) + "\n"


def blender_chan() -> str:
    lines = []
    for index, shot in enumerate(shots(), 1):
        turn, place = y_up(*opengl(shot))
        x = np.arcsin(-turn[1, 2])
        y, z = np.arctan2(turn[0, 2], turn[2, 2]), np.arctan2(turn[1, 0], turn[1, 1])
        numbers = [*place, *np.rad2deg([x, y, z]), shot.fov_y_deg]
        lines.append(f"{index}\t" + "\t".join(f"{value:f}" for value in numbers))
    return "\n".join(lines) + "\n"


def gltf_parts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times, places and quaternions xyzw below a parent that is twice as large and turned.

    The parent turns by a right angle about Y: (x, y, z) below it is (2z, 2y, -2x) above.
    """
    places, turns = [], []
    above = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    for shot in shots():
        turn, place = y_up(*opengl(shot))
        w, x, y, z = quaternion(above.T @ turn)
        places.append(above.T @ place / 2)
        turns.append([x, y, z, w])
    return np.arange(4) / FPS, np.array(places), np.array(turns)


def blender_bin() -> bytes:
    return b"".join(np.asarray(part, "<f4").tobytes() for part in gltf_parts())


def blender_gltf() -> str:
    views = [(0, 16), (16, 48), (64, 64)]
    accessors = [
        {"bufferView": i, "componentType": 5126, "count": 4, "type": kind}
        for i, kind in enumerate(("SCALAR", "VEC3", "VEC4"))
    ]
    half = float(np.sqrt(0.5))
    still = {"yfov": float(np.deg2rad(59.0)), "aspectRatio": WIDTH / HEIGHT, "znear": 0.1}
    content = {
        "asset": {"generator": "Khronos glTF Blender I/O v4.2.70", "version": "2.0"},
        "scene": 0,
        "scenes": [{"name": "Scene", "nodes": [1]}],
        "nodes": [
            {"camera": 0, "name": "Camera"},
            {"children": [0], "name": "Rig", "rotation": [0, half, 0, half], "scale": [2, 2, 2]},
        ],
        "cameras": [{"name": "Camera", "type": "perspective", "perspective": still}],
        "animations": [
            {
                "name": "CameraAction",
                "channels": [
                    {"sampler": 0, "target": {"node": 0, "path": "translation"}},
                    {"sampler": 1, "target": {"node": 0, "path": "rotation"}},
                ],
                "samplers": [
                    {"input": 0, "interpolation": "LINEAR", "output": 1},
                    {"input": 0, "interpolation": "LINEAR", "output": 2},
                ],
            }
        ],
        "accessors": accessors,
        "bufferViews": [{"buffer": 0, "byteOffset": at, "byteLength": n} for at, n in views],
        "buffers": [{"byteLength": 128, "uri": "blender.bin"}],
    }
    return json.dumps(content, indent=1)


def maya_usda() -> str:
    """Return a camera with Maya's operations, in centimetres below a group ten times as large."""
    samples: dict[str, list[str]] = {"translate": [], "rotateXYZ": [], "focalLength": []}
    width = 3.6 * 10
    height = width * HEIGHT / WIDTH
    for code, shot in enumerate(shots(), 1):
        turn, place = y_up(*opengl(shot))
        y = np.arcsin(-turn[2, 0])
        x, z = np.arctan2(turn[2, 1], turn[2, 2]), np.arctan2(turn[1, 0], turn[0, 0])
        focal = height / 2 / np.tan(np.deg2rad(shot.fov_y_deg) / 2)
        for name, row in (("translate", place * 10), ("rotateXYZ", np.rad2deg([x, y, z]))):
            samples[name].append(f"{code}: ({', '.join(f'{v:.9g}' for v in row)}),")
        samples["focalLength"].append(f"{code}: {focal:.9g},")
    listed = {name: "\n                ".join(rows) for name, rows in samples.items()}
    return f"""#usda 1.0
(
    defaultPrim = "group"
    endTimeCode = 4
    framesPerSecond = 24
    metersPerUnit = 0.01
    startTimeCode = 1
    timeCodesPerSecond = 24
    upAxis = "Y"
)

def Xform "group"
{{
    double3 xformOp:scale = (10, 10, 10)
    uniform token[] xformOpOrder = ["xformOp:scale"]

    def Camera "persp1"
    {{
        float focalLength.timeSamples = {{
                {listed["focalLength"]}
        }}
        float horizontalAperture = {width}
        float verticalAperture = {height}
        double3 xformOp:rotateXYZ.timeSamples = {{
                {listed["rotateXYZ"]}
        }}
        double3 xformOp:translate.timeSamples = {{
                {listed["translate"]}
        }}
        uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateXYZ"]
    }}
}}
"""


FILES = {
    "nerfstudio_viewer.json": nerfstudio_viewer,
    "nerfstudio_blender.json": nerfstudio_blender,
    "nerfstudio_normalised.json": nerfstudio_normalised,
    "dataparser_transforms.json": dataparser_transforms,
    "base_cam.json": ngp,
    "base_cam_moved.json": ngp_moved,
    "ngp_transforms.json": ngp_transforms,
    "lichtfeld.json": lichtfeld,
    "colmap/cameras.txt": colmap_cameras,
    "colmap/images.txt": colmap_images,
    "blender.chan": blender_chan,
    "blender.gltf": blender_gltf,
    "blender.bin": blender_bin,
    "maya.usda": maya_usda,
}


if __name__ == "__main__":
    for name, make in FILES.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        made = make()
        (HERE / name).write_bytes(made if isinstance(made, bytes) else made.encode())
