// What cameras see of pictures of light, added up, sixteen pixels at a time; see gathering.h.
// Each tile of a camera's picture follows its rays through the pictures of the views, from near to far,
// in steps of a pixel at most; at each step the whole tile looks at neighbouring pixels, and takes those
// whose depth lies there. Sources: Policarpo, Oliveira and Comba, "Real-time relief mapping on arbitrary
// polygonal surfaces" (2005); Haeberli and Akeley, "The accumulation buffer" (1990).

constexpr int kMostSteps = 256;
constexpr float kSteepest = 0.99f;  // a surface comes nearer by so many steps from pixel to pixel at most

// A ray through the middle of a tile as a view sees it: at the inverse depth w along the camera's axis
// it is at base + w * offset, divided by its own third part.
struct TileRay {
  float base[3], offset[3];
};

SG_INLINE TileRay tile_ray(const Transfer& t, float u, float v) {
  float d[3] = {(u - t.from.cx) / t.from.focal, (t.from.cy - v) / t.from.focal, -1.0f};
  TileRay ray;
  for (int i = 0; i < 3; ++i) {
    ray.base[i] = t.rotation[3 * i] * d[0] + t.rotation[3 * i + 1] * d[1] + t.rotation[3 * i + 2] * d[2];
    ray.offset[i] = t.offset[i];
  }
  return ray;
}

struct Place {
  float u, v, inverse;  // image point, and inverse depth, in the view
};

// Where a ray is in a view when it has the inverse depth `inverse` there.
SG_INLINE Place place_at(const TileRay& ray, const FrameLens& lens, float inverse) {
  // The view's depth is base * depth + offset, along its own axis.
  float along = -ray.base[2], more = -ray.offset[2];
  float rest = 1.0f - more * inverse;
  float w = rest > 1e-6f ? inverse * along / rest : 1e6f;
  float ahead = along + w * more;
  float scale = lens.focal / (ahead > 1e-6f ? ahead : 1e-6f);
  return {lens.cx + (ray.base[0] + w * ray.offset[0]) * scale,
          lens.cy - (ray.base[1] + w * ray.offset[1]) * scale, inverse};
}

struct Range {
  float low, high;
};

// Inverse depths that a step meets: those of the ray, and up to `slope` those of a surface that comes
// towards it and was still behind it one step before.
struct Met {
  Range level;
  float slope, steepest;
};

SG_INLINE int bounded(float x, int low, int high) {
  return x < low ? low : x > high ? high : (int)x;
}

SG_INLINE int nearest(float x) {
  constexpr int kFar = 1 << 20;
  int below = bounded(x + 0.5f, -kFar, kFar);
  return below - (below > x + 0.5f && below > -kFar);
}

// Inverse depths in the part of a view that a tile passes over between two places.
SG_INLINE Range passed(const LightPlanes& view, const Place& a, const Place& b) {
  float left = (a.u < b.u ? a.u : b.u) - kLanes / 2 - 1, right = (a.u < b.u ? b.u : a.u) + kLanes / 2 + 1;
  float top = (a.v < b.v ? a.v : b.v) - kTileRows / 2 - 1, low = (a.v < b.v ? b.v : a.v) + kTileRows / 2 + 1;
  int columns = view.range_columns - 1, rows = view.range_rows - 1;
  int first = bounded(left / kRangeTile, 0, columns), last = bounded(right / kRangeTile, 0, columns);
  int from = bounded(top / kRangeTile, 0, rows), to = bounded(low / kRangeTile, 0, rows);
  Range range{kNone, -kNone};
  for (int y = from; y <= to; ++y)
    for (int x = first; x <= last; ++x) {
      const float* tile = view.ranges + 2 * ((size_t)y * view.range_columns + x);
      range.low = tile[0] < range.low ? tile[0] : range.low;
      range.high = tile[1] > range.high ? tile[1] : range.high;
    }
  return range;
}

SG_INLINE float farther(float a, float b) {
  a = a < 0 ? -a : a, b = b < 0 ? -b : b;
  return a > b ? a : b;
}

// The light of a tile, and whether its pixels still look for some.
struct Tile {
  int x, y, rows;
  vf light[kTileRows][4];
  vi open[kTileRows];
  vf before[kTileRows];  // inverse depths that were met one step before
};

