// Rays to colour, depth and opacity. Sixteen rays march together, four samples each; four panels give
// the samples' densities; two samples of a ray share one evaluation of the colour network, at the mean
// of their features by weight. A ray that has become opaque hands its lane to the next one.

constexpr int kGroups = kLanes / kWave;  // panels of a wave; lane 4 j + r holds sample j of ray r
constexpr int kShared = 2;               // samples that share a colour
constexpr float kFaint = 1e-4f;          // share of the light below which they go without
constexpr float kHalfDepth = 0.69314718f;  // optical depth at which half of the light is stopped

struct RenderPanel {
  float sigma[kLanes];
  float encoded[kMaxLevels * kFeatures * kLanes], hidden[kMaxHidden * kLanes];
  float out[kGeometry * kLanes], sh_hidden[kMaxHidden * kLanes], color_hidden[kMaxHidden * kLanes];
};

// The hidden layer of the colour network starts from each lane's own harmonics.
SG_INLINE void color_lanes(const FieldView& f, const MlpLayout& m, const float* out,
                           const float* sh_hidden, float* hidden, vf rgb[3]) {
  for (int o = 0; o < m.hidden; o += kRows) {
    vf acc[kRows];
    for (int j = 0; j < kRows; ++j) acc[j] = load(sh_hidden + (o + j) * kLanes);
    const float* w = f.mlp + m.color_hidden + (size_t)o * (kGeometry + kHarmonics);
    for (int k = 0; k < kGeometry; ++k) {
      vf x = load(out + k * kLanes);
      for (int j = 0; j < kRows; ++j) acc[j] += x * w[j * (kGeometry + kHarmonics) + k];
    }
    for (int j = 0; j < kRows; ++j) store(hidden + (o + j) * kLanes, vmax(acc[j], splat(0.0f)));
  }
  layer3(f.mlp + m.color_out, hidden, m.hidden, rgb);
  for (int c = 0; c < 3; ++c) rgb[c] = 1.0f / (1.0f + vexp(-rgb[c]));
}

SG_INLINE void density_lanes(const FieldView& f, const MlpLayout& m, RenderPanel& p) {
  layer<true>(f.mlp + m.density_hidden, m.encoded, p.encoded, m.encoded, nullptr, p.hidden, m.hidden);
  layer<false>(f.mlp + m.density_out, m.hidden, p.hidden, m.hidden, nullptr, p.out, kGeometry);
  store(p.sigma, vexp(vmin(load(p.out), splat(12.0f))));
}

// What a direction's harmonics add to the colour network's hidden layer, for up to kLanes directions.
SG_INLINE void harmonics_hidden(const FieldView& f, const MlpLayout& m, const float* directions,
                                int count, float* out, float (*sky)[kLanes]) {
  alignas(64) float panel[kHarmonics * kLanes] = {};
  for (int i = 0; i < count; ++i) {
    float column[kHarmonics];
    harmonics(directions[3 * i], directions[3 * i + 1], directions[3 * i + 2], column);
    for (int k = 0; k < kHarmonics; ++k) panel[k * kLanes + i] = column[k];
  }
  layer<false>(f.mlp + m.color_hidden + kGeometry, kGeometry + kHarmonics, panel, kHarmonics, nullptr,
               out, m.hidden);
  if (!sky) return;
  vf rgb[3];
  layer3(f.sky, panel, kHarmonics, rgb);
  for (int c = 0; c < 3; ++c) store(sky[c], 1.0f / (1.0f + vexp(-rgb[c])));
}

struct Tracing {
  Packet march;
  int64_t ray[kLanes];  // -1 where a lane is idle
  float optical[kLanes], rgb[3][kLanes], median[kLanes];
  float sigma[kWave][kLanes], weight[kWave][kLanes];
  float harmonics[kMaxHidden * kLanes], sky[3][kLanes];
  float upcoming_sky[3][kLanes];
  float upcoming[kMaxHidden * kLanes];  // harmonics of the rays [upcoming_begin, upcoming_end)
  int64_t upcoming_begin, upcoming_end;
  float encoded[kMaxLevels * kFeatures * kLanes], hidden[kGroups][kMaxHidden * kLanes];
  float mean[kMaxHidden * kLanes], geometry[kGeometry * kLanes], color_hidden[kMaxHidden * kLanes];
};

struct TraceOutput {
  float *rgb, *depth, *opacity;
  float* cell_weight;  // largest weight that a sample in each cell had; may be null
};

struct TraceInput {
  const FieldView& f;
  const MlpLayout& m;
  const float *origins, *directions;
  int64_t end;
};

