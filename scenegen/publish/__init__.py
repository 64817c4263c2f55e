"""Frames to a clip and images: `scenegen.publish.clip.publish_clip`."""
