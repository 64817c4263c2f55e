"""Path: a script, keyframes or nothing at all become a camera for every frame of a clip."""
