// Rays of photos, and marching them through occupied space.
// Sources: OpenCV's camera models; Mueller et al. (2022), appendix E, for stepping by an occupancy
// grid; the grid lies in contracted space and stores distances, so that empty space is leapt over.

struct Marcher {
  float o[3], d[3];
  float t, t_far;
};

// Where the ray leaves the ball of radius `far` around the origin.
SG_INLINE void marcher_init(Marcher& m, const FieldView& f, const float* o, const float* d,
                            float offset) {
  float b = 0, c = -f.far * f.far;
  for (int i = 0; i < 3; ++i) {
    m.o[i] = o[i], m.d[i] = d[i];
    b += o[i] * d[i];
    c += o[i] * o[i];
  }
  float q = b * b - c;
  m.t_far = q > 0 ? -b + __builtin_sqrtf(q) : 0.0f;
  m.t = f.near + offset * f.step;
}

// What contraction makes of a length at distance r >= 1 from the origin, at most; it falls with r.
SG_INLINE float contraction(float r) {
  float inverse = 1.0f / r;
  return (2.0f - inverse) * inverse;
}

// The occupancy cell of a point whose distance from the origin, but at least 1, is `r`.
SG_INLINE void cell_of(const FieldView& f, const float* p, float r, int* index) {
  float scale = contraction(r);
  for (int i = 0; i < 3; ++i) {
    index[i] = (int)((p[i] * scale + 2.0f) * 0.25f * f.cells);
    index[i] = index[i] < 0 ? 0 : index[i] >= f.cells ? f.cells - 1 : index[i];
  }
}

// Next up to `capacity` samples: midpoints t and lengths dt of intervals in occupied cells. The
// length grows with the distance from the origin, as contracted space shrinks.
static int march_next(Marcher& m, const FieldView& f, int capacity, float* ts, float* dts) {
  int n = 0;
  const float cell = 4.0f / f.cells;
  float inverse[3];
  for (int i = 0; i < 3; ++i)
    inverse[i] = 1.0f / (__builtin_fabsf(m.d[i]) > 1e-9f ? m.d[i] : 1e-9f);
  float t = m.t;
  while (n < capacity && t < m.t_far) {
    float p[3], r2 = 0;
    for (int i = 0; i < 3; ++i) p[i] = m.o[i] + t * m.d[i], r2 += p[i] * p[i];
    float r = r2 > 1.0f ? __builtin_sqrtf(r2) : 1.0f;
    float dt = f.step * r;
    int index[3];
    cell_of(f, p, r, index);
    int distance = f.distance[((size_t)index[2] * f.cells + index[1]) * f.cells + index[0]];
    if (distance == 0) {
      ts[n] = t + 0.5f * dt;
      dts[n] = dt;
      ++n;
      t += dt;
      continue;
    }
    float leap;
    if (r2 > 1.0f) {
      // As far as contracts to the empty cells around, even if the ray heads for the origin.
      float empty = (distance - 1) * cell, low = r - empty / contraction(r);
      leap = empty / contraction(low > 1.0f ? low : 1.0f);
    } else {
      // The box of empty cells around this one, where space is not bent; the ray may leave the ball.
      leap = 1e9f;
      for (int i = 0; i < 3; ++i) {
        int edge = m.d[i] > 0 ? index[i] + distance : index[i] + 1 - distance;
        float exit = (edge * cell - 2.0f - p[i]) * inverse[i];
        leap = exit < leap ? exit : leap;
      }
    }
    t += leap > dt ? leap : dt;
  }
  m.t = t;
  return n;
}

// Undo the lens: ideal coordinates (x right, y down, z = 1) of distorted (u, v), by Newton's method.
static void undistort(const PhotoView& p, float u, float v, float* out) {
  if (p.model == kFisheye) {
    float rd = __builtin_sqrtf(u * u + v * v);
    float theta = rd;
    for (int i = 0; i < 8; ++i) {
      float q = theta * theta;
      float g = theta * (1 + q * (p.k1 + q * (p.k2 + q * (p.k3 + q * p.k4)))) - rd;
      float h = 1 + q * (3 * p.k1 + q * (5 * p.k2 + q * (7 * p.k3 + q * 9 * p.k4)));
      theta -= g / (__builtin_fabsf(h) > 1e-6f ? h : 1e-6f);
    }
    float s = rd > 1e-9f ? sinf(theta) / rd : 1.0f;
    out[0] = u * s, out[1] = v * s, out[2] = cosf(theta);
    return;
  }
  float x = u, y = v;
  if (p.model == kOpenCv) {
    for (int i = 0; i < 8; ++i) {
      float r2 = x * x + y * y;
      float radial = 1 + r2 * (p.k1 + r2 * (p.k2 + r2 * p.k3));
      float slope = 2 * (p.k1 + r2 * (2 * p.k2 + r2 * 3 * p.k3));
      float fx = x * radial + 2 * p.p1 * x * y + p.p2 * (r2 + 2 * x * x) - u;
      float fy = y * radial + p.p1 * (r2 + 2 * y * y) + 2 * p.p2 * x * y - v;
      float xx = radial + x * x * slope + 2 * p.p1 * y + 6 * p.p2 * x;
      float xy = x * y * slope + 2 * p.p1 * x + 2 * p.p2 * y;
      float yy = radial + y * y * slope + 6 * p.p1 * y + 2 * p.p2 * x;
      float det = xx * yy - xy * xy;
      if (__builtin_fabsf(det) < 1e-6f) break;
      x -= (yy * fx - xy * fy) / det;
      y -= (xx * fy - xy * fx) / det;
    }
  }
  out[0] = x, out[1] = y, out[2] = 1.0f;
}

// Unit direction in the field's frame of image point (u_px, v_px).
SG_INLINE void photo_direction(const PhotoView& p, float u_px, float v_px, float* d) {
  float c[3];
  undistort(p, (u_px - p.cx) / p.fl_x, (v_px - p.cy) / p.fl_y, c);
  c[1] = -c[1], c[2] = -c[2];  // OpenCV's axes to OpenGL's
  float n = 1.0f / __builtin_sqrtf(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]);
  for (int i = 0; i < 3; ++i)
    d[i] = n * (p.rotation[3 * i] * c[0] + p.rotation[3 * i + 1] * c[1] + p.rotation[3 * i + 2] * c[2]);
}
