// Photo-guided rendering: photos warped into a frame through its depth, weighed and blended.
// Source: Buehler et al., "Unstructured Lumigraph Rendering" (2001): penalties for the angle between
// the rays and for resolution; the k nearest count, with weights that fall to 0 at the k+1-th.

typedef uint8_t b4 __attribute__((vector_size(4)));

constexpr float kNever = 1e9f;  // penalty of a photo that does not see the point

SG_INLINE vf vclamp(vf x, float low, float high) { return vmin(vmax(x, splat(low)), splat(high)); }
SG_INLINE vf vabs(vf x) { return vmax(x, -x); }
SG_INLINE vf smooth(vf x) { return x * x * (3.0f - 2.0f * x); }
SG_INLINE bool any_above(vf x, float bound) {
  return any(x > bound);
}

// Unit rays of 16 pixels, from `first` on, of a row of the frame; the last pixel repeats.
SG_INLINE void frame_rays(const PhotoView& camera, int row, int first, vf d[3]) {
  vf x, y = splat(-(row + 0.5f - camera.cy) / camera.fl_y), z = splat(-1.0f);
  for (int i = 0; i < kLanes; ++i) {
    int column = first + i < camera.width ? first + i : camera.width - 1;
    x[i] = (column + 0.5f - camera.cx) / camera.fl_x;
  }
  if (camera.model != kPinhole)
    for (int i = 0; i < kLanes; ++i) {
      float c[3];
      undistort(camera, x[i], -y[i], c);
      x[i] = c[0], y[i] = -c[1], z[i] = -c[2];
    }
  vf n = 1.0f / vsqrt(x * x + y * y + z * z);
  const float* r = camera.rotation;
  for (int a = 0; a < 3; ++a) d[a] = n * (r[3 * a] * x + r[3 * a + 1] * y + r[3 * a + 2] * z);
}

// Image point and axial depth of the offset `p` from the photo's centre; `fold` is 0 where the lens
// sees no such direction.
SG_INLINE void project(const GuidePhoto& photo, const vf p[3], vf& u, vf& v, vf& z, vf& fold) {
  const PhotoView& c = photo.camera;
  const float* r = c.rotation;
  vf x = r[0] * p[0] + r[3] * p[1] + r[6] * p[2];
  vf y = -(r[1] * p[0] + r[4] * p[1] + r[7] * p[2]);
  z = -(r[2] * p[0] + r[5] * p[1] + r[8] * p[2]);
  vf a, b;
  if (c.model == kFisheye) {
    vf radius = vsqrt(x * x + y * y), theta;
    for (int i = 0; i < kLanes; ++i) theta[i] = atan2f(radius[i], z[i]);
    vf q = theta * theta;
    vf s = theta * (1.0f + q * (c.k1 + q * (c.k2 + q * (c.k3 + q * c.k4)))) /
           vmax(radius, splat(1e-9f));
    a = x * s, b = y * s;
    fold = select(theta < splat(photo.reach), splat(1.0f), splat(0.0f));
  } else {
    vf inverse = 1.0f / vmax(z, splat(1e-6f));
    a = x * inverse, b = y * inverse;
    vf r2 = a * a + b * b;
    fold = select(r2 < splat(photo.reach * photo.reach), splat(1.0f), splat(0.0f));
    fold = select(z > splat(1e-6f), fold, splat(0.0f));
    if (c.model == kOpenCv) {
      vf radial = 1.0f + r2 * (c.k1 + r2 * (c.k2 + r2 * c.k3));
      vf ab = 2.0f * a * b, aa = r2 + 2.0f * a * a, bb = r2 + 2.0f * b * b;
      a = a * radial + c.p1 * ab + c.p2 * aa;
      b = b * radial + c.p1 * bb + c.p2 * ab;
    }
  }
  u = vclamp(c.fl_x * a + c.cx, -1e6f, 1e6f), v = vclamp(c.fl_y * b + c.cy, -1e6f, 1e6f);
}

// 1 inside the photo, falling to 0 over `border` pixels at its edge.
SG_INLINE vf inside(const GuidePhoto& photo, vf u, vf v, float border) {
  vf margin = vmin(vmin(u, (float)photo.camera.width - u), vmin(v, (float)photo.camera.height - v));
  return smooth(vclamp(margin / border, 0.0f, 1.0f));
}

