// Sixteen-lane vectors: one source for SSE2, AVX2, AVX-512, NEON. Included inside the namespace of an
// instruction set. Where its registers are narrower, a vector is a pair of vectors of half the width:
// left to itself, the compiler would keep a vector that no register holds in memory and compare,
// select and convert it lane by lane.

#define SG_INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)
constexpr int kNative = 16;  // lanes of a register
#elif defined(__AVX2__)
constexpr int kNative = 8;
#else
constexpr int kNative = 4;
#endif

typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));
typedef float nf __attribute__((vector_size(4 * kNative)));
typedef int32_t ni __attribute__((vector_size(4 * kNative)));
typedef uint32_t nu __attribute__((vector_size(4 * kNative)));

// What the compiler's vectors can do, for two of them: `T` is a lane, `H` half of the lanes.
template <class T, class H>
struct Twice {
  H low, high;
  T& operator[](int i) { return ((T*)this)[i]; }
  const T& operator[](int i) const { return ((const T*)this)[i]; }
  template <class U, class G>
  __attribute__((always_inline)) explicit operator Twice<U, G>() const { return {(G)low, (G)high}; }
#define SG_FRIEND friend inline __attribute__((always_inline))
  SG_FRIEND Twice operator-(Twice a) { return {-a.low, -a.high}; }
  SG_FRIEND Twice operator~(Twice a) { return {~a.low, ~a.high}; }
#define SG_TWICE(op)                                                                               \
  SG_FRIEND Twice operator op(Twice a, Twice b) { return {a.low op b.low, a.high op b.high}; }     \
  SG_FRIEND Twice operator op(Twice a, T b) { return {a.low op b, a.high op b}; }                  \
  SG_FRIEND Twice operator op(T a, Twice b) { return {a op b.low, a op b.high}; }                  \
  SG_FRIEND Twice& operator op##=(Twice& a, Twice b) { return a = a op b; }                        \
  SG_FRIEND Twice& operator op##=(Twice& a, T b) { return a = a op b; }
  SG_TWICE(+) SG_TWICE(-) SG_TWICE(*) SG_TWICE(/) SG_TWICE(&) SG_TWICE(|) SG_TWICE(^)
  SG_TWICE(<<) SG_TWICE(>>)
#undef SG_TWICE
#define SG_TWICE(op)                                                                               \
  SG_FRIEND auto operator op(Twice a, Twice b) {                                                   \
    return Twice<int32_t, decltype(a.low op b.low)>{a.low op b.low, a.high op b.high};             \
  }                                                                                                \
  SG_FRIEND auto operator op(Twice a, T b) {                                                       \
    return Twice<int32_t, decltype(a.low op b)>{a.low op b, a.high op b};                          \
  }
  SG_TWICE(<) SG_TWICE(>) SG_TWICE(==)
#undef SG_TWICE
#undef SG_FRIEND
};

template <class T, class N, int kCount>  // kCount vectors N of T
struct Times {
  typedef Twice<T, typename Times<T, N, kCount / 2>::Type> Type;
};
template <class T, class N>
struct Times<T, N, 1> {
  typedef N Type;
};
typedef Times<float, nf, kLanes / kNative>::Type vf;
typedef Times<int32_t, ni, kLanes / kNative>::Type vi;
typedef Times<uint32_t, nu, kLanes / kNative>::Type vu;

SG_INLINE vf splat(float x) { return vf{} + x; }
SG_INLINE nf load_native(const float* p) { nf v; memcpy(&v, p, sizeof v); return v; }
SG_INLINE f4 load4(const float* p) { f4 v; memcpy(&v, p, sizeof v); return v; }
SG_INLINE void store4(float* p, f4 v) { memcpy(p, &v, sizeof v); }

// Register by register: a pair copied as a whole would go through memory.
SG_INLINE void read(const float* p, nf& v) { memcpy(&v, p, sizeof v); }
template <class H>
SG_INLINE void read(const float* p, Twice<float, H>& v) {
  read(p, v.low), read(p + sizeof(H) / sizeof(float), v.high);
}
SG_INLINE vf load(const float* p) { vf v; read(p, v); return v; }

template <class T, class V>
SG_INLINE void store(T* p, V v) { memcpy(p, &v, sizeof v); }
template <class T, class H>
SG_INLINE void store(T* p, Twice<T, H> v) {
  store(p, v.low), store(p + sizeof(H) / sizeof(T), v.high);
}

// Lanes of `a` where the mask is set, of `b` elsewhere.
template <class M, class V>
SG_INLINE V select(M mask, V a, V b) { return mask ? a : b; }
template <class M, class T, class H>
SG_INLINE Twice<T, H> select(Twice<int32_t, M> mask, Twice<T, H> a, Twice<T, H> b) {
  return {select(mask.low, a.low, b.low), select(mask.high, a.high, b.high)};
}

template <class V>
SG_INLINE V vmin(V a, V b) { return select(a < b, a, b); }
template <class V>
SG_INLINE V vmax(V a, V b) { return select(a > b, a, b); }

