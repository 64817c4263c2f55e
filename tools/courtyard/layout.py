"""Where things stand: the composition of the yard, in metres from the fountain."""

from __future__ import annotations

from courtyard.building import DEPTH, HALF_X, HALF_Y, STEP
from scenegen.worlds.textures import BOUGAINVILLEA, CITRUS, GERANIUM, LAVENDER, OLIVE

# fmt: off
BENCHES = (
    (-3.2, HALF_Y - 0.75, 0.0), (3.3, HALF_Y - 0.75, 0.0), (HALF_X - 0.75, -1.0, 270.0),
    (-HALF_X + 0.75, 1.4, 90.0), (-4.6, -HALF_Y + 0.5, 180.0),
)
"""x, y, turn in degrees."""

JARS = (
    (-6.9, 6.2, 1.2), (-6.4, 6.5, 0.9), (-7.0, 5.6, 0.75), (6.9, 6.3, 1.25), (6.3, 6.4, 0.85),
    (6.9, -6.2, 1.1), (6.4, -6.5, 0.8), (-6.9, -6.3, 1.2), (1.55, -6.75, 1.0), (1.35, 6.6, 0.9),
    (-1.3, 6.6, 1.0), (2.0, -6.7, 0.75), (-7.1, -3.4, 0.9), (7.1, 2.6, 1.0),
)
"""x, y, size."""

CRATES = (
    (6.7, 4.6, 0.0, 12.0), (6.75, 4.65, 0.36, -6.0), (6.6, 3.9, 0.0, 80.0), (-6.8, -1.6, 0.0, 85.0),
    (-6.8, -1.55, 0.36, 97.0), (-6.7, -2.3, 0.0, 70.0), (3.5, -6.5, 0.0, 4.0),
    (3.55, -6.55, 0.36, 14.0),
)
"""x, y, z, turn."""

ORANGES = ((6.6, 3.9, 80.0), (-6.7, -2.3, 70.0))
TABLES = ((5.4, 6.15, -4.0), (-6.6, 4.1, 88.0))
BARRELS = ((7.0, -3.3, 0.0), (6.6, -4.0, 40.0), (-5.3, 6.5, 75.0))
LADDER = (-2.6, -HALF_Y + 0.95, 180.0)

BUNTING = (
    ((-7.6, 3.0, 3.9), (5.2, 7.0, 5.0)), ((-5.2, 7.0, 5.0), (7.6, 2.0, 3.9)),
    ((-7.6, -4.0, 3.9), (7.6, -2.6, 3.9)),
)
"""Both ends of every line of pennants."""

_W = DEPTH - 0.03
PICTURES = (
    ("north", "door_a", -5.2, STEP, 1.2, 2.3, _W), ("north", "tiles_a", -2.6, 0.7, 1.5, 1.8, _W),
    ("north", "door_b", 0.0, STEP, 1.5, 2.6, _W), ("north", "tiles_b", 2.6, 0.7, 1.5, 1.8, _W),
    ("north", "door_a", 5.2, STEP, 1.2, 2.3, _W),
    ("west", "poster_0", -4.9, 1.1, 0.8, 1.2, _W), ("west", "door_b", -2.4, STEP, 1.3, 2.4, _W),
    ("west", "tiles_c", 0.2, 0.9, 1.5, 1.2, _W), ("west", "poster_1", 2.0, 1.2, 0.8, 1.2, _W),
    ("west", "poster_2", 2.95, 1.1, 0.8, 1.2, _W), ("west", "door_a", 5.0, STEP, 1.2, 2.3, _W),
    ("east", "door_a", -5.0, STEP, 1.2, 2.3, _W), ("east", "poster_3", -2.9, 1.1, 0.8, 1.2, _W),
    ("east", "poster_4", -1.9, 1.2, 0.8, 1.2, _W), ("east", "door_b", 0.2, STEP, 1.3, 2.4, _W),
    ("east", "tiles_d", 2.6, 0.9, 1.5, 1.2, _W), ("east", "poster_5", 4.9, 1.1, 0.8, 1.2, _W),
    ("south", "tiles_e", -5.6, 1.3, 1.8, 1.2, -0.02),
    ("south", "poster_2", 2.4, 1.2, 0.8, 1.2, -0.02),
    ("south", "poster_4", 3.3, 1.3, 0.8, 1.2, -0.02),
    ("south", "tiles_f", 5.9, 1.2, 1.5, 1.5, -0.02),
    ("south", "poster_0", -1.9, 1.4, 0.6, 0.9, -0.02),
)
"""Side, material, x along the side, height of the lower edge, width, height, depth."""

