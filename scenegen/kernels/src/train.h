// One worker's share of a training step: rays in, gradients out.
// Samples live in panels of kLanes consecutive samples of one ray. A ray is marched in waves and
// left as soon as it is opaque, so that no work is spent behind surfaces; then colour, compositing
// and everything backwards run over the panels that were kept.

constexpr int kFlushPanels = 40;       // panels that fill the second-level cache
constexpr int kMaxRayPanels = 64;
constexpr int kMaxPanels = kFlushPanels + kMaxRayPanels;
constexpr float kBurnt = 0.98f;        // colours of photos above which there may have been more light
constexpr int kMaxRays = kMaxPanels;

// Offsets, in rows of kLanes floats, of one panel's arrays.
struct PanelRows {
  int t, dt, sigma, encoded, hidden, out, color_hidden, rgb, d_rgb, d_color_hidden, d_out, d_hidden,
      size;
};

SG_INLINE PanelRows panel_rows(int encoded, int hidden) {
  PanelRows r;
  int n = 0;
  auto take = [&n](int rows) { int at = n; n += rows; return at * kLanes; };
  r.t = take(1), r.dt = take(1), r.sigma = take(1);
  r.encoded = take(encoded), r.hidden = take(hidden), r.out = take(kGeometry);
  r.color_hidden = take(hidden), r.rgb = take(3);
  r.d_rgb = take(3), r.d_color_hidden = take(hidden), r.d_out = take(kGeometry);
  r.d_hidden = take(hidden);
  r.size = n * kLanes;
  return r;
}

struct Arena {
  RayRecord rays[kMaxRays];
  int ray_count, panel_count;
};

static int64_t arena_bytes(int levels, int hidden) {
  return (int64_t)((sizeof(Arena) + 63) / 64 * 64) +
         (int64_t)panel_rows(levels * kFeatures, hidden).size * 4 * kMaxPanels + 64;
}

SG_INLINE void panel_points(const RayRecord& ray, const float* t, vf& x, vf& y, vf& z) {
  vf ts = load(t);
  x = ray.o[0] + ts * ray.d[0], y = ray.o[1] + ts * ray.d[1], z = ray.o[2] + ts * ray.d[2];
  contract(x, y, z);
}

// Density of a panel; its first output is the logarithm.
SG_INLINE void density_forward(const FieldView& f, const MlpLayout& m, const PanelRows& r, float* p) {
  layer<true>(f.mlp + m.density_hidden, m.encoded, p + r.encoded, m.encoded, nullptr, p + r.hidden,
              m.hidden);
  layer<false>(f.mlp + m.density_out, m.hidden, p + r.hidden, m.hidden, nullptr, p + r.out, kGeometry);
  store(p + r.sigma, vexp(vmin(load(p + r.out), splat(12.0f))));
}

// March one ray into the arena, wave by wave, until it is opaque.
static void gather_ray(const TrainState& s, const MlpLayout& m, const PanelRows& r, Arena& arena,
                       float* panels, uint64_t number, Chunk& chunk) {
  RayRecord& ray = arena.rays[arena.ray_count];
  float offset;
  draw_ray(s, number, ray, offset);
  ++chunk.rays;
  if (ray.photo < 0) return;
  ray.posed = s.config.pose_every && number % s.config.pose_every == 0;
  Marcher march;
  marcher_init(march, s.field, ray.o, ray.d, offset);
  ray.first = arena.panel_count, ray.panels = 0, ray.samples = 0;
  float depth = 0;  // optical
  while (ray.panels < kMaxRayPanels) {
    float* p = panels + (size_t)(ray.first + ray.panels) * r.size;
    int n = march_next(march, s.field, kLanes, p + r.t, p + r.dt);
    if (n == 0) break;
    for (int i = n; i < kLanes; ++i) p[r.t + i] = p[r.t + n - 1], p[r.dt + i] = 0.0f;
    vf x, y, z;
    panel_points(ray, p + r.t, x, y, z);
    encode_group(s.field, x, y, z, p + r.encoded);
    density_forward(s.field, m, r, p);
    ray.samples += n;
    ++ray.panels;
    depth += sum(load(p + r.sigma) * load(p + r.dt));
    if (n < kLanes || depth > s.config.opaque_at) break;
  }
  if (!ray.panels && !ray.skyward) return;  // nothing occupied on the way: nothing to learn from it
  chunk.samples += ray.samples;
  harmonics(ray.d[0], ray.d[1], ray.d[2], ray.sh);
  if (ray.skyward) sky_color(s.sky, ray.sh, ray.backdrop);
  const float* w = s.field.mlp + m.color_hidden + kGeometry;
  for (int o = 0; o < m.hidden; ++o) {
    vf products = load(ray.sh) * load(w + o * (kGeometry + kHarmonics));
    ray.sh_hidden[o] = sum(products);
  }
  arena.panel_count += ray.panels;
  ++arena.ray_count;
}

