"""Rendered frames in, refined frames out: a diffusion model with a temporal transformer.

bridge.py      the path of noise from a clean frame to its render, and back in a few steps
config.py      what is asked for
noise.py       noise that lies on surfaces of the world, so that it does not swim
condition.py   what is known of a frame: render, photos warped into it, depth, opacity
network.py     the network: encoder, temporal transformer, decoder
temporal.py    attention of a place to the same surface in frames before and after
heads.py       what a pixel is made of: shares of render and photos, and what is made up
sampler.py     frames of a shot, refined as they come
grade.py       words that grade colours, before and apart from the network
guard.py       checks of what came of it; where one fails the render is put back
provenance.py  where every pixel comes from
weights.py     the network on disk
pairs.py       clips to learn from, on disk
batches.py     and as they are learned from: cut out, mirrored, relit, harmed
losses.py      how far from clean a frame is
fit.py         training
"""