// How much of the point at axial depth `z` the photo sees, by the four depths around its image, each
// within `tolerance`; `nearer` gets the mean depth of those that it agrees with, over z.
SG_INLINE vf visible(const GuidePhoto& photo, vf u, vf v, vf z, float tolerance, vf& ratio) {
  int w = photo.depth_width, h = photo.depth_height;
  vf x = vclamp(u * ((float)w / photo.camera.width) - 0.5f, 0.0f, w - 1.0f);
  vf y = vclamp(v * ((float)h / photo.camera.height) - 0.5f, 0.0f, h - 1.0f);
  vi x0 = to_int(x), y0 = to_int(y);
  vf fx = x - to_float(x0), fy = y - to_float(y0);
  vi right = select(x0 + 1 < w, vi{} + 1, vi{}), below = select(y0 + 1 < h, vi{} + w, vi{});
  vi at = y0 * w + x0;
  vf share = splat(0.0f), mean = splat(0.0f), inverse = 1.0f / vmax(z, splat(1e-6f));
  for (int corner = 0; corner < 4; ++corner) {
    vi index = at + (corner & 1 ? right : vi{}) + (corner & 2 ? below : vi{});
    vf depth;
    for (int i = 0; i < kLanes; ++i) depth[i] = photo.depth[index[i]];
    vf weight = (corner & 1 ? fx : 1.0f - fx) * (corner & 2 ? fy : 1.0f - fy);
    vf relative = depth * inverse;
    vf seen = weight * vclamp(2.0f - vabs(relative - 1.0f) / tolerance, 0.0f, 1.0f);
    share += seen, mean += seen * relative;
  }
  ratio = mean / vmax(share, splat(1e-6f));
  return share;
}

SG_INLINE f4 texel(const uint8_t* p) {
  b4 v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, f4);
}

SG_INLINE f4 bilinear(const GuidePhoto& photo, int level, float u, float v) {
  int w = photo.level_width[level], h = photo.level_height[level];
  float scale = 1.0f / (1 << level);
  float x = u * scale - 0.5f, y = v * scale - 0.5f;
  x = x < 0 ? 0 : x > w - 1 ? w - 1 : x;
  y = y < 0 ? 0 : y > h - 1 ? h - 1 : y;
  int x0 = (int)x, y0 = (int)y;
  float fx = x - x0, fy = y - y0;
  const uint8_t* p = photo.level[level] + 4 * ((size_t)y0 * w + x0);
  size_t right = x0 + 1 < w ? 4 : 0, below = y0 + 1 < h ? 4 * (size_t)w : 0;
  f4 top = texel(p) * (1 - fx) + texel(p + right) * fx;
  f4 bottom = texel(p + below) * (1 - fx) + texel(p + below + right) * fx;
  return top * (1 - fy) + bottom * fy;
}

// Colour and mask, 0..255, averaged over 2^level pixels; between two levels, both are mixed.
SG_INLINE f4 trilinear(const GuidePhoto& photo, float u, float v, float level) {
  float last = (float)(photo.levels - 1), first = (float)photo.first_level;
  level = level > last ? last : level < first ? first : level;
  int low = (int)level;
  float f = level - low;
  f4 fine = bilinear(photo, low, u, v);
  if (f < 1e-3f) return fine;
  return fine * (1 - f) + bilinear(photo, low + 1, u, v) * f;
}

// log2 of a positive normal number, within 1e-4.
SG_INLINE vf vlog2(vf x) {
  vi bits = (vi)x;
  vf exponent = to_float((bits >> 23) - 127);
  vf m = (vf)((bits & 0x7fffff) | 0x3f800000) - 1.0f;
  vf p = splat(-0.02512320f);
  p = p * m + 0.11906840f;
  p = p * m - 0.27455478f;
  p = p * m + 0.45594114f;
  p = p * m - 0.71747699f;
  p = p * m + 1.44213909f;
  return exponent + p * m;
}

// Angle in degrees whose cosine is 1 - x.
SG_INLINE vf degrees(vf x) {
  return 57.29577951f * vsqrt(2.0f * x) * (1.0f + x * (1.0f / 12.0f + x * (3.0f / 160.0f)));
}

struct Seen {
  vf u, v, level, angle, ratio, penalty, share, weight;
};