SG_INLINE void start_ray(Tracing& s, const TraceInput& in, int lane, int64_t ray) {
  if (ray >= s.upcoming_end) {
    int count = in.end - ray < kLanes ? (int)(in.end - ray) : kLanes;
    harmonics_hidden(in.f, in.m, in.directions + 3 * ray, count, s.upcoming, s.upcoming_sky);
    s.upcoming_begin = ray, s.upcoming_end = ray + count;
  }
  for (int o = 0; o < in.m.hidden; ++o)
    s.harmonics[o * kLanes + lane] = s.upcoming[o * kLanes + (ray - s.upcoming_begin)];
  packet_start(s.march, in.f, lane, in.origins + 3 * ray, in.directions + 3 * ray);
  for (int c = 0; c < 3; ++c) {
    s.rgb[c][lane] = 0;
    s.sky[c][lane] = s.upcoming_sky[c][ray - s.upcoming_begin];
  }
  s.optical[lane] = s.median[lane] = 0;
  s.ray[lane] = ray;
}

// Samples of the four rays of a group: from one row a sample to lane 4 j + r, and back.
SG_INLINE vf gathered(const float rows[kWave][kLanes], int group) {
  f4 quarters[kWave];
  for (int j = 0; j < kWave; ++j) quarters[j] = load4(rows[j] + kWave * group);
  vf v;
  join(quarters, v);
  return v;
}
SG_INLINE void scattered(vf v, int group, float rows[kWave][kLanes]) {
  f4 quarters[kWave];
  split(v, quarters);
  for (int j = 0; j < kWave; ++j) store4(rows[j] + kWave * group, quarters[j]);
}
SG_INLINE vf repeated(const float* rays) {
  f4 q = load4(rays), quarters[4] = {q, q, q, q};
  vf v;
  join(quarters, v);
  return v;
}

// One output of a layer; four chains hide the latency of adding.
SG_INLINE vf single_output(const float* weight, const float* in, int inputs) {
  vf chain[4] = {};
  for (int k = 0; k < inputs; k += 4)
    for (int j = 0; j < 4; ++j) chain[j] += load(in + (k + j) * kLanes) * weight[k + j];
  return (chain[0] + chain[1]) + (chain[2] + chain[3]);
}

static void group_density(const TraceInput& in, Tracing& s, int group) {
  vf t = gathered(s.march.ts, group), x[3];
  if (!any(gathered(s.march.dts, group) > splat(0.0f))) return;
  for (int i = 0; i < 3; ++i)
    x[i] = repeated(s.march.o[i] + kWave * group) + t * repeated(s.march.d[i] + kWave * group);
  contract(x[0], x[1], x[2]);
  encode_group<false>(in.f, x[0], x[1], x[2], s.encoded);
  if (in.f.footprint > 0)
    weigh_levels(in.f, footprint_at(in.f.footprint, t, x[0], x[1], x[2]), s.encoded);
  const MlpLayout& m = in.m;
  float* hidden = s.hidden[group];
  layer<true>(in.f.mlp + m.density_hidden, m.encoded, s.encoded, m.encoded, nullptr, hidden, m.hidden);
  vf log_density = single_output(in.f.mlp + m.density_out, hidden, m.hidden);
  scattered(vexp(vmin(log_density, splat(12.0f))), group, s.sigma);
}

// Weights, transmittance and median depth of a wave.
static void composite_wave(Tracing& s) {
  vf optical = load(s.optical), median = load(s.median), before = vexp(-optical);
  for (int j = 0; j < kWave; ++j) {
    vf dt = load(s.march.dts[j]);
    vf thickness = select(dt > splat(0.0f), load(s.sigma[j]) * dt, vf{});
    vf after = before * vexp(-thickness);
    store(s.weight[j], before - after);
    // The median of the transmittance, placed inside the interval that it falls into.
    vf place = (kHalfDepth - optical) / vmax(thickness, splat(1e-30f)) - 0.5f;
    vi crosses = (median == splat(0.0f)) & (optical + thickness > splat(kHalfDepth));
    median = select(crosses, load(s.march.ts[j]) + dt * place, median);
    optical += thickness;
    before = after;
  }
  store(s.optical, optical);
  store(s.median, median);
}

