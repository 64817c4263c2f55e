// Sixteen rays that march together through occupied space, each to its own next few samples.
// Where space is bent, a leap follows the contracted ray's tangent, no further than it stays straight.

constexpr int kWave = 4;         // samples of a ray between two looks at whether it is opaque
constexpr float kStraight = 0.08f;  // of the distance from the origin: bends by a quarter cell at most

struct Packet {
  float o[3][kLanes], d[3][kLanes];
  float along[kLanes];  // origin . direction
  float t[kLanes], t_far[kLanes];
  float ts[kWave][kLanes], dts[kWave][kLanes];  // the samples found last; dt is 0 where none is
};

SG_INLINE vf magnitude(vf x) { return vmax(x, -x); }

// Clip the way of a ray to a box; what misses it has no way left.
SG_INLINE void clip_to_box(const CropBox& box, const float* o, const float* d, float& begin, float& end) {
  for (int k = 0; k < 3; ++k) {
    float at = 0, speed = 0;
    for (int i = 0; i < 3; ++i) {
      at += box.axes[3 * k + i] * (o[i] - box.centre[i]);
      speed += box.axes[3 * k + i] * d[i];
    }
    if (__builtin_fabsf(speed) < 1e-9f) speed = 1e-9f;  // along a face: far away, whichever side
    float low = (-box.half[k] - at) / speed, high = (box.half[k] - at) / speed;
    float enters = low < high ? low : high, leaves = low < high ? high : low;
    begin = enters > begin ? enters : begin;
    end = leaves < end ? leaves : end;
  }
}

// Place a ray on a lane, at the beginning of its way. A lane without a ray has t_far = 0.
SG_INLINE void packet_start(Packet& p, const FieldView& f, int lane, const float* o, const float* d) {
  float b = 0, c = -f.far * f.far;
  for (int i = 0; i < 3; ++i) {
    p.o[i][lane] = o[i], p.d[i][lane] = d[i];
    b += o[i] * d[i];
    c += o[i] * o[i];
  }
  float q = b * b - c;
  p.along[lane] = b;
  p.t_far[lane] = q > 0 ? -b + __builtin_sqrtf(q) : 0.0f;
  p.t[lane] = f.near + 0.5f * f.step;
  if (f.cropped) clip_to_box(f.crop, o, d, p.t[lane], p.t_far[lane]);
}

// What rays see of the occupancy grid where they stand.
struct Look {
  vi empty;   // Chebyshev distance to the nearest occupied cell
  vf dt;      // length of a step here
  vf leap;    // how far the box of empty cells reaches, or the occupied cell
};

SG_INLINE Look look(const Packet& p, const FieldView& f, vf t, vi going) {
  const float cells = 0.25f * f.cells;
  vf x[3], d[3], r2 = vf{};
  for (int i = 0; i < 3; ++i) d[i] = load(p.d[i]), x[i] = load(p.o[i]) + t * d[i], r2 += x[i] * x[i];
  // The contracted point, in cells, is scale * x, and bend * x is what the change of scale adds.
  vf r = splat(1.0f), scale = splat(cells), bend = vf{}, leap = splat(1e9f);
  vi outside = r2 > splat(1.0f);
  if (any(outside & going)) {
    r = vsqrt(vmax(r2, splat(1.0f)));
    vf inverse = 1.0f / r;
    scale = (2.0f - inverse) * inverse * cells;
    bend = 2.0f * cells * inverse * inverse * inverse * (inverse - 1.0f) * (load(p.along) + t);
    leap = select(outside, r * kStraight, leap);
  }
  vf place[3];
  vi at[3], empty;
  const vi last = vi{} + (f.cells - 1);
  for (int i = 0; i < 3; ++i) {
    place[i] = x[i] * scale + 2.0f * cells;
    at[i] = to_int(place[i]);
    at[i] = vmin(vmax(at[i], vi{}), last);
  }
  vi index = (at[2] * f.cells + at[1]) * f.cells + at[0];
  for (int i = 0; i < kLanes; ++i) empty[i] = f.distance[index[i]];
  vi wide = vmax(empty, vi{} + 1);
  for (int i = 0; i < 3; ++i) {
    vf velocity = d[i] * scale + x[i] * bend;
    vi edge = select(velocity > splat(0.0f), at[i] + wide, at[i] + 1 - wide);
    vf speed = vmax(magnitude(velocity), splat(1e-7f));
    leap = vmin(leap, magnitude(to_float(edge) - place[i]) / speed);
  }
  // Far from anything, what contracts to the empty cells around whatever the ray's direction is more.
  vi wide_open = outside & (empty > 4);
  if (any(wide_open & going)) {
    vf width = to_float(empty - 1);
    vf inverse = 1.0f / vmax(r - width / scale, splat(1.0f));
    leap = select(wide_open, vmax(leap, width / ((2.0f - inverse) * inverse * cells)), leap);
  }
  return {empty, r * f.step, leap};
}

// Each ray's next samples, up to kWave: midpoints and lengths of intervals that begin in occupied
// cells.
static void packet_march(Packet& p, const FieldView& f) {
  vf t = load(p.t), t_far = load(p.t_far), ts[kWave] = {}, dts[kWave] = {};
  vi count = vi{};
  for (;;) {
    vi going = (count < kWave) & (t < t_far);
    if (!any(going)) break;
    Look seen = look(p, f, t, going);
    vf until = t + seen.leap;
    vi taking = going & (seen.empty == 0);
    t = select(going & ~taking, vmax(until, t + seen.dt), t);
    for (int n = 0; n < kWave && any(taking); ++n) {
      vf dt = f.cropped ? vmin(seen.dt, t_far - t) : seen.dt;  // to the face and no farther
      for (int j = 0; j < kWave; ++j) {
        vi here = taking & (count == j);
        ts[j] = select(here, t + 0.5f * dt, ts[j]);
        dts[j] = select(here, dt, dts[j]);
      }
      t = select(taking, t + seen.dt, t);
      count -= taking;  // true is -1
      taking = taking & (t < until) & (count < kWave);
      if (f.cropped) taking = taking & (t < t_far);
    }
  }
  for (int j = 0; j < kWave; ++j) store(p.ts[j], ts[j]), store(p.dts[j], dts[j]);
  store(p.t, t);
}
