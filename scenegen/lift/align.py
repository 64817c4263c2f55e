"""The camera of a photo that did not train, found on the photo itself with the field held still.

A held-out photo's own pose is as wrong as those of the photos that trained, but only theirs are
corrected. So its score says how good its pose is as much as how good the field is. Moving the
camera to where the field looks most like the photo takes the first away, as BARF and nerfstudio do
to report on refined poses; it also uses the photo that is measured, so its score has its own name.

Source: Lin et al., "BARF: Bundle-Adjusting Neural Radiance Fields" (2021), section 4.
"""

from __future__ import annotations

import numpy as np

from scenegen.lift.pixels import PhotoPixels
from scenegen.lift.poses import refined_camera, stepped
from scenegen.lift.state import TrainingState, new_state
from scenegen.lift.trainer import Problem, make_trainer
from scenegen.types import Camera, Field

_ROUNDS = 8
_RAYS = 8192
"""Rays in a round."""


def aligned_camera(field: Field, photo: PhotoPixels, backend: str = "auto") -> Camera:
    """Return the camera of ``photo``, moved to where ``field`` looks most like it.

    Six numbers move, in `_ROUNDS` steps; the photo is not trained on. Raises `LiftError` where
    ``backend`` cannot run.
    """
    problem = Problem(
        photos=[photo],
        shape=field.shape,
        centre=field.centre,
        radius=field.radius,
        near=field.near,
        far=field.far,
        distortion=0.0,
    )
    state = _frozen(field)
    trainer = make_trainer(problem, state, backend)
    for number in range(_ROUNDS):
        facts, _ = trainer.gradients(number, _RAYS, outlier=max(0.15, 5.0 * state.error))
        state.error = float(np.sqrt(facts.squared_error / max(facts.compared, 1)))
        state.pose[:] = stepped(state, facts.pose_sums, (number + 1) / _ROUNDS)
        trainer.place_cameras()
    return refined_camera(photo.camera, field.radius, state.pose[0])


def _frozen(field: Field) -> TrainingState:
    """Return a state of training that shows ``field``."""
    state = new_state(field.shape, 1, seed=0)
    state.hash[:] = field.parameters["hash"].reshape(state.hash.shape)
    state.mlp[:] = field.parameters["mlp"]
    state.alpha[:] = field.occupancy == 0
    state.step_length, state.step = field.step, 1  # at step 0 a trainer would open all cells
    return state
