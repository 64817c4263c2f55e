"""Scene and camera path to frames: `scenegen.render.frames.render_path`."""