SG_INLINE bool all_closed(const Tile& tile) {
  vi open = vi{};
  for (int row = 0; row < tile.rows; ++row) open = open | tile.open[row];
  return !any(open);
}

// Takes what a tile sees of a view at one step.
SG_INLINE void take(Tile& tile, const LightPlanes& view, int column, int line, const Met& met) {
  column = column < -kLanes ? -kLanes : column > view.lens.width ? view.lens.width : column;
  for (int row = 0; row < tile.rows; ++row) {
    if (!any(tile.open[row])) continue;
    int at = line + row;
    at = at < -1 ? -1 : at > view.lens.height ? view.lens.height : at;
    const float* pixels = view.planes + (ptrdiff_t)at * 4 * view.pitch + column;
    vf w = load(pixels + 3 * view.pitch);
    vi level = ~(w < splat(met.level.low)) & ~(w > splat(met.level.high));
    vi slope = (w > splat(met.level.high)) & ~(w > splat(met.slope)) &
               (tile.before[row] < splat(met.level.high)) & ~(w - tile.before[row] > splat(met.steepest));
    tile.before[row] = select(w < splat(0.0f), splat(-kNone), w);
    vi hit = tile.open[row] & (level | slope);
    if (!any(hit)) continue;
    for (int c = 0; c < 3; ++c)
      tile.light[row][c] += select(hit, load(pixels + c * view.pitch), vf{});
    tile.light[row][3] += select(hit, splat(1.0f), vf{});
    tile.open[row] = tile.open[row] & ~hit;
  }
}

static void look(Tile& tile, const LightPlanes& view, const Transfer& transfer) {
  const FrameLens& lens = view.lens;
  float u = tile.x + 0.5f * kLanes, v = tile.y + 0.5f * kTileRows;
  TileRay ray = tile_ray(transfer, u, v);
  if (ray.base[2] > -1e-6f) return;
  Range range{view.low, view.high};
  Place near{}, far{};
  for (int round = 0; round < 3; ++round) {
    if (!(range.low <= range.high)) return;
    near = place_at(ray, lens, range.high), far = place_at(ray, lens, range.low);
    if (round < 2) range = passed(view, near, far);
  }
  float apart = farther(near.u - far.u, near.v - far.v);
  int steps = bounded(apart + 0.999f, 0, kMostSteps - 1);
  for (vf& before : tile.before) before = splat(-kNone);
  float step = steps ? (range.high - range.low) / steps : range.high - range.low;
  for (int i = 0; i <= steps; ++i) {
    Place at = place_at(ray, lens, steps ? range.high - i * step : 0.5f * (range.low + range.high));
    Range level{i < steps ? at.inverse - 0.5f * step : range.low,
                i ? at.inverse + 0.5f * step : range.high};
    Met met{level, at.inverse + 1.5f * step, kSteepest * step};
    take(tile, view, tile.x + nearest(at.u - u), tile.y + nearest(at.v - v), met);
    if (all_closed(tile)) return;
  }
}

static void gather_tile(const Gathering& g, int x, int y) {
  Tile tile{};
  tile.x = x, tile.y = y;
  tile.rows = g.height - y < kTileRows ? g.height - y : kTileRows;
  vi within = centres(x) < splat((float)g.width);
  for (int sample = 0; sample < g.samples; ++sample) {
    for (vi& open : tile.open) open = within;
    for (int i = 0; i < g.count && !all_closed(tile); ++i) {
      int view = g.order[sample * g.count + i];
      look(tile, g.views[view], g.transfers[sample * g.count + view]);
    }
  }
  int count = g.width - x < kLanes ? g.width - x : kLanes;
  for (int row = 0; row < tile.rows; ++row) {
    float lanes[4][kLanes];
    for (int c = 0; c < 4; ++c) store(lanes[c], tile.light[row][c]);
    float* out = g.total + ((size_t)(y + row) * g.width + x) * 4;
    for (int i = 0; i < count; ++i)
      for (int c = 0; c < 4; ++c) out[4 * i + c] = lanes[c][i];
  }
}

// Rows of tiles until none is left.
static void gather_rows(const Gathering& g, int64_t* next) {
  for (;;) {
    int64_t y = __atomic_fetch_add(next, kTileRows, __ATOMIC_RELAXED);
    if (y >= g.height) return;
    for (int x = 0; x < g.width; x += kLanes) gather_tile(g, x, (int)y);
  }
}
