"""The browser studio: a live view of a scene, and a director's desk over all stages.

`session` holds what is edited, `film` what comes of it, `stage` the scene it plays at; none of them
knows a browser. `seat` is one browser: its live picture, its overlay, its panels.
"""
