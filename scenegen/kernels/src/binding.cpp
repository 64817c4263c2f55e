// A thin binding: arrays in, arrays out, nothing copied silently, the GIL released. Shapes and values
// are checked in native.py before they come here.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <optional>

#include "gathering.h"
#include "reproject.h"
#include "trainer.h"
#include "workers.h"

namespace nb = nanobind;
using namespace nb::literals;
using namespace scenegen;

template <typename T>
using Array = nb::ndarray<T, nb::c_contig, nb::device::cpu>;
using Floats = Array<float>;
using ConstFloats = Array<const float>;
using Bytes = Array<uint8_t>;
using ConstBytes = Array<const uint8_t>;
using Halves = Array<uint16_t>;
using Indices = Array<const int64_t>;
using Release = nb::call_guard<nb::gil_scoped_release>;

namespace {

// A field over arrays that Python owns and this object keeps alive.
struct NativeField {
  FieldView view{};
  Halves hash;
  Floats mlp, sky;
  Bytes distance;

  NativeField(int levels, int log2_table, int coarsest, int finest, int hidden, Halves hash_,
              Floats mlp_, Floats sky_, Bytes distance_)
      : hash(hash_), mlp(mlp_), sky(sky_), distance(distance_) {
    view = field_of_shape(levels, log2_table, coarsest, finest, hidden);
    view.hash = hash.data(), view.mlp = mlp.data(), view.sky = sky.data(), view.distance = distance.data();
    view.cells = int(distance.shape(0));
  }
  void march_by(float step, float near, float far) {
    view.step = step, view.near = near, view.far = far;
  }
  // `box`: its axes in rows, its centre, half its size.
  void crop_to(const std::vector<float>& box) {
    std::memcpy(view.crop.axes, box.data(), sizeof view.crop.axes);
    std::memcpy(view.crop.centre, box.data() + 9, sizeof view.crop.centre);
    std::memcpy(view.crop.half, box.data() + 12, sizeof view.crop.half);
    view.cropped = true;
  }
};

struct NativePhoto {
  PhotoView view{};
  ConstBytes rgb;
  std::optional<ConstBytes> mask, open;

  NativePhoto(ConstBytes rgb_, std::optional<ConstBytes> mask_, int model, std::vector<float> lens,
              std::vector<float> rotation, std::vector<float> position,
              std::optional<ConstBytes> open_)
      : rgb(rgb_), mask(mask_), open(open_) {
    view.rgb = rgb.data();
    view.height = int(rgb.shape(0)), view.width = int(rgb.shape(1));
    view.mask = mask ? mask->data() : nullptr;
    view.open = open ? open->data() : nullptr;
    view.model = model;
    float* targets[] = {&view.fl_x, &view.fl_y, &view.cx, &view.cy, &view.k1, &view.k2,
                        &view.k3,   &view.k4,   &view.p1, &view.p2};
    for (int i = 0; i < 10; ++i) *targets[i] = lens[i];
    std::memcpy(view.rotation, rotation.data(), sizeof view.rotation);
    std::memcpy(view.position, position.data(), sizeof view.position);
  }
};

struct NativeTrainer {
  NativeField& field;
  nb::object photos;  // keeps the pixels alive
  std::vector<Floats> floats;
  Trainer trainer;

  // `arrays`: the table with its m and v; mlp, m, v; exposure.
  NativeTrainer(NativeField& field_, nb::list photos_, std::vector<Floats> arrays,
                std::vector<float> config, uint64_t seed, int threads)
      : field(field_), photos(photos_), floats(arrays),
        trainer(state(field_, arrays, config, seed), views(photos_), threads) {}

