// A picture as another camera sees it, sixteen pixels at a time; see reproject.h.
// Sources: Mark, McMillan and Bishop, "Post-rendering 3D warping" (1997); Catmull and Rom, "A class of
// local interpolating splines" (1974).

constexpr float kNone = __builtin_inff();
constexpr float kMissing = -1.0f;
constexpr float kSameSurface = 0.03f;  // depths of one surface differ by less, relatively
constexpr float kGap = 0.1f;           // neighbours of one surface do, between a frame's pixels

// Image points at depths from one camera to another; what lies behind gets a depth below 1e-6.
SG_INLINE void transfer(const Transfer& t, vf& u, vf& v, vf& depth) {
  vf x = (u - t.from.cx) / t.from.focal * depth, y = (t.from.cy - v) / t.from.focal * depth, p[3];
  for (int i = 0; i < 3; ++i)
    p[i] = t.rotation[3 * i] * x + t.rotation[3 * i + 1] * y - t.rotation[3 * i + 2] * depth +
           t.offset[i];
  depth = -p[2];
  vf scale = t.to.focal / vmax(depth, splat(1e-6f));
  u = t.to.cx + p[0] * scale, v = t.to.cy - p[1] * scale;
}

// Centres of the pixels from column `first` on.
SG_INLINE vf centres(int first) {
  vf x;
  for (int i = 0; i < kLanes; ++i) x[i] = first + i + 0.5f;
  return x;
}

// The nearest depth that falls on each pixel.
static void splat_depths(const Warp& w) {
  const FrameLens &from = w.forth.from, &to = w.forth.to;
  for (int y = 0; y < from.height; ++y)
    for (int x = 0; x < from.width; x += kLanes) {
      int count = from.width - x < kLanes ? from.width - x : kLanes;
      float row[kLanes], depth[kLanes];
      int32_t cell[kLanes];
      for (float& z : row) z = kMissing;
      memcpy(row, w.depth + (size_t)y * from.width + x, count * sizeof(float));
      vf known = load(row), u = centres(x), v = splat(y + 0.5f);
      vf z = select(known > splat(0.0f), known, splat(kSky));
      transfer(w.forth, u, v, z);
      vi out = (known < splat(0.0f)) | ~(z > splat(1e-6f));
      out = out | (u < splat(0.0f)) | (v < splat(0.0f));
      out = out | ~(u < splat((float)to.width)) | ~(v < splat((float)to.height));
      u = select(out, vf{}, u), v = select(out, vf{}, v);
      store(cell, select(out, vi{} - 1, to_int(v) * w.pitch + to_int(u)));
      store(depth, z);
      for (int i = 0; i < kLanes; ++i)
        if (cell[i] >= 0 && depth[i] < w.nearest[cell[i]]) w.nearest[cell[i]] = depth[i];
    }
}

// Depth of pixels by what fell on them and around, or infinity: a surface that spreads may leave a
// crack, through which what lies behind must not be seen.
SG_INLINE vf surface(const float* nearest, int pitch) {
  vf own = load(nearest), total = vf{}, low = splat(kNone), high = vf{};
  vi closer = vi{}, around = vi{};
  for (int j = -1; j <= 1; ++j)
    for (int i = -1; i <= 1; ++i) {
      if (!i && !j) continue;
      vf z = load(nearest + j * pitch + i);
      vi known = z < splat(kNone), nearer = known & (z * (1 + kGap) < own);
      around -= known, closer -= nearer;  // a mask is -1
      total += select(nearer, z, vf{});
      low = vmin(low, z), high = vmax(high, select(known, z, vf{}));
    }
  vf mean = total / vmax(to_float(closer), splat(1.0f));
  vi lone = (around < 4) | (high - mean > kGap * mean) | (mean - low > kGap * mean);
  vf filled = select(lone, splat(kNone), mean);
  return select(own < splat(kNone), select(closer > 1, splat(kNone), own), filled);
}

// Depths at image points between four pixels, missing where these are not of one surface.
SG_INLINE vf depth_at(const Warp& w, vf u, vf v) {
  const FrameLens& from = w.forth.from;
  u -= 0.5f, v -= 0.5f;
  vi out = (u < splat(0.0f)) | (v < splat(0.0f)) | ~(u < splat(from.width - 1.0f)) |
           ~(v < splat(from.height - 1.0f));
  if (!any(~out)) return splat(kMissing);
  u = select(out, vf{}, u), v = select(out, vf{}, v);
  vi x = to_int(u), y = to_int(v);
  int32_t at[kLanes];
  store(at, y * from.width + x);
  float four[4][kLanes];
  for (int i = 0; i < kLanes; ++i) {
    const float* d = w.depth + at[i];
    four[0][i] = d[0], four[1][i] = d[1], four[2][i] = d[from.width], four[3][i] = d[from.width + 1];
  }
  vf z[4], low = splat(kNone), high = vf{};
  for (int k = 0; k < 4; ++k) {
    z[k] = load(four[k]);
    out = out | (z[k] < splat(0.0f));
    z[k] = select(z[k] > splat(0.0f), z[k], splat(kSky));
    low = vmin(low, z[k]), high = vmax(high, z[k]);
  }
  vf fx = u - to_float(x), fy = v - to_float(y);
  vf between = (z[0] * (1.0f - fx) + z[1] * fx) * (1.0f - fy) + (z[2] * (1.0f - fx) + z[3] * fx) * fy;
  return select(out | (high > (1 + kGap) * low), splat(kMissing), between);
}

