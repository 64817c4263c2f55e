"""USD, ``.usda``, ``.usdc`` and (to read) ``.usdz``: an animated ``UsdGeomCamera``.

- The camera looks along -Z. The world's up is the stage's ``upAxis``: Z is written, Y is turned.
- A unit of ours is a metre there, as in glTF. Files are written in centimetres (``metersPerUnit``
  0.01) unless `Hints.metres_per_unit` says otherwise; read is by what the file states, and as it
  stands where it states nothing.
- ``focalLength`` and the apertures are in tenths of a unit, ``focusDistance`` in units; the
  aperture's width is ``focalLength / 10 / fStop``, fStop 0 is a pinhole. ``shutter:open`` and
  ``shutter:close`` are frames. `write` gives the film 36 mm: in centimetres the number is 36 both
  for tools that go by the unit (Blender) and for those that take it for millimetres (Maya).
- Time codes are frames from 0 on at ``timeCodesPerSecond``.
- Read is the first perspective camera, over the stage's start to end (or, where it states none, its
  samples), a frame each ``timeCodesPerSecond / framesPerSecond``; between samples USD interpolates
  matrices and lenses evenly. Even scale above the camera is taken off.
- A stage may be made of several files, all in its folder or below.

Source: OpenUSD, UsdGeomCamera and GfCamera; maya-usd, translatorCamera (units). It takes
`usd-core`, the extra ``dcc``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from scenegen.errors import PathError
from scenegen.files import write_atomic
from scenegen.path.formats.axes import from_y_up
from scenegen.path.formats.hints import Hints
from scenegen.path.formats.own import KEY, own_of, read_cuts, read_own
from scenegen.path.formats.usd_layers import check_references, survive
from scenegen.path.formats.values import field_of_view, frame_count, positive, read_bytes, unscaled
from scenegen.types import CameraPath, LensWork

_FILM_WIDTH_M = 0.036
_CENTIMETRE = 0.01
_NEAR_M, _FAR_M = 0.01, 1e4


def write(path: CameraPath, file: Path, size: tuple[int, int], hints: Hints) -> None:
    """Write ``path`` to ``file``, as text for ``.usda``.

    Raises:
        OutputError: the file cannot be written.
        PathError: usd-core is not installed.
    """
    Gf, Usd, UsdGeom = _usd(file)
    from pxr import Vt

    del size
    unit = hints.metres_per_unit or _CENTIMETRE
    kind = "usda" if file.suffix.lower() == ".usda" else "usdc"
    with tempfile.TemporaryDirectory() as temporary:
        draft = Path(temporary) / f"camera.{kind}"
        stage = Usd.Stage.CreateNew(str(draft))
        UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
        UsdGeom.SetStageMetersPerUnit(stage, unit)
        stage.SetTimeCodesPerSecond(path.fps)
        stage.SetFramesPerSecond(path.fps)
        stage.SetStartTimeCode(0)
        stage.SetEndTimeCode(len(path) - 1)
        camera = UsdGeom.Camera.Define(stage, "/camera")
        stage.SetDefaultPrim(camera.GetPrim())
        own = own_of(path)
        own.pop("lens_work", None)  # USD has words of its own for it
        if "cuts" in own:
            own["cuts"] = Vt.IntArray(own["cuts"])  # pyright: ignore[reportAttributeAccessIssue]
        camera.GetPrim().SetCustomDataByKey(KEY, own)
        _fill(camera, path, unit, Gf)
        stage.GetRootLayer().Save()
        write_atomic(file, draft.read_bytes())


def _fill(camera: Any, path: CameraPath, unit: float, Gf: Any) -> None:
    """Set the camera's attributes, sampled at every frame where they change, in a unit."""
    width = _FILM_WIDTH_M * 10 / unit
    height = width / path.aspect
    focal = height / 2 / np.tan(np.deg2rad(path.fov_y_deg) / 2)
    camera.CreateHorizontalApertureAttr(width)
    camera.CreateVerticalApertureAttr(height)
    camera.CreateClippingRangeAttr(Gf.Vec2f(_NEAR_M / unit, _FAR_M / unit))
    turn = camera.AddTransformOp()
    poses = path.world_from_camera.copy()
    poses[:, :3, 3] /= unit
    for index, pose in enumerate(poses):
        turn.Set(Gf.Matrix4d(pose.T.tolist()), index)  # USD multiplies rows from the left
    columns = [(camera.CreateFocalLengthAttr(), focal)]
    work = path.lens_work
    if work is not None:
        open_lens = work.aperture > 0
        stops = np.zeros(len(path))
        stops[open_lens] = focal[open_lens] * unit / 10 / work.aperture[open_lens]
        columns.append((camera.CreateFocusDistanceAttr(), work.focus_distance / unit))
        columns.append((camera.CreateFStopAttr(), stops))
        camera.CreateShutterOpenAttr(0.0)
        camera.CreateShutterCloseAttr(work.shutter)
    for attribute, values in columns:
        if np.ptp(values) == 0:
            attribute.Set(float(values[0]))
            continue
        for index, value in enumerate(values):
            attribute.Set(float(value), index)


def read(file: Path, hints: Hints) -> CameraPath:
    """Read the first perspective camera of a stage that any tool wrote; raises `PathError`."""
    _usd(file)
    if not read_bytes(file).startswith(b"#usda"):
        survive(file)
    return _opened(file, hints)


