"""Nodes, buffers and animations of a glTF file, read within bounds for its camera.

Own reader, since those of libraries trust the counts and offsets that a file states.
"""

from __future__ import annotations

import base64
import binascii
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from jaxtyping import Float

from scenegen.errors import PathError
from scenegen.files import inside
from scenegen.path.formats.values import (
    MAX_BYTES,
    MAX_FRAMES,
    as_object,
    kind,
    number,
    numbers,
    parse_object,
    read_bytes,
)

_WHAT = "glTF 2.0"
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
_INTERPOLATIONS = ("LINEAR", "STEP", "CUBICSPLINE")
_MOST_KEYS = 10 * MAX_FRAMES
_ROUNDED = 1.2e-7
"""Share of a time that is lost in a 32-bit float."""

Track = tuple[np.ndarray, np.ndarray, str]
"""Times, values (three a key for CUBICSPLINE) and interpolation."""


class Tree:
    """The content of a .gltf or .glb; raises `PathError` for what is no glTF."""

    def __init__(self, file: Path) -> None:
        self.file = file
        data = read_bytes(file)
        self._binary: bytes | None = None
        if data[:4] == b"glTF":
            data = self._chunks(data)
        self.content = parse_object(data, f"{file}", _WHAT)
        asset = self.content.get("asset")
        if not isinstance(asset, dict) or not str(asset.get("version", "")).startswith("2"):
            raise PathError(f"{file}: expected {_WHAT}, found no such asset; export it again")
        self._buffers: dict[int, bytes] = {}
        self._tracks = self._read_tracks()

    def camera(self) -> tuple[list[int], dict[str, Any]]:
        """Return the first node with a camera, after all nodes above it, and that camera."""
        nodes = self._list("nodes")
        above: dict[int, int] = {}
        for index in range(len(nodes)):
            children = self._entry("nodes", index).get("children", [])
            for child in children if isinstance(children, list) else []:
                above.setdefault(self._index(child, "nodes", f"nodes[{index}].children"), index)
        for index in range(len(nodes)):
            camera = self._entry("nodes", index).get("camera")
            if camera is not None:
                chain = [index]
                while chain[0] in above and len(chain) <= len(nodes):
                    chain.insert(0, above[chain[0]])
                if len(chain) > min(len(nodes), 1000):
                    raise PathError(
                        f"{self.file}: expected nodes as a tree, found a node below itself; "
                        "export it again"
                    )
                return chain, self._entry("cameras", self._index(camera, "cameras", "camera"))
        raise PathError(
            f"{self.file}: expected a node with a camera, found none; include cameras in the export"
        )

    def key_times(self, chain: list[int]) -> Float[np.ndarray, "key"]:
        """Return all times at which a node of ``chain`` or the field of view has a key."""
        tracks = [self._tracks[key] for key in self._tracks if key[0] in (*chain, None)]
        times = [track[0] for track in tracks]
        return np.unique(np.concatenate(times)) if times else np.zeros(0)

    def world(self, chain: list[int], t: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 4 4"]:
        """Return the matrices of the last node of ``chain`` at times ``t``."""
        poses = np.tile(np.eye(4), (len(t), 1, 1))
        for node in chain:
            poses = poses @ self._local(node, t)
        return poses

    def yfov(self, lens: dict[str, Any], t: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """Return vertical fields of view in radians at times ``t``."""
        still = number(lens.get("yfov"), f"{self.file}: yfov")
        track = self._tracks.get((None, "yfov"))
        found = np.full(len(t), still) if track is None else sampled(track, t, False)[:, 0]
        if not (np.isfinite(found).all() and found.min() > 0 and found.max() < np.pi):
            raise PathError(
                f"{self.file}: yfov: expected radians between 0 and pi, found {found.min():g} to "
                f"{found.max():g}; correct it"
            )
        return found

    def _local(self, index: int, t: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 4 4"]:
        from scipy.spatial.transform import Rotation

        node, where = self._entry("nodes", index), f"{self.file}: nodes[{index}]"
        if node.get("matrix") is not None:
            matrix = numbers(node["matrix"], 16, f"{where}.matrix").reshape(4, 4).T
            return np.tile(matrix, (len(t), 1, 1))
        parts = []
        for name, rest in (
            ("translation", [0, 0, 0]),
            ("rotation", [0, 0, 0, 1]),
            ("scale", [1, 1, 1]),
        ):
            value = numbers(node.get(name, rest), len(rest), f"{where}.{name}")
            track = self._tracks.get((index, name))
            turning = name == "rotation"
            moved = np.tile(value, (len(t), 1)) if track is None else sampled(track, t, turning)
            parts.append(moved)
        shifts, turns, scales = parts
        length = np.linalg.norm(turns, axis=1)
        if not (np.isfinite(length).all() and length.min() > 1e-6):
            raise PathError(f"{where}.rotation: expected quaternions, found zeros; export it again")
        local = np.tile(np.eye(4), (len(t), 1, 1))
        local[:, :3, :3] = Rotation.from_quat(turns).as_matrix() * scales[:, None, :]
        local[:, :3, 3] = shifts
        return local

    def _read_tracks(self) -> dict[tuple[int | None, str], Track]:
        """Return the tracks of the first animation by node and property; None is the camera's."""
        tracks: dict[tuple[int | None, str], Track] = {}
        widths = {"translation": "VEC3", "rotation": "VEC4", "scale": "VEC3"}
        for number_of in range(len(self._list("animations"))):
            animation = self._entry("animations", number_of)
            where = f"animations[{number_of}]"
            samplers, channels = animation.get("samplers"), animation.get("channels")
            if not isinstance(samplers, list) or not isinstance(channels, list):
                raise PathError(
                    f"{self.file}: {where}: expected samplers and channels, found "
                    f"{kind(samplers)} and {kind(channels)}; export it again"
                )
            for channel in channels:
                target = self._target(channel, where)
                if target is None or target in tracks:
                    continue
                place = self._index(channel.get("sampler"), samplers, f"{where}.sampler")
                shape = widths.get(target[1], "SCALAR")
                tracks[target] = self._track(samplers[place], shape, f"{self.file}: {where}")
        return tracks

    def _target(self, channel: Any, where: str) -> tuple[int | None, str] | None:
        """Return what a channel moves; None for what does not matter to a camera."""
        target = as_object(channel, f"{self.file}: {where}", _WHAT).get("target")
        target = as_object(target, f"{self.file}: {where}.target", _WHAT)
        if target.get("path") == "pointer":
            pointed = json_of(target, "extensions", "KHR_animation_pointer").get("pointer", "")
            return (None, "yfov") if str(pointed).endswith("/perspective/yfov") else None
        if target.get("path") not in ("translation", "rotation", "scale"):
            return None
        if target.get("node") is None:
            return None
        return self._index(target["node"], "nodes", f"{where}.target.node"), target["path"]

    def _track(self, sampler: Any, shape: str, where: str) -> Track:
        entry = as_object(sampler, where, _WHAT)
        how = entry.get("interpolation", "LINEAR")
        if how not in _INTERPOLATIONS:
            raise PathError(
                f"{where}: interpolation: expected one of {', '.join(_INTERPOLATIONS)}, "
                f"found {kind(how)}; export it again"
            )
        times = self._accessor(entry.get("input"), "SCALAR", where)[:, 0]
        values = self._accessor(entry.get("output"), shape, where)
        each = 3 if how == "CUBICSPLINE" else 1
        if len(values) != each * len(times) or (np.diff(times) <= 0).any():
            raise PathError(
                f"{where}: expected rising times and {each} values for each, found {len(times)} "
                f"times and {len(values)} values; export it again"
            )
        return times, values.reshape(len(times), each, -1), how

    def _accessor(self, value: Any, shape: str, where: str) -> Float[np.ndarray, "n width"]:
        """Return what an accessor shows of a buffer, as floats."""
        index = self._index(value, "accessors", where)
        accessor, where = self._entry("accessors", index), f"{self.file}: accessors[{index}]"
        code = accessor.get("componentType")
        form = _TYPES.get(code) if isinstance(code, int) else None
        count = accessor.get("count")
        known = accessor.get("type") == shape and "sparse" not in accessor
        if form is None or not known or type(count) is not int or not 1 <= count <= _MOST_KEYS:
            raise PathError(
                f"{where}: expected 1 to {_MOST_KEYS} {shape} of floats or normalised integers, "
                f"found {kind(accessor.get('count'))} {kind(accessor.get('type'))}; export it again"
            )
        place = self._index(accessor.get("bufferView"), "bufferViews", where)
        view = self._entry("bufferViews", place)
        data = self._buffer(self._index(view.get("buffer"), "buffers", where))
        dtype = np.dtype(form)
        row = dtype.itemsize * _WIDTHS[shape]
        start = _natural(view.get("byteOffset", 0)) + _natural(accessor.get("byteOffset", 0))
        stride = _natural(view.get("byteStride", 0)) or row
        if stride < row or start + stride * (count - 1) + row > len(data):
            raise PathError(
                f"{where}: expected {count} values within the buffer's {len(data)} bytes, "
                "found that they go beyond; export it again"
            )
        shape_of = (count, _WIDTHS[shape])
        rows = np.ndarray(shape_of, dtype, data, start, (stride, dtype.itemsize))
        found = rows.astype(np.float64)
        if dtype.kind != "f":
            found = np.maximum(
                found / (2.0 ** (8 * dtype.itemsize - (dtype.kind == "i")) - 1), -1.0
            )
        if not np.isfinite(found).all():
            raise PathError(f"{where}: expected finite numbers, found others; export it again")
        return found

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            self._buffers[index] = self._load(self._entry("buffers", index).get("uri"), index)
        return self._buffers[index]

    def _load(self, uri: Any, index: int) -> bytes:
        where = f"{self.file}: buffers[{index}]"
        if uri is None and self._binary is not None and index == 0:
            return self._binary
        if not isinstance(uri, str):
            raise PathError(
                f"{where}.uri: expected a file name, found {kind(uri)}; export it again"
            )
        if uri.startswith("data:"):
            try:
                return base64.b64decode(uri.partition(",")[2], validate=True)
            except (binascii.Error, ValueError) as cause:
                raise PathError(f"{where}: expected base64, found none; export it again") from cause
        return read_bytes(inside(self.file.parent, unquote(uri), PathError, self.file))

    def _chunks(self, data: bytes) -> bytes:
        """Return the JSON of a .glb and keep its buffer."""
        at, text = 12, b""
        while at + 8 <= min(len(data), MAX_BYTES):
            length, name = struct.unpack_from("<I4s", data, at)
            chunk = data[at + 8 : at + 8 + length]
            if len(chunk) < length:
                raise PathError(f"{self.file}: the file ends early; copy or export it again")
            if name == b"JSON" and not text:
                text = chunk
            elif name == b"BIN\0" and self._binary is None:
                self._binary = chunk
            at += 8 + length
        return text

    def _list(self, name: str) -> list[Any]:
        found = self.content.get(name, [])
        if not isinstance(found, list):
            raise PathError(
                f"{self.file}: {name}: expected a list, found {kind(found)}; export it again"
            )
        return found

    def _entry(self, name: str, index: int) -> dict[str, Any]:
        return as_object(self._list(name)[index], f"{self.file}: {name}[{index}]", _WHAT)

    def _index(self, value: Any, name: str | list[Any], where: str) -> int:
        """Return ``value`` if it is a place in the list ``name``."""
        among = self._list(name) if isinstance(name, str) else name
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(among):
            raise PathError(
                f"{self.file}: {where}: expected a place among {len(among)}, found {kind(value)}; "
                "export it again"
            )
        return value


def sampled(track: Track, t: Float[np.ndarray, "n"], turning: bool) -> np.ndarray:
    """Return a track's values at times ``t``, quaternions by slerp along the shorter way."""
    from scipy.spatial.transform import Rotation

    times, values, how = track
    middle = values[:, 1] if how == "CUBICSPLINE" else values[:, 0]
    begin = np.clip(np.searchsorted(times, t, side="right") - 1, 0, len(times) - 1)
    end = np.minimum(begin + 1, len(times) - 1)
    span = np.where(end > begin, times[end] - times[begin], 1.0)
    share = np.clip((t - times[begin]) / span, 0.0, 1.0)
    near = _ROUNDED * np.maximum(np.abs(t), 1.0) / span  # a key, but for its time's 32 bits
    share = np.where(share < near, 0.0, np.where(share > 1 - near, 1.0, share))[:, None]
    if how == "STEP":
        return np.where(share < 1, middle[begin], middle[end])
    if how == "CUBICSPLINE":
        out, arrive = values[begin, 2] * span[:, None], values[end, 0] * span[:, None]
        s2, s3 = share**2, share**3
        rise = (s3 - 2 * s2 + share) * out + (s3 - s2) * arrive
        return (2 * s3 - 3 * s2 + 1) * middle[begin] + (3 * s2 - 2 * s3) * middle[end] + rise
    if not turning:
        return middle[begin] + (middle[end] - middle[begin]) * share
    if np.linalg.norm(middle, axis=1).min() < 1e-6:
        return middle[begin]  # refused by the caller, who knows where it stands
    first, second = Rotation.from_quat(middle[begin]), Rotation.from_quat(middle[end])
    step = Rotation.from_rotvec((first.inv() * second).as_rotvec() * share)
    return (first * step).as_quat()


def json_of(value: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the object below ``names``; an empty one where there is none."""
    for name in names:
        inner = value.get(name)
        value = inner if isinstance(inner, dict) else {}
    return value


def _natural(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= MAX_BYTES else MAX_BYTES * 2
