// Contraction of space and the multiresolution hash grid, sixteen samples at a time.
// Sources: Barron et al., "Mip-NeRF 360" (2022), eq. 10; Mueller et al., "Instant Neural Graphics
// Primitives" (2022), eq. 1-4 and section 3.

// Normalised point to [0, 1)^3: the unit ball keeps its shape, all else fits the ball of radius 2.
// Staying below 1 leaves every cell a next vertex, however far the point; NaN ends there too.
SG_INLINE void contract(vf& x, vf& y, vf& z) {
  vf r2 = x * x + y * y + z * z;
  vf r = vsqrt(vmax(r2, splat(1.0f)));
  vf inv = 1.0f / r;
  vf scale = (2.0f - inv) * inv * 0.25f;
  vf largest = splat(1.0f - 0x1p-24f);
  x = vmin(x * scale + 0.5f, largest);
  y = vmin(y * scale + 0.5f, largest);
  z = vmin(z * scale + 0.5f, largest);
}

// Share of each level's features that is left of them in a pixel: a sample at distance t stands for
// all of the space that its pixel covers there, and a level with finer cells than that averages out.
// `footprint` is the standard deviation of that space, in contracted [0, 1). Barron et al.,
// "Zip-NeRF" (2023), section 4: erf(1 / sqrt(8 s^2)) for s cells, here as sqrt(1 - exp(-1 / (2 pi s^2))),
// which is nowhere off by more than 0.007.
SG_INLINE void weigh_levels(const FieldView& f, vf footprint, float* panel) {
  vf inverse = -0.15915494f / (footprint * footprint + 1e-16f);
  float largest = inverse[0];
  for (int i = 1; i < kLanes; ++i) largest = inverse[i] > largest ? inverse[i] : largest;
  for (int level = f.levels - 1; level >= 0; --level) {
    float cell = 1.0f / f.resolution[level];
    if (largest * (cell * cell) < -14.0f) break;  // this level and the coarser ones stay whole
    vf weight = vsqrt(1.0f - vexp(inverse * (cell * cell)));
    float* rows = panel + level * kFeatures * kLanes;
    for (int i = 0; i < kFeatures; ++i) store(rows + i * kLanes, load(rows + i * kLanes) * weight);
  }
}

// The standard deviation of a pixel's footprint at distances t along rays, for weigh_levels; x, y, z
// are the contracted points.
SG_INLINE vf footprint_at(float per_distance, vf t, vf x, vf y, vf z) {
  x = 4.0f * x - 2.0f, y = 4.0f * y - 2.0f, z = 4.0f * z - 2.0f;
  vf contracted = vsqrt(vmax(x * x + y * y + z * z, splat(1.0f)));  // 2 - 1 / r outside the unit ball
  return t * (0.25f * per_distance) * contracted * (2.0f - contracted);
}

// From the gradient with respect to a contracted point to that with respect to the point itself.
SG_INLINE void contract_backward(vf x, vf y, vf z, vf& gx, vf& gy, vf& gz) {
  vf inv = 1.0f / vsqrt(vmax(x * x + y * y + z * z, splat(1.0f)));
  vf scale = (2.0f - inv) * inv * 0.25f;
  vf along = (x * gx + y * gy + z * gz) * (inv - 1.0f) * inv * inv * inv * 0.5f;
  gx = gx * scale + x * along;
  gy = gy * scale + y * along;
  gz = gz * scale + z * along;
}

// The eight vertices around each sample on one level: entry numbers and trilinear weights.
struct Corners {
  uint32_t entry[8][kLanes];
  float weight[8][kLanes];
};

SG_INLINE void corners(const FieldView& f, int level, vf x, vf y, vf z, Corners& out) {
  float res = f.resolution[level];
  vf px = x * res, py = y * res, pz = z * res;
  vi ix = to_int(px);
  vi iy = to_int(py);
  vi iz = to_int(pz);
  vf fx = px - to_float(ix);
  vf fy = py - to_float(iy);
  vf fz = pz - to_float(iz);
  uint32_t stride = f.dense_stride[level];
  vu x0 = (vu)ix, x1 = x0 + 1u, y0, y1, z0, z1;
  if (stride) {
    y0 = (vu)iy * stride, z0 = (vu)iz * (stride * stride);
    y1 = y0 + stride, z1 = z0 + stride * stride;
  } else {
    y0 = (vu)iy * 2654435761u, z0 = (vu)iz * 805459861u;
    y1 = y0 + 2654435761u, z1 = z0 + 805459861u;
  }
  uint32_t mask = (1u << f.log2_table) - 1;
  vf gx = 1.0f - fx, gy = 1.0f - fy, gz = 1.0f - fz;
  vf wyz[4] = {gy * gz, fy * gz, gy * fz, fy * fz};
  vu yz[4];
  if (stride) {
    yz[0] = y0 + z0, yz[1] = y1 + z0, yz[2] = y0 + z1, yz[3] = y1 + z1;
  } else {
    yz[0] = y0 ^ z0, yz[1] = y1 ^ z0, yz[2] = y0 ^ z1, yz[3] = y1 ^ z1;
  }
  for (int c = 0; c < 4; ++c) {
    vu e0 = stride ? x0 + yz[c] : (x0 ^ yz[c]) & mask;
    vu e1 = stride ? x1 + yz[c] : (x1 ^ yz[c]) & mask;
    store(out.entry[2 * c], e0);
    store(out.entry[2 * c + 1], e1);
    store(out.weight[2 * c], wyz[c] * gx);
    store(out.weight[2 * c + 1], wyz[c] * fx);
  }
}

