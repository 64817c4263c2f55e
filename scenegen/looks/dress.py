"""A frame under a look: light, snow and wetness, water, air, and what falls, in that order.

Everything that decides where something is comes from the world and the time, never from the frame
before: a frame is the same wherever rendering began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int

from scenegen.kernels import threads
from scenegen.kernels.rays import camera_rays
from scenegen.kernels.srgb import encoded, linear
from scenegen.looks.flood import bent, seen_water, through
from scenegen.looks.lamps import glowing, lone
from scenegen.looks.lights import ambience
from scenegen.looks.look import Look
from scenegen.looks.mirrors import fresnel, mirrored, normals_of, reflections
from scenegen.looks.place import Place, know
from scenegen.looks.shading import air, aired, dressed
from scenegen.looks.sights import Sights, Surface, far_is_sky, parted, sky_light
from scenegen.looks.snow import smoothstep
from scenegen.looks.waves import Waves
from scenegen.looks.weather import Weather, weather_of
from scenegen.looks.wet import standing
from scenegen.types import Camera, CameraPath, Field, Frame, Scene

FILM_SHUTTER = 0.5
"""Share of a frame's time for which streaks are exposed, where the path states no shutter."""

_EDGE_PX, _EDGE = 5, 1.04
"""Within how many pixels depths differ by what factor at an edge."""
_KEPT = 0.2
"""How much better something beside has to be known than what is there itself."""
_FRINGE = 0.012
"""Standard deviation, in widths of the frame, of how far fringes reach."""
_BLUE = (0.2, 0.45)
"""Saturation of a sky that is told by its colour."""
_ALIKE = (0.25, 0.5)
"""Difference of hues, as shares of the brightest channel, that are the same, and that are not."""
_MIRRORS = 0.02
"""Least share of mirrored light for which a ray is traced."""
_OFF_GROUND_M, _OFF_GROUND = 0.05, 0.01
"""By how much, and by what share of their distance, puddles lie off what they are seen on."""
_MIRROR_BLUR = 3.0
"""Pixels that a mirrored ray stands for: waves and the distance blur it."""


def dress_path(
    frames: Iterable[Frame],
    scene: Scene,
    path: CameraPath,
    look: Look,
    seed: int = 0,
    seconds: Sequence[float] | None = None,
) -> Iterator[Frame]:
    """Yield the frames of a path under a look; the empty one leaves them as they are.

    ``seconds`` are the times of the path's frames, by default those at which it plays them. Depth
    and opacity stay those of the scene.
    """
    if look.empty:
        yield from frames
        return
    wardrobe = Wardrobe(scene, path, look, seed)
    for frame in frames:
        height, width = frame.depth.shape
        second = None if seconds is None else seconds[frame.index]
        yield wardrobe.dress(frame, path.camera(frame.index, width, height), second)


class Wardrobe:
    """Puts a look on the frames of a path; ``place`` is known already where several do."""

    def __init__(
        self,
        scene: Scene,
        path: CameraPath,
        look: Look,
        seed: int = 0,
        place: Place | None = None,
    ) -> None:
        self._path = path
        eyes = path.world_from_camera[:, :3, 3]
        self.weather = weather_of(look, place or know(scene), seed, eyes)

    def dress(self, frame: Frame, camera: Camera, second: float | None = None) -> Frame:
        """Return a frame under the look; its time is that of its place in the path."""
        work = self._path.lens_work
        shutter = work.shutter if work is not None and work.shutter else FILM_SHUTTER
        at = frame.index / self._path.fps if second is None else second
        rgb = dress(self.weather, frame, camera, at, shutter / self._path.fps)
        return replace(frame, rgb=rgb)


def dress(
    weather: Weather, frame: Frame, camera: Camera, second: float, exposed_s: float
) -> np.ndarray:
    """Return the pixels of a frame under a weather, as uint8 [h w 3]."""
    shape = frame.depth.shape
    sights, axial = _sights(weather, frame, camera)
    angle = camera.lens.pixel_angle
    light, own, surface = _in_bands(lambda part: dressed(weather, part, angle), sights)
    depth = (sights.distance * axial).reshape(shape)
    far = sights.distance
    if weather.look.night:
        own *= lone(frame.rgb).reshape(-1, 1)
        light = light + own
    if weather.look.puddles:
        light = _with_puddles(weather, light, (sights, surface), camera, second)
    if weather.water is not None:
        light, own, far = _with_water(weather, (light, own), sights, camera, second)
        depth = np.minimum(depth, (far * axial).reshape(shape))
    if weather.fog is not None:
        light = aired(weather, light, sights, far)
    light, own = light.reshape(*shape, 3), own.reshape(*shape, 3)
    if weather.look.night:
        light = glowing(light, own)
    light = _with_particles(weather, light, camera, (depth, second, exposed_s))
    return np.rint(encoded(light) * 255).astype(np.uint8)


