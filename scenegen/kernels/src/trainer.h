// Training steps over a pool of workers, and the occupancy grid; no vector code.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "field.h"

namespace scenegen {

// The kernels for this processor, or those that SCENEGEN_ISA names. Throws std::runtime_error.
const KernelTable& kernels();

// A field of that many levels, of resolutions in geometric sequence, still without its arrays.
FieldView field_of_shape(int levels, int log2_table, int coarsest, int finest, int hidden);

struct StepRates {
  float hash, mlp;  // learning rates
};

struct StepFacts {
  double loss = 0, squared_error = 0;
  int64_t rays = 0, compared = 0, samples = 0, kept = 0, steps = 0;
};

// Where the workers' time in Trainer::run went, summed over all of them.
struct StageSeconds {
  double rays = 0, scatter = 0, adam = 0, dense = 0, waiting = 0;
};

class Trainer {
 public:
  Trainer(TrainState state, std::vector<PhotoView> photos, int threads);
  // Other pixels of the same photos, from the next step on.
  void show(std::vector<PhotoView> photos);
  // Steps [first, first + count); `samples_per_ray` follows the scene and sizes the batches.
  StepFacts run(int64_t first, int64_t count, StepRates rates, int64_t batch_samples);
  // Gradients of one step, with nothing updated; the table's are added to `hash_grad`.
  StepFacts gradients(int64_t step, int64_t rays, float* hash_grad, float* mlp_grad,
                      float* sky_grad);
  // What rays said since the last call of how cameras should move, [photo][13][6]: the loss' gradient,
  // six rows of its curvature, six of the rays' gradients times themselves; see train.h.
  void take_pose_sums(float* out);
  // The same of log gains, [photo][2][3]: the loss's slope, and its curvature as Gauss and Newton
  // have it.
  void take_exposure_sums(float* out);
  // Put a photo's camera elsewhere; `rotation` [3][3] and `position` are normalised.
  void place(int photo, const float* rotation, const float* position);
  void sweep(float* alpha, const uint8_t* visible, float decay, uint32_t stride, uint32_t phase,
             uint64_t seed);

  TrainState state;
  double samples_per_ray = 64;
  StageSeconds seconds;

  static constexpr size_t kPoseSums = 13 * 6;  // of a photo, see take_pose_sums

 private:
  struct Scratch;
  struct Batch;
  void train_chunks(int id, int64_t step);
  void add_pose(const RayGradient& ray);
  StepFacts reduce(float* mlp_grad, float* sky_grad);
  StepFacts update_dense(int64_t step, const StepRates& rates);

  std::vector<PhotoView> photos_;
  std::vector<double> offsets_, pose_sums_, exposure_sums_;
  std::vector<std::shared_ptr<Scratch>> scratch_;
  std::shared_ptr<Batch> batch_;
  MlpLayout layout_;
};

// Chebyshev distance, capped, to the nearest cell with alpha above `threshold`; such cells get 0.
void distance_field(const float* alpha, int cells, float threshold, uint8_t* distance);

// 1 for every cell whose centre some photo sees, with a margin, beyond the distance `near` that goes
// with the photo; 0 for those that none does.
void visible_cells(const std::vector<PhotoView>& photos, const std::vector<float>& near, int cells,
                   uint8_t* visible);

}  // namespace scenegen
