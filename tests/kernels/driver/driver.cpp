// Drives every kernel without Python: for sanitizers, and for instruction sets that are emulated.
//   driver write FILE [THREADS]   computes with all kernels at many sizes; writes what they found
//   driver compare FILE FILE      compares what two of them wrote, as two instruction sets may differ
//   driver same FILE FILE         the same to the bit
// Buffers have exactly the size that the kernels are promised, on the heap, where ASan watches.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "gathering.h"
#include "reproject.h"
#include "trainer.h"

using namespace scenegen;

namespace {

using Arrays = std::map<std::string, std::vector<float>>;

// SplitMix64: the same numbers on every machine.
struct Numbers {
  uint64_t state;
  float uniform(float low, float high) {
    uint64_t x = state += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return low + (high - low) * float((x ^ (x >> 31)) >> 40) * 0x1p-24f;
  }
  std::vector<float> array(size_t n, float low, float high) {
    std::vector<float> a(n);
    for (float& x : a) x = uniform(low, high);
    return a;
  }
  std::vector<float> directions(size_t n) {
    std::vector<float> d = array(3 * n, -1, 1);
    for (size_t i = 0; i < n; ++i) {
      float length = std::sqrt(d[3 * i] * d[3 * i] + d[3 * i + 1] * d[3 * i + 1] +
                               d[3 * i + 2] * d[3 * i + 2]);
      for (size_t c = 0; c < 3; ++c) d[3 * i + c] /= length;
    }
    return d;
  }
};

struct Shape {
  int levels, log2_table, finest, hidden;
};

// A random field of 32^3 cells, a box of them occupied.
struct Rig {
  static constexpr int kCells = 32;
  Shape shape;
  Numbers numbers{1};
  std::vector<float> table, mlp, sky = std::vector<float>(kSkyWeights, 0.1f), alpha;
  std::vector<uint16_t> half;
  std::vector<uint8_t> distance;
  FieldView view;

