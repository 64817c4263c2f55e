"""Weather and light for any scene: frames in, the same frames under a look out."""