// Even corners only: their odd neighbours nearly always share the cache line.
SG_INLINE void prefetch(const char* base, int entry_bytes, const Corners& c) {
  for (int k = 0; k < 8; k += 2)
    for (int s = 0; s < kLanes; ++s)
      __builtin_prefetch(base + (size_t)c.entry[k][s] * entry_bytes);
}

SG_INLINE void interpolate(const uint16_t* table, const Corners& c, float* out) {
  for (int s = 0; s < kLanes; s += 4) {
    f4 acc[4];
    for (int j = 0; j < 4; ++j) {
      f4 a = {0, 0, 0, 0}, b = {0, 0, 0, 0};
      for (int k = 0; k < 8; k += 2) {
        a += half4(table + (size_t)c.entry[k][s + j] * kFeatures) * c.weight[k][s + j];
        b += half4(table + (size_t)c.entry[k + 1][s + j] * kFeatures) * c.weight[k + 1][s + j];
      }
      acc[j] = a + b;
    }
    transpose4(acc[0], acc[1], acc[2], acc[3]);
    for (int j = 0; j < 4; ++j) store4(out + j * kLanes + s, acc[j]);
  }
}

// x, y, z in [0, 1] -> out [levels * kFeatures][kLanes]. The next level's entries are prefetched;
// samples that lie close together find most of theirs in the cache and are faster without.
template <bool kPrefetch = true>
static void encode_group(const FieldView& f, vf x, vf y, vf z, float* out) {
  Corners buffer[2];
  size_t level_size = (size_t)kFeatures << f.log2_table;
  corners(f, 0, x, y, z, buffer[0]);
  for (int level = 0; level < f.levels; ++level) {
    if (level + 1 < f.levels) {
      Corners& next = buffer[(level + 1) & 1];
      corners(f, level + 1, x, y, z, next);
      if (kPrefetch) prefetch((const char*)(f.hash + (level + 1) * level_size), 2 * kFeatures, next);
    }
    interpolate(f.hash + level * level_size, buffer[level & 1], out + level * kFeatures * kLanes);
  }
}

// Adds d(loss)/d(entry) of one level for d(loss)/d(encoding) = grad [kFeatures][kLanes] to the
// level's table, and marks the blocks of four entries that it reaches. Samples without a gradient,
// such as those that fill up a panel, are passed over.
SG_INLINE void scatter_group(const Corners& c, const float* grad, float* table, uint8_t* touched) {
  for (int s = 0; s < kLanes; s += 4) {
    f4 rows[4] = {load4(grad + s), load4(grad + kLanes + s), load4(grad + 2 * kLanes + s),
                  load4(grad + 3 * kLanes + s)};
    transpose4(rows[0], rows[1], rows[2], rows[3]);
    for (int j = 0; j < 4; ++j) {
      uint64_t bits[2];
      memcpy(bits, &rows[j], sizeof bits);
      if (!((bits[0] | bits[1]) & 0x7fffffff7fffffffull)) continue;
      for (int k = 0; k < 8; ++k) {
        uint32_t e = c.entry[k][s + j];
        float* p = table + (size_t)e * kFeatures;
        store4(p, load4(p) + rows[j] * c.weight[k][s + j]);
        touched[e >> 2] = 1;
      }
    }
  }
}