  explicit Rig(Shape s) : shape(s) {
    size_t entries = size_t(s.levels) << s.log2_table;
    table = numbers.array(entries * kFeatures, -0.5f, 0.5f);
    mlp = numbers.array(size_t(mlp_layout(s.levels, s.hidden).size), -0.5f, 0.5f);
    half.resize(table.size());
    kernels().to_half(table.data(), half.data(), int64_t(table.size()));
    size_t cells = size_t(kCells) * kCells * kCells;
    alpha.assign(cells, 0.0f), distance.resize(cells);
    for (size_t at = 0; at < cells; ++at) {
      size_t x = at % kCells, y = at / kCells % kCells, z = at / kCells / kCells;
      alpha[at] = x > 5 && x < 25 && y > 8 && y < 22 && z > 6 && z < 28;
    }
    distance_field(alpha.data(), kCells, 0.5f, distance.data());
    view = field_of_shape(s.levels, s.log2_table, 4, s.finest, s.hidden);
    view.hash = half.data(), view.mlp = mlp.data(), view.sky = sky.data(), view.distance = distance.data();
    view.cells = kCells, view.step = 0.03f, view.near = 0.05f, view.far = 64.0f;
  }
};

void drive_points(Rig& rig, size_t n, const std::string& name, Arrays& out) {
  const KernelTable& k = kernels();
  size_t encoded = size_t(rig.shape.levels) * kFeatures;
  auto points = rig.numbers.array(3 * n, -3, 3), directions = rig.numbers.directions(n);
  std::vector<float> density(n), rgb(3 * n), features(n * encoded), grad(rig.table.size());
  std::vector<uint8_t> touched(rig.table.size() / 16);
  k.radiance(rig.view, points.data(), directions.data(), int64_t(n), density.data(), rgb.data());
  std::vector<float> alone(n);
  k.density(rig.view, points.data(), int64_t(n), alone.data());
  k.encode(rig.view, points.data(), int64_t(n), features.data());
  auto upstream = rig.numbers.array(n * encoded, -1, 1);
  k.encode_backward(rig.view, points.data(), upstream.data(), int64_t(n), grad.data(), touched.data());
  out[name + " density"] = density, out[name + " density alone"] = alone;
  out[name + " rgb"] = rgb, out[name + " features"] = features, out[name + " table"] = grad;
}

void drive_rays(Rig& rig, size_t n, const std::string& name, Arrays& out) {
  auto origins = rig.numbers.array(3 * n, -0.7f, 0.7f), directions = rig.numbers.directions(n);
  std::vector<float> rgb(3 * n), depth(n), opacity(n), weight(rig.alpha.size());
  int64_t next = 0;
  kernels().trace(rig.view, origins.data(), directions.data(), int64_t(n), 7, &next, 5.0f, rgb.data(),
                  depth.data(), opacity.data(), weight.data());
  out[name + " traced rgb"] = rgb, out[name + " depth"] = depth, out[name + " opacity"] = opacity;
  out[name + " cell weights"] = weight;
  if (!n) return;
  std::vector<float> t(n), dt(n);
  int64_t count = kernels().march(rig.view, origins.data(), directions.data(), 0.25f, int64_t(n),
                                  t.data(), dt.data());
  t.resize(size_t(count)), dt.resize(size_t(count));
  out[name + " t"] = t, out[name + " dt"] = dt;
}

void drive_halves(Rig& rig, size_t n, const std::string& name, Arrays& out) {
  auto value = rig.numbers.array(n, -70000, 70000);
  for (size_t i = 0; i < n; i += 3) value[i] *= 1e-10f;  // subnormal halves, and zero
  std::vector<uint16_t> half(n);
  kernels().to_half(value.data(), half.data(), int64_t(n));
  out[name + " halves"] = std::vector<float>(half.begin(), half.end());
}

// A slope with a board before it, holes and sky, seen by a camera that has moved; blended with itself.
void drive_pictures(int width, int height, int threads, const std::string& name, Arrays& out) {
  size_t n = size_t(width * height);
  std::vector<float> rgba(4 * n), depth(n), moved(4 * n), range(n), blended(4 * n), mixed(n);
  for (size_t i = 0; i < n; ++i) {
    int x = int(i) % width, y = int(i) / width;
    bool board = 3 * x > width && 3 * x < 2 * width && 2 * y > height;
    depth[i] = board ? 2.5f : 6.0f + 0.02f * float(x + y);
    if (5 * y < height) depth[i] = 0;
    if (i % 97 == 41) depth[i] = -1;
    for (size_t c = 0; c < 4; ++c) rgba[4 * i + c] = 0.5f + 0.01f * float(x) - 0.01f * float(size_t(y) + c);
  }
  FrameView here{{width, height, 31, width / 2.0f, height / 2.0f}, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {}};
  FrameView there = here;
  there.position[0] = 0.21, there.position[2] = -0.37;
  reproject(here, rgba.data(), depth.data(), there, threads, moved.data(), range.data());
  std::vector<uint8_t> redraw(n);
  blend_frames(moved.data(), range.data(), rgba.data(), depth.data(), width, height, {0.3f, 0.1f, 0.1f},
               threads, blended.data(), mixed.data(), redraw.data());
  out[name + " moved"] = moved, out[name + " range"] = range, out[name + " blended"] = blended;
  out[name + " redraw"] = std::vector<float>(redraw.begin(), redraw.end());
}

// The same slope and board, and a wall behind, as cameras around see them together.
void drive_gathering(int width, int height, int threads, const std::string& name, Arrays& out) {
  size_t n = size_t(width * height);
  std::vector<float> front(4 * n), wall(4 * n), total(4 * n);
  for (size_t i = 0; i < n; ++i) {
    int x = int(i) % width, y = int(i) / width;
    bool board = 3 * x > width && 3 * x < 2 * width && 2 * y > height;
    front[4 * i + 3] = board ? 0.4f : 0.15f - 0.0005f * float(x + y);
    if (5 * y < height) front[4 * i + 3] = 0;
    if (i % 97 == 41) front[4 * i + 3] = -1;
    wall[4 * i + 3] = 0.1f;
    for (size_t c = 0; c < 3; ++c) front[4 * i + c] = 0.01f * float(x), wall[4 * i + c] = 0.02f * float(y);
  }
  FrameView here{{width, height, 31, width / 2.0f, height / 2.0f}, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {}};
  std::vector<FrameView> cameras(3, here);
  cameras[1].position[0] = 0.21, cameras[1].position[2] = -0.37;
  cameras[2].position[1] = -40;  // sees nothing but what is endlessly far
  LightPicture first(here, front.data(), threads), second(here, wall.data(), threads);
  const int32_t order[] = {0, 1, 0, 1, 1, 0};
  gather_light({&first, &second}, cameras, order, threads, total.data());
  out[name + " gathered"] = total;
}

// Three photos of noise, one lens of each kind, one of them masked in part.
struct Photos {
  std::vector<std::vector<uint8_t>> pixels, masks;
  std::vector<uint8_t> open;
  std::vector<PhotoView> views;

