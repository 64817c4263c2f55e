#include "trainer.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace scenegen {

const KernelTable& kernels() {
  static const KernelTable& chosen = []() -> const KernelTable& {
    const char* name = std::getenv("SCENEGEN_ISA");
    std::string wanted = name ? name : "";
    if (wanted == "baseline") return kernels_baseline();
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx512 && (wanted.empty() || wanted == "avx512")) return kernels_avx512();
    if (avx2 && (wanted.empty() || wanted == "avx2")) return kernels_avx2();
#endif
    if (wanted.empty()) return kernels_baseline();
    throw std::runtime_error("SCENEGEN_ISA=" + wanted +
                             ": expected an instruction set of this processor (baseline, avx2 or "
                             "avx512); unset it to let scenegen choose");
  }();
  return chosen;
}

// Memory of one worker; 64-byte aligned parts.
struct Trainer::Scratch {
  Scratch(size_t arena_bytes, size_t mlp_floats, size_t exposures)
      : memory(arena_bytes + 64), mlp_grad(mlp_floats), exposure_grad(exposures) {}
  char* arena() {
    auto address = reinterpret_cast<uintptr_t>(memory.data());
    return memory.data() + ((address + 63) / 64 * 64 - address);
  }
  std::vector<char> memory;
  std::vector<float> mlp_grad, exposure_grad;
};

Trainer::Trainer(TrainState initial, std::vector<PhotoView> photos, int threads)
    : state(initial), photos_(std::move(photos)), offsets_{0.0} {
  layout_ = mlp_layout(state.field.levels, state.field.hidden);
  for (const PhotoView& photo : photos_)
    offsets_.push_back(offsets_.back() + double(photo.width) * photo.height);
  state.photos = photos_.data();
  state.photo_count = int(photos_.size());
  state.pixel_offsets = offsets_.data();
  size_t mlp_floats = size_t(layout_.size) * kLanes + size_t(layout_.hidden) * kHarmonics;
  for (int i = 0; i < threads; ++i) {
    auto scratch = std::make_shared<Scratch>(
        kernels().arena_bytes(state.field.levels, state.field.hidden), mlp_floats,
        photos_.size() * 3);
    scratch_.push_back(scratch);
    Worker worker{};
    worker.arena = scratch->arena();
    worker.mlp_grad = scratch->mlp_grad.data();
    worker.exposure_grad = scratch->exposure_grad.data();
    workers_.push_back(worker);
  }
}

// Sum the workers' partial gradients and clear them.
void Trainer::reduce(float* mlp_grad, float* exposure_grad) {
  std::fill(mlp_grad, mlp_grad + layout_.size, 0.0f);
  std::fill(exposure_grad, exposure_grad + photos_.size() * 3, 0.0f);
  const int width = kGeometry + kHarmonics;
  for (auto& scratch : scratch_) {
    const float* partial = scratch->mlp_grad.data();
    for (int i = 0; i < layout_.size; ++i)
      for (int lane = 0; lane < kLanes; ++lane) mlp_grad[i] += partial[size_t(i) * kLanes + lane];
    const float* harmonic = partial + size_t(layout_.size) * kLanes;
    for (int o = 0; o < layout_.hidden; ++o)
      for (int k = 0; k < kHarmonics; ++k)
        mlp_grad[layout_.color_hidden + o * width + kGeometry + k] += harmonic[o * kHarmonics + k];
    for (size_t i = 0; i < photos_.size() * 3; ++i) exposure_grad[i] += scratch->exposure_grad[i];
    std::fill(scratch->mlp_grad.begin(), scratch->mlp_grad.end(), 0.0f);
    std::fill(scratch->exposure_grad.begin(), scratch->exposure_grad.end(), 0.0f);
  }
}

static AdamConfig adam(float rate, int64_t step) {
  AdamConfig c{rate, 0.9f, 0.99f, 1e-15f, 0, 0};
  c.correction1 = float(1.0 / (1.0 - std::pow(0.9, double(step + 1))));
  c.correction2 = float(1.0 / (1.0 - std::pow(0.99, double(step + 1))));
  return c;
}

