#include "gathering.h"

#include <algorithm>
#include <limits>

#include "trainer.h"
#include "workers.h"

namespace scenegen {
namespace {

constexpr float kUnknown = -1.0f;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

LightPicture::LightPicture(const FrameView& view_, const float* pixels, int threads)
    : view(view_), planes{} {
  const FrameLens& lens = planes.lens = view.lens;
  planes.pitch = (lens.width + kLanes - 1) / kLanes * kLanes + 3 * kLanes;
  planes.range_rows = (lens.height + kRangeTile - 1) / kRangeTile;
  planes.range_columns = (lens.width + kRangeTile - 1) / kRangeTile;
  values_.assign(size_t(planes.pitch) * 4 * (lens.height + 2), kUnknown);
  ranges_.resize(size_t(planes.range_rows) * planes.range_columns * 2);
  planes.planes = values_.data() + size_t(planes.pitch) * 4 + kLanes, planes.ranges = ranges_.data();
  run_threads(threads, [&](int id) {
    for (int row = id; row < planes.range_rows; row += threads) lay_rows(pixels, row);
  });
  planes.low = kInfinity, planes.high = -kInfinity;
  for (size_t i = 0; i < ranges_.size(); i += 2) {
    planes.low = std::min(planes.low, ranges_[i]);
    planes.high = std::max(planes.high, ranges_[i + 1]);
  }
}

// Lays a row of squares.
void LightPicture::lay_rows(const float* pixels, int row) {
  float* range = ranges_.data() + size_t(row) * planes.range_columns * 2;
  for (int i = 0; i < planes.range_columns; ++i) range[2 * i] = kInfinity, range[2 * i + 1] = -kInfinity;
  int width = view.lens.width, bottom = std::min((row + 1) * kRangeTile, view.lens.height);
  for (int y = row * kRangeTile; y < bottom; ++y) {
    float* out = values_.data() + size_t(planes.pitch) * 4 * (y + 1) + kLanes;
    for (int x = 0; x < width; ++x) {
      const float* pixel = pixels + (size_t(y) * width + x) * 4;
      for (int c = 0; c < 4; ++c) out[c * planes.pitch + x] = pixel[c];
      if (pixel[3] < 0) continue;
      float* square = range + x / kRangeTile * 2;
      square[0] = std::min(square[0], pixel[3]), square[1] = std::max(square[1], pixel[3]);
    }
  }
}

void gather_light(const std::vector<const LightPicture*>& pictures,
                  const std::vector<FrameView>& cameras, const int32_t* order, int threads,
                  float* total) {
  std::vector<LightPlanes> views;
  for (const LightPicture* picture : pictures) views.push_back(picture->planes);
  std::vector<Transfer> transfers;
  for (const FrameView& camera : cameras)
    for (const LightPicture* picture : pictures) transfers.push_back(transfer(camera, picture->view));
  const FrameLens& lens = cameras[0].lens;
  Gathering work{views.data(), int(views.size()), transfers.data(), order, int(cameras.size()),
                 lens.width, lens.height, total};
  int64_t next = 0;
  run_threads(threads, [&](int) { kernels().gather_rows(work, &next); });
}

}  // namespace scenegen
