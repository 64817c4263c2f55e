"""Exposure and white balance of each photo, found while the field trains.

A photo shows gain e^g times the field's colour, with a log gain g for each channel. While the field
is what it is, the best gain is that of weighted least squares,

    e^g = sum w y c / sum w c^2,

of colours c of the field and y of the photo. After every slice of training it is taken from the
slope G and the curvature H of the loss with respect to g, summed over the slice's rays, for which
sum w c^2 = H / e^2g and sum w y c = (H - G) / e^g; w is how much the loss trusts a colour. Sums of
earlier slices fade. All gains together are the field's: their mean is taken out.

Photos of a locked exposure differ by little, and what a gain finds in them is what the field does
not show yet, so that gains shrink towards 0 where all of them are small: by s^2 / (s^2 + s_0^2),
s being their root mean square (James and Stein, "Estimation with Quadratic Loss", 1961).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from scenegen.lift.state import TrainingState

_KEPT = 0.5
"""Share of the sums of earlier slices that counts in the next."""
_PRIOR = 1.0
"""What is taken to be known of every gain before anything was seen: that it is 1, as if from so
many squares of full brightness."""
_LOCKED = 0.012
"""Root mean square of log gains that may well be nothing."""


def refine_exposures(
    state: TrainingState, sums: Float[np.ndarray, "photo 2 3"], rate: float
) -> None:
    """Move ``state.exposure`` by ``rate`` towards what a slice's ``sums`` of G and H say."""
    gain = np.exp(state.exposure.astype(float))
    slope, curvature = sums[:, 0].astype(float), sums[:, 1].astype(float)
    fit = _KEPT * state.exposure_fit.astype(float)
    fit += np.stack([(curvature - slope) / gain, curvature / gain**2], axis=1)
    state.exposure_fit[:] = fit
    wanted = np.log((fit[:, 0] + _PRIOR) / (fit[:, 1] + _PRIOR))
    wanted -= wanted.mean(axis=0)
    spread = np.mean(wanted**2)
    wanted *= spread / (spread + _LOCKED**2)
    state.exposure += (rate * (wanted - state.exposure)).astype(np.float32)
