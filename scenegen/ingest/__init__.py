"""Ingest: photos, a video or a posed capture become a capture folder."""
