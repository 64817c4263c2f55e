"""scenegen: photos, a video or a sentence in; a 3D scene and a directed clip out."""

__version__ = "0.1.0"