// How photo `photo` sees the points at distance `t` along the rays `d` from the frame's centre.
SG_INLINE void look(const GuideConfig& g, const GuidePhoto& photo, float focal, const vf d[3], vf t,
                    Seen& s, vf& shift) {
  const PhotoView& c = photo.camera;
  vf p[3], z, fold, depth_ratio;
  for (int a = 0; a < 3; ++a) p[a] = t * d[a] - c.position[a];
  project(photo, p, s.u, s.v, z, fold);
  s.share = fold * inside(photo, s.u, s.v, photo.border) * photo.share;
  s.penalty = splat(kNever), s.angle = s.ratio = s.level = shift = splat(0.0f);
  if (!any_above(s.share, 0.0f)) return;
  s.share *= visible(photo, s.u, s.v, z, g.tolerance, depth_ratio);
  vf along = p[0] * d[0] + p[1] * d[1] + p[2] * d[2];
  vf distance = vsqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
  s.angle = degrees(vclamp(1.0f - along / vmax(distance, splat(1e-9f)), 0.0f, 2.0f));
  s.ratio = distance * focal / (vmax(t, splat(1e-9f)) * photo.focal);
  s.level = -vlog2(vclamp(s.ratio, 1e-6f, 1e6f));
  vf coarse = vmax(s.ratio - 1.0f, splat(0.0f));
  s.penalty = 1.0f + s.angle + g.resolution * coarse;
  s.penalty = select(s.share > splat(1e-4f), s.penalty / s.share, splat(kNever));
  // The photo's own surface, one step along the frame's ray.
  shift = select(s.share > splat(1e-4f), (depth_ratio - 1.0f) * along, splat(0.0f));
}

// The penalty of the first photo that does not count.
SG_INLINE vf first_left_out(const Seen* seen, int count, int nearest) {
  vf best[kMaxNearest + 1];
  for (int k = 0; k <= nearest; ++k) best[k] = splat(1e6f);
  for (int i = 0; i < count; ++i) {
    vf p = seen[i].penalty;
    for (int k = 0; k <= nearest; ++k) {
      vf low = vmin(best[k], p);
      p = vmax(best[k], p), best[k] = low;
    }
  }
  return best[nearest];
}

// Weights of the nearest photos; they fall to 0 at the penalty of the first that does not count.
SG_INLINE void weigh(Seen* seen, int count, int nearest) {
  vf last = first_left_out(seen, count, nearest);
  for (int i = 0; i < count; ++i)
    seen[i].weight = vmax(1.0f - seen[i].penalty / last, splat(0.0f)) / seen[i].penalty;
}

// Look at all photos from the field's depth, then fuse the depths of those that see the point and look
// again, but no more at those that are far from counting.
SG_INLINE vf look_and_fuse(const GuideTask& task, const vf d[3], vf t, Seen* seen) {
  const GuideConfig& g = task.config;
  vf shift[kMaxGuides];
  for (int i = 0; i < task.photo_count; ++i)
    look(g, task.photos[i], task.focal, d, t, seen[i], shift[i]);
  for (int step = 0; step < g.fusions; ++step) {
    vf sum = splat(g.field_share), shifted = splat(0.0f);
    for (int i = 0; i < task.photo_count; ++i) {
      vf w = 1.0f / (seen[i].penalty * seen[i].penalty);
      sum += w, shifted += w * shift[i];
    }
    t += shifted / sum;
    vf last = 3.0f * first_left_out(seen, task.photo_count, g.nearest);
    for (int i = 0; i < task.photo_count; ++i) {
      vi far = seen[i].penalty > last;
      if (!any_above(last - seen[i].penalty, 0.0f)) {
        seen[i].penalty = splat(kNever), seen[i].share = splat(0.0f), shift[i] = splat(0.0f);
        continue;
      }
      look(g, task.photos[i], task.focal, d, t, seen[i], shift[i]);
      seen[i].penalty = select(far, splat(kNever), seen[i].penalty);
      seen[i].share = select(far, splat(0.0f), seen[i].share);
    }
  }
  return t;
}

struct Blend {
  vf rgb[3], square[3], weight, kept, free, best;
  vi best_photo;
};

