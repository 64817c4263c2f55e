#include "reproject.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scenegen {
namespace {

typedef float f4 __attribute__((vector_size(16)));

constexpr float kSky = 1e6f;  // distance of what has none
constexpr float kMissing = -1.0f;
constexpr float kNone = std::numeric_limits<float>::infinity();
constexpr float kSameSurface = 0.03f;  // depths of one surface differ by less, relatively
constexpr int kMargin = 2;
constexpr float kStep = 0.1f;          // neighbours of one surface do, between a frame's pixels

// Takes a pixel at a depth from one camera to another.
struct Transfer {
  float rotation[9], offset[3];
  FrameView from, to;

  Transfer(const FrameView& from_, const FrameView& to_) : from(from_), to(to_) {
    for (int i = 0; i < 3; ++i) {
      double moved = 0;
      for (int k = 0; k < 3; ++k)
        moved += to.rotation[3 * k + i] * (from.position[k] - to.position[k]);
      offset[i] = float(moved);
      for (int j = 0; j < 3; ++j) {
        double turned = 0;
        for (int k = 0; k < 3; ++k) turned += to.rotation[3 * k + i] * from.rotation[3 * k + j];
        rotation[3 * i + j] = float(turned);
      }
    }
  }
  // Position in pixels and depth of what lies at image point (u, v) at `depth`.
  bool operator()(float u, float v, float depth, float out[3]) const {
    float x = (u - from.cx) / from.focal * depth, y = (from.cy - v) / from.focal * depth;
    float p[3];
    for (int i = 0; i < 3; ++i)
      p[i] = rotation[3 * i] * x + rotation[3 * i + 1] * y - rotation[3 * i + 2] * depth + offset[i];
    out[2] = -p[2];
    if (out[2] <= 1e-6f) return false;
    out[0] = to.cx + to.focal * p[0] / out[2];
    out[1] = to.cy - to.focal * p[1] / out[2];
    return true;
  }
};

void splat(const Transfer& forth, const float* depth, float* nearest) {
  const FrameView &from = forth.from, &to = forth.to;
  std::fill(nearest, nearest + int64_t(to.width) * to.height, kNone);
  for (int y = 0; y < from.height; ++y)
    for (int x = 0; x < from.width; ++x) {
      float z = depth[int64_t(y) * from.width + x], p[3];
      if (z < 0 || !forth(x + 0.5f, y + 0.5f, z > 0 ? z : kSky, p)) continue;
      if (!(p[0] >= 0 && p[0] < to.width && p[1] >= 0 && p[1] < to.height)) continue;
      float& cell = nearest[int64_t(p[1]) * to.width + int64_t(p[0])];
      cell = std::min(cell, p[2]);
    }
}

// Depth of a pixel by what fell on it and on its neighbours, or infinity: a surface that spreads may
// leave a crack, through which what lies behind must not be seen.
float surface(const FrameView& to, const float* nearest, int x, int y) {
  float own = nearest[int64_t(y) * to.width + x], sum = 0;
  int closer = 0, around = 0;
  for (int j = std::max(y - 1, 0); j <= std::min(y + 1, to.height - 1); ++j)
    for (int i = std::max(x - 1, 0); i <= std::min(x + 1, to.width - 1); ++i) {
      float z = nearest[int64_t(j) * to.width + i];
      if ((i == x && j == y) || z == kNone) continue;
      ++around;
      if (z * (1 + kStep) < own) ++closer, sum += z;
    }
  if (own != kNone) return closer >= 2 ? kNone : own;
  if (around < 4) return kNone;
  float mean = sum / closer;
  for (int j = std::max(y - 1, 0); j <= std::min(y + 1, to.height - 1); ++j)
    for (int i = std::max(x - 1, 0); i <= std::min(x + 1, to.width - 1); ++i) {
      float z = nearest[int64_t(j) * to.width + i];
      if (z != kNone && std::fabs(z - mean) > kStep * mean) return kNone;
    }
  return mean;
}

// Depth at an image point between four pixels, or missing where they are not of one surface.
float depth_at(const FrameView& view, const float* depth, float u, float v) {
  if (!(u >= 0.5f && v >= 0.5f && u + 0.5f < view.width && v + 0.5f < view.height)) return kMissing;
  int x = int(u - 0.5f), y = int(v - 0.5f);
  const float* d = depth + int64_t(y) * view.width + x;
  float z[4] = {d[0], d[1], d[view.width], d[view.width + 1]}, low = kNone, high = 0;
  for (float& one : z) {
    if (one < 0) return kMissing;
    if (one == 0) one = kSky;
    low = std::min(low, one), high = std::max(high, one);
  }
  if (high > (1 + kStep) * low) return kMissing;
  float fx = u - 0.5f - x, fy = v - 0.5f - y;
  return (z[0] * (1 - fx) + z[1] * fx) * (1 - fy) + (z[2] * (1 - fx) + z[3] * fx) * fy;
}

// Weights of four pixels in a row, by Catmull and Rom's spline; f is the place between the middle two.
void spline(float f, float w[4]) {
  w[0] = f * (-0.5f + f * (1 - 0.5f * f));
  w[1] = 1 + f * f * (-2.5f + 1.5f * f);
  w[2] = f * (0.5f + f * (2 - 1.5f * f));
  w[3] = f * f * (-0.5f + 0.5f * f);
}

// Colour and opacity at an image point for which there is a depth.
f4 color_at(const FrameView& view, const float* rgba, float u, float v) {
  int x = int(u - 0.5f), y = int(v - 0.5f);
  float wx[4], wy[4];
  spline(u - 0.5f - x, wx), spline(v - 0.5f - y, wy);
  f4 sum = {};
  for (int j = 0; j < 4; ++j) {
    int row = std::clamp(y - 1 + j, 0, view.height - 1);
    f4 line = {};
    for (int i = 0; i < 4; ++i) {
      int column = std::clamp(x - 1 + i, 0, view.width - 1);
      f4 pixel;
      __builtin_memcpy(&pixel, rgba + 4 * (int64_t(row) * view.width + column), sizeof pixel);
      line += pixel * wx[i];
    }
    sum += line * wy[j];
  }
  return sum;
}

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

void reproject(const FrameView& from, const float* rgba, const float* depth, const FrameView& to,
               float* nearest, float* rgba_out, float* depth_out) {
  Transfer forth(from, to), back(to, from);
  splat(forth, depth, nearest);
  for (int y = 0; y < to.height; ++y)
    for (int x = 0; x < to.width; ++x) {
      int64_t pixel = int64_t(y) * to.width + x;
      float z = surface(to, nearest, x, y), p[3], q[3];
      depth_out[pixel] = kMissing;
      if (z == kNone || !back(x + 0.5f, y + 0.5f, z, p)) continue;
      // What fell on the pixel did not fall on its centre: look there, once more.
      float found = depth_at(from, depth, p[0], p[1]);
      if (found < 0 || std::fabs(found - p[2]) > kSameSurface * found) continue;
      if (!forth(p[0], p[1], found, q) || !back(x + 0.5f, y + 0.5f, q[2], p)) continue;
      found = depth_at(from, depth, p[0], p[1]);
      if (found < 0 || std::fabs(found - p[2]) > kSameSurface * found) continue;
      f4 color = color_at(from, rgba, p[0], p[1]);
      __builtin_memcpy(rgba_out + 4 * pixel, &color, sizeof color);
      depth_out[pixel] = q[2] < 0.5f * kSky ? q[2] : 0.0f;
    }
}

void blend_frames(const float* rgba_a, const float* depth_a, const float* rgba_b, const float* depth_b,
                  int width, int height, const Blending& how, float* rgba, float* depth,
                  uint8_t* redraw) {
  for (int64_t i = 0; i < int64_t(width) * height; ++i) {
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
    if (!good) continue;
    float share = a < 0 ? 1.0f : b < 0 ? 0.0f : how.share;
    for (int c = 0; c < 4; ++c) {
      float first = a >= 0 ? rgba_a[4 * i + c] : 0.0f, second = b >= 0 ? rgba_b[4 * i + c] : 0.0f;
      rgba[4 * i + c] = (1 - share) * first + share * second;
    }
    depth[i] = (1 - share) * a + share * b;
  }
}

}  // namespace scenegen
