"""Cameras that move while the field trains, to where the photos agree best, if that is far enough.

The correction of a camera is a rotation vector omega and a translation tau, 3 + 3 numbers: in the
field's frame the camera turns by exp([omega]) about its centre and moves by tau,

    R = exp([omega]) R_0,    o = o_0 + tau    (radians; radii of the unit ball).

Rays tell the gradient g of the loss with respect to the six numbers and its Gauss-Newton curvature
H. Sums of both over the rays so far, the older the less, make a step of -(H + D)^-1 g a slice; D is
small and holds back what no photo could tell. A motion of all cameras together changes nothing that
a photo could see, if the field moves with them: turning, moving and scaling the whole rig is taken
out, so that cameras that do not train, and metres, keep their meaning.

Corrections have noise, and the field follows them, so that good poses get a little worse. So
cameras move on trial first; then `judge` looks at how far that has moved the picture, as far as the
photos could tell, and puts the cameras back for good if it is no more than good poses show.

Sources: Lin et al., "BARF: Bundle-Adjusting Neural Radiance Fields" (2021), section 3; Amari,
"Natural Gradient Works Efficiently in Learning" (1998), section 4, for the curvature's average;
Nocedal and Wright, "Numerical Optimization" (2006), section 10.3.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32

from scenegen.lift.state import TrainingState
from scenegen.lift.trainer import Problem
from scenegen.types import Camera

POSE_EVERY = 4
"""One ray in so many tells how its camera should move; a power of two."""
FORGETTING = 2.0
"""Rays from a share s of the budget weigh s to this power."""
TYPICAL = (3e-3, 5e-3)
"""Standard deviations of given poses, in radians and radii of the unit ball: what holds back a
camera whose photo says nothing."""
LARGEST_STEP = 2e-3
"""Radians, or radii of the unit ball, that a camera may move in one step along any axis."""
EVIDENCE = 4e-3
"""Motion in radians, root mean square over cameras and beyond what noise causes, below which given
poses are good enough: about what the finest cells of a field span from a radius away."""


def refine_poses(
    problem: Problem,
    state: TrainingState,
    sums: Float[np.ndarray, "photo 13 6"],
    spent: float,
) -> None:
    """Move ``state.pose`` by a step; ``sums`` are the last slice's `SliceFacts.pose_sums`, which
    began at the share ``spent`` of the budget.
    """
    pose = stepped(state, sums, spent)
    positions = np.array([photo.camera.position for photo in problem.photos])
    state.pose[:] = without_common_motion(pose, (positions - problem.centre) / problem.radius)


def stepped(
    state: TrainingState, sums: Float[np.ndarray, "photo 13 6"], spent: float
) -> Float[np.ndarray, "photo 6"]:
    """Take up ``sums`` and return ``state.pose`` one step further, each camera for itself."""
    keep = (state.pose_spent / spent) ** FORGETTING
    state.pose_spent = spent
    state.pose_sums *= keep
    state.pose_sums += sums
    tie = _tie(state.error)
    slope = sums[:, 0] + (1.0 - keep) * np.diag(tie) * state.pose
    step = -np.linalg.solve(state.pose_sums[:, 1:7] + tie, slope[..., None])[..., 0]
    longest = np.abs(step).max(axis=1, keepdims=True)
    return state.pose + step * (LARGEST_STEP / np.maximum(longest, LARGEST_STEP))


def judge(state: TrainingState) -> bool:
    """Return whether the cameras were wrong enough to go on; if not, put them back for good."""
    moved, noise = seen_motion(state)
    state.pose_judged = True
    state.pose_refined = moved**2 - noise**2 > EVIDENCE**2
    if not state.pose_refined:
        state.pose[:] = 0.0
    return state.pose_refined


def seen_motion(state: TrainingState) -> tuple[float, float]:
    """Return how far corrections move the photos' pictures, and how far noise alone would: radians.

    The first is the root mean square over cameras of sqrt(c^T H c / h) for a correction c, the
    curvature H, and h the mean curvature of turns about the axes across the view: half the trace
    for turns, since turning about the view moves little. So a motion counts by how much it changes
    the picture, and turning and moving of which the one undoes the other count for nothing. The
    second takes the expectation of c^T H c for c = H^-1 g of independent rays' gradients of mean
    zero.
    """
    curvature, squares = state.pose_sums[:, 1:7], state.pose_sums[:, 7:]
    across = np.trace(curvature[:, :3, :3], axis1=1, axis2=2) / 2 + 1e-30
    seen = np.einsum("ni,nij,nj->n", state.pose, curvature, state.pose) / across
    solved = np.linalg.solve(curvature + _tie(state.error), squares)
    noise = np.trace(solved, axis1=1, axis2=2) / across
    return float(np.sqrt(seen.mean())), float(np.sqrt(noise.mean()))


def _tie(error: float) -> Float[np.ndarray, "6 6"]:
    """Return the curvature that given poses of typical error have of themselves."""
    return np.diag(np.repeat(np.array(TYPICAL) ** -2.0, 3) * error**2 / 3.0)


def without_common_motion(
    pose: Float[np.ndarray, "photo 6"], positions: Float[np.ndarray, "photo 3"]
) -> Float[np.ndarray, "photo 6"]:
    """Take out the turn, motion and scaling of the whole rig that fits ``pose`` best."""
    arms = positions - positions.mean(0)
    turns, moves = pose[:, :3], pose[:, 3:] - pose[:, 3:].mean(0)
    inertia = (arms**2).sum() * np.eye(3) - arms.T @ arms
    torque = turns.sum(0) + np.cross(arms, moves).sum(0)
    common = np.linalg.solve(inertia + len(pose) * np.eye(3), torque)
    moves = moves - np.cross(common, arms)
    moves = moves - arms * ((arms * moves).sum() / max((arms**2).sum(), 1e-12))
    return np.concatenate([turns - common, moves], axis=1)


def rotation(omega: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    """Return exp([omega]), by Rodrigues' formula."""
    angle = float(np.linalg.norm(omega))
    x, y, z = omega
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    half = np.sinc(angle / 2 / np.pi)
    return np.eye(3) + np.sinc(angle / np.pi) * skew + 0.5 * half * half * skew @ skew


def refined_camera(camera: Camera, radius: float, correction: Float[np.ndarray, "6"]) -> Camera:
    """Return ``camera`` as ``correction`` turns and moves it in a ball of ``radius``."""
    if not correction.any():
        return camera
    omega, tau = correction[:3].astype(float), correction[3:].astype(float)
    moved = camera.world_from_camera.astype(float)
    moved[:3, :3] = rotation(omega) @ moved[:3, :3]
    moved[:3, 3] += radius * tau
    return replace(camera, world_from_camera=moved)


def placed(
    problem: Problem, pose: Float[np.ndarray, "photo 6"]
) -> tuple[Float32[np.ndarray, "photo 3 3"], Float32[np.ndarray, "photo 3"]]:
    """Return rotations and positions of the cameras in the field's frame."""
    pairs = zip(problem.photos, pose, strict=True)
    cameras = [refined_camera(photo.camera, problem.radius, by) for photo, by in pairs]
    motions = np.array([camera.world_from_camera for camera in cameras])
    positions = (motions[:, :3, 3] - problem.centre) / problem.radius
    return (
        np.ascontiguousarray(motions[:, :3, :3], dtype=np.float32),
        np.ascontiguousarray(positions, dtype=np.float32),
    )