def _sights(
    weather: Weather, frame: Frame, camera: Camera
) -> tuple[Sights, Float32[np.ndarray, "n"]]:
    """Return what a frame shows, and the cosines of its rays with the optical axis."""
    origins, directions = (part.astype(np.float32) for part in camera_rays(camera))
    axial = directions @ camera.forward.astype(np.float32)
    depth = _snapped(weather, depth_of(frame), (origins, directions), axial).ravel()
    distance = np.where(depth > 0, depth / axial, np.inf).astype(np.float32)
    light = linear(frame.rgb.reshape(-1, 3).astype(np.float32) / 255)
    opacity = np.where(depth > 0, frame.opacity.ravel(), 0.0).astype(np.float32)
    opacity *= far_is_sky(directions, distance, weather.place.size)
    field = weather.place.field
    opacity = _without_fringe(field, directions, light, opacity.reshape(frame.depth.shape))
    return parted(field, (origins, directions), light, distance, opacity), axial


def _snapped(
    weather: Weather,
    depth: Float32[np.ndarray, "h w"],
    rays: tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]],
    axial: Float32[np.ndarray, "n"],
) -> Float32[np.ndarray, "h w"]:
    """Return the depth, along edges that of what is known on either side of them.

    There depths lie in the air between, where nothing is: a look would leave a line.
    """
    from scipy.ndimage import maximum_filter, minimum_filter

    near, far = minimum_filter(depth, _EDGE_PX), maximum_filter(depth, _EDGE_PX)
    at = np.flatnonzero((depth > 0) & (far > _EDGE * near))
    if not len(at):
        return depth
    origins, directions = rays[0][at], rays[1][at]
    best, made = np.full(len(at), -1.0, np.float32), np.zeros(len(at), np.float32)
    for tried, handicap in ((depth, 0.0), (far, _KEPT), (near, _KEPT)):
        reach = tried.flat[at]
        points = origins + (reach / axial[at])[:, None] * directions
        sure = np.where(reach > 0, weather.map.sure(points), 0.0) - handicap
        made = np.where(sure > best, reach, made)
        best = np.maximum(sure, best)
    snapped = depth.copy()
    snapped.flat[at] = made
    return snapped


def _without_fringe(
    field: Field,
    directions: Float32[np.ndarray, "n 3"],
    light: Float32[np.ndarray, "n 3"],
    opacity: Float32[np.ndarray, "h w"],
) -> Float32[np.ndarray, "n"]:
    """Return the opacity without that of sky which the field holds for a part of a roof.

    A field is soft where the sky begins and puts some of its blue before it. What lies beside the
    sky, above the horizon, and has its colour is sky.
    """
    from scipy.ndimage import gaussian_filter

    found = opacity.ravel().copy()
    if found.min() > 0.5:
        return found
    beside = gaussian_filter(1 - opacity, _FRINGE * opacity.shape[1]).ravel()
    at = np.flatnonzero((beside > 0.02) & (found > 0.02) & (directions[:, 2] > 0))
    sky = sky_light(field, directions[at])
    most, sky_most = light[at].max(axis=1) + 1e-4, sky.max(axis=1) + 1e-4
    apart = np.abs(light[at] / most[:, None] - sky / sky_most[:, None]).max(axis=1)
    share = smoothstep(0.02, 0.12, beside[at]) * (1 - smoothstep(*_ALIKE, apart))
    share *= np.minimum(most / sky_most, 1.0)  # what is darker is partly something else
    # Grey walls look like a grey sky: only a blue one is told by its colour.
    share *= smoothstep(*_BLUE, 1 - sky.min(axis=1) / np.maximum(sky.max(axis=1), 1e-4))
    found[at] *= 1 - share
    return found


def depth_of(frame: Frame) -> Float32[np.ndarray, "h w"]:
    """Return the best depth of a frame: with that of the photos fused in, where they guided it."""
    return frame.depth if frame.evidence is None else frame.evidence.depth


def _in_bands(
    work: Callable[[Sights], tuple[np.ndarray, np.ndarray, Surface]], sights: Sights
) -> tuple[np.ndarray, np.ndarray, Surface]:
    """Do pixelwise work on all cores."""
    edges = np.linspace(0, len(sights.distance), 2 * threads() + 1).astype(int)
    parts = [
        Sights(*(getattr(sights, name)[low:high] for name in _NAMES))
        for low, high in pairwise(edges)
    ]
    with ThreadPoolExecutor(threads()) as pool:
        made = list(pool.map(work, parts))
    light = np.concatenate([one[0] for one in made])
    own = np.concatenate([one[1] for one in made])
    names = Surface.__dataclass_fields__
    joined = {name: np.concatenate([getattr(one[2], name) for one in made]) for name in names}
    return light, own, Surface(**joined)


