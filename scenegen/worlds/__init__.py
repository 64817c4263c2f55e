"""Worlds from words: a sentence becomes a world, and the world is photographed."""
