// Adam, and the occupancy grid's refresh.
// Source: Kingma and Ba, "Adam" (2015), algorithm 1, here without weight decay.

SG_INLINE vf adam_vector(vf value, vf grad, float* m, float* v, const AdamConfig& c) {
  vf first = load(m) * c.beta1 + grad * (1.0f - c.beta1);
  vf second = load(v) * c.beta2 + grad * grad * (1.0f - c.beta2);
  store(m, first);
  store(v, second);
  return value - c.rate * c.correction1 * first / (vsqrt(second * c.correction2) + c.epsilon);
}

// One level's blocks of four entries; only those that a gradient reached move (lazy Adam). Leaves
// `grad` and `touched` empty. Which blocks come next no processor can guess: they are looked up first
// and fetched ahead.
static void adam_level(const TrainState& s, const AdamConfig& c, int level, float* grad,
                       uint8_t* touched) {
  constexpr int64_t kRun = 4096;
  constexpr int kAhead = 24;
  const int64_t blocks = (int64_t)1 << (s.field.log2_table - 2), first = level * blocks;
  for (int64_t base = 0; base < blocks; base += kRun) {
    int64_t stop = base + kRun < blocks ? base + kRun : blocks;
    int32_t list[kRun];
    int count = 0;
    for (int64_t b = base; b < stop; ++b) list[count] = (int32_t)b, count += touched[b];
    memset(touched + base, 0, stop - base);
    for (int i = 0; i < count; ++i) {
      if (i + kAhead < count) {
        int64_t next = (first + list[i + kAhead]) * kLanes;
        __builtin_prefetch(s.hash + next, 1);
        __builtin_prefetch(s.hash_m + next, 1);
        __builtin_prefetch(s.hash_v + next, 1);
        __builtin_prefetch(s.hash_half + next, 1);
        __builtin_prefetch(grad + (size_t)list[i + kAhead] * kLanes, 1);
      }
      int64_t at = (first + list[i]) * kLanes;
      float* g = grad + (size_t)list[i] * kLanes;
      vf value = adam_vector(load(s.hash + at), load(g), s.hash_m + at, s.hash_v + at, c);
      store(s.hash + at, value);
      store(g, splat(0.0f));
      store_half(s.hash_half + at, value);
    }
  }
}

static void adam_dense(float* value, float* grad, float* m, float* v, int64_t n, const AdamConfig& c) {
  for (int64_t i = 0; i < n; ++i) {
    m[i] = m[i] * c.beta1 + grad[i] * (1.0f - c.beta1);
    v[i] = v[i] * c.beta2 + grad[i] * grad[i] * (1.0f - c.beta2);
    value[i] -= c.rate * c.correction1 * m[i] / (__builtin_sqrtf(v[i] * c.correction2) + c.epsilon);
    grad[i] = 0;
  }
}

static void to_half(const float* value, uint16_t* half, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store_half(half + i, load(value + i));
  if (i < n) {
    float rest[kLanes] = {};
    memcpy(rest, value + i, (n - i) * sizeof(float));
    uint16_t halves[kLanes];
    store_half(halves, load(rest));
    memcpy(half + i, halves, (n - i) * sizeof(uint16_t));
  }
}

// Inverse of contraction, for one point of [-2, 2]^3 inside the ball of radius 2.
SG_INLINE bool uncontract(const float* c, float far, float* p) {
  float n2 = c[0] * c[0] + c[1] * c[1] + c[2] * c[2];
  if (n2 >= 4.0f) return false;
  float n = __builtin_sqrtf(n2);
  float r = n <= 1.0f ? 1.0f : 1.0f / ((2.0f - n) * n);  // new length / n
  if (n * r > far) return false;
  for (int i = 0; i < 3; ++i) p[i] = c[i] * r;
  return true;
}

// Sweep every `stride`-th cell, beginning at `phase`: the alpha of the cell's width at a random place in
// it, kept as a decaying maximum. Cells that no camera sees stay empty.
static void occupancy_sweep(const FieldView& f, float* alpha, const uint8_t* visible, float decay,
                            uint32_t stride, uint32_t phase, uint64_t seed, int64_t z_begin,
                            int64_t z_end) {
  float points[3 * kLanes], sigma[kLanes], length[kLanes];
  int64_t cells[kLanes];
  int count = 0;
  const float cell = 4.0f / f.cells;
  auto drain = [&]() {
    density(f, points, count, sigma);
    for (int i = 0; i < count; ++i) {
      float now = 1.0f - expf(-sigma[i] * length[i]), old = alpha[cells[i]] * decay;
      alpha[cells[i]] = now > old ? now : old;
    }
    count = 0;
  };
  int64_t first = z_begin * f.cells * f.cells, last = z_end * f.cells * f.cells;
  for (int64_t at = first + phase; at < last; at += stride) {
    if (!visible[at]) continue;
    uint64_t h = mix(seed ^ (uint64_t)at);
    int64_t index[3] = {at % f.cells, at / f.cells % f.cells, at / f.cells / f.cells};
    float c[3], p[3];
    for (int i = 0; i < 3; ++i) c[i] = ((float)index[i] + uniform(mix(h + i))) * cell - 2.0f;
    if (!uncontract(c, f.far, p)) continue;
    float r = __builtin_sqrtf(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
    memcpy(points + 3 * count, p, sizeof p);
    length[count] = cell * (r > 1.0f ? r : 1.0f);
    cells[count++] = at;
    if (count == kLanes) drain();
  }
  if (count) drain();
}
