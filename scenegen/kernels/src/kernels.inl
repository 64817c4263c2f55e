// All kernels, compiled once for each instruction set. SCENEGEN_ISA names the namespace.
// Only C headers here: an inline function of the C++ library, compiled for AVX-512, could be the one
// that the linker keeps for everybody.
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "field.h"
#include "light.h"

#define SG_TEXT_(x) #x
#define SG_TEXT(x) SG_TEXT_(x)
#define SG_JOIN_(a, b) a##b
#define SG_JOIN(a, b) SG_JOIN_(a, b)

namespace scenegen {
namespace SCENEGEN_ISA {
#include "simd.h"
#include "encode.h"
#include "mlp.h"
#include "march.h"
#include "draw.h"
#include "train.h"
#include "packet.h"
#include "render.h"
#include "optimize.h"
#include "probe.h"
#include "guide.h"
#include "warp.h"
#include "gather.h"
}  // namespace SCENEGEN_ISA

const KernelTable& SG_JOIN(kernels_, SCENEGEN_ISA)() {
  using namespace SCENEGEN_ISA;
  static const KernelTable table = {SG_TEXT(SCENEGEN_ISA), train_chunk, scatter_level, adam_level,
                                    adam_dense, trace, density, radiance, encode, encode_backward,
                                    point_gradient, march_ray, occupancy_sweep, to_half, arena_bytes,
                                    probe, guide, match, splat_depths, warp_rows,
                                    gather_rows};
  return table;
}
}  // namespace scenegen