  explicit Photos(Numbers& numbers) {
    for (int model : {kPinhole, kOpenCv, kFisheye}) {
      PhotoView v{};
      v.width = 13 + model, v.height = 11;
      std::vector<uint8_t> rgb(size_t(v.width * v.height) * 3), mask(size_t(v.width * v.height));
      for (uint8_t& x : rgb) x = uint8_t(numbers.uniform(0, 256));
      for (uint8_t& x : mask) x = numbers.uniform(0, 1) > 0.3f;
      pixels.push_back(rgb), masks.push_back(mask);
      v.model = model, v.fl_x = 9, v.fl_y = 9.5f, v.cx = 6.5f, v.cy = 5.5f;
      if (model) v.k1 = -0.05f, v.k2 = 0.01f;
      if (model == kOpenCv) v.p1 = 0.002f;
      float c = std::cos(float(model)), s = std::sin(float(model));
      float rotation[9] = {c, 0, s, 0, 1, 0, -s, 0, c};
      std::memcpy(v.rotation, rotation, sizeof rotation);
      v.position[0] = 0.2f * float(model), v.position[2] = 0.3f;
      views.push_back(v);
    }
    for (size_t i = 0; i < views.size(); ++i) views[i].rgb = pixels[i].data();
    views[1].mask = masks[1].data();
    open.resize(kOpenCells * kOpenCells);
    for (size_t i = 0; i < open.size(); ++i) open[i] = uint8_t(i % 3);
    views[2].open = open.data();
  }
};

void drive_training(Rig& rig, int threads, const std::string& name, Arrays& out) {
  Photos photos(rig.numbers);
  size_t table = rig.table.size(), weights = rig.mlp.size(), exposures = photos.views.size() * 3;
  std::vector<float> hash_m(table), hash_v(table, 1e-5f), mlp_m(weights), mlp_v(weights, 1e-5f);
  std::vector<float> exposure(exposures, 0.1f);
  std::vector<float> sky(kSkyWeights, 0.2f), sky_m(kSkyWeights), sky_v(kSkyWeights, 1e-5f);
  TrainState s{};
  s.field = rig.view;
  s.hash_half = rig.half.data();
  s.hash = rig.table.data(), s.hash_m = hash_m.data(), s.hash_v = hash_v.data();
  s.mlp = rig.mlp.data(), s.mlp_m = mlp_m.data(), s.mlp_v = mlp_v.data();
  s.exposure = exposure.data();
  s.sky = sky.data(), s.sky_m = sky_m.data(), s.sky_v = sky_v.data();
  const int64_t seen[] = {0, 77, 200, 461};  // pixels, counted through all photos
  const float distances[] = {0.4f, 0.7f, 1.0f, 1.6f};
  s.sightings = {seen, distances, 4};
  s.config = {0.3f, 0.01f, 7.0f, 0.2f, 3, 0.3f, 0.1f, 0.01f, 2};
  Trainer trainer(s, photos.views, threads);
  trainer.samples_per_ray = 20;
  std::vector<float> hash_grad(table), mlp_grad(weights), sky_grad(kSkyWeights);
  std::vector<float> exposure_sums(2 * exposures);
  std::vector<float> pose_sums(Trainer::kPoseSums * photos.views.size());
  StepFacts facts = trainer.gradients(7, 61, hash_grad.data(), mlp_grad.data(), sky_grad.data());
  trainer.take_exposure_sums(exposure_sums.data());
  trainer.take_pose_sums(pose_sums.data());
  out[name + " table gradient"] = hash_grad, out[name + " mlp gradient"] = mlp_grad;
  out[name + " exposure sums"] = exposure_sums, out[name + " pose sums"] = pose_sums;
  out[name + " sky gradient"] = sky_grad;
  out[name + " facts"] = {float(facts.loss), float(facts.squared_error), float(facts.samples)};
  trainer.run(7, 2, {0.01f, 0.001f}, 1024);
  std::vector<uint8_t> visible(rig.alpha.size());
  visible_cells(photos.views, {0.05f, 0.05f, 0.05f}, Rig::kCells, visible.data());
  trainer.sweep(rig.alpha.data(), visible.data(), 0.8f, 1, 0, 5);
  trainer.sweep(rig.alpha.data(), visible.data(), 0.8f, 4, 1, 6);
  out[name + " table"] = rig.table, out[name + " mlp"] = rig.mlp;
  out[name + " alpha"] = rig.alpha;
}

Arrays drive(int threads) {
  const Shape shapes[] = {{4, 11, 100, 32}, {1, 4, 4, 16}, {3, 7, 40, 64}, {16, 9, 300, 32}, {8, 10, 512, 64}};
  Arrays out;
  for (size_t i = 0; i < std::size(shapes); ++i) {
    std::string name = "shape " + std::to_string(i);
    Rig rig(shapes[i]);
    for (size_t n = 0; n <= 40; ++n) {
      std::string sized = name + ", n " + std::to_string(n);
      drive_points(rig, n, sized, out);
      drive_rays(rig, n, sized, out);
      drive_halves(rig, n, sized, out);
    }
    drive_training(rig, threads, name + " trained", out);
  }
  const int sizes[][2] = {{1, 1}, {2, 3}, {15, 4}, {16, 16}, {17, 33}, {90, 60}};
  for (auto [width, height] : sizes) {
    std::string name = "picture " + std::to_string(width);
    drive_pictures(width, height, threads, name, out);
    drive_gathering(width, height, threads, name, out);
  }
  return out;
}

void write(const Arrays& arrays, const char* file) {
  std::ofstream stream(file, std::ios::binary);
  for (const auto& [name, values] : arrays) {
    stream << name << '\n' << values.size() << '\n';
    stream.write(reinterpret_cast<const char*>(values.data()), std::streamsize(values.size() * 4));
  }
}

Arrays read(const char* file) {
  std::ifstream stream(file, std::ios::binary);
  Arrays out;
  std::string name, size;
  while (std::getline(stream, name) && std::getline(stream, size)) {
    std::vector<float> values(std::stoul(size));
    stream.read(reinterpret_cast<char*>(values.data()), std::streamsize(values.size() * 4));
    out[name] = values;
  }
  return out;
}

// One rounding in place of two, and a ray that grazes a cell by less than that steps another way: 99
// of 100 values and the mean error within 1e-3 of the largest value. Worst seen of NEON 1.9e-4, of
// AVX2 and AVX-512 3.5e-5.
bool agree(const std::string& name, const std::vector<float>& found, const std::vector<float>& expected,
           double& worst) {
  if (found.size() != expected.size() || found.empty()) return found.size() == expected.size();
  std::vector<double> errors;
  double scale = 0, total = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!std::isfinite(found[i])) return false;
    errors.push_back(std::fabs(double(found[i]) - expected[i]));
    scale = std::max(scale, std::fabs(double(expected[i])));
    total += errors.back();
  }
  std::sort(errors.begin(), errors.end());
  double most = errors[(errors.size() - 1) * 99 / 100];
  double mean = total / double(errors.size());
  worst = std::max(worst, scale > 0 ? most / scale : 0);
  bool fine = most <= 1e-3 * scale && mean <= 1e-3 * scale;
  if (!fine) std::printf("%s: errors %.3g of most, %.3g on average, of %.3g\n", name.c_str(), most, mean, scale);
  return fine;
}

