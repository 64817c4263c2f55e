"""The panels beside the picture, one module for each kind of thing that they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenegen.studio.film import Film

if TYPE_CHECKING:
    from scenegen.studio.seat import Seat


class Panel:
    """A part of a browser's controls; it hears of every film that is made."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat

    def refresh(self, film: Film) -> None:
        """Show what the script and its film are now."""

    def playing(self, second: float | None) -> None:
        """Follow the film as it plays; None when it stopped by itself."""

    def close(self) -> None:
        """Let go of what outlives the client."""


def panels_of(seat: Seat) -> list[Panel]:
    """Make a seat's panels, from top to bottom."""
    from scenegen.studio.panels.files import FilesPanel
    from scenegen.studio.panels.lens import LensPanel
    from scenegen.studio.panels.photos import PhotosPanel
    from scenegen.studio.panels.render import RenderPanel
    from scenegen.studio.panels.scene import ScenePanel
    from scenegen.studio.panels.shots import ShotsPanel
    from scenegen.studio.panels.timeline import TimelinePanel
    from scenegen.studio.panels.view import ViewPanel

    gui = seat.client.gui
    panels: list[Panel] = []
    if seat.studio.training is not None:
        panels.append(PhotosPanel(seat, seat.studio.training))
    panels.append(TimelinePanel(seat))
    tabs = gui.add_tab_group()
    kinds = {
        "Shots": ShotsPanel,
        "Lens": LensPanel,
        "View": ViewPanel,
        "Scene": ScenePanel,
        "Files": FilesPanel,
        "Render": RenderPanel,
    }
    for name, kind in kinds.items():
        with tabs.add_tab(name):
            panels.append(kind(seat))
    return panels