TREES = (
    (-4.0, 5.0, 0.0, CITRUS, 4.2, 1.3, 5200), (4.3, 4.7, 50.0, OLIVE, 4.6, 1.5, 6000),
    (5.6, -5.4, 120.0, CITRUS, 3.6, 1.1, 4200),
)
"""x, y, turn, species, height, radius of the crown, leaves."""

POTS = (
    (-1.9, 6.6, CITRUS), (1.9, 6.6, CITRUS), (-0.75, 6.75, GERANIUM), (0.75, 6.75, LAVENDER),
    (5.9, 1.2, GERANIUM), (7.0, 0.6, CITRUS), (7.0, -2.4, LAVENDER), (-7.0, -0.4, CITRUS),
    (-7.0, 2.7, GERANIUM), (-7.0, -4.4, BOUGAINVILLEA), (-7.1, -5.2, CITRUS), (-1.6, -6.7, CITRUS),
    (1.0, -6.75, GERANIUM), (5.0, -6.7, LAVENDER), (-3.0, -6.75, GERANIUM), (2.4, 6.7, GERANIUM),
    (-6.3, 3.0, LAVENDER), (4.2, -6.6, CITRUS), (-6.2, -6.6, GERANIUM), (2.3, 0.9, GERANIUM),
    (-2.3, 0.95, LAVENDER), (-1.0, -2.3, GERANIUM), (1.0, -2.3, LAVENDER), (1.0, 2.3, CITRUS),
    (-1.0, 2.3, CITRUS),
)
"""x, y, species."""

CLIMBERS = (
    ("north", -7.6, 0.8, 6.4, 2600, None), ("north", 7.5, 1.0, 6.6, 2600, BOUGAINVILLEA),
    ("west", -2.4, 0.5, 4.0, 1300, None), ("west", 6.9, 0.6, 4.2, 1500, BOUGAINVILLEA),
    ("east", 2.4, 0.5, 4.1, 1400, BOUGAINVILLEA), ("east", -6.9, 0.6, 4.2, 1500, None),
    ("south", -7.0, 1.4, 3.9, 2200, None), ("south", 4.6, 1.7, 3.9, 2600, BOUGAINVILLEA),
)
"""Side, x along the side, width, height, leaves, blossom."""

EAVES = (
    ("west", -3.5, 0.5, 1500, None), ("east", 0.0, 4.6, 1700, BOUGAINVILLEA),
    ("north", 3.9, 7.7, 1500, BOUGAINVILLEA),
)
"""Side, left and right end along the side, leaves, blossom."""

CYPRESSES = (
    (-14.0, 17.0, 11.0), (-16.5, 14.0, 9.0), (3.0, 19.0, 12.0), (5.2, 20.0, 10.0),
    (17.0, 10.0, 10.0), (16.0, 4.0, 8.5), (-15.0, -3.0, 9.0), (-6.0, -14.0, 10.0),
    (-3.8, -15.0, 8.5), (7.0, -15.0, 11.0), (10.0, -13.0, 9.0), (14.0, -6.0, 9.5),
    (0.5, -19.0, 10.0),
)
"""x, y, height."""
# fmt: on