// How much the loss would rise with each vertex' share: value[k] = <gradient, entry k>, a lane a sample.
SG_INLINE void corner_values(const uint16_t* table, const Corners& c, const float* g, vf value[8]) {
  float out[8][kLanes];
  for (int s = 0; s < kLanes; s += 4) {
    f4 rows[4] = {load4(g + s), load4(g + kLanes + s), load4(g + 2 * kLanes + s),
                  load4(g + 3 * kLanes + s)};
    transpose4(rows[0], rows[1], rows[2], rows[3]);
    for (int k = 0; k < 8; ++k) {
      f4 p[4];
      for (int j = 0; j < 4; ++j) p[j] = half4(table + (size_t)c.entry[k][s + j] * kFeatures) * rows[j];
      transpose4(p[0], p[1], p[2], p[3]);
      store4(out[k] + s, p[0] + p[1] + p[2] + p[3]);
    }
  }
  for (int k = 0; k < 8; ++k) value[k] = load(out[k]);
}

// d(loss)/d(contracted point) for d(loss)/d(encoding) = grad. Along an axis the weights of two
// neighbours change by the sum of both, which holds the other axes' shares.
static void encode_group_slope(const FieldView& f, vf x, vf y, vf z, const float* grad, vf slope[3]) {
  size_t level_size = (size_t)kFeatures << f.log2_table;
  for (int axis = 0; axis < 3; ++axis) slope[axis] = splat(0.0f);
  for (int level = 0; level < f.levels; ++level) {
    Corners c;
    vf value[8];
    corners(f, level, x, y, z, c);
    prefetch((const char*)(f.hash + level * level_size), 2 * kFeatures, c);
    corner_values(f.hash + level * level_size, c, grad + level * kFeatures * kLanes, value);
    for (int axis = 0; axis < 3; ++axis) {
      vf total = splat(0.0f);
      for (int k = 0; k < 8; ++k)
        if (!(k >> axis & 1))
          total += (load(c.weight[k]) + load(c.weight[k | 1 << axis])) * (value[k | 1 << axis] - value[k]);
      slope[axis] += total * f.resolution[level];
    }
  }
}

// How the sum of gradient[k] times harmonic k changes with the direction.
static void harmonics_backward(const float* d, const float* g, float* out) {
  float x = d[0], y = d[1], z = d[2], xx = x * x, yy = y * y, zz = z * z;
  out[0] = -0.48860251190291987f * g[3] + 1.0925484305920792f * (y * g[4] - z * g[7] + x * g[8]) -
           3.5402615395598610f * x * y * g[9] + 2.8906114426405538f * (y * z * g[10] + x * z * g[14]) +
           0.45704579946446572f * (1.0f - 5.0f * zz) * g[13] +
           1.7701307697799305f * (yy - xx) * g[15];
  out[1] = -0.48860251190291987f * g[1] + 1.0925484305920792f * (x * g[4] - z * g[5] - y * g[8]) +
           1.7701307697799305f * (yy - xx) * g[9] + 2.8906114426405538f * (x * z * g[10] - y * z * g[14]) +
           0.45704579946446572f * (1.0f - 5.0f * zz) * g[11] + 3.5402615395598610f * x * y * g[15];
  out[2] = 0.48860251190291987f * g[2] - 1.0925484305920792f * (y * g[5] + x * g[7]) +
           1.8923493915151200f * z * g[6] + 2.8906114426405538f * x * y * g[10] -
           4.5704579946446572f * z * (y * g[11] + x * g[13]) +
           0.3731763325901154f * (15.0f * zz - 3.0f) * g[12] + 1.4453057213202769f * (xx - yy) * g[14];
}

// Real spherical harmonics of bands 0..3 of a unit direction.
static void harmonics(float x, float y, float z, float* out) {
  float xx = x * x, yy = y * y, zz = z * z, xy = x * y, yz = y * z, xz = x * z;
  out[0] = 0.28209479177387814f;
  out[1] = -0.48860251190291987f * y;
  out[2] = 0.48860251190291987f * z;
  out[3] = -0.48860251190291987f * x;
  out[4] = 1.0925484305920792f * xy;
  out[5] = -1.0925484305920792f * yz;
  out[6] = 0.94617469575755997f * zz - 0.31539156525251999f;
  out[7] = -1.0925484305920792f * xz;
  out[8] = 0.54627421529603959f * (xx - yy);
  out[9] = 0.59004358992664352f * y * (yy - 3.0f * xx);
  out[10] = 2.8906114426405538f * xy * z;
  out[11] = 0.45704579946446572f * y * (1.0f - 5.0f * zz);
  out[12] = 0.3731763325901154f * z * (5.0f * zz - 3.0f);
  out[13] = 0.45704579946446572f * x * (1.0f - 5.0f * zz);
  out[14] = 1.4453057213202769f * z * (xx - yy);
  out[15] = 0.59004358992664352f * x * (3.0f * yy - xx);
}
