// Pictures of light as the kernels read them; see gathering.h.
#pragma once
#include <stdint.h>

#include "field.h"

namespace scenegen {

constexpr int kTileRows = 4;    // of a tile, kLanes wide, that follows its rays together
constexpr int kRangeTile = 16;  // side of the squares whose inverse depths are summed up

// At planes[(4 y + c) pitch + x] a pixel's colours, c = 0..2, and its inverse depth, c = 3. The latter is
// below 0 where nothing is known, and in the row above and that below, kLanes columns to the left and
// 2 kLanes to the right.
struct LightPlanes {
  FrameLens lens;
  const float* planes;
  int pitch;
  const float* ranges;  // [rows][columns][2]: least and largest inverse depth known in a square
  int range_rows, range_columns;
  float low, high;  // of all
};

struct Gathering {
  const LightPlanes* views;
  int count;
  const Transfer* transfers;  // [samples][count], from the camera to the view
  const int32_t* order;       // [samples][count]: in which order the views are asked
  int samples, width, height;
  float* total;  // [height][width][4]: light, and the number of cameras that got some
};

}  // namespace scenegen
