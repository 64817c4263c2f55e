// Sixteen-lane vectors by the compiler's vector extensions: one source for SSE2, AVX2, AVX-512, NEON.
// Included inside the namespace of an instruction set.

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));
typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));
typedef uint16_t h16 __attribute__((vector_size(32)));

#define SG_INLINE static inline __attribute__((always_inline))

SG_INLINE vf splat(float x) { return vf{} + x; }
SG_INLINE vf load(const float* p) { vf v; memcpy(&v, p, sizeof v); return v; }
SG_INLINE void store(float* p, vf v) { memcpy(p, &v, sizeof v); }
SG_INLINE f4 load4(const float* p) { f4 v; memcpy(&v, p, sizeof v); return v; }
SG_INLINE void store4(float* p, f4 v) { memcpy(p, &v, sizeof v); }
SG_INLINE vf vmin(vf a, vf b) { return a < b ? a : b; }
SG_INLINE vf vmax(vf a, vf b) { return a > b ? a : b; }

SG_INLINE vf vsqrt(vf x) {
  vf r;
  for (int i = 0; i < kLanes; ++i) r[i] = __builtin_sqrtf(x[i]);
  return r;
}

SG_INLINE float sum(vf x) {
  float s = 0;
  for (int i = 0; i < kLanes; ++i) s += x[i];
  return s;
}

// e^x within 2 ulp for x in [-87, 88], clamped outside. Cephes' expf polynomial.
SG_INLINE vf vexp(vf x) {
  x = vmin(vmax(x, splat(-87.0f)), splat(88.0f));
  vf y = x * 1.44269504088896341f;
  vi n = __builtin_convertvector(y + (y < splat(0.0f) ? splat(-0.5f) : splat(0.5f)), vi);
  vf k = __builtin_convertvector(n, vf);
  vf r = x - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return p * (vf)((n + 127) << 23);
}

// Four halves to floats. Without an instruction for it: shift into place and rescale the exponent (exact, also for
// subnormals; infinities never occur in a table).
SG_INLINE f4 half4(const uint16_t* p) {
#if defined(__F16C__)
  return (f4)_mm_cvtph_ps(_mm_loadl_epi64((const __m128i*)p));
#elif defined(__aarch64__)
  return (f4)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
#else
  i4 h = {p[0], p[1], p[2], p[3]};
  f4 magnitude = (f4)((h & 0x7fff) << 13) * 0x1p112f;
  return (f4)((i4)magnitude | ((h & 0x8000) << 16));
#endif
}

// Sixteen floats to halves, round to nearest even, saturating at the largest half.
SG_INLINE h16 to_half16(vf x) {
  vu bits = (vu)x;
  vu sign = (bits >> 16) & 0x8000u;
  vf a = vmin((vf)(bits & 0x7fffffffu), splat(65504.0f));
  vu u = (vu)a;
  vu normal = (u - (112u << 23) + 0xfffu + ((u >> 13) & 1u)) >> 13;
  vu subnormal = (vu)(a + 0.5f) - (126u << 23);  // 0.5 puts the last bit of a half at 2^-24
  vu h = (u < (113u << 23) ? subnormal : normal) | sign;
  return __builtin_convertvector(h, h16);
}

// Rows a, b, c, d become columns.
SG_INLINE void transpose4(f4& a, f4& b, f4& c, f4& d) {
  f4 ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  f4 cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd1 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab1, cd1, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab1, cd1, 2, 3, 6, 7);
}

// A counter-based generator (Steele et al., SplitMix64): the same numbers on any thread.
SG_INLINE uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}
SG_INLINE float uniform(uint64_t x) { return (float)(x >> 40) * 0x1p-24f; }