// Add one photo's colours. `soft` is the field's blurred render, 0..255.
SG_INLINE void add_photo(const GuideTask& task, int index, Seen& s, const vf soft[3], Blend& b) {
  const GuidePhoto& photo = task.photos[index];
  if (!any_above(s.weight, 0.0f)) return;
  vf sharp[4], coarse[4];
  for (int i = 0; i < kLanes; ++i) {
    f4 fine = {}, broad = {};
    if (s.weight[i] > 0) {
      fine = trilinear(photo, s.u[i], s.v[i], s.level[i] + task.config.bias);
      broad = trilinear(photo, s.u[i], s.v[i], s.level[i] + task.config.coarse);
    }
    for (int c = 0; c < 4; ++c) sharp[c][i] = fine[c], coarse[c][i] = broad[c];
  }
  vf difference = splat(0.0f);
  for (int c = 0; c < 3; ++c) {
    sharp[c] *= photo.gain[c];
    difference += vabs(coarse[c] * photo.gain[c] - soft[c]);
  }
  vf q = difference / (3.0f * 255.0f * task.config.guard);
  vf trusted = vexp(-(q * q * q * q)) * vclamp(sharp[3] * (2.0f / 255.0f) - 1.0f, 0.0f, 1.0f);
  vf w = s.weight * trusted;
  b.free += s.weight, b.kept += w * s.share, b.weight += w;
  for (int c = 0; c < 3; ++c) b.rgb[c] += w * sharp[c], b.square[c] += w * sharp[c] * sharp[c];
  vi better = w > b.best;
  b.best = select(better, w, b.best), b.best_photo = select(better, vi{} + index, b.best_photo);
}

// The field's blurred render at pixels of a row, out of a smaller picture.
SG_INLINE void soft_field(const GuideTask& task, int row, int first, vf soft[3]) {
  int w = task.soft_width, h = task.soft_height;
  float y = (row + 0.5f) / task.soft_scale - 0.5f;
  y = y < 0 ? 0 : y > h - 1 ? h - 1 : y;
  int y0 = (int)y, y1 = y0 + 1 < h ? y0 + 1 : y0;
  float fy = y - y0;
  for (int i = 0; i < kLanes; ++i) {
    float x = (first + i + 0.5f) / task.soft_scale - 0.5f;
    x = x < 0 ? 0 : x > w - 1 ? w - 1 : x;
    int x0 = (int)x, x1 = x0 + 1 < w ? x0 + 1 : x0;
    float fx = x - x0;
    for (int c = 0; c < 3; ++c) {
      auto at = [&](int yy, int xx) { return task.soft[((size_t)yy * w + xx) * 3 + c]; };
      float top = at(y0, x0) * (1 - fx) + at(y0, x1) * fx;
      float bottom = at(y1, x0) * (1 - fx) + at(y1, x1) * fx;
      soft[c][i] = 255.0f * (top * (1 - fy) + bottom * fy);
    }
  }
}

// What the photos say about the pixels: how many see it, from what best angle and at what best ratio
// of resolutions.
SG_INLINE void note_evidence(const GuideTask& task, int64_t at, int count, const Seen* seen,
                             const Blend& b, vf agreement, vf coverage, vf t) {
  vf number = splat(0.0f), angle = splat(180.0f), ratio = splat(1e6f);
  for (int i = 0; i < task.photo_count; ++i) {
    vi sees = seen[i].share > splat(0.5f) * task.photos[i].share;
    sees &= seen[i].penalty < splat(kNever);
    number += select(sees, splat(1.0f), splat(0.0f));
    angle = select(sees, vmin(angle, seen[i].angle), angle);
    ratio = select(sees, vmin(ratio, seen[i].ratio), ratio);
  }
  for (int i = 0; i < count; ++i) {
    const GuideOut& out = task.out;
    out.count[at + i] = (uint8_t)number[i];
    out.angle[at + i] = angle[i], out.ratio[at + i] = ratio[i];
    out.agreement[at + i] = agreement[i], out.coverage[at + i] = coverage[i];
    out.best[at + i] = (int16_t)(b.best[i] > 0 ? task.photos[b.best_photo[i]].index : -1);
    out.range[at + i] = t[i];
  }
}

