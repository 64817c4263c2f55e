#define SCENEGEN_ISA avx2
#include "kernels.inl"
