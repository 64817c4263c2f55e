// What this processor can do at best, for the roofline: loops that do one thing only, as fast as the
// instruction set allows. Every one returns a sum over all that it did, so that nothing is left out.
// Source: Williams et al., "Roofline" (2009).

#if defined(__AVX512F__)
constexpr int kChains = 12;  // independent sums: latency times pipes, and all of them in registers
#elif defined(__AVX2__)
constexpr int kChains = 6;
#else
constexpr int kChains = 3;
#endif

// Multiply-adds: `count` of them, rounded up to whole rounds of kChains vectors. Starting from 1,
// the sum of each lane is halved and 1 added again and again: it ends at 2.
static double probe_arithmetic(const float* constants, int64_t count) {
  vf half = splat(constants[0]), one = splat(constants[1]), acc[kChains];
  for (int j = 0; j < kChains; ++j) acc[j] = one;
  for (int64_t i = 0; i < count; i += kChains * kLanes)
    for (int j = 0; j < kChains; ++j) acc[j] = acc[j] * half + one;
  double total = 0;
  for (int j = 0; j < kChains; ++j) total += sum(acc[j]);
  return total / (kChains * kLanes);
}

// Sums hash entries of 8 bytes at random places; `entries` is a power of 2.
static double probe_gathers(const float* table, int64_t entries, int64_t count, uint64_t seed) {
  constexpr int kStreams = 8;
  uint64_t state[kStreams], mask = (uint64_t)entries - 1;
  float totals[kStreams] = {};
  for (int j = 0; j < kStreams; ++j) state[j] = mix(seed + j);
  for (int64_t i = 0; i < count; i += kStreams)
    for (int j = 0; j < kStreams; ++j) {
      state[j] = state[j] * 6364136223846793005ull + 1442695040888963407ull;
      const float* entry = table + 2 * (state[j] >> 33 & mask);
      totals[j] += entry[0] + entry[1];
    }
  double total = 0;
  for (int j = 0; j < kStreams; ++j) total += totals[j];
  return total;
}

// Random additions to entries of four floats, as gradients are scattered.
static double probe_scatters(float* table, int64_t entries, int64_t count, uint64_t seed) {
  constexpr int kStreams = 8;
  uint64_t state[kStreams], mask = (uint64_t)entries - 1;
  for (int j = 0; j < kStreams; ++j) state[j] = mix(seed + j);
  f4 one = {1, 1, 1, 1};
  for (int64_t i = 0; i < count; i += kStreams)
    for (int j = 0; j < kStreams; ++j) {
      state[j] = state[j] * 6364136223846793005ull + 1442695040888963407ull;
      float* entry = table + 4 * (state[j] >> 33 & mask);
      store4(entry, load4(entry) + one);
    }
  return (double)count;
}

// Reads `floats` in order.
static double probe_stream(const float* table, int64_t floats, int64_t count) {
  double total = 0;
  for (int64_t done = 0; done < count; done += floats) {
    vf a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    for (int64_t i = 0; i + 4 * kLanes <= floats; i += 4 * kLanes) {
      a += load(table + i), b += load(table + i + kLanes);
      c += load(table + i + 2 * kLanes), d += load(table + i + 3 * kLanes);
    }
    total += sum(a + b + c + d);
  }
  return total;
}

static double probe(Probe what, float* table, int64_t floats, int64_t count, uint64_t seed) {
  switch (what) {
    case kArithmetic: return probe_arithmetic(table, count);
    case kGathers: return probe_gathers(table, floats / 2, count, seed);
    case kScatters: return probe_scatters(table, floats / 4, count, seed);
    case kStream: return probe_stream(table, floats, count);
  }
  return 0;
}
