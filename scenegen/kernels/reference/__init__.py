"""The plain-PyTorch twin of every native kernel: the definition that the C++ is tested against.

It runs on any device of PyTorch, slowly, and differentiates by autograd. Points and lengths are
normalised as the field's are (see `scenegen.types.Field`) unless a docstring says "world".
"""

from scenegen.kernels.reference.compositing import (
    RayLoss,
    composite,
    distortion,
    distortion_of_pairs,
    photometric,
)
from scenegen.kernels.reference.device import choose_device
from scenegen.kernels.reference.hash_grid import (
    contract,
    corners,
    encode,
    harmonics,
    interpolate,
    level_weights,
    resolutions,
)
from scenegen.kernels.reference.marching import Marcher, PacketMarcher, RayStart
from scenegen.kernels.reference.networks import (
    Networks,
    Reader,
    density,
    plain,
    radiance,
    sky_color,
)
from scenegen.kernels.reference.occupancy import (
    distance_field,
    occupancy_sweep,
    uncontract,
    visible_cells,
)
from scenegen.kernels.reference.optimizer import BLOCK, AdamStep, adam_blocks, adam_dense, to_half
from scenegen.kernels.reference.random import Drawn, draw_pixels, mix, uniform
from scenegen.kernels.reference.tracing import trace, trace_rays
from scenegen.kernels.reference.training import (
    OPEN_SKY,
    SKY_SHARE,
    LossConfig,
    StepLoss,
    TrainingRays,
    gather_samples,
    step_loss,
)

__all__ = [
    "BLOCK",
    "OPEN_SKY",
    "SKY_SHARE",
    "AdamStep",
    "Drawn",
    "LossConfig",
    "Marcher",
    "Networks",
    "PacketMarcher",
    "RayLoss",
    "RayStart",
    "Reader",
    "StepLoss",
    "TrainingRays",
    "adam_blocks",
    "adam_dense",
    "choose_device",
    "composite",
    "contract",
    "corners",
    "density",
    "distance_field",
    "distortion",
    "distortion_of_pairs",
    "draw_pixels",
    "encode",
    "gather_samples",
    "harmonics",
    "interpolate",
    "level_weights",
    "mix",
    "occupancy_sweep",
    "photometric",
    "plain",
    "radiance",
    "resolutions",
    "sky_color",
    "step_loss",
    "to_half",
    "trace",
    "trace_rays",
    "uncontract",
    "uniform",
    "visible_cells",
]
