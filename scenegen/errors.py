"""Errors that a user may meet, one class a stage.

Every message says where, what was expected, what was found, and the fix.
`cli.py` prints the message alone and exits with 1; a traceback is shown only with `--debug`.
"""


class SceneGenError(Exception):
    """Base of all errors that are the input's or the machine's fault, not ours."""


class UsageError(SceneGenError):
    """Options that contradict each other: the command itself is wrong, exit code 2."""


class IngestError(SceneGenError):
    """Photos, a video or a posed capture could not become a `Capture`."""


class WorldError(SceneGenError):
    """A sentence or a world's file could not become a world."""


class GenerateError(SceneGenError):
    """A generative model of the user's could not be read, or made nothing."""


class LiftError(SceneGenError):
    """A `Capture` could not become a `Scene`, or a scene folder could not be read."""


class PathError(SceneGenError):
    """A camera path is malformed or impossible."""


class LookError(SceneGenError):
    """Words that are no look, or looks that contradict each other."""


class RefineError(SceneGenError):
    """Frames cannot be refined, or the weights that would refine them not be read."""


class RenderError(SceneGenError):
    """Frames could not be rendered."""


class PublishError(SceneGenError):
    """Frames could not be written as a clip, images or depth."""


class OutputError(SceneGenError):
    """An output exists already, cannot be written, or the disk is full."""