void Trainer::update_dense(int64_t step, const StepRates& rates) {
  std::vector<float> mlp_grad(layout_.size), exposure_grad(photos_.size() * 3);
  reduce(mlp_grad.data(), exposure_grad.data());
  const KernelTable& k = kernels();
  k.adam_dense(state.mlp, mlp_grad.data(), state.mlp_m, state.mlp_v, layout_.size,
               adam(rates.mlp, step));
  if (rates.exposure <= 0) return;
  int64_t n = int64_t(photos_.size()) * 3;
  k.adam_dense(state.exposure, exposure_grad.data(), state.exposure_m, state.exposure_v, n,
               adam(rates.exposure, step));
  for (int c = 0; c < 3; ++c) {  // the mean exposure is the field's, not the photos'
    double mean = 0;
    for (size_t p = 0; p < photos_.size(); ++p) mean += state.exposure[3 * p + c];
    mean /= double(photos_.size());
    for (size_t p = 0; p < photos_.size(); ++p) {
      float& e = state.exposure[3 * p + c];
      e = float((e - mean) * (1.0 - rates.exposure * state.config.exposure_decay));
    }
  }
}

static void run_threads(int threads, const auto& work) {
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work, i);
  work(0);
  for (auto& thread : pool) thread.join();
}

static StepFacts collect(std::vector<Worker>& workers) {
  StepFacts facts;
  for (Worker& w : workers) {
    facts.loss += w.loss, facts.squared_error += w.squared_error;
    facts.rays += w.rays, facts.samples += w.samples, facts.kept += w.kept;
    w.loss = w.squared_error = 0;
    w.rays = w.samples = w.kept = 0;
  }
  return facts;
}

StepFacts Trainer::run(int64_t first, int64_t count, StepRates rates, int64_t batch_samples) {
  const KernelTable& k = kernels();
  int threads = int(workers_.size());
  int64_t blocks = int64_t(state.field.levels) << (state.field.log2_table - 2);
  StepFacts total;
  int64_t next_ray = 0, rays = 0, next_block = 0;
  auto plan = [&]() {
    rays = std::clamp<int64_t>(int64_t(double(batch_samples) / samples_per_ray), 16, 1 << 20);
    next_ray = next_block = 0;
  };
  plan();
  std::barrier barrier(threads);
  run_threads(threads, [&](int id) {
    constexpr int64_t kChunk = 4096;
    for (int64_t step = first; step < first + count; ++step) {
      k.train_rays(state, workers_[id], step, rays, &next_ray);
      barrier.arrive_and_wait();
      AdamConfig config = adam(rates.hash, step);
      if (id == 0) update_dense(step, rates);
      for (;;) {
        int64_t begin = __atomic_fetch_add(&next_block, kChunk, __ATOMIC_RELAXED);
        if (begin >= blocks) break;
        k.adam_hash(state, config, begin, std::min(begin + kChunk, blocks));
      }
      barrier.arrive_and_wait();
      if (id == 0) {
        StepFacts facts = collect(workers_);
        total.loss += facts.loss, total.squared_error += facts.squared_error;
        total.rays += facts.rays, total.samples += facts.samples, total.kept += facts.kept;
        ++total.steps;
        double mean = double(facts.samples) / double(std::max<int64_t>(facts.rays, 1));
        samples_per_ray = std::max(1.0, 0.9 * samples_per_ray + 0.1 * mean);
        plan();
      }
      barrier.arrive_and_wait();
    }
  });
  return total;
}

StepFacts Trainer::gradients(int64_t step, int64_t rays, float* mlp_grad, float* exposure_grad) {
  int64_t next_ray = 0;
  run_threads(int(workers_.size()), [&](int id) {
    kernels().train_rays(state, workers_[id], step, rays, &next_ray);
  });
  reduce(mlp_grad, exposure_grad);
  StepFacts facts = collect(workers_);
  facts.steps = 1;
  return facts;
}