  static std::vector<PhotoView> views(nb::list photos) {
    std::vector<PhotoView> out;
    for (nb::handle photo : photos) out.push_back(nb::cast<NativePhoto&>(photo).view);
    return out;
  }
  static TrainState state(NativeField& field, std::vector<Floats>& a,
                          const std::vector<float>& config, uint64_t seed) {
    TrainState s{};
    s.field = field.view;
    s.hash_half = field.hash.data();
    s.hash = a[0].data(), s.hash_m = a[1].data(), s.hash_v = a[2].data();
    s.mlp = a[3].data(), s.mlp_m = a[4].data(), s.mlp_v = a[5].data();
    s.exposure = a[6].data();
    s.sky = a[7].data(), s.sky_m = a[8].data(), s.sky_v = a[9].data();
    s.config.huber = config[0], s.config.distortion = config[1], s.config.opaque_at = config[2];
    s.config.seed = seed;
    return s;
  }
  Indices sighting_pixels;
  ConstFloats sighting_distances;
  void see(Indices pixels, ConstFloats distances, float share) {
    trainer.state.config.sighting_share = share;
    sighting_pixels = pixels, sighting_distances = distances;  // kept alive
    trainer.state.sightings = {pixels.data(), distances.data(), int64_t(pixels.size())};
  }
  void show(nb::list photos_) {
    trainer.show(views(photos_));
    photos = photos_;
  }
  // The field's marching may have changed since; its arrays never move.
  void refresh() { trainer.state.field = field.view; }
};

nb::dict facts_dict(const StepFacts& f) {
  nb::dict d;
  d["loss"] = f.loss, d["squared_error"] = f.squared_error, d["rays"] = f.rays;
  d["compared"] = f.compared, d["samples"] = f.samples, d["panel_samples"] = f.kept, d["steps"] = f.steps;
  return d;
}

void trace(NativeField& field, ConstFloats origins, ConstFloats directions, float stop, int threads,
           Floats rgb, Floats depth, Floats opacity, std::optional<Floats> cell_weight, float footprint) {
  FieldView view = field.view;
  view.footprint = footprint;
  float* weight = cell_weight ? cell_weight->data() : nullptr;
  int64_t n = int64_t(origins.shape(0)), next = 0;
  run_threads(threads, [&](int) {
    kernels().trace(view, origins.data(), directions.data(), n, 256, &next, stop, rgb.data(),
                    depth.data(), opacity.data(), weight);
  });
}

// A photo that guides a frame, over arrays that this object keeps alive.
struct NativeGuide {
  GuidePhoto view{};
  std::vector<ConstBytes> levels;
  ConstFloats depth;

  // `lens`: width, height, model, then as NativePhoto. `numbers`: gain (3), share, border, reach, focal.
  NativeGuide(std::vector<ConstBytes> levels_, int first_level, ConstFloats depth_, int index,
              std::vector<float> lens, std::vector<float> rotation, std::vector<float> position,
              std::vector<float> numbers)
      : levels(levels_), depth(depth_) {
    view.camera = pinned(lens, rotation, position);
    view.first_level = first_level, view.levels = first_level + int(levels.size());
    for (size_t k = 0; k < levels.size(); ++k) {
      view.level[first_level + k] = levels[k].data();
      view.level_height[first_level + k] = int(levels[k].shape(0));
      view.level_width[first_level + k] = int(levels[k].shape(1));
    }
    view.depth = depth.data(), view.index = index;
    view.depth_height = int(depth.shape(0)), view.depth_width = int(depth.shape(1));
    for (int c = 0; c < 3; ++c) view.gain[c] = numbers[c];
    view.share = numbers[3], view.border = numbers[4];
    view.reach = numbers[5], view.focal = numbers[6];
  }
  static PhotoView pinned(const std::vector<float>& lens, const std::vector<float>& rotation,
                          const std::vector<float>& position) {
    PhotoView view{};
    view.width = int(lens[0]), view.height = int(lens[1]), view.model = int(lens[2]);
    float* targets[] = {&view.fl_x, &view.fl_y, &view.cx, &view.cy, &view.k1, &view.k2,
                        &view.k3,   &view.k4,   &view.p1, &view.p2};
    for (int i = 0; i < 10; ++i) *targets[i] = lens[3 + i];
    std::memcpy(view.rotation, rotation.data(), sizeof view.rotation);
    std::memcpy(view.position, position.data(), sizeof view.position);
    return view;
  }
};

// A frame and its photos, as the kernels take them.
struct NativeGuiding {
  GuideTask task{};
  std::vector<GuidePhoto> photos;
  ConstFloats rgb, range, soft;

  NativeGuiding(std::vector<float> lens, std::vector<float> rotation, float focal, ConstFloats rgb_,
                ConstFloats range_, ConstFloats soft_, int soft_scale, nb::list photos_,
                std::vector<float> c)
      : rgb(rgb_), range(range_), soft(soft_) {
    task.camera = NativeGuide::pinned(lens, rotation, {0.0f, 0.0f, 0.0f});
    task.focal = focal;
    task.rgb = rgb.data(), task.range = range.data(), task.soft = soft.data();
    task.soft_height = int(soft.shape(0)), task.soft_width = int(soft.shape(1));
    task.soft_scale = soft_scale;
    for (nb::handle photo : photos_) photos.push_back(nb::cast<NativeGuide&>(photo).view);
    task.photos = photos.data(), task.photo_count = int(photos.size());
    task.config = {int(c[0]), int(c[1]), c[2], c[3], c[4],  c[5], c[6],
                   c[7],      c[8],      c[9], c[10], c[11]};
  }
};

}  // namespace