SG_INLINE bool any(ni mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_ps((__m256)mask) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_ps((__m128)mask) != 0;
#else
  int64_t part[2];
  memcpy(part, &mask, sizeof part);
  return (part[0] | part[1]) != 0;
#endif
}
template <class H>
SG_INLINE bool any(Twice<int32_t, H> mask) { return any(mask.low | mask.high); }

SG_INLINE ni to_int(nf x) { return __builtin_convertvector(x, ni); }
template <class H>
SG_INLINE auto to_int(Twice<float, H> x) {
  return Twice<int32_t, decltype(to_int(x.low))>{to_int(x.low), to_int(x.high)};
}
SG_INLINE nf to_float(ni x) { return __builtin_convertvector(x, nf); }
template <class H>
SG_INLINE auto to_float(Twice<int32_t, H> x) {
  return Twice<float, decltype(to_float(x.low))>{to_float(x.low), to_float(x.high)};
}

SG_INLINE nf vsqrt(nf x) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  return (nf)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__) && !defined(__AVX512F__)
  return (nf)_mm_sqrt_ps((__m128)x);
#elif defined(__aarch64__)
  return (nf)vsqrtq_f32((float32x4_t)x);
#else  // the compiler finds the instruction
  for (int i = 0; i < kNative; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}
template <class H>
SG_INLINE Twice<float, H> vsqrt(Twice<float, H> x) { return {vsqrt(x.low), vsqrt(x.high)}; }

SG_INLINE float sum(vf x) {
  float lanes[kLanes], s = 0;
  store(lanes, x);
  for (int i = 0; i < kLanes; ++i) s += lanes[i];
  return s;
}

// A vector out of its quarters, and back: lanes 4 k .. 4 k + 3 are quarter k.
SG_INLINE void join(const f4* q, nf& out) {
#if defined(__AVX512F__)
  auto low = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
  auto high = __builtin_shufflevector(q[2], q[3], 0, 1, 2, 3, 4, 5, 6, 7);
  out = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(__AVX2__)
  out = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
#else
  out = q[0];
#endif
}
template <class H>
SG_INLINE void join(const f4* q, Twice<float, H>& out) {
  join(q, out.low), join(q + sizeof(H) / sizeof(f4), out.high);
}
SG_INLINE void split(nf x, f4* q) {
#if defined(__AVX512F__)
  memcpy(q, &x, sizeof x);
#elif defined(__AVX2__)
  q[0] = __builtin_shufflevector(x, x, 0, 1, 2, 3), q[1] = __builtin_shufflevector(x, x, 4, 5, 6, 7);
#else
  q[0] = x;
#endif
}
template <class H>
SG_INLINE void split(Twice<float, H> x, f4* q) {
  split(x.low, q), split(x.high, q + sizeof(H) / sizeof(f4));
}

// e^x within 2 ulp for x in [-87, 88], clamped outside. Cephes' expf polynomial.
SG_INLINE vf vexp(vf x) {
  x = vmin(vmax(x, splat(-87.0f)), splat(88.0f));
  vf y = x * 1.44269504088896341f;
  vi n = to_int(y + select(y < splat(0.0f), splat(-0.5f), splat(0.5f)));
  vf k = to_float(n);
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

// Floats to halves, round to nearest even, saturating at the largest half.
SG_INLINE void store_half(uint16_t* p, nf x) {
  [[maybe_unused]] constexpr int kNearest = 0;  // even, where two are as near
  nu sign = (nu)x & 0x80000000u;
  nf a = vmin((nf)((nu)x & 0x7fffffffu), nf{} + 65504.0f);
#if defined(__AVX512F__)
  __m256i h = _mm512_maskz_cvtps_ph((__mmask16)-1, (__m512)((nu)a | sign), kNearest);
#elif defined(__AVX2__)
  __m128i h = _mm256_cvtps_ph((__m256)((nu)a | sign), kNearest);
#else
  nu u = (nu)a;
  nu normal = (u - (112u << 23) + 0xfffu + ((u >> 13) & 1u)) >> 13;
  nu subnormal = (nu)(a + 0.5f) - (126u << 23);  // 0.5 puts the last bit of a half at 2^-24
  nu bits = select(u < (113u << 23), subnormal, normal) | (sign >> 16);
#if defined(__x86_64__)
  __m128i wide = (__m128i)((ni)(bits << 16) >> 16);
  int64_t h = _mm_cvtsi128_si64(_mm_packs_epi32(wide, wide));
#else
  typedef uint16_t h8 __attribute__((vector_size(16)));
  auto h = __builtin_shufflevector((h8)bits, (h8)bits, 0, 2, 4, 6);  // the lower halves
#endif
#endif
  memcpy(p, &h, sizeof h);
}
template <class H>
SG_INLINE void store_half(uint16_t* p, Twice<float, H> x) {
  store_half(p, x.low), store_half(p + sizeof(H) / sizeof(float), x.high);
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
