"""What every subcommand of `scenegen` has: options for all, and those of its stages as configs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from scenegen.progress import Progress
from scenegen.report import Report

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Config = TypeVar("Config", bound=DataclassInstance)


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """What every subcommand has; the configs of its stages are further base classes."""

    kept: ClassVar[str] = "Nothing was changed."
    """What to tell someone who stopped the command."""

    report: Path | None = None
    """Write the figures of the job to this JSON file."""

    quiet: bool = False
    """Say nothing but warnings and errors."""

    debug: bool = False
    """Show where in the program an error arose, for a bug report."""

    def config(self, stage: type[Config]) -> Config:
        """Return the options of one stage as its config."""
        return stage(**{field.name: getattr(self, field.name) for field in fields(stage)})

    def check(self) -> None:
        """Raise a `SceneGenError` for options that no input could satisfy."""
        for stage in type(self).__mro__:
            if is_dataclass(stage) and not issubclass(stage, Command):
                self.config(stage)

    @abstractmethod
    def run(self, report: Report, progress: Progress) -> str:
        """Do the job and return what to tell about what was made."""
