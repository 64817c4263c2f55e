#include "reproject.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "trainer.h"
#include "workers.h"

namespace scenegen {
namespace {

constexpr int kMargin = 2;

// Whether a frame knows a pixel and all within kMargin of it: at the edge of what it knows, its
// depths are least sure.
bool surrounded(const float* depth, int width, int height, int x, int y) {
  if (x < kMargin || y < kMargin || x + kMargin >= width || y + kMargin >= height) return false;
  for (int j = -kMargin; j <= kMargin; ++j)
    for (int i = -kMargin; i <= kMargin; ++i)
      if (depth[int64_t(y + j) * width + x + i] < 0) return false;
  return true;
}

}  // namespace

Transfer transfer(const FrameView& from, const FrameView& to) {
  Transfer t{from.lens, to.lens, {}, {}};
  for (int i = 0; i < 3; ++i) {
    double moved = 0;
    for (int k = 0; k < 3; ++k)
      moved += to.rotation[3 * k + i] * (from.position[k] - to.position[k]);
    t.offset[i] = float(moved);
    for (int j = 0; j < 3; ++j) {
      double turned = 0;
      for (int k = 0; k < 3; ++k) turned += to.rotation[3 * k + i] * from.rotation[3 * k + j];
      t.rotation[3 * i + j] = float(turned);
    }
  }
  return t;
}

void reproject(const FrameView& from, const float* rgba, const float* depth, const FrameView& to,
               int threads, float* rgba_out, float* depth_out) {
  // A row above, one below, a column on the left, and on the right what a vector may reach.
  const int pitch = (to.lens.width + kLanes - 1) / kLanes * kLanes + 2;
  std::vector<float> nearest(size_t(pitch) * (to.lens.height + 2),
                             std::numeric_limits<float>::infinity());
  Warp warp{transfer(from, to), transfer(to, from), rgba, depth, &nearest[pitch + 1], pitch,
            rgba_out, depth_out};
  kernels().splat_depths(warp);
  int64_t next = 0;
  run_threads(threads, [&](int) { kernels().warp_rows(warp, &next); });
}

void blend_frames(const float* rgba_a, const float* depth_a, const float* rgba_b, const float* depth_b,
                  int width, int height, const Blending& how, int threads, float* rgba, float* depth,
                  uint8_t* redraw) {
  auto blend = [&](int64_t i) {
    float a = depth_a[i], b = depth_b[i];
    bool good = false;
    int x = int(i % width), y = int(i / width);
    if (a >= 0 && b >= 0) {
      good = std::fabs(a - b) <= how.depth_tolerance * std::min(a, b);
      for (int c = 0; c < 4; ++c)
        good = good && std::fabs(rgba_a[4 * i + c] - rgba_b[4 * i + c]) <= how.tolerance;
    } else if (a >= 0 || b >= 0) {
      good = surrounded(a >= 0 ? depth_a : depth_b, width, height, x, y);
    }
    redraw[i] = !good;
    if (!good) return;
    float share = a < 0 ? 1.0f : b < 0 ? 0.0f : how.share;
    for (int c = 0; c < 4; ++c) {
      float first = a >= 0 ? rgba_a[4 * i + c] : 0.0f, second = b >= 0 ? rgba_b[4 * i + c] : 0.0f;
      rgba[4 * i + c] = (1 - share) * first + share * second;
    }
    depth[i] = (1 - share) * a + share * b;
  };
  run_threads(threads, [&](int id) {
    int64_t pixels = int64_t(width) * height, end = pixels * (id + 1) / threads;
    for (int64_t i = pixels * id / threads; i < end; ++i) blend(i);
  });
}

}  // namespace scenegen