SG_INLINE void color_forward(const FieldView& f, const MlpLayout& m, const PanelRows& r,
                             const float* sh_hidden, float* p) {
  layer<true>(f.mlp + m.color_hidden, kGeometry + kHarmonics, p + r.out, kGeometry, sh_hidden,
              p + r.color_hidden, m.hidden);
  vf rgb[3];
  layer3(f.mlp + m.color_out, p + r.color_hidden, m.hidden, rgb);
  for (int c = 0; c < 3; ++c)
    store(p + r.rgb + c * kLanes, 1.0f / (1.0f + vexp(-rgb[c])));
}

// What compositing needs of one ray, sample by sample.
struct RaySamples {
  float weight[kMaxRayPanels * kLanes], after[kMaxRayPanels * kLanes], value[kMaxRayPanels * kLanes];
};

constexpr float kLeastSlopes = 1e-7f;

// Loss of a composited colour and its gradient with respect to the colour before exposure.
SG_INLINE void photometric(const TrainState& s, const RayRecord& ray, const float* rgb, Chunk& chunk,
                           float* gradient) {
  RayGradient& own = chunk.ray_grads[chunk.ray_grad_count++];
  own.photo = ray.photo;
  float slopes = kLeastSlopes;
  const float* gain = s.exposure + 3 * ray.photo;
  float delta = s.config.huber, scales[3], errors[3], mean = 0;
  bool burnt[3];
  ++chunk.compared;
  for (int c = 0; c < 3; ++c) {
    scales[c] = expf(gain[c]);
    errors[c] = rgb[c] * scales[c] - ray.target[c];
    // What a photo burns out is as bright or brighter.
    burnt[c] = ray.target[c] > kBurnt && errors[c] > 0;
    if (burnt[c]) errors[c] = 0;
    mean += __builtin_fabsf(errors[c]) / 3.0f;
  }
  // What moved between photos agrees with no scene; beyond the threshold its pull falls with 1/e^2.
  float doubt = s.config.outlier > 0 && mean > s.config.outlier ? s.config.outlier / mean : 1.0f;
  float trust = doubt * doubt / 3.0f;
  for (int c = 0; c < 3; ++c) {
    float scale = scales[c], error = errors[c];
    float size = __builtin_fabsf(error);
    bool small = size <= delta;
    chunk.loss += trust * (small ? 0.5f * error * error : delta * (size - 0.5f * delta));
    chunk.squared_error += error * error / 3.0f;
    float slope = trust * (small ? error : error > 0 ? delta : -delta);
    gradient[c] = slope * scale;
    float shown = rgb[c] * scale;
    own.exposure[c] = slope * shown;
    own.exposure[3 + c] = burnt[c] ? 0.0f : trust * (small ? 1.0f : delta / size) * shown * shown;
    slopes += slope * slope;
  }
  own.curvature = ray.posed ? trust / slopes : 0.0f;
}

// Distortion loss over s = t / (1 + t): its gradient with respect to the weights is added to
// `value`. Barron et al. (2022), eq. 15, in the linear-time form of Sun et al., "DVGO v2" (2022).
static float distortion(const float* t, const float* dt, int pitch, int panels, float strength,
                        const RaySamples& q, float* value) {
  float total = 0, total_position = 0;
  auto place = [](float x) { return x / (1.0f + x); };
  for (int i = 0; i < panels * kLanes; ++i) {
    size_t at = (size_t)(i / kLanes) * pitch + i % kLanes;
    total += q.weight[i];
    total_position += q.weight[i] * place(t[at]);
  }
  float before = 0, before_position = 0, loss = 0;
  for (int i = 0; i < panels * kLanes; ++i) {
    size_t at = (size_t)(i / kLanes) * pitch + i % kLanes;
    float w = q.weight[i], s = place(t[at]);
    float length = place(t[at] + 0.5f * dt[at]) - place(t[at] - 0.5f * dt[at]);
    float spread = s * before - before_position +
                   (total_position - before_position - w * s) - s * (total - before - w);
    loss += w * spread + w * w * length / 3.0f;
    value[i] += strength * (2.0f * spread + 2.0f / 3.0f * w * length);
    before += w;
    before_position += w * s;
  }
  return strength * loss;
}

