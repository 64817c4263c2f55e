"""The map of a path: from above, from the side and over the seconds, with what is wrong with it."""