def _opened(file: Path, hints: Hints) -> CameraPath:
    _, Usd, UsdGeom = _usd(file)
    from pxr import Tf

    try:
        check_references(file)
        stage = Usd.Stage.Open(str(file), Usd.Stage.LoadAll)
        return _played(stage, file, hints, Usd, UsdGeom)
    except Tf.ErrorException as cause:
        raise PathError(
            f"{file}: expected a USD stage, found one that cannot be opened; export it again"
        ) from cause


def _played(stage: Any, file: Path, hints: Hints, Usd: Any, UsdGeom: Any) -> CameraPath:
    camera = _camera(stage, file, UsdGeom)
    where = f"{file}: {camera.GetPath()}"
    stated = camera.GetPrim().GetCustomDataByKey(KEY)
    own = read_own(stated, f"{where}: {KEY}")
    codes = positive(stage.GetTimeCodesPerSecond(), f"{file}: timeCodesPerSecond")
    timed = stage.HasAuthoredMetadata("framesPerSecond") or stage.HasAuthoredMetadata(
        "timeCodesPerSecond"
    )
    fps = own.fps or (stage.GetFramesPerSecond() if timed else hints.fps)
    positive(fps, f"{file}: framesPerSecond")
    begin, end = _span(stage, camera)
    frames = frame_count(np.floor((end - begin) * fps / codes + 1e-6) + 1, f"{file}")
    poses, rows, aspect = [], [], 0.0
    for index in range(frames):
        moment = Usd.TimeCode(begin + index * codes / fps)
        lens = camera.GetCamera(moment)
        poses.append(np.array(lens.transform).T)
        focal = positive(lens.focalLength, f"{where}.focalLength")
        height = positive(lens.verticalAperture, f"{where}.verticalAperture")
        fov = field_of_view(float(2 * np.rad2deg(np.arctan(height / 2 / focal))), where)
        rows.append((fov, lens.focusDistance, focal / 10 / lens.fStop if lens.fStop > 0 else 0.0))
        aspect = aspect or positive(lens.aspectRatio, f"{where}.horizontalAperture")
    world = unscaled(np.array(poses), where)
    scaled = UsdGeom.StageHasAuthoredMetersPerUnit(stage)
    unit = hints.metres_per_unit or (UsdGeom.GetStageMetersPerUnit(stage) if scaled else 1.0)
    world[:, :3, 3] *= positive(unit, f"{file}: metersPerUnit")
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y:
        world = from_y_up(world)
    table = np.array(rows) * [1.0, unit, unit]
    work = _lens_work(camera, table, Usd.TimeCode(begin), where)
    cuts = None
    if stated and "cuts" in stated:
        cuts = read_cuts({"cuts": list(stated["cuts"])}, f"{where}: {KEY}", frames)
    return CameraPath(world, table[:, 0], float(fps), own.aspect or aspect, work, cuts)


def _camera(stage: Any, file: Path, UsdGeom: Any) -> Any:
    """Return the first perspective camera."""
    for prim in stage.Traverse():
        if prim.IsA(UsdGeom.Camera):
            camera = UsdGeom.Camera(prim)
            if camera.GetProjectionAttr().Get() != UsdGeom.Tokens.orthographic:
                return camera
    raise PathError(
        f"{file}: expected a perspective camera, found none; include cameras in the export"
    )


def _span(stage: Any, camera: Any) -> tuple[float, float]:
    """Return the first and last time code that are shown."""
    if stage.HasAuthoredTimeCodeRange():
        begin, end = stage.GetStartTimeCode(), stage.GetEndTimeCode()
    else:
        prim = camera.GetPrim()
        found: list[float] = []
        while prim and not prim.IsPseudoRoot():
            for attribute in prim.GetAttributes():
                found += attribute.GetTimeSamples()
            prim = prim.GetParent()
        begin, end = min(found, default=0.0), max(found, default=0.0)
    return (begin, end) if np.isfinite([begin, end]).all() and end > begin else (begin, begin)


def _lens_work(camera: Any, table: np.ndarray, moment: Any, where: str) -> LensWork | None:
    """Return focus, aperture and shutter where the stage states any."""
    opened = camera.GetShutterOpenAttr().Get(moment) or 0.0
    shutter = float(np.clip((camera.GetShutterCloseAttr().Get(moment) or 0.0) - opened, 0.0, 1.0))
    if not table[:, 2].any() and shutter == 0 and not camera.GetFStopAttr().IsAuthored():
        return None
    if not (np.isfinite(table).all() and table[:, 1].min() >= 0):
        wrong = table[~(np.isfinite(table).all(axis=1) & (table[:, 1] >= 0))][0]
        raise PathError(
            f"{where}: expected focusDistance and fStop to be numbers from 0 on, found a distance "
            f"of {wrong[1]:g} and a lens {wrong[2]:g} wide; correct them"
        )
    return LensWork(table[:, 1], table[:, 2], shutter)


def _usd(file: Path) -> tuple[Any, Any, Any]:
    """Return the modules Gf, Usd and UsdGeom of usd-core."""
    try:
        from pxr import Gf, Usd, UsdGeom
    except ImportError as cause:
        raise PathError(
            f"{file}: USD needs usd-core, which is not installed; "
            "install it: pip install 'scenegen[dcc]'"
        ) from cause
    return Gf, Usd, UsdGeom


if __name__ == "__main__":  # `survive` asks for it
    try:
        _opened(Path(sys.argv[1]), Hints())
    except PathError:
        sys.exit(1)