// How far a ray's weights lie from the sparse point that the photo saw there: the earth mover's
// distance between them, in s = t / (1 + t). Its gradient with respect to the weights is added to
// `value`; `behind` gets that of the light which passes all samples, to s = 1.
static float misplaced(const TrainConfig& config, const RayRecord& ray, const PanelRows& r,
                       const float* base, float transmittance, RaySamples& q, float& behind) {
  float pull = config.sighting_weight, target = ray.distance / (1.0f + ray.distance);
  vf loss = splat(0);
  for (int g = 0; g < ray.panels; ++g) {
    vf t = load(base + (size_t)g * r.size + r.t), place = t / (1.0f + t);
    vf cost = pull * vmax(place - target, target - place);
    loss += load(q.weight + g * kLanes) * cost;
    store(q.value + g * kLanes, load(q.value + g * kLanes) + cost);
  }
  float missed = pull * (1.0f - target);
  behind += transmittance * missed;
  return sum(loss) + transmittance * missed;
}

// Composite a ray, take its loss, and leave gradients of raw density and raw colour in its panels.
static void composite_ray(const TrainState& s, const PanelRows& r, const RayRecord& ray, float* panels,
                          float* sky_grad, Chunk& chunk) {
  RaySamples q;
  float* base = panels + (size_t)ray.first * r.size;
  float depth = 0, rgb[3] = {0, 0, 0};
  for (int g = 0; g < ray.panels; ++g) {
    float* p = base + (size_t)g * r.size;
    vf thickness = load(p + r.sigma) * load(p + r.dt);
    float before[kLanes];
    for (int i = 0; i < kLanes; ++i) before[i] = depth, depth += thickness[i];
    vf t0 = vexp(-load(before)), t1 = vexp(-(load(before) + thickness));
    vf w = t0 - t1;
    store(q.weight + g * kLanes, w);
    store(q.after + g * kLanes, t1);
    for (int c = 0; c < 3; ++c) rgb[c] += sum(w * load(p + r.rgb + c * kLanes));
  }
  float transmittance = expf(-depth), g3[3];
  for (int c = 0; c < 3; ++c) rgb[c] += transmittance * ray.backdrop[c];
  photometric(s, ray, rgb, chunk, g3);
  for (int g = 0; g < ray.panels; ++g) {
    float* p = base + (size_t)g * r.size;
    vf w = load(q.weight + g * kLanes), value = splat(0);
    for (int c = 0; c < 3; ++c) {
      vf color = load(p + r.rgb + c * kLanes);
      value += color * g3[c];
      store(p + r.d_rgb + c * kLanes, w * g3[c] * color * (1.0f - color));
    }
    store(q.value + g * kLanes, value);
  }
  if (s.config.distortion > 0)
    chunk.loss += distortion(base + r.t, base + r.dt, r.size, ray.panels, s.config.distortion, q, q.value);
  float behind = transmittance * (g3[0] * ray.backdrop[0] + g3[1] * ray.backdrop[1] + g3[2] * ray.backdrop[2]);
  if (ray.distance > 0)
    chunk.loss += misplaced(s.config, ray, r, base, transmittance, q, behind);
  if (ray.skyward) sky_backward(ray, transmittance, g3, sky_grad);
  float clear = ray.clear ? s.config.sky_pull * sky_likeness(ray, s.exposure + 3 * ray.photo) : 0.0f;
  chunk.loss += clear * log1pf(depth);
  clear /= 1.0f + depth;
  for (int g = ray.panels - 1; g >= 0; --g) {
    float* p = base + (size_t)g * r.size;
    float tail[kLanes];
    vf value = load(q.value + g * kLanes), contribution = load(q.weight + g * kLanes) * value;
    for (int i = kLanes - 1; i >= 0; --i) tail[i] = behind, behind += contribution[i];
    vf d_sigma = load(p + r.dt) * (load(q.after + g * kLanes) * value - load(tail) + clear);
    vf d_raw = d_sigma * load(p + r.sigma);
    d_raw = select(load(p + r.out) < splat(12.0f), d_raw, splat(0.0f));
    store(p + r.d_out, d_raw);
  }
}