void Trainer::sweep(float* alpha, const uint8_t* visible, float decay, uint32_t stride,
                    uint32_t phase, uint64_t seed) {
  int threads = int(workers_.size()), cells = state.field.cells;
  run_threads(threads, [&](int id) {
    kernels().occupancy_sweep(state.field, alpha, visible, decay, stride, phase, seed,
                              int64_t(cells) * id / threads, int64_t(cells) * (id + 1) / threads);
  });
}

// One axis at a time: the distance along x first, then the smallest max(|dy|, distance) over y, then
// over z. Rows are contiguous in x, so that the compiler vectorises the inner loops.
void distance_field(const float* alpha, int cells, float threshold, uint8_t* distance) {
  const size_t row = cells, plane = row * cells, n = plane * cells;
  for (size_t i = 0; i < n; ++i) distance[i] = alpha[i] > threshold ? 0 : kMaxDistance;
  for (size_t r = 0; r < n; r += row) {
    for (int x = 1; x < cells; ++x)
      distance[r + x] = std::min<int>(distance[r + x], distance[r + x - 1] + 1);
    for (int x = cells - 2; x >= 0; --x)
      distance[r + x] = std::min<int>(distance[r + x], distance[r + x + 1] + 1);
  }
  std::vector<uint8_t> line(plane);
  for (size_t pitch : {row, plane}) {
    size_t outer = pitch == row ? plane : row;  // the axis that neither pass runs along
    for (int o = 0; o < cells; ++o) {
      uint8_t* base = distance + o * outer;
      for (int a = 0; a < cells; ++a) std::memcpy(&line[a * row], base + a * pitch, row);
      for (int a = 0; a < cells; ++a) {
        uint8_t* out = base + a * pitch;
        for (int d = 1; d < kMaxDistance; ++d) {
          for (int side : {a - d, a + d}) {
            if (side < 0 || side >= cells) continue;
            const uint8_t* in = &line[size_t(side) * row];
            for (size_t x = 0; x < row; ++x) {
              uint8_t far = in[x] > d ? in[x] : uint8_t(d);
              out[x] = out[x] < far ? out[x] : far;
            }
          }
        }
      }
    }
  }
}

static bool sees(const PhotoView& photo, const float* p, float near) {
  constexpr float kMargin = 0.1f;
  float d[3], c[3];
  for (int i = 0; i < 3; ++i) d[i] = p[i] - photo.position[i];
  for (int i = 0; i < 3; ++i)
    c[i] = photo.rotation[i] * d[0] + photo.rotation[3 + i] * d[1] + photo.rotation[6 + i] * d[2];
  float distance = std::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  if (distance < near) return false;
  if (photo.model == kFisheye) return true;
  if (c[2] >= 0) return false;
  float u = photo.cx + photo.fl_x * c[0] / -c[2], v = photo.cy - photo.fl_y * c[1] / -c[2];
  float mx = kMargin * photo.width, my = kMargin * photo.height;
  return u > -mx && u < photo.width + mx && v > -my && v < photo.height + my;
}

void visible_cells(const std::vector<PhotoView>& photos, const std::vector<float>& near, int cells,
                   uint8_t* visible) {
  const float cell = 4.0f / cells;
  for (int64_t at = 0; at < int64_t(cells) * cells * cells; ++at) {
    int64_t index[3] = {at % cells, at / cells % cells, at / cells / cells};
    float c[3], n2 = 0;
    for (int i = 0; i < 3; ++i) c[i] = (float(index[i]) + 0.5f) * cell - 2.0f, n2 += c[i] * c[i];
    visible[at] = 0;
    float n = std::sqrt(n2);
    if (n >= 2.0f) continue;
    float scale = n <= 1.0f ? 1.0f : 1.0f / ((2.0f - n) * n);
    for (float& x : c) x *= scale;
    for (size_t i = 0; i < photos.size() && !visible[at]; ++i)
      visible[at] = sees(photos[i], c, near[i]);
  }
}

}  // namespace scenegen