_NAMES = tuple(Sights.__dataclass_fields__)


def _seen_in_mirror(
    weather: Weather,
    sights: Sights,
    at: Int[np.ndarray, "n"],
    points: Float32[np.ndarray, "n 3"],
    normals: Float32[np.ndarray, "n 3"],
    pixel_angle: float,
) -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n"]]:
    """Return what mirrors at ``points`` show to the pixels ``at``, and how much they mirror."""
    facing = -np.einsum("ij,ij->i", sights.directions[at], normals)
    ways = mirrored(sights.directions[at], normals)
    seen = reflections(weather.place, points, ways, _MIRROR_BLUR * pixel_angle)
    light, own, _ = _in_bands(lambda part: dressed(weather, part, pixel_angle), seen)
    return aired(weather, light + own, seen), fresnel(facing)


def _with_water(
    weather: Weather,
    lights: tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]],
    sights: Sights,
    camera: Camera,
    second: float,
) -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n"]]:
    """Return the light with the flood in it, that of lamps, and how far the eye now sees."""
    light, own = lights
    water = weather.water
    assert water is not None
    metre = weather.place.metre
    shown = seen_water(sights, water, metre)
    if not len(shown.at):
        return light, own, sights.distance
    points = sights.origins[shown.at] + shown.distance[:, None] * sights.directions[shown.at]
    slopes = _slopes(weather.waves, points, shown.distance, camera, second)
    normals = normals_of(slopes + water.slope.astype(np.float32))
    angle = camera.lens.pixel_angle
    sky, share = _seen_in_mirror(weather, sights, shown.at, points, normals, angle)
    lit = (ambience(weather.lights) * max(weather.bright / 0.5, 0.25)).astype(np.float32)
    below = through(light[bent(camera, shown, slopes, metre)], shown.below, lit)
    top = below + share[:, None] * (sky - below)
    made, far, left = light.copy(), sights.distance.copy(), own.copy()
    made[shown.at] += shown.share[:, None] * (top - made[shown.at])
    left[shown.at] *= (1 - shown.share)[:, None]
    far[shown.at] = shown.distance
    return made, left, far


def _with_puddles(
    weather: Weather,
    light: Float32[np.ndarray, "n 3"],
    seen: tuple[Sights, Surface],
    camera: Camera,
    second: float,
) -> Float32[np.ndarray, "n 3"]:
    """Return the light with what wet ground mirrors."""
    sights, surface = seen
    pools = standing(surface, weather.look.puddles, weather.pattern)
    at = np.flatnonzero(pools * fresnel(np.abs(sights.directions[:, 2])) > _MIRRORS)
    if not len(at):
        return light
    points = sights.points[at]
    # Depths err: a ray that began right at its surface would meet that surface.
    points[:, 2] += _OFF_GROUND_M * weather.place.metre + _OFF_GROUND * sights.distance[at]
    slopes = _slopes(weather.ripples, points, sights.distance[at], camera, second)
    normals, angle = normals_of(slopes), camera.lens.pixel_angle
    mirror, share = _seen_in_mirror(weather, sights, at, points, normals, angle)
    made = light.copy()
    made[at] += (pools[at] * share)[:, None] * (mirror - made[at])
    return made


def _slopes(
    waves: Waves,
    points: Float32[np.ndarray, "n 3"],
    distance: Float32[np.ndarray, "n"],
    camera: Camera,
    second: float,
) -> Float32[np.ndarray, "n 2"]:
    """Return the slopes of water as pixels of ``camera`` see it."""
    drop = np.maximum(np.abs(points[:, 2] - np.float32(camera.position[2])), 1e-6)
    footprint = camera.lens.pixel_angle * distance * np.sqrt(distance / drop)
    return waves.slopes(points[:, :2].astype(np.float64), second, footprint.astype(np.float32))


def _with_particles(
    weather: Weather,
    light: Float32[np.ndarray, "h w 3"],
    camera: Camera,
    moment: tuple[Float32[np.ndarray, "h w"], float, float],
) -> Float32[np.ndarray, "h w 3"]:
    """Return the light with what falls in front of it; ``moment`` is depth, time and exposure."""
    lit = ambience(weather.lights).astype(np.float32)
    if weather.flakes is not None:
        cover = weather.flakes.drawn(camera, *moment)[..., None]
        light = light + cover * (_FLAKE * lit - light)
    if weather.drops is not None:
        # A drop shows the sky behind the eye, upside down: the light of all around.
        cover = weather.drops.drawn(camera, *moment)[..., None]
        forward = camera.forward.astype(np.float32)[None]
        light = light + cover * (_DROP * air(weather, forward)[0] - light)
    return light


_FLAKE = np.array([0.92, 0.94, 0.98], np.float32)
_DROP = 1.1