// Backward through both networks for one panel, down to the encoding; d_out[0] holds the density's
// gradient already.
SG_INLINE void panel_backward(const FieldView& f, const MlpLayout& m, const PanelRows& r, float* p,
                              float* d_encoded) {
  vf density = load(p + r.d_out);
  layer_backward(f.mlp + m.color_out, m.hidden, p + r.d_rgb, 3, p + r.color_hidden,
                 p + r.d_color_hidden, m.hidden);
  layer_backward(f.mlp + m.color_hidden, kGeometry + kHarmonics, p + r.d_color_hidden, m.hidden,
                 nullptr, p + r.d_out, kGeometry);
  store(p + r.d_out, load(p + r.d_out) + density);
  layer_backward(f.mlp + m.density_out, m.hidden, p + r.d_out, kGeometry, p + r.hidden,
                 p + r.d_hidden, m.hidden);
  layer_backward(f.mlp + m.density_hidden, m.encoded, p + r.d_hidden, m.hidden, nullptr,
                 d_encoded, m.encoded);
}

// Gradients of a ray's harmonics, kHarmonics of them, and of their weights in the row of each hidden
// unit.
SG_INLINE vf direction_backward(const float* mlp, const MlpLayout& m, const PanelRows& r,
                                const RayRecord& ray, const float* panels, float* mlp_grad) {
  vf sh = load(ray.sh), d_sh = splat(0);
  for (int o = 0; o < m.hidden; ++o) {
    vf total = splat(0);
    for (int g = 0; g < ray.panels; ++g)
      total += load(panels + (size_t)(ray.first + g) * r.size + r.d_color_hidden + o * kLanes);
    int row = m.color_hidden + o * (kGeometry + kHarmonics) + kGeometry;
    float slope = sum(total);
    store(mlp_grad + row, load(mlp_grad + row) + sh * slope);
    d_sh += load(mlp + row) * slope;
  }
  return d_sh;
}

// How the loss changes as a ray's camera turns about its centre and moves, the samples' distances
// kept; `scattered` holds its panels' places and gradients of their encoding, `d_sh` the gradients of
// its harmonics. That the sky's colour depends on the direction too is left out: it hardly does. Source:
// Lin et al., "BARF" (2021), section 3.
static void pose_backward(const TrainState& s, const PanelRows& r, const RayRecord& ray, vf d_sh,
                          const float* panels, const float* scattered, int floats, float* pose) {
  vf turn[3] = {}, move[3] = {};
  const float* d = ray.d;
  for (int g = ray.first; g < ray.first + ray.panels; ++g) {
    const float* q = scattered + (size_t)g * floats;
    vf t = load(panels + (size_t)g * r.size + r.t), slope[3];
    encode_group_slope(s.field, load(q), load(q + kLanes), load(q + 2 * kLanes), q + 3 * kLanes,
                       slope);
    contract_backward(ray.o[0] + t * d[0], ray.o[1] + t * d[1], ray.o[2] + t * d[2], slope[0], slope[1],
                      slope[2]);
    for (int i = 0; i < 3; ++i) {
      int j = (i + 1) % 3, k = (i + 2) % 3;
      turn[i] += t * (d[j] * slope[k] - d[k] * slope[j]);
      move[i] += slope[i];
    }
  }
  float harmonic[kLanes], a[3];
  store(harmonic, d_sh);
  harmonics_backward(d, harmonic, a);
  for (int i = 0; i < 3; ++i) {
    int j = (i + 1) % 3, k = (i + 2) % 3;
    pose[i] = sum(turn[i]) + d[j] * a[k] - d[k] * a[j];
    pose[3 + i] = sum(move[i]);
  }
}