SG_INLINE void guide_group(const GuideTask& task, int row, int first, Seen* seen) {
  const GuideConfig& g = task.config;
  int width = task.camera.width, count = width - first < kLanes ? width - first : kLanes;
  int64_t at = (int64_t)row * width + first;
  vf d[3], t = splat(1.0f), soft[3], rgb[3] = {};
  frame_rays(task.camera, row, first, d);
  for (int i = 0; i < count; ++i) {
    t[i] = task.range[at + i];
    for (int c = 0; c < 3; ++c) rgb[c][i] = task.rgb[3 * (at + i) + c] * 255.0f;
  }
  soft_field(task, row, first, soft);
  t = look_and_fuse(task, d, t, seen);
  weigh(seen, task.photo_count, g.nearest);
  Blend b{};
  b.best_photo = vi{};
  for (int i = 0; i < task.photo_count; ++i) add_photo(task, i, seen[i], soft, b);
  vf inverse = 1.0f / vmax(b.weight, splat(1e-12f)), spread = splat(0.0f);
  for (int c = 0; c < 3; ++c) {
    b.rgb[c] *= inverse;
    spread += vmax(b.square[c] * inverse - b.rgb[c] * b.rgb[c], splat(0.0f));
  }
  spread = spread / (3.0f * 255.0f * 255.0f * g.spread * g.spread);
  vf covered = select(b.weight > splat(1e-9f), splat(1.0f), splat(0.0f));
  vf agreement = covered / (1.0f + spread);
  vf coverage = covered * vmin(b.kept / vmax(b.free, splat(1e-12f)), splat(1.0f));
  vf mix = coverage * (g.least + (g.most - g.least) * agreement);
  for (int i = 0; i < count; ++i)
    for (int c = 0; c < 3; ++c) {
      float value = (rgb[c][i] + mix[i] * (b.rgb[c][i] - rgb[c][i])) * (1.0f / 255.0f);
      task.out.rgb[3 * (at + i) + c] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  note_evidence(task, at, count, seen, b, agreement, coverage, t);
}

// Rows of a frame, handed out one by one.
static void guide(const GuideTask& task, int64_t* next) {
  Seen seen[kMaxGuides];
  for (;;) {
    int64_t row = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
    if (row >= task.camera.height) return;
    for (int first = 0; first < task.camera.width; first += kLanes)
      guide_group(task, (int)row, first, seen);
  }
}

// For candidates of the depth along each ray: how the photos that see the field's point there vary.
SG_INLINE void match_group(const GuideTask& task, const float* factors, int candidates, int row,
                           int first, Seen* seen, float* cost) {
  int width = task.camera.width, count = width - first < kLanes ? width - first : kLanes;
  int64_t at = (int64_t)row * width + first, plane = (int64_t)width * task.camera.height;
  vf d[3], t = splat(1.0f), shift, rgb[3] = {};
  frame_rays(task.camera, row, first, d);
  for (int i = 0; i < count; ++i) {
    t[i] = task.range[at + i];
    for (int c = 0; c < 3; ++c) rgb[c][i] = task.rgb[3 * (at + i) + c] * 255.0f;
  }
  for (int i = 0; i < task.photo_count; ++i)
    look(task.config, task.photos[i], task.focal, d, t, seen[i], shift);
  weigh(seen, task.photo_count, task.config.nearest);
  for (int k = 0; k < candidates; ++k) {
    vf sum = splat(1e-6f), mean[3] = {}, square = splat(0.0f), reach = t * factors[k];
    for (int n = 0; n < task.photo_count; ++n) {
      const GuidePhoto& photo = task.photos[n];
      if (!any_above(seen[n].weight, 0.0f)) continue;
      vf p[3], u, v, z, fold, color[3];
      for (int a = 0; a < 3; ++a) p[a] = reach * d[a] - photo.camera.position[a];
      project(photo, p, u, v, z, fold);
      for (int i = 0; i < kLanes; ++i) {
        float level = seen[n].level[i] + task.config.bias;
        f4 x = seen[n].weight[i] > 0 ? trilinear(photo, u[i], v[i], level) : f4{};
        for (int c = 0; c < 3; ++c) color[c][i] = x[c] * photo.gain[c];
      }
      vf w = seen[n].weight * fold;
      sum += w;
      for (int c = 0; c < 3; ++c) mean[c] += w * color[c], square += w * color[c] * color[c];
    }
    vf off = splat(0.0f);
    for (int c = 0; c < 3; ++c) {
      mean[c] /= sum, square -= sum * mean[c] * mean[c];
      off += (mean[c] - rgb[c]) * (mean[c] - rgb[c]);
    }
    vf all = (vmax(square, splat(0.0f)) / sum + task.config.pull * off) * (1.0f / (3 * 255.0f * 255.0f));
    for (int i = 0; i < count; ++i) cost[k * plane + at + i] = sum[i] > 1e-4f ? all[i] : 0.0f;
  }
}

static void match(const GuideTask& task, const float* factors, int candidates, float* cost,
                  int64_t* next) {
  Seen seen[kMaxGuides];
  for (;;) {
    int64_t row = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
    if (row >= task.camera.height) return;
    for (int first = 0; first < task.camera.width; first += kLanes)
      match_group(task, factors, candidates, (int)row, first, seen, cost);
  }
}
