"""The example scene: an arcaded courtyard, modelled, textured and path-traced from one seed."""
