"""Camera paths as other tools write and read them; one module a format."""
