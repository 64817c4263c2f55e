#include "trainer.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "workers.h"

namespace scenegen {

// What this processor can run, the best last.
static std::vector<const KernelTable*> runnable() {
#if defined(__aarch64__)
  return {&kernels_neon()};
#else
  std::vector<const KernelTable*> found = {&kernels_baseline()};
#if defined(__x86_64__)
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (avx2) found.push_back(&kernels_avx2());
  if (avx512) found.push_back(&kernels_avx512());
#endif
  return found;
#endif
}

const KernelTable& kernels() {
  static const KernelTable& chosen = []() -> const KernelTable& {
    std::vector<const KernelTable*> tables = runnable();
    const char* name = std::getenv("SCENEGEN_ISA");
    std::string wanted = name ? name : "", names;
    if (wanted.empty()) return *tables.back();
    for (const KernelTable* table : tables) {
      if (wanted == table->name) return *table;
      names += (table == tables[0] ? "" : table == tables.back() ? " or " : ", ");
      names += table->name;
    }
    throw std::runtime_error("SCENEGEN_ISA=" + wanted +
                             ": expected an instruction set of this processor (" + names +
                             "); unset it to let scenegen choose");
  }();
  return chosen;
}

FieldView field_of_shape(int levels, int log2_table, int coarsest, int finest, int hidden) {
  FieldView view{};
  view.levels = levels, view.log2_table = log2_table, view.hidden = hidden;
  double growth = levels > 1 ? std::pow(double(finest) / coarsest, 1.0 / (levels - 1)) : 1.0;
  for (int level = 0; level < levels; ++level) {
    double resolution = std::floor(coarsest * std::pow(growth, level) + 1e-6);
    view.resolution[level] = float(resolution);
    double vertices = resolution + 1;
    bool dense = vertices * vertices * vertices <= double(1u << log2_table);
    view.dense_stride[level] = dense ? uint32_t(vertices) : 0;
  }
  return view;
}

// Memory of one worker: an arena for its panels, and the gradients of the level that it is at.
struct Trainer::Scratch {
  Scratch(size_t arena_bytes, size_t table)
      : memory(arena_bytes + 64), grad(table * kFeatures), touched(table / 4) {}
  char* arena() {
    auto address = reinterpret_cast<uintptr_t>(memory.data());
    return memory.data() + ((address + 63) / 64 * 64 - address);
  }
  std::vector<char> memory;
  std::vector<float> grad;
  std::vector<uint8_t> touched;
};

// The chunks of a step. Panels are kept from step to step, since the next step needs as many.
struct Trainer::Batch {
  static constexpr int64_t kChunks = 32;  // enough for workers to finish together
  ~Batch() {
    for (Chunk& chunk : chunks) std::free(chunk.panels);
  }
  void plan(int64_t rays, int mlp_size) {
    int64_t count = std::min(rays, kChunks);
    for (size_t i = size_t(count); i < chunks.size(); ++i) std::free(chunks[i].panels);
    chunks.resize(size_t(count));
    mlp_grads.resize(size_t(count * mlp_size));
    ray_grads.resize(size_t(rays));
    for (int64_t i = 0; i < count; ++i) {
      Chunk& chunk = chunks[size_t(i)];
      chunk.begin = rays * i / count, chunk.end = rays * (i + 1) / count;
      chunk.mlp_grad = mlp_grads.data() + i * mlp_size;
      chunk.ray_grads = ray_grads.data() + chunk.begin;
    }
    next = 0;
  }
  std::vector<Chunk> chunks;
  std::vector<float> mlp_grads;
  std::vector<RayGradient> ray_grads;
  int64_t next = 0;
};

void reserve_panels(Chunk& chunk, int count, int panel_floats) {
  int needed = chunk.panel_count + count;
  if (needed <= chunk.panel_capacity) return;
  int capacity = std::max(needed, 2 * chunk.panel_capacity);
  size_t bytes = size_t(capacity) * panel_floats * sizeof(float);  // rows of 64 bytes
  auto* panels = static_cast<float*>(std::aligned_alloc(64, bytes));
  if (!panels) throw std::bad_alloc();
  if (chunk.panel_count)
    std::memcpy(panels, chunk.panels, size_t(chunk.panel_count) * panel_floats * sizeof(float));
  std::free(chunk.panels);
  chunk.panels = panels, chunk.panel_capacity = capacity;
}

Trainer::Trainer(TrainState initial, std::vector<PhotoView> photos, int threads)
    : state(initial), batch_(std::make_shared<Batch>()) {
  layout_ = mlp_layout(state.field.levels, state.field.hidden);
  show(std::move(photos));
  for (int i = 0; i < threads; ++i)
    scratch_.push_back(std::make_shared<Scratch>(
        kernels().arena_bytes(state.field.levels, state.field.hidden),
        size_t(1) << state.field.log2_table));
}

void Trainer::show(std::vector<PhotoView> photos) {
  photos_ = std::move(photos);
  offsets_.assign(1, 0.0);
  for (const PhotoView& photo : photos_)
    offsets_.push_back(offsets_.back() + double(photo.width) * photo.height);
  state.photos = photos_.data();
  state.photo_count = int(photos_.size());
  state.pixel_offsets = offsets_.data();
  exposure_sums_.resize(6 * photos_.size());
  pose_sums_.resize(kPoseSums * photos_.size());
}

void Trainer::add_pose(const RayGradient& ray) {
  double* sums = &pose_sums_[kPoseSums * size_t(ray.photo)];
  for (int i = 0; i < 6; ++i) {
    sums[i] += ray.pose[i];
    for (int j = 0; j < 6; ++j) {
      double square = double(ray.pose[i]) * ray.pose[j];
      sums[6 + 6 * i + j] += ray.curvature * square;
      sums[42 + 6 * i + j] += square;
    }
  }
}

// Sum what the chunks left, in their order.
StepFacts Trainer::reduce(float* mlp_grad, float* sky_grad) {
  StepFacts facts;
  std::fill(mlp_grad, mlp_grad + layout_.size, 0.0f);
  std::fill(sky_grad, sky_grad + kSkyWeights, 0.0f);
  for (const Chunk& chunk : batch_->chunks) {
    for (int i = 0; i < layout_.size; ++i) mlp_grad[i] += chunk.mlp_grad[i];
    for (int i = 0; i < kSkyWeights; ++i) sky_grad[i] += chunk.mlp_grad[layout_.size + i];
    for (int i = 0; i < chunk.ray_grad_count; ++i) {
      const RayGradient& ray = chunk.ray_grads[i];
      for (size_t k = 0; k < 6; ++k) exposure_sums_[6 * size_t(ray.photo) + k] += ray.exposure[k];
      if (ray.curvature > 0) add_pose(ray);
    }
    facts.loss += chunk.loss, facts.squared_error += chunk.squared_error;
    facts.rays += chunk.rays, facts.compared += chunk.compared;
    facts.samples += chunk.samples, facts.kept += chunk.kept;
  }
  facts.steps = 1;
  return facts;
}

static AdamConfig adam(float rate, int64_t step) {
  AdamConfig c{rate, 0.9f, 0.99f, 1e-15f, 0, 0};
  c.correction1 = float(1.0 / (1.0 - std::pow(0.9, double(step + 1))));
  c.correction2 = float(1.0 / (1.0 - std::pow(0.99, double(step + 1))));
  return c;
}

StepFacts Trainer::update_dense(int64_t step, const StepRates& rates) {
  std::vector<float> mlp_grad(layout_.size), sky_grad(kSkyWeights);
  StepFacts facts = reduce(mlp_grad.data(), sky_grad.data());
  AdamConfig config = adam(rates.mlp, step);
  kernels().adam_dense(state.mlp, mlp_grad.data(), state.mlp_m, state.mlp_v, layout_.size, config);
  kernels().adam_dense(state.sky, sky_grad.data(), state.sky_m, state.sky_v, kSkyWeights, config);
  return facts;
}

namespace {
// One worker's clock: every lap goes to the stage that has just ended.
class Laps {
 public:
  void end(double& stage) {
    auto now = std::chrono::steady_clock::now();
    stage += std::chrono::duration<double>(now - begun_).count();
    begun_ = now;
  }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};
}  // namespace

// Work on the batch's chunks until none is left.
void Trainer::train_chunks(int id, int64_t step) {
  auto count = int64_t(batch_->chunks.size());
  for (;;) {
    int64_t i = __atomic_fetch_add(&batch_->next, 1, __ATOMIC_RELAXED);
    if (i >= count) return;
    kernels().train_chunk(state, scratch_[id]->arena(), step, batch_->chunks[size_t(i)]);
  }
}

// Both halves of a step share out their work piece by piece: the chunks of rays, then the levels of
// the table and the dense parameters. A level has one worker, which adds the gradients of all rays in
// their order, so that the sums are exact whoever takes it, and its gradients fill one small table.
StepFacts Trainer::run(int64_t first, int64_t count, StepRates rates, int64_t batch_samples) {
  const KernelTable& k = kernels();
  int threads = int(scratch_.size()), levels = state.field.levels;
  StepFacts total, facts;
  int next_level = 0;
  auto plan = [&]() {
    batch_->plan(std::clamp<int64_t>(int64_t(double(batch_samples) / samples_per_ray), 16, 1 << 20),
                 layout_.size + kSkyWeights);
    next_level = levels - 1;
  };
  auto finish = [&]() noexcept {
    total.loss += facts.loss, total.squared_error += facts.squared_error;
    total.rays += facts.rays, total.compared += facts.compared;
    total.samples += facts.samples, total.kept += facts.kept;
    ++total.steps;
    double mean = double(facts.samples) / double(std::max<int64_t>(facts.rays, 1));
    samples_per_ray = std::max(1.0, 0.9 * samples_per_ray + 0.1 * mean);
    plan();
  };
  plan();
  std::barrier gathered(threads);
  std::barrier updated(threads, finish);
  std::vector<StageSeconds> spent(static_cast<size_t>(threads));
  run_threads(threads, [&](int id) {
    Scratch& own = *scratch_[id];
    StageSeconds& mine = spent[static_cast<size_t>(id)];
    Laps laps;
    for (int64_t step = first; step < first + count; ++step) {
      train_chunks(id, step);
      laps.end(mine.rays);
      gathered.arrive_and_wait();
      laps.end(mine.waiting);
      AdamConfig config = adam(rates.hash, step);
      for (;;) {
        int level = __atomic_fetch_sub(&next_level, 1, __ATOMIC_RELAXED);
        if (level == -1) facts = update_dense(step, rates), laps.end(mine.dense);
        if (level < 0) break;
        k.scatter_level(state.field, level, batch_->chunks.data(), int64_t(batch_->chunks.size()),
                        own.grad.data(), own.touched.data());
        laps.end(mine.scatter);
        k.adam_level(state, config, level, own.grad.data(), own.touched.data());
        laps.end(mine.adam);
      }
      updated.arrive_and_wait();
      laps.end(mine.waiting);
    }
  });
  for (const StageSeconds& s : spent) {
    seconds.rays += s.rays, seconds.scatter += s.scatter, seconds.adam += s.adam;
    seconds.dense += s.dense, seconds.waiting += s.waiting;
  }
  return total;
}

StepFacts Trainer::gradients(int64_t step, int64_t rays, float* hash_grad, float* mlp_grad,
                             float* sky_grad) {
  batch_->plan(rays, layout_.size + kSkyWeights);
  run_threads(int(scratch_.size()), [&](int id) { train_chunks(id, step); });
  for (int level = 0; level < state.field.levels; ++level)
    kernels().scatter_level(state.field, level, batch_->chunks.data(),
                            int64_t(batch_->chunks.size()),
                            hash_grad + (size_t(level) << state.field.log2_table) * kFeatures,
                            scratch_[0]->touched.data());
  std::fill(scratch_[0]->touched.begin(), scratch_[0]->touched.end(), uint8_t(0));
  return reduce(mlp_grad, sky_grad);
}

static void take(std::vector<double>& sums, float* out) {
  std::copy(sums.begin(), sums.end(), out);
  std::fill(sums.begin(), sums.end(), 0.0);
}

void Trainer::take_pose_sums(float* out) { take(pose_sums_, out); }

void Trainer::take_exposure_sums(float* out) { take(exposure_sums_, out); }

void Trainer::place(int photo, const float* rotation, const float* position) {
  std::copy(rotation, rotation + 9, photos_[photo].rotation);
  std::copy(position, position + 3, photos_[photo].position);
}

void Trainer::sweep(float* alpha, const uint8_t* visible, float decay, uint32_t stride,
                    uint32_t phase, uint64_t seed) {
  int threads = int(scratch_.size()), cells = state.field.cells;
  run_threads(threads, [&](int id) {
    kernels().occupancy_sweep(state.field, alpha, visible, decay, stride, phase, seed,
                              int64_t(cells) * id / threads, int64_t(cells) * (id + 1) / threads);
  });
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
