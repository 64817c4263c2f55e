#define SCENEGEN_ISA avx512
#include "kernels.inl"
