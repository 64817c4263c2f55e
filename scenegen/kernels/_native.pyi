from typing import Literal, TypedDict

import numpy as np
from jaxtyping import Float32, Int16, Int32, Int64, UInt8, UInt16

ARCHITECTURE: Literal["x86_64", "aarch64", "other"]

class StepFacts(TypedDict):
    loss: float
    squared_error: float
    rays: int
    compared: int
    samples: int
    panel_samples: int
    steps: int

class NativeField:
    def __init__(
        self,
        levels: int,
        log2_table: int,
        coarsest: int,
        finest: int,
        hidden: int,
        hash: UInt16[np.ndarray, "level entry 4"],  # noqa: A002, the keyword of the binding
        mlp: Float32[np.ndarray, "weight"],
        sky: Float32[np.ndarray, "3 16"],
        distance: UInt8[np.ndarray, "z y x"],
    ) -> None: ...
    def march_by(self, step: float, near: float, far: float) -> None: ...
    def crop_to(self, box: list[float]) -> None: ...
    def density(
        self, points: Float32[np.ndarray, "n 3"], out: Float32[np.ndarray, "n"]
    ) -> None: ...
    def radiance(
        self,
        points: Float32[np.ndarray, "n 3"],
        directions: Float32[np.ndarray, "n 3"],
        density: Float32[np.ndarray, "n"],
        rgb: Float32[np.ndarray, "n 3"],
    ) -> None: ...
    def encode(
        self, points: Float32[np.ndarray, "n 3"], out: Float32[np.ndarray, "n encoded"]
    ) -> None: ...
    def encode_backward(
        self,
        points: Float32[np.ndarray, "n 3"],
        grad: Float32[np.ndarray, "n encoded"],
        hash_grad: Float32[np.ndarray, "level entry 4"],
        touched: UInt8[np.ndarray, "block"],
    ) -> None: ...
    def point_gradient(
        self,
        points: Float32[np.ndarray, "n 3"],
        grad: Float32[np.ndarray, "n encoded"],
        out: Float32[np.ndarray, "n 3"],
    ) -> None: ...
    def march(
        self,
        origin: Float32[np.ndarray, "3"],
        direction: Float32[np.ndarray, "3"],
        offset: float,
        t: Float32[np.ndarray, "sample"],
        dt: Float32[np.ndarray, "sample"],
    ) -> int: ...
    def trace(
        self,
        origins: Float32[np.ndarray, "ray 3"],
        directions: Float32[np.ndarray, "ray 3"],
        stop: float,
        threads: int,
        rgb: Float32[np.ndarray, "ray 3"],
        depth: Float32[np.ndarray, "ray"],
        opacity: Float32[np.ndarray, "ray"],
        cell_weight: Float32[np.ndarray, "z y x"] | None = None,
        footprint: float = 0.0,
    ) -> None: ...

class NativePhoto:
    def __init__(
        self,
        rgb: UInt8[np.ndarray, "h w 3"],
        mask: UInt8[np.ndarray, "h w"] | None,
        model: int,
        lens: list[float],
        rotation: list[float],
        position: list[float],
        open: UInt8[np.ndarray, "row column"] | None = None,  # noqa: A002, the keyword of the binding
    ) -> None: ...

class NativeTrainer:
    @property
    def stage_seconds(self) -> dict[str, float]: ...
    outlier: float
    pose_every: int
    samples_per_ray: float
    sighting_weight: float
    sky_pull: float
    def __init__(
        self,
        field: NativeField,
        photos: list[NativePhoto],
        arrays: list[np.ndarray],
        config: list[float],
        seed: int,
        threads: int,
    ) -> None: ...
    def see(
        self,
        pixels: Int64[np.ndarray, "sighting"],
        distances: Float32[np.ndarray, "sighting"],
        share: float,
    ) -> None: ...
    def run(
        self,
        first: int,
        count: int,
        hash_rate: float,
        mlp_rate: float,
        batch_samples: int,
    ) -> StepFacts: ...
    def gradients(
        self,
        step: int,
        rays: int,
        hash_grad: Float32[np.ndarray, "level entry 4"],
        mlp_grad: Float32[np.ndarray, "weight"],
        sky_grad: Float32[np.ndarray, "3 16"],
    ) -> StepFacts: ...
    def show(self, photos: list[NativePhoto]) -> None: ...
    def take_pose_sums(self, out: Float32[np.ndarray, "photo 13 6"]) -> None: ...
    def take_exposure_sums(self, out: Float32[np.ndarray, "photo 2 3"]) -> None: ...
    def place(
        self,
        rotations: Float32[np.ndarray, "photo 3 3"],
        positions: Float32[np.ndarray, "photo 3"],
    ) -> None: ...
    def sweep(
        self,
        alpha: Float32[np.ndarray, "z y x"],
        visible: UInt8[np.ndarray, "z y x"],
        decay: float,
        stride: int,
        phase: int,
        seed: int,
    ) -> None: ...

