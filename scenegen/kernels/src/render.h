// Rays to colour, depth and opacity: four rays march together, four samples each, and a ray that
// has become opaque hands its place to the next one.

constexpr int kSlots = 4;
constexpr int kWave = kLanes / kSlots;
constexpr float kFaint = 1e-4f;  // optical thickness below which a sample's colour does not matter

struct Slot {
  Marcher march;
  int64_t ray;  // -1 when idle
  float depth;  // optical
  float rgb[3], median;
};

struct RenderPanel {
  float t[kLanes], dt[kLanes], sigma[kLanes];
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

SG_INLINE void harmonics_hidden(const FieldView& f, const MlpLayout& m, const float* d, float* column,
                                int pitch, int repeat) {
  float sh[kHarmonics];
  harmonics(d[0], d[1], d[2], sh);
  vf s = load(sh);
  const float* w = f.mlp + m.color_hidden + kGeometry;
  for (int o = 0; o < m.hidden; ++o) {
    float h = sum(s * load(w + o * (kGeometry + kHarmonics)));
    for (int i = 0; i < repeat; ++i) column[o * pitch + i] = h;
  }
}

struct TraceOutput {
  float *rgb, *depth, *opacity;
  float* cell_weight;  // largest weight that a sample in each cell had; may be null
};

SG_INLINE void finish_slot(Slot& slot, const TraceOutput& out) {
  for (int c = 0; c < 3; ++c) out.rgb[3 * slot.ray + c] = slot.rgb[c];
  out.depth[slot.ray] = slot.median;
  out.opacity[slot.ray] = 1.0f - expf(-slot.depth);
  slot.ray = -1;
}

SG_INLINE void note_weight(const FieldView& f, const Slot& slot, float t, float w, float* cell_weight) {
  float p[3], r2 = 0;
  for (int i = 0; i < 3; ++i) p[i] = slot.march.o[i] + t * slot.march.d[i], r2 += p[i] * p[i];
  int index[3];
  cell_of(f, p, r2 > 1.0f ? __builtin_sqrtf(r2) : 1.0f, index);
  // Floats that are not negative compare as their bits do: a maximum that no other worker's is lost to.
  uint32_t* cell = (uint32_t*)cell_weight + ((size_t)index[2] * f.cells + index[1]) * f.cells + index[0];
  uint32_t bits, largest = __atomic_load_n(cell, __ATOMIC_RELAXED);
  memcpy(&bits, &w, sizeof bits);
  while (bits > largest &&
         !__atomic_compare_exchange_n(cell, &largest, bits, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

// Add a slot's samples to its colour; returns whether the ray is done.
SG_INLINE bool composite_slot(const FieldView& f, Slot& slot, const RenderPanel& p, const float* rgb,
                              int lane, int n, float stop, float* cell_weight) {
  for (int i = lane; i < lane + n; ++i) {
    float before = expf(-slot.depth);
    float thickness = p.sigma[i] * p.dt[i];
    float w = before * (1.0f - expf(-thickness));
    for (int c = 0; c < 3; ++c) slot.rgb[c] += w * rgb[c * kLanes + i];
    // The median of the transmittance, placed inside the interval that it falls into.
    if (slot.median == 0 && slot.depth + thickness > 0.6931472f)
      slot.median = p.t[i] + p.dt[i] * ((0.6931472f - slot.depth) / thickness - 0.5f);
    slot.depth += thickness;
    if (cell_weight) note_weight(f, slot, p.t[i], w, cell_weight);
  }
  return slot.depth > stop;
}

// Traces rays [begin, end) of the arrays. `stop` is the optical depth at which a ray is opaque.
static void trace_block(const FieldView& f, const MlpLayout& m, const float* origins,
                        const float* directions, int64_t begin, int64_t end, float stop,
                        const TraceOutput& out) {
  alignas(64) RenderPanel p;
  alignas(64) float rgb[3 * kLanes] = {};
  Slot slots[kSlots];
  int counts[kSlots];
  int64_t next = begin;
  memset(&p, 0, sizeof p);
  for (Slot& slot : slots) slot.ray = -1;
  for (;;) {
    bool busy = false;
    float ox[kLanes] = {}, oy[kLanes] = {}, oz[kLanes] = {};
    for (int k = 0; k < kSlots; ++k) {
      Slot& slot = slots[k];
      int lane = k * kWave;
      counts[k] = 0;
      while (counts[k] == 0) {
        if (slot.ray >= 0) {
          counts[k] = march_next(slot.march, f, kWave, p.t + lane, p.dt + lane);
          if (counts[k]) break;
          finish_slot(slot, out);
        }
        if (next >= end) break;
        slot = Slot{};
        slot.ray = next++;
        marcher_init(slot.march, f, origins + 3 * slot.ray, directions + 3 * slot.ray, 0.5f);
        harmonics_hidden(f, m, directions + 3 * slot.ray, p.sh_hidden + lane, kLanes, kWave);
      }
      busy |= counts[k] > 0;
      for (int i = 0; i < counts[k]; ++i) {
        float t = p.t[lane + i];
        ox[lane + i] = slot.march.o[0] + t * slot.march.d[0];
        oy[lane + i] = slot.march.o[1] + t * slot.march.d[1];
        oz[lane + i] = slot.march.o[2] + t * slot.march.d[2];
      }
    }
    if (!busy) return;
    vf x = load(ox), y = load(oy), z = load(oz);
    contract(x, y, z);
    encode_group(f, x, y, z, p.encoded);
    density_lanes(f, m, p);
    bool visible = false;
    for (int i = 0; i < kLanes; ++i)
      visible |= i % kWave < counts[i / kWave] && p.sigma[i] * p.dt[i] > kFaint;
    if (visible) {
      vf color[3];
      color_lanes(f, m, p.out, p.sh_hidden, p.color_hidden, color);
      for (int c = 0; c < 3; ++c) store(rgb + c * kLanes, color[c]);
    }
    for (int k = 0; k < kSlots; ++k)
      if (counts[k] && composite_slot(f, slots[k], p, rgb, k * kWave, counts[k], stop, out.cell_weight))
        finish_slot(slots[k], out);
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
    trace_block(f, m, origins, directions, begin, begin + block < n ? begin + block : n, stop, out);
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
    memset(p.sh_hidden, 0, sizeof p.sh_hidden);
    for (int i = 0; i < count; ++i)
      harmonics_hidden(f, m, directions + 3 * (at + i), p.sh_hidden + i, kLanes, 1);
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

static int64_t march_ray(const FieldView& f, const float* origin, const float* direction, float offset,
                         int64_t capacity, float* t, float* dt) {
  Marcher m;
  marcher_init(m, f, origin, direction, offset);
  return march_next(m, f, (int)capacity, t, dt);
}