// Sums over the four samples of each ray: lanes 4 j + r of part g go to lane 4 g + r.
SG_INLINE vf wave_sums(const vf part[kGroups]) {
#if defined(__AVX512F__)
  vf low = __builtin_shufflevector(part[0], part[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
           __builtin_shufflevector(part[0], part[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  vf high = __builtin_shufflevector(part[2], part[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
            __builtin_shufflevector(part[2], part[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
         __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
#else
  f4 sums[kGroups], q[kWave];
  for (int g = 0; g < kGroups; ++g) {
    split(part[g], q);
    sums[g] = (q[0] + q[2]) + (q[1] + q[3]);
  }
  vf v;
  join(sums, v);
  return v;
#endif
}

// Adds the colour of the samples [first, first + kShared) of each ray.
static void add_color(const TraceInput& in, Tracing& s, int first) {
  vf total = vf{}, share[kGroups], color[3];
  for (int j = first; j < first + kShared; ++j) total += load(s.weight[j]);
  total = select(total > splat(kFaint), total, vf{});
  if (!any(total > splat(0.0f))) return;
  vf inverse = 1.0f / vmax(total, splat(kFaint));
  alignas(64) float shares[kWave][kLanes] = {};
  for (int j = first; j < first + kShared; ++j) store(shares[j], load(s.weight[j]) * inverse);
  for (int g = 0; g < kGroups; ++g) share[g] = gathered(shares, g);
  for (int o = 0; o < in.m.hidden; ++o) {
    vf part[kGroups];
    for (int g = 0; g < kGroups; ++g) part[g] = load(s.hidden[g] + o * kLanes) * share[g];
    store(s.mean + o * kLanes, wave_sums(part));
  }
  layer<false>(in.f.mlp + in.m.density_out, in.m.hidden, s.mean, in.m.hidden, nullptr, s.geometry,
               kGeometry);
  color_lanes(in.f, in.m, s.geometry, s.harmonics, s.color_hidden, color);
  for (int c = 0; c < 3; ++c) store(s.rgb[c], load(s.rgb[c]) + total * color[c]);
}

// Notes the weights of a wave's samples in the cells that they lie in.
static void note_weights(const FieldView& f, const Tracing& s, float* cell_weight) {
  for (int j = 0; j < kWave; ++j)
    for (int i = 0; i < kLanes; ++i) {
      if (s.march.dts[j][i] <= 0) continue;
      float p[3], r2 = 0;
      for (int a = 0; a < 3; ++a)
        p[a] = s.march.o[a][i] + s.march.ts[j][i] * s.march.d[a][i], r2 += p[a] * p[a];
      int index[3];
      cell_of(f, p, r2 > 1.0f ? __builtin_sqrtf(r2) : 1.0f, index);
      float& cell = cell_weight[((size_t)index[2] * f.cells + index[1]) * f.cells + index[0]];
      cell = cell > s.weight[j][i] ? cell : s.weight[j][i];
    }
}

SG_INLINE void finish_ray(Tracing& s, int lane, const TraceOutput& out) {
  int64_t ray = s.ray[lane];
  float passed = expf(-s.optical[lane]);
  for (int c = 0; c < 3; ++c) out.rgb[3 * ray + c] = s.rgb[c][lane] + passed * s.sky[c][lane];
  out.depth[ray] = s.median[lane];
  out.opacity[ray] = 1.0f - passed;
  s.ray[lane] = -1, s.march.t_far[lane] = 0;
}

// Traces rays [begin, in.end). `stop` is the optical depth at which a ray is opaque.
static void trace_block(const TraceInput& in, int64_t begin, float stop, const TraceOutput& out) {
  alignas(64) Tracing s;
  memset(&s, 0, sizeof s);
  int64_t next = begin;
  int busy = 0;
  for (int i = 0; i < kLanes; ++i) s.ray[i] = -1;
  for (;;) {
    for (int i = 0; i < kLanes && next < in.end; ++i)
      if (s.ray[i] < 0) start_ray(s, in, i, next++), ++busy;
    if (!busy) return;
    packet_march(s.march, in.f);
    for (int g = 0; g < kGroups; ++g) group_density(in, s, g);
    composite_wave(s);
    if (out.cell_weight) note_weights(in.f, s, out.cell_weight);
    for (int j = 0; j < kWave; j += kShared) add_color(in, s, j);
    for (int i = 0; i < kLanes; ++i) {
      bool ended = s.march.dts[kWave - 1][i] <= 0 || s.optical[i] > stop;
      if (s.ray[i] >= 0 && ended) finish_ray(s, i, out), --busy;
    }
  }
}

static void trace(const FieldView& f, const float* origins, const float* directions, int64_t n,
                  int64_t block, int64_t* next, float stop, float* rgb, float* depth, float* opacity,
                  float* cell_weight) {
  MlpLayout m = mlp_layout(f.levels, f.hidden);
  TraceOutput out{rgb, depth, opacity, cell_weight};
  for (;;) {
    int64_t begin = __atomic_fetch_add(next, block, __ATOMIC_RELAXED);
    if (begin >= n) return;
    TraceInput in{f, m, origins, directions, begin + block < n ? begin + block : n};
    trace_block(in, begin, stop, out);
  }
}

SG_INLINE void load_points(const float* points, int64_t at, int count, vf& x, vf& y, vf& z) {
  float c[3][kLanes] = {};
  for (int i = 0; i < count; ++i)
    for (int a = 0; a < 3; ++a) c[a][i] = points[3 * (at + i) + a];
  x = load(c[0]), y = load(c[1]), z = load(c[2]);
  contract(x, y, z);
}

// Density, and where `rgb` is given colour, of single points.
static void radiance(const FieldView& f, const float* points, const float* directions, int64_t n,
                     float* density, float* rgb) {
  MlpLayout m = mlp_layout(f.levels, f.hidden);
  alignas(64) RenderPanel p;
  for (int64_t at = 0; at < n; at += kLanes) {
    int count = n - at < kLanes ? (int)(n - at) : kLanes;
    vf x, y, z, color[3];
    load_points(points, at, count, x, y, z);
    encode_group(f, x, y, z, p.encoded);
    density_lanes(f, m, p);
    memcpy(density + at, p.sigma, count * sizeof(float));
    if (!rgb) continue;
    harmonics_hidden(f, m, directions + 3 * at, count, p.sh_hidden, nullptr);
    color_lanes(f, m, p.out, p.sh_hidden, p.color_hidden, color);
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < 3; ++c) rgb[3 * (at + i) + c] = color[c][i];
  }
}

static void density(const FieldView& f, const float* points, int64_t n, float* out) {
  radiance(f, points, nullptr, n, out, nullptr);
}

static void encode(const FieldView& f, const float* points, int64_t n, float* out) {
  int rows = f.levels * kFeatures;
  alignas(64) float panel[kMaxLevels * kFeatures * kLanes];
  for (int64_t at = 0; at < n; at += kLanes) {
    int count = n - at < kLanes ? (int)(n - at) : kLanes;
    vf x, y, z;
    load_points(points, at, count, x, y, z);
    encode_group(f, x, y, z, panel);
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < rows; ++k) out[(at + i) * rows + k] = panel[k * kLanes + i];
  }
}

static void encode_backward(const FieldView& f, const float* points, const float* grad, int64_t n,
                            float* hash_grad, uint8_t* touched) {
  int rows = f.levels * kFeatures;
  alignas(64) float panel[kMaxLevels * kFeatures * kLanes];
  for (int64_t at = 0; at < n; at += kLanes) {
    int count = n - at < kLanes ? (int)(n - at) : kLanes;
    vf x, y, z;
    load_points(points, at, count, x, y, z);
    for (int k = 0; k < rows; ++k)
      for (int i = 0; i < kLanes; ++i) panel[k * kLanes + i] = i < count ? grad[(at + i) * rows + k] : 0.0f;
    for (int level = 0; level < f.levels; ++level) {
      Corners c;
      corners(f, level, x, y, z, c);
      size_t first = (size_t)level << f.log2_table;
      scatter_group(c, panel + level * kFeatures * kLanes, hash_grad + first * kFeatures,
                    touched + first / 4);
    }
  }
}

// Gradients of points for those of their encodings; see encode_group_slope.
static void point_gradient(const FieldView& f, const float* points, const float* grad, int64_t n,
                           float* point_grad) {
  int rows = f.levels * kFeatures;
  alignas(64) float panel[kMaxLevels * kFeatures * kLanes];
  for (int64_t at = 0; at < n; at += kLanes) {
    int count = n - at < kLanes ? (int)(n - at) : kLanes;
    float raw[3][kLanes] = {};
    for (int i = 0; i < count; ++i)
      for (int axis = 0; axis < 3; ++axis) raw[axis][i] = points[3 * (at + i) + axis];
    for (int k = 0; k < rows; ++k)
      for (int i = 0; i < kLanes; ++i) panel[k * kLanes + i] = i < count ? grad[(at + i) * rows + k] : 0.0f;
    vf x, y, z, slope[3];
    load_points(points, at, count, x, y, z);
    encode_group_slope(f, x, y, z, panel, slope);
    contract_backward(load(raw[0]), load(raw[1]), load(raw[2]), slope[0], slope[1], slope[2]);
    for (int i = 0; i < count; ++i)
      for (int axis = 0; axis < 3; ++axis) point_grad[3 * (at + i) + axis] = slope[axis][i];
  }
}

static int64_t march_ray(const FieldView& f, const float* origin, const float* direction, float offset,
                         int64_t capacity, float* t, float* dt) {
  Marcher m;
  marcher_init(m, f, origin, direction, offset);
  return march_next(m, f, (int)capacity, t, dt);
}