NB_MODULE(_native, m) {
  m.def("instruction_set", [] { return std::string(kernels().name); });
  m.attr("ARCHITECTURE") =
#if defined(__x86_64__)
      "x86_64";
#elif defined(__aarch64__)
      "aarch64";
#else
      "other";
#endif

  nb::class_<NativeField>(m, "NativeField")
      .def(nb::init<int, int, int, int, int, Halves, Floats, Floats, Bytes>(), "levels"_a, "log2_table"_a,
           "coarsest"_a, "finest"_a, "hidden"_a, "hash"_a.noconvert(), "mlp"_a.noconvert(),
           "sky"_a.noconvert(), "distance"_a.noconvert())
      .def("march_by", &NativeField::march_by, "step"_a, "near"_a, "far"_a)
      .def("crop_to", &NativeField::crop_to, "box"_a)
      .def("density", [](NativeField& f, ConstFloats points, Floats out) {
        kernels().density(f.view, points.data(), int64_t(points.shape(0)), out.data());
      }, "points"_a.noconvert(), "out"_a.noconvert(), Release())
      .def("radiance", [](NativeField& f, ConstFloats points, ConstFloats directions, Floats density,
                          Floats rgb) {
        kernels().radiance(f.view, points.data(), directions.data(), int64_t(points.shape(0)),
                           density.data(), rgb.data());
      }, "points"_a.noconvert(), "directions"_a.noconvert(), "density"_a.noconvert(),
           "rgb"_a.noconvert(), Release())
      .def("encode", [](NativeField& f, ConstFloats points, Floats out) {
        kernels().encode(f.view, points.data(), int64_t(points.shape(0)), out.data());
      }, "points"_a.noconvert(), "out"_a.noconvert(), Release())
      .def("encode_backward", [](NativeField& f, ConstFloats points, ConstFloats grad,
                                 Floats hash_grad, Bytes touched) {
        kernels().encode_backward(f.view, points.data(), grad.data(), int64_t(points.shape(0)),
                                  hash_grad.data(), touched.data());
      }, "points"_a.noconvert(), "grad"_a.noconvert(), "hash_grad"_a.noconvert(),
           "touched"_a.noconvert(), Release())
      .def("point_gradient", [](NativeField& f, ConstFloats points, ConstFloats grad, Floats out) {
        kernels().point_gradient(f.view, points.data(), grad.data(), int64_t(points.shape(0)),
                                 out.data());
      }, "points"_a.noconvert(), "grad"_a.noconvert(), "out"_a.noconvert(), Release())
      .def("march", [](NativeField& f, ConstFloats origin, ConstFloats direction, float offset,
                       Floats t, Floats dt) {
        return kernels().march(f.view, origin.data(), direction.data(), offset,
                               int64_t(t.shape(0)), t.data(), dt.data());
      }, "origin"_a.noconvert(), "direction"_a.noconvert(), "offset"_a, "t"_a.noconvert(),
           "dt"_a.noconvert())
      .def("trace", &trace, "origins"_a.noconvert(), "directions"_a.noconvert(), "stop"_a,
           "threads"_a, "rgb"_a.noconvert(), "depth"_a.noconvert(), "opacity"_a.noconvert(),
           "cell_weight"_a.noconvert().none() = nb::none(), "footprint"_a = 0.0f, Release());

  nb::class_<NativePhoto>(m, "NativePhoto")
      .def(nb::init<ConstBytes, std::optional<ConstBytes>, int, std::vector<float>,
                    std::vector<float>, std::vector<float>, std::optional<ConstBytes>>(),
           "rgb"_a.noconvert(), "mask"_a.noconvert().none(), "model"_a, "lens"_a, "rotation"_a,
           "position"_a, "open"_a.noconvert().none() = nb::none());

  nb::class_<NativeTrainer>(m, "NativeTrainer")
      .def(nb::init<NativeField&, nb::list, std::vector<Floats>, std::vector<float>, uint64_t, int>(),
           "field"_a, "photos"_a, "arrays"_a.noconvert(), "config"_a, "seed"_a, "threads"_a,
           nb::keep_alive<1, 2>())
      .def("run", [](NativeTrainer& t, int64_t first, int64_t count, float hash_rate, float mlp_rate,
                     int64_t batch_samples) {
        t.refresh();
        StepFacts facts;
        {
          nb::gil_scoped_release release;
          facts = t.trainer.run(first, count, {hash_rate, mlp_rate}, batch_samples);
        }
        return facts_dict(facts);
      }, "first"_a, "count"_a, "hash_rate"_a, "mlp_rate"_a, "batch_samples"_a)
      .def("gradients", [](NativeTrainer& t, int64_t step, int64_t rays, Floats hash_grad,
                           Floats mlp_grad, Floats sky_grad) {
        t.refresh();
        StepFacts facts;
        {
          nb::gil_scoped_release release;
          facts = t.trainer.gradients(step, rays, hash_grad.data(), mlp_grad.data(),
                                      sky_grad.data());
        }
        return facts_dict(facts);
      }, "step"_a, "rays"_a, "hash_grad"_a.noconvert(), "mlp_grad"_a.noconvert(),
           "sky_grad"_a.noconvert())
      .def("show", &NativeTrainer::show, "photos"_a)
      .def("sweep", [](NativeTrainer& t, Floats alpha, ConstBytes visible, float decay,
                       uint32_t stride, uint32_t phase, uint64_t seed) {
        t.refresh();
        t.trainer.sweep(alpha.data(), visible.data(), decay, stride, phase, seed);
      }, "alpha"_a.noconvert(), "visible"_a.noconvert(), "decay"_a, "stride"_a, "phase"_a, "seed"_a,
           Release())
      .def("take_pose_sums", [](NativeTrainer& t, Floats out) {
        t.trainer.take_pose_sums(out.data());
      }, "out"_a.noconvert())
      .def("take_exposure_sums", [](NativeTrainer& t, Floats out) {
        t.trainer.take_exposure_sums(out.data());
      }, "out"_a.noconvert())
      .def("place", [](NativeTrainer& t, ConstFloats rotations, ConstFloats positions) {
        for (int i = 0; i < int(positions.shape(0)); ++i)
          t.trainer.place(i, rotations.data() + 9 * i, positions.data() + 3 * i);
      }, "rotations"_a.noconvert(), "positions"_a.noconvert())
      .def_prop_rw("pose_every", [](NativeTrainer& t) { return t.trainer.state.config.pose_every; },
                   [](NativeTrainer& t, int v) { t.trainer.state.config.pose_every = v; })
      .def_prop_rw("outlier", [](NativeTrainer& t) { return t.trainer.state.config.outlier; },
                   [](NativeTrainer& t, float v) { t.trainer.state.config.outlier = v; })
      .def("see", &NativeTrainer::see, "pixels"_a.noconvert(), "distances"_a.noconvert(), "share"_a)
      .def_prop_rw("sighting_weight",
                   [](NativeTrainer& t) { return t.trainer.state.config.sighting_weight; },
                   [](NativeTrainer& t, float v) { t.trainer.state.config.sighting_weight = v; })
      .def_prop_rw("sky_pull", [](NativeTrainer& t) { return t.trainer.state.config.sky_pull; },
                   [](NativeTrainer& t, float v) { t.trainer.state.config.sky_pull = v; })
      .def_prop_ro("stage_seconds", [](NativeTrainer& t) {
        const StageSeconds& s = t.trainer.seconds;
        nb::dict d;
        d["rays"] = s.rays, d["scatter"] = s.scatter, d["adam"] = s.adam, d["dense"] = s.dense;
        d["waiting"] = s.waiting;
        return d;
      })
      .def_prop_rw("samples_per_ray",
                   [](NativeTrainer& t) { return t.trainer.samples_per_ray; },
                   [](NativeTrainer& t, double v) { t.trainer.samples_per_ray = v; });

  m.def("distance_field", [](ConstFloats alpha, float threshold, Bytes out) {
    distance_field(alpha.data(), int(alpha.shape(0)), threshold, out.data());
  }, "alpha"_a.noconvert(), "threshold"_a, "out"_a.noconvert(), Release());
  m.def("visible_cells", [](nb::list photos, std::vector<float> near, Bytes out) {
    auto views = NativeTrainer::views(photos);
    nb::gil_scoped_release release;
    visible_cells(views, near, int(out.shape(0)), out.data());
  }, "photos"_a, "near"_a, "out"_a.noconvert());
  nb::class_<NativeGuide>(m, "NativeGuide")
      .def(nb::init<std::vector<ConstBytes>, int, ConstFloats, int, std::vector<float>,
                    std::vector<float>, std::vector<float>, std::vector<float>>(),
           "levels"_a.noconvert(), "first_level"_a, "depth"_a.noconvert(), "index"_a, "lens"_a,
           "rotation"_a, "position"_a, "numbers"_a);
  nb::class_<NativeGuiding>(m, "NativeGuiding")
      .def(nb::init<std::vector<float>, std::vector<float>, float, ConstFloats, ConstFloats,
                    ConstFloats, int, nb::list, std::vector<float>>(),
           "lens"_a, "rotation"_a, "focal"_a, "rgb"_a.noconvert(), "range"_a.noconvert(),
           "soft"_a.noconvert(), "soft_scale"_a, "photos"_a, "config"_a, nb::keep_alive<1, 9>())
      .def("guide", [](NativeGuiding& g, int threads, Floats rgb, Bytes count, Floats angle,
                       Floats ratio, Floats agreement, Array<int16_t> best, Floats coverage,
                       Floats range) {
        GuideTask task = g.task;
        task.out = {rgb.data(), angle.data(), ratio.data(), agreement.data(), coverage.data(),
                    range.data(), count.data(), best.data()};
        int64_t next = 0;
        run_threads(threads, [&](int) { kernels().guide(task, &next); });
      }, "threads"_a, "rgb"_a.noconvert(), "count"_a.noconvert(), "angle"_a.noconvert(),
           "ratio"_a.noconvert(), "agreement"_a.noconvert(), "best"_a.noconvert(),
           "coverage"_a.noconvert(), "range"_a.noconvert(), Release())
      .def("match", [](NativeGuiding& g, int threads, ConstFloats factors, Floats cost) {
        int64_t next = 0;
        run_threads(threads, [&](int) {
          kernels().match(g.task, factors.data(), int(factors.shape(0)), cost.data(), &next);
        });
      }, "threads"_a, "factors"_a.noconvert(), "cost"_a.noconvert(), Release());
  nb::class_<FrameView>(m, "FrameView")
      .def("__init__", [](FrameView* view, int width, int height, std::vector<float> lens,
                          std::vector<double> rotation, std::vector<double> position) {
        new (view) FrameView{{width, height, lens[0], lens[1], lens[2]}, {}, {}};
        std::memcpy(view->rotation, rotation.data(), sizeof view->rotation);
        std::memcpy(view->position, position.data(), sizeof view->position);
      }, "width"_a, "height"_a, "lens"_a, "rotation"_a, "position"_a);
  m.def("reproject", [](const FrameView& from, ConstFloats rgba, ConstFloats depth,
                        const FrameView& to, int threads, Floats rgba_out, Floats depth_out) {
    reproject(from, rgba.data(), depth.data(), to, threads, rgba_out.data(), depth_out.data());
  }, "from_"_a, "rgba"_a.noconvert(), "depth"_a.noconvert(), "to"_a, "threads"_a,
        "rgba_out"_a.noconvert(), "depth_out"_a.noconvert(), Release());
  m.def("blend_frames", [](ConstFloats rgba_a, ConstFloats depth_a, ConstFloats rgba_b,
                           ConstFloats depth_b, float share, float tolerance,
                           float depth_tolerance, int threads, Floats rgba, Floats depth,
                           Bytes redraw) {
    blend_frames(rgba_a.data(), depth_a.data(), rgba_b.data(), depth_b.data(),
                 int(depth.shape(1)), int(depth.shape(0)), {share, tolerance, depth_tolerance},
                 threads, rgba.data(), depth.data(), redraw.data());
  }, "rgba_a"_a.noconvert(), "depth_a"_a.noconvert(), "rgba_b"_a.noconvert(),
        "depth_b"_a.noconvert(), "share"_a, "tolerance"_a, "depth_tolerance"_a, "threads"_a,
        "rgba"_a.noconvert(), "depth"_a.noconvert(), "redraw"_a.noconvert(), Release());
  nb::class_<LightPicture>(m, "LightPicture")
      .def("__init__", [](LightPicture* made, const FrameView& view, ConstFloats pixels, int threads) {
        nb::gil_scoped_release release;
        new (made) LightPicture(view, pixels.data(), threads);
      }, "view"_a, "pixels"_a.noconvert(), "threads"_a);
  m.def("gather_light", [](std::vector<const LightPicture*> pictures, std::vector<FrameView> cameras,
                           Array<const int32_t> order, int threads, Floats total) {
    gather_light(pictures, cameras, order.data(), threads, total.data());
  }, "pictures"_a, "cameras"_a, "order"_a.noconvert(), "threads"_a, "total"_a.noconvert(),
        Release());
  m.def("to_half", [](ConstFloats value, Halves out) {
    kernels().to_half(value.data(), out.data(), int64_t(value.size()));
  }, "value"_a.noconvert(), "out"_a.noconvert(), Release());
  m.def("probe", [](int what, Floats table, int64_t count, uint64_t seed) {
    return kernels().probe(Probe(what), table.data(), int64_t(table.size()), count, seed);
  }, "what"_a, "table"_a.noconvert(), "count"_a, "seed"_a, Release());
}