def instruction_set() -> str: ...
def distance_field(
    alpha: Float32[np.ndarray, "z y x"], threshold: float, out: UInt8[np.ndarray, "z y x"]
) -> None: ...
def visible_cells(
    photos: list[NativePhoto], near: list[float], out: UInt8[np.ndarray, "z y x"]
) -> None: ...
def to_half(value: Float32[np.ndarray, "*n"], out: UInt16[np.ndarray, "*n"]) -> None: ...
def probe(what: int, table: Float32[np.ndarray, "*n"], count: int, seed: int) -> float: ...

class NativeGuide:
    def __init__(
        self,
        levels: list[UInt8[np.ndarray, "h w 4"]],
        first_level: int,
        depth: Float32[np.ndarray, "depth_h depth_w"],
        index: int,
        lens: list[float],
        rotation: list[float],
        position: list[float],
        numbers: list[float],
    ) -> None: ...

class NativeGuiding:
    def __init__(
        self,
        lens: list[float],
        rotation: list[float],
        focal: float,
        rgb: Float32[np.ndarray, "h w 3"],
        range: Float32[np.ndarray, "h w"],  # noqa: A002, the keyword of the binding
        soft: Float32[np.ndarray, "soft_h soft_w 3"],
        soft_scale: int,
        photos: list[NativeGuide],
        config: list[float],
    ) -> None: ...
    def guide(
        self,
        threads: int,
        rgb: Float32[np.ndarray, "h w 3"],
        count: UInt8[np.ndarray, "h w"],
        angle: Float32[np.ndarray, "h w"],
        ratio: Float32[np.ndarray, "h w"],
        agreement: Float32[np.ndarray, "h w"],
        best: Int16[np.ndarray, "h w"],
        coverage: Float32[np.ndarray, "h w"],
        range: Float32[np.ndarray, "h w"],  # noqa: A002, the keyword of the binding
    ) -> None: ...
    def match(
        self,
        threads: int,
        factors: Float32[np.ndarray, "candidate"],
        cost: Float32[np.ndarray, "candidate h w"],
    ) -> None: ...

class FrameView:
    def __init__(
        self,
        width: int,
        height: int,
        lens: list[float],
        rotation: list[float],
        position: list[float],
    ) -> None: ...

class LightPicture:
    def __init__(
        self, view: FrameView, pixels: Float32[np.ndarray, "h w 4"], threads: int
    ) -> None: ...

def gather_light(
    pictures: list[LightPicture],
    cameras: list[FrameView],
    order: Int32[np.ndarray, "camera picture"],
    threads: int,
    total: Float32[np.ndarray, "height width 4"],
) -> None: ...
def reproject(
    from_: FrameView,
    rgba: Float32[np.ndarray, "h w 4"],
    depth: Float32[np.ndarray, "h w"],
    to: FrameView,
    threads: int,
    rgba_out: Float32[np.ndarray, "height width 4"],
    depth_out: Float32[np.ndarray, "height width"],
) -> None: ...
def blend_frames(
    rgba_a: Float32[np.ndarray, "h w 4"],
    depth_a: Float32[np.ndarray, "h w"],
    rgba_b: Float32[np.ndarray, "h w 4"],
    depth_b: Float32[np.ndarray, "h w"],
    share: float,
    tolerance: float,
    depth_tolerance: float,
    threads: int,
    rgba: Float32[np.ndarray, "h w 4"],
    depth: Float32[np.ndarray, "h w"],
    redraw: UInt8[np.ndarray, "h w"],
) -> None: ...
