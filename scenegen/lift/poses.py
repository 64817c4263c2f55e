"""Cameras that move while the field trains, to where the photos agree best.

The correction of a camera is a rotation vector omega and a translation tau, 3 + 3 numbers: in the
field's frame the camera turns by exp([omega]) about its centre and moves by tau,

    R = exp([omega]) R_0,    o = o_0 + tau    (radians; radii of the unit ball).

Corrections stay within degrees, where the slope of the loss with respect to omega is the torque on
the camera, so that Adam moves all six numbers as they are. A motion of all cameras together changes
nothing that a photo could see, if the field moves with them: turning, moving and scaling the whole
rig is taken out, so that cameras that do not train, and metres, keep their meaning.

Sources: Lin et al., "BARF: Bundle-Adjusting Neural Radiance Fields" (2021), section 3; Kingma and
Ba, "Adam" (2015), algorithm 1.
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
_BETAS = (0.9, 0.99)


def refine_poses(
    problem: Problem, state: TrainingState, gradient: Float[np.ndarray, "photo 6"], rate: float
) -> None:
    """Move ``state.pose`` against ``gradient`` by one step of Adam."""
    state.pose_step += 1
    corrections = [1.0 - beta**state.pose_step for beta in _BETAS]
    state.pose_m += (1.0 - _BETAS[0]) * (gradient - state.pose_m)
    state.pose_v += (1.0 - _BETAS[1]) * (gradient * gradient - state.pose_v)
    spread = np.sqrt(state.pose_v / corrections[1]) + 1e-15
    pose = state.pose - rate * (state.pose_m / corrections[0]) / spread
    positions = np.array([photo.camera.position for photo in problem.photos])
    state.pose[:] = without_common_motion(pose, (positions - problem.centre) / problem.radius)


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