int compare(const Arrays& found, const Arrays& expected, bool exactly) {
  int wrong = found.size() != expected.size() || expected.empty();
  double worst = 0;
  size_t values = 0;
  for (const auto& [name, array] : expected) {
    auto at = found.find(name);
    bool same = at != found.end() && at->second.size() == array.size() &&
                (array.empty() || !std::memcmp(at->second.data(), array.data(), array.size() * 4));
    bool fine = same || (!exactly && at != found.end() && agree(name, at->second, array, worst));
    if (!fine) std::printf("%s differs\n", name.c_str()), ++wrong;
    values += array.size();
  }
  std::printf("%zu arrays, %zu values: %d wrong", expected.size(), values, wrong);
  if (!exactly) std::printf(", 99 of 100 values within %.2g of the largest", worst);
  std::printf("\n");
  return wrong ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "write") try {
    Arrays found = drive(argc > 3 ? std::stoi(argv[3]) : 1);
    write(found, argv[2]);
    std::printf("%s: %zu arrays\n", kernels().name, found.size());
    return 0;
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  if ((mode == "compare" || mode == "same") && argc == 4)
    return compare(read(argv[2]), read(argv[3]), mode == "same");
  std::fprintf(stderr, "driver: expected 'write FILE [THREADS]', 'compare FILE FILE' or 'same FILE FILE'\n");
  return 2;
}