// Weights of four pixels in a row; f is the place between the middle two.
SG_INLINE void spline(vf f, float w[4][kLanes]) {
  store(w[0], f * (-0.5f + f * (1.0f - 0.5f * f)));
  store(w[1], 1.0f + f * f * (-2.5f + 1.5f * f));
  store(w[2], f * (0.5f + f * (2.0f - 1.5f * f)));
  store(w[3], f * f * (-0.5f + 0.5f * f));
}

// Four pixels of a row, the edge's repeated beyond it.
SG_INLINE vf four_pixels(const float* row, int x, int width) {
  if (x >= 0 && x + 3 < width) return load(row + 4 * x);
  f4 pixels[4];
  for (int i = 0; i < 4; ++i) {
    int column = x + i < 0 ? 0 : x + i >= width ? width - 1 : x + i;
    pixels[i] = load4(row + 4 * column);
  }
  vf v;
  join(pixels, v);
  return v;
}

// Colours and opacity at the image points of the lanes for which there is a depth.
static void show_colors(const Warp& w, vf u, vf v, const float* depth, int count, float* rgba) {
  const FrameLens& from = w.forth.from;
  vi x = to_int(u - 0.5f), y = to_int(v - 0.5f);
  int32_t column[kLanes], row[kLanes];
  float across[4][kLanes], down[4][kLanes];
  store(column, x), store(row, y);
  spline(u - 0.5f - to_float(x), across), spline(v - 0.5f - to_float(y), down);
  for (int i = 0; i < count; ++i) {
    if (depth[i] < 0) continue;
    vf lines = vf{};
    for (int j = 0; j < 4; ++j) {
      int line = row[i] - 1 + j;
      line = line < 0 ? 0 : line >= from.height ? from.height - 1 : line;
      lines += four_pixels(w.rgba + (size_t)line * from.width * 4, column[i] - 1, from.width) *
               down[j][i];
    }
    f4 q[4];
    split(lines, q);
    store4(rgba + 4 * i, (q[0] * across[0][i] + q[1] * across[1][i]) +
                             (q[2] * across[2][i] + q[3] * across[3][i]));
  }
}

// Pixels [x, x + kLanes) of row y, as far as there are. What fell on a pixel did not fall on its centre:
// they look where its depth leads to, twice.
static void warp_pixels(const Warp& w, int x, int y) {
  const FrameLens& to = w.forth.to;
  int count = to.width - x < kLanes ? to.width - x : kLanes;
  size_t pixel = (size_t)y * to.width + x;
  vf z = surface(w.nearest + (size_t)y * w.pitch + x, w.pitch), u = vf{}, v = vf{};
  vi known = z < splat(kNone);
  for (int round = 0; round < 2 && any(known); ++round) {
    vf expected = select(known, z, splat(1.0f));
    u = centres(x), v = splat(y + 0.5f);
    transfer(w.back, u, v, expected);
    vf found = depth_at(w, u, v);
    known &= (expected > splat(1e-6f)) & (found > splat(0.0f)) &
             ~(vabs(found - expected) > kSameSurface * found);
    if (round) break;
    vf there_u = u, there_v = v;
    z = select(known, found, splat(1.0f));
    transfer(w.forth, there_u, there_v, z);
    known &= z > splat(1e-6f);
  }
  float depth[kLanes];
  store(depth, select(known, select(z < splat(0.5f * kSky), z, vf{}), splat(kMissing)));
  memcpy(w.depth_out + pixel, depth, count * sizeof(float));
  if (any(known))
    show_colors(w, select(known, u, splat(0.5f)), select(known, v, splat(0.5f)), depth, count,
                w.rgba_out + 4 * pixel);
}

// Rows of the picture until none is left.
static void warp_rows(const Warp& w, int64_t* next) {
  const FrameLens& to = w.forth.to;
  constexpr int kBand = 4;
  for (;;) {
    int64_t first = __atomic_fetch_add(next, kBand, __ATOMIC_RELAXED);
    if (first >= to.height) return;
    int end = first + kBand < to.height ? (int)first + kBand : to.height;
    for (int y = (int)first; y < end; ++y)
      for (int x = 0; x < to.width; x += kLanes) warp_pixels(w, x, y);
  }
}
