// The Chebyshev distance field over the occupancy grid, by dilation of bits.
#include <algorithm>
#include <cstring>
#include <vector>

#include "trainer.h"

namespace scenegen {
namespace {

// A bit for each cell, in rows along x of whole words. Bits beyond a row's end may get set; they come
// back to no cell that they were not closer to before.
struct Bits {
  explicit Bits(int cells_)
      : cells(cells_), row(size_t(cells_ + 63) / 64), plane(row * cells_), words(plane * cells_) {}
  int cells;
  size_t row, plane;
  std::vector<uint64_t> words;
};

void occupied(const float* alpha, float threshold, Bits& out) {
  for (uint64_t *word = out.words.data(), *end = word + out.words.size(); word < end;)
    for (int first = 0; first < out.cells; first += 64) {
      int count = std::min(64, out.cells - first);
      uint64_t bits = 0;
      for (int i = 0; i < count; ++i) bits |= uint64_t(alpha[i] > threshold) << i;
      *word++ = bits, alpha += count;
    }
}

// Adds the neighbours on both sides along x to every cell of `in`.
void spread_row(const Bits& in, Bits& out) {
  const size_t row = in.row;
  for (size_t r = 0; r < in.words.size(); r += row)
    for (size_t w = 0; w < row; ++w) {
      uint64_t own = in.words[r + w];
      uint64_t before = w > 0 ? in.words[r + w - 1] >> 63 : 0;
      uint64_t after = w + 1 < row ? in.words[r + w + 1] << 63 : 0;
      out.words[r + w] = own | own << 1 | own >> 1 | before | after;
    }
}

// The same along an axis whose neighbours are `pitch` words apart, for runs of `extent` words.
void spread(const Bits& in, size_t pitch, size_t extent, Bits& out) {
  for (size_t r = 0; r < in.words.size(); r += extent) {
    const uint64_t* from = &in.words[r];
    uint64_t* to = &out.words[r];
    for (size_t i = 0; i < extent; ++i) to[i] = from[i];
    for (size_t i = pitch; i < extent; ++i) to[i] |= from[i - pitch];
    for (size_t i = pitch; i < extent; ++i) to[i - pitch] |= from[i];
  }
}

// Eight bits to the lowest bits of eight bytes.
uint64_t bytes_of(uint64_t eight) {
  uint64_t chosen = (eight & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
  return (chosen + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
}

}  // namespace

// After d rounds everything within d of an occupied cell is reached, and the cells that a round
// reaches first have its number for a distance. The numbers' four binary digits are bits of cells too.
void distance_field(const float* alpha, int cells, float threshold, uint8_t* distance) {
  constexpr int kDigits = 4;
  static_assert(kMaxDistance == (1 << kDigits) - 1);
  Bits reached(cells), wider(cells), scratch(cells);
  std::vector<Bits> digits(kDigits, Bits(cells));
  for (Bits& digit : digits) std::fill(digit.words.begin(), digit.words.end(), ~uint64_t(0));
  occupied(alpha, threshold, wider);
  const size_t n = reached.words.size();
  for (int d = 0; d < kMaxDistance; ++d) {
    for (int k = 0; k < kDigits; ++k)
      for (size_t i = 0; i < n && !(d >> k & 1); ++i)
        digits[k].words[i] &= ~(wider.words[i] & ~reached.words[i]);
    std::swap(reached, wider);
    spread_row(reached, wider);
    spread(wider, reached.row, reached.plane, scratch);
    spread(scratch, reached.plane, n, wider);
  }
  for (size_t r = 0; r < n; r += reached.row)
    for (int x = 0; x < cells; x += 8) {
      uint64_t bytes = 0;
      for (int k = 0; k < kDigits; ++k)
        bytes |= bytes_of(digits[k].words[r + x / 64] >> x % 64) << k;
      std::memcpy(distance, &bytes, std::min(8, cells - x));
      distance += std::min(8, cells - x);
    }
}

}  // namespace scenegen
