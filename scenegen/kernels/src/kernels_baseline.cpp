#define SCENEGEN_ISA baseline
#include "kernels.inl"
