// Frames that are made of other frames: seen from where the camera is now, and blended.
#pragma once
#include <stdint.h>

#include "field.h"

namespace scenegen {

// The pose is that of world_from_camera, with OpenGL's axes.
struct FrameView {
  FrameLens lens;
  double rotation[9], position[3];
};

// What takes image points at depths from one camera to another.
Transfer transfer(const FrameView& from, const FrameView& to);

// Shows the frame `from` (colours and opacity [h][w][4], axial depth [h][w], 0 where nothing was hit)
// to the camera `to`. Where it cannot tell, depth is -1.
void reproject(const FrameView& from, const float* rgba, const float* depth, const FrameView& to,
               int threads, float* rgba_out, float* depth_out);

struct Blending {
  float share;                       // of the second frame
  float tolerance, depth_tolerance;  // largest differences, in a colour and of the depth
};

// Blends two frames where both know a pixel and agree, and takes what only one knows, if it knows all
// around. `redraw` becomes 1 for the other pixels, 0 for these.
void blend_frames(const float* rgba_a, const float* depth_a, const float* rgba_b, const float* depth_b,
                  int width, int height, const Blending& how, int threads, float* rgba, float* depth,
                  uint8_t* redraw);

}  // namespace scenegen
