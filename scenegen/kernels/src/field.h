// What the kernels share with the binding: plain structs, no code that could leak an instruction set.
#pragma once
#include <stdint.h>

namespace scenegen {

constexpr int kLanes = 16;      // samples that a kernel handles at once, on every instruction set
constexpr int kFeatures = 4;    // features of a hash entry: one SSE register
constexpr int kMaxLevels = 16;
constexpr int kMaxHidden = 64;
constexpr int kGeometry = 16;   // outputs of the density network: log density and 15 features
constexpr int kHarmonics = 16;  // spherical harmonics of bands 0..3
constexpr int kSkyWeights = 3 * kHarmonics;  // logits of the sky's colours
constexpr int kOpenCells = 32;  // cells along both edges of a photo that say where it may show sky
enum Open { kClosed = 0, kBesideSky = 1, kOpen = 2 };
constexpr int kMaxDistance = 15;  // cap of the Chebyshev distance field, in cells

// A radiance field as the kernels read it. Points are normalised: (p - centre) / radius.
// A box that alone is shown: its axes are rows, half its size along each, normalised like points.
struct CropBox {
  float axes[9], centre[3], half[3];
};

struct FieldView {
  int levels, hidden, log2_table;
  float resolution[kMaxLevels];
  uint32_t dense_stride[kMaxLevels];  // vertices along an edge, 0 where the level is hashed
  const uint16_t* hash;               // half [levels][2^log2_table][kFeatures]
  const float* mlp;                   // flat, see MlpLayout
  const float* sky;                   // [3][kHarmonics], logits of the colour behind it; may be null
  const uint8_t* distance;            // [cells][cells][cells], z slowest; 0 is occupied
  int cells;
  float step, near, far;
  float footprint;  // standard deviation of a pixel's footprint at distance 1, as `trace` has it
  CropBox crop;
  bool cropped;  // whether rays that are rendered are clipped to `crop`
};

// Places of the four weight matrices in the flat array, all row-major [output][input].
struct MlpLayout {
  int encoded, hidden;
  int density_hidden, density_out, color_hidden, color_out, size;
};

static inline MlpLayout mlp_layout(int levels, int hidden) {
  MlpLayout m;
  m.encoded = levels * kFeatures;
  m.hidden = hidden;
  m.density_hidden = 0;
  m.density_out = m.density_hidden + hidden * m.encoded;
  m.color_hidden = m.density_out + kGeometry * hidden;
  m.color_out = m.color_hidden + hidden * (kGeometry + kHarmonics);
  m.size = m.color_out + 3 * hidden;
  return m;
}

enum LensModel { kPinhole = 0, kOpenCv = 1, kFisheye = 2 };

// A photo with its camera; rotation and position are normalised like the field's points.
struct PhotoView {
  const uint8_t* rgb;   // [height][width][3]
  const uint8_t* mask;  // [height][width], 0 is ignored; may be null
  const uint8_t* open;  // [kOpenCells][kOpenCells] of the photo; may be null
  int width, height, model;
  float fl_x, fl_y, cx, cy, k1, k2, k3, k4, p1, p2;
  float rotation[9], position[3];
};

constexpr int kMaxPyramid = 16;
constexpr int kMaxGuides = 16;   // photos that a frame may ask
constexpr int kMaxNearest = 8;

// A photo that guides a frame: its camera, with the frame's centre as origin of the world, a pyramid
// of RGBA pixels (alpha 0 where masked) whose level k averages 2^k pixels, and its depth map.
struct GuidePhoto {
  PhotoView camera;
  const uint8_t* level[kMaxPyramid];
  int level_width[kMaxPyramid], level_height[kMaxPyramid];
  int first_level, levels;
  const float* depth;  // [depth_height][depth_width], along the optical axis
  int depth_width, depth_height;
  int index;           // of the photo in the scene
  float gain[3];       // makes the photo's exposure the field's
  float share;         // 0..1, how much the photo counts for the whole frame
  float border, reach; // pixels over which it fades at its edge; tangent or angle that the lens sees
  float focal;         // pixels
};

struct GuideConfig {
  int nearest, fusions;  // photos that count at a pixel; steps of fusing their depths
  float tolerance;       // relative depth difference up to which a photo sees a point for sure
  float resolution;      // penalty, in degrees, of a photo of half the frame's resolution
  float bias, coarse;    // pyramid levels of the colours that are blended, and of those compared
  float guard, spread;   // colour differences, in 0..1, at which trust falls
  float least, most;     // share of the photos in the mix, for photos that disagree and that agree
  float field_share;     // weight of the field's own depth in fusing
  float pull;            // weight of the field's colour in matching
};

struct GuideOut {
  float *rgb, *angle, *ratio, *agreement, *coverage, *range;
  uint8_t* count;
  int16_t* best;
};

// A frame to guide; its camera stands at the origin. `range` is the distance along each ray.
struct GuideTask {
  PhotoView camera;
  const float *rgb, *range, *soft;
  int soft_width, soft_height, soft_scale;
  const GuidePhoto* photos;
  int photo_count;
  float focal;
  GuideConfig config;
  GuideOut out;
};

constexpr float kSky = 1e6f;  // distance of what has none, in pictures that show what others saw

// A camera without distortion.
struct FrameLens {
  int width, height;
  float focal, cx, cy;
};

// What takes image points at depths from one camera to another.
struct Transfer {
  FrameLens from, to;
  float rotation[9], offset[3];
};

// A picture and what another camera is to see of it. `nearest` has a pixel's depth at [y][pitch] + x,
// and infinity in the rows and columns around the picture.
struct Warp {
  Transfer forth, back;
  const float *rgba, *depth;
  float* nearest;
  int pitch;
  float *rgba_out, *depth_out;
};

struct TrainConfig {
  float huber, distortion, opaque_at;
  float outlier;  // mean absolute error above which a ray loses weight; 0 trusts all
  uint64_t seed;
  float sighting_share;   // of the rays that go through a sparse point which the photo saw
  float sighting_weight;  // of the distance between such a ray's weights and its point
  float sky_pull;  // of the optical depth before a sky that explains a ray's colour
  int pose_every;  // of that many rays one tells how its camera should move; 0: none does
};

// What structure from motion saw: pixels, counted through all photos, and how far off their points
// lie along the pixels' rays.
struct Sightings {
  const int64_t* pixel;
  const float* distance;
  int64_t count;
};

// All that a training step reads and writes; the arrays belong to Python.
struct TrainState {
  FieldView field;
  const PhotoView* photos;
  int photo_count;
  const double* pixel_offsets;  // [photo_count + 1], cumulative number of pixels
  Sightings sightings;
  float* hash;                  // float [levels][2^log2_table][kFeatures], the master copy
  uint16_t* hash_half;
  float *hash_m, *hash_v;
  float *mlp, *mlp_m, *mlp_v;
  float *sky, *sky_m, *sky_v;   // [3][kHarmonics]
  const float* exposure;        // [photo][3], log gain
  TrainConfig config;
};

// What one ray leaves of the gradients that belong to its photo.
struct RayGradient {
  int photo;
  float exposure[6];  // of the log gain of each channel: slope, then curvature
  float pose[6];  // of the camera: turn about its centre, then move
  // With the Gauss-Newton curvature of a loss of residuals e, sum of trust J^T J, and one slope J^T e of
  // the ray, pose pose^T of it over |e|^2 stands for J^T J; this is trust / |e|^2, 0 without a pose.
  float curvature;
};

// Consecutive rays of a step and all that they leave behind. Which rays are together depends on the
// step alone, never on the number of workers, and sums over chunks are taken in the chunks' order:
// so every number of workers finds the same result to the bit.
struct Chunk {
  int64_t begin, end;       // rays of the step
  float* mlp_grad;          // [MlpLayout::size + kSkyWeights]
  RayGradient* ray_grads;   // [end - begin]
  float* panels;            // [panel_count], see scatter_rows: places, gradients of their encoding
  int ray_grad_count, panel_count, panel_capacity;
  double loss, squared_error;
  int64_t rays, compared, samples, kept;  // `compared`: rays whose colour met that of a photo
};

// Room for `count` more panels in a chunk; defined without vector code.
void reserve_panels(Chunk& chunk, int count, int panel_floats);

// Floats of one panel in Chunk::panels: contracted x, y, z, and d(loss)/d(encoding).
static inline int scatter_floats(int encoded) { return (3 + encoded) * kLanes; }

struct AdamConfig {
  float rate, beta1, beta2, epsilon, correction1, correction2;
};

enum Probe { kArithmetic = 0, kGathers = 1, kScatters = 2, kStream = 3 };

struct Gathering;

// The kernels of one instruction set.
struct KernelTable {
  const char* name;
  void (*train_chunk)(const TrainState&, char* arena, int64_t step, Chunk&);
  void (*scatter_level)(const FieldView&, int level, const Chunk*, int64_t count, float* grad,
                        uint8_t* touched);
  void (*adam_level)(const TrainState&, const AdamConfig&, int level, float* grad, uint8_t* touched);
  void (*adam_dense)(float* value, float* grad, float* m, float* v, int64_t n, const AdamConfig&);
  void (*trace)(const FieldView&, const float* origins, const float* directions, int64_t n,
                int64_t block, int64_t* next, float stop, float* rgb, float* depth, float* opacity,
                float* cell_weight);
  void (*density)(const FieldView&, const float* points, int64_t n, float* out);
  void (*radiance)(const FieldView&, const float* points, const float* directions, int64_t n,
                   float* density, float* rgb);
  void (*encode)(const FieldView&, const float* points, int64_t n, float* out);
  void (*encode_backward)(const FieldView&, const float* points, const float* grad, int64_t n,
                          float* hash_grad, uint8_t* touched);
  void (*point_gradient)(const FieldView&, const float* points, const float* grad, int64_t n,
                         float* point_grad);
  int64_t (*march)(const FieldView&, const float* origin, const float* direction, float offset,
                   int64_t capacity, float* t, float* dt);
  void (*occupancy_sweep)(const FieldView&, float* density, const uint8_t* visible, float decay,
                          uint32_t stride, uint32_t phase, uint64_t seed, int64_t z_begin,
                          int64_t z_end);
  void (*to_half)(const float* value, uint16_t* half, int64_t n);
  int64_t (*arena_bytes)(int levels, int hidden);
  double (*probe)(Probe what, float* table, int64_t floats, int64_t count, uint64_t seed);
  void (*guide)(const GuideTask&, int64_t* next);
  void (*match)(const GuideTask&, const float* factors, int candidates, float* cost, int64_t* next);
  void (*splat_depths)(const Warp&);
  void (*warp_rows)(const Warp&, int64_t* next);
  void (*gather_rows)(const Gathering&, int64_t* next);
};

#if defined(__aarch64__)
const KernelTable& kernels_neon();
#else
const KernelTable& kernels_baseline();
#endif
#if defined(__x86_64__)
const KernelTable& kernels_avx2();
const KernelTable& kernels_avx512();
#endif

}  // namespace scenegen
