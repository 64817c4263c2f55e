#define SCENEGEN_ISA neon
#include "kernels.inl"