// Colour, loss and gradients of the rays in the arena; what the hash table needs goes to the chunk.
static void flush(const TrainState& s, const MlpLayout& m, const PanelRows& r, Arena& arena,
                  float* panels, Chunk& chunk) {
  int n = arena.panel_count, floats = scatter_floats(m.encoded);
  if (!arena.ray_count) return;
  reserve_panels(chunk, n, floats);
  float* out = chunk.panels + (size_t)chunk.panel_count * floats;
  for (int i = 0; i < arena.ray_count; ++i) {
    const RayRecord& ray = arena.rays[i];
    for (int g = 0; g < ray.panels; ++g)
      color_forward(s.field, m, r, ray.sh_hidden, panels + (size_t)(ray.first + g) * r.size);
    composite_ray(s, r, ray, panels, chunk.mlp_grad + m.size, chunk);
    for (int g = 0; g < ray.panels; ++g) {
      float* p = panels + (size_t)(ray.first + g) * r.size;
      float* q = out + (size_t)(ray.first + g) * floats;
      vf x, y, z;
      panel_points(ray, p + r.t, x, y, z);
      store(q, x), store(q + kLanes, y), store(q + 2 * kLanes, z);
      panel_backward(s.field, m, r, p, q + 3 * kLanes);
    }
    vf d_sh = direction_backward(s.field.mlp, m, r, ray, panels, chunk.mlp_grad);
    if (ray.posed)
      pose_backward(s, r, ray, d_sh, panels, out, floats, chunk.ray_grads[chunk.ray_grad_count - 1].pose);
  }
  float* w = chunk.mlp_grad;
  accumulate(panels + r.d_hidden, m.hidden, panels + r.encoded, m.encoded, n, r.size,
             w + m.density_hidden, m.encoded);
  accumulate(panels + r.d_out, kGeometry, panels + r.hidden, m.hidden, n, r.size,
             w + m.density_out, m.hidden);
  accumulate(panels + r.d_color_hidden, m.hidden, panels + r.out, kGeometry, n, r.size,
             w + m.color_hidden, kGeometry + kHarmonics);
  accumulate(panels + r.d_rgb, 3, panels + r.color_hidden, m.hidden, n, r.size,
             w + m.color_out, m.hidden);
  chunk.panel_count += n;
  chunk.kept += (int64_t)n * kLanes;
  arena.ray_count = arena.panel_count = 0;
}

// The first half of a step for the rays of one chunk: all gradients but those of the hash table.
static void train_chunk(const TrainState& s, char* memory, int64_t step, Chunk& chunk) {
  MlpLayout m = mlp_layout(s.field.levels, s.field.hidden);
  PanelRows r = panel_rows(m.encoded, m.hidden);
  Arena& arena = *(Arena*)memory;
  float* panels = (float*)(memory + (sizeof(Arena) + 63) / 64 * 64);
  arena.ray_count = arena.panel_count = 0;
  memset(chunk.mlp_grad, 0, (m.size + kSkyWeights) * sizeof(float));
  chunk.ray_grad_count = chunk.panel_count = 0;
  chunk.loss = chunk.squared_error = 0;
  chunk.rays = chunk.compared = chunk.samples = chunk.kept = 0;
  for (int64_t i = chunk.begin; i < chunk.end; ++i) {
    gather_ray(s, m, r, arena, panels, (uint64_t)step << 24 | (uint64_t)i, chunk);
    if (arena.panel_count >= kFlushPanels || arena.ray_count == kMaxRays)
      flush(s, m, r, arena, panels, chunk);
  }
  flush(s, m, r, arena, panels, chunk);
}

// The second half: one level's gradients, from all rays of the step in their order.
static void scatter_level(const FieldView& f, int level, const Chunk* chunks, int64_t count,
                          float* grad, uint8_t* touched) {
  int floats = scatter_floats(f.levels * kFeatures);
  Corners buffer[2];
  const float* waiting = nullptr;  // the panel whose entries are on their way into the cache
  int turn = 0;
  for (int64_t i = 0; i < count; ++i) {
    for (int g = 0; g < chunks[i].panel_count; ++g) {
      const float* p = chunks[i].panels + (size_t)g * floats;
      corners(f, level, load(p), load(p + kLanes), load(p + 2 * kLanes), buffer[turn]);
      prefetch((const char*)grad, 4 * kFeatures, buffer[turn]);
      if (waiting) scatter_group(buffer[turn ^ 1], waiting, grad, touched);
      waiting = p + (3 + level * kFeatures) * kLanes;
      turn ^= 1;
    }
  }
  if (waiting) scatter_group(buffer[turn ^ 1], waiting, grad, touched);
}
