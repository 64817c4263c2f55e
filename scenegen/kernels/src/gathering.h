// The light that many cameras get together, through pictures of a few others.
#pragma once
#include <stdint.h>

#include <vector>

#include "field.h"
#include "light.h"
#include "reproject.h"

namespace scenegen {

// A picture of light in the order in which the kernels read it.
class LightPicture {
 public:
  // `pixels` [h][w][4]: three colours, and the inverse of the axial depth, below 0 where that is unknown.
  LightPicture(const FrameView& view, const float* pixels, int threads);
  LightPicture(const LightPicture&) = delete;

  FrameView view;
  LightPlanes planes;

 private:
  void lay_rows(const float* pixels, int row);

  std::vector<float> values_, ranges_;
};

// Adds up what cameras of one size see: [height][width][4], three colours, and how many got light.
// Camera s asks the pictures in the order order[s], [samples][pictures].
void gather_light(const std::vector<const LightPicture*>& pictures,
                  const std::vector<FrameView>& cameras, const int32_t* order, int threads,
                  float* total);

}  // namespace scenegen
