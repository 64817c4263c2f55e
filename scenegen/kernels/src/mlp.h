// Dense layers without bias on panels of [feature][kLanes samples].

#if defined(__AVX512F__)
constexpr int kRows = 8;  // outputs kept in registers at once
constexpr int kBlock = 4;
#else
constexpr int kRows = 4;
constexpr int kBlock = 2;
#endif

// out[o] = bias[o] + sum_k weight[o][k] in[k]; `bias` is one number an output, or null.
template <bool kRelu>
SG_INLINE void layer(const float* weight, int stride, const float* in, int inputs, const float* bias,
                     float* out, int outputs) {
  for (int o = 0; o < outputs; o += kRows) {
    vf acc[kRows];
    for (int j = 0; j < kRows; ++j) acc[j] = splat(bias ? bias[o + j] : 0.0f);
    const float* w = weight + (size_t)o * stride;
    for (int k = 0; k < inputs; ++k) {
      vf x = load(in + k * kLanes);
      for (int j = 0; j < kRows; ++j) acc[j] += x * w[j * stride + k];
    }
    for (int j = 0; j < kRows; ++j)
      store(out + (o + j) * kLanes, kRelu ? vmax(acc[j], splat(0.0f)) : acc[j]);
  }
}

// The same for three outputs, which fill no block of rows.
SG_INLINE void layer3(const float* weight, const float* in, int inputs, vf out[3]) {
  vf a = splat(0), b = splat(0), c = splat(0);
  for (int k = 0; k < inputs; ++k) {
    vf x = load(in + k * kLanes);
    a += x * weight[k];
    b += x * weight[inputs + k];
    c += x * weight[2 * inputs + k];
  }
  out[0] = a, out[1] = b, out[2] = c;
}

// Rows [k, k + kCount) of what layer_backward computes.
template <int kCount>
SG_INLINE void backward_rows(const float* weight, int stride, const float* out_grad, int outputs,
                             const float* active, float* in_grad, int k) {
  vf acc[kCount];
  for (int j = 0; j < kCount; ++j) acc[j] = splat(0.0f);
  for (int o = 0; o < outputs; ++o) {
    vf g = load(out_grad + o * kLanes);
    const float* w = weight + (size_t)o * stride + k;
    for (int j = 0; j < kCount; ++j) acc[j] += g * w[j];
  }
  for (int j = 0; j < kCount; ++j) {
    vf g = acc[j];
    if (active) g = load(active + (k + j) * kLanes) > splat(0.0f) ? g : splat(0.0f);
    store(in_grad + (k + j) * kLanes, g);
  }
}

// in_grad[k] = sum_o weight[o][k] out_grad[o], and 0 where `active`, a ReLU's output, is 0.
// An odd number of levels leaves one level's features beyond the last whole block of rows.
SG_INLINE void layer_backward(const float* weight, int stride, const float* out_grad, int outputs,
                              const float* active, float* in_grad, int inputs) {
  int k = 0;
  for (; k + kRows <= inputs; k += kRows)
    backward_rows<kRows>(weight, stride, out_grad, outputs, active, in_grad, k);
  if (k < inputs) backward_rows<kFeatures>(weight, stride, out_grad, outputs, active, in_grad, k);
}

// out[j] += the sum of the lanes of columns[j], for the first `count` of four columns.
SG_INLINE void add_sums(const vf* columns, int count, float* out) {
  f4 q[4] = {};
  for (int j = 0; j < count; ++j) {
    float lanes[kLanes];
    store(lanes, columns[j]);
    q[j] = (load4(lanes) + load4(lanes + 4)) + (load4(lanes + 8) + load4(lanes + 12));
  }
  transpose4(q[0], q[1], q[2], q[3]);
  f4 total = (q[0] + q[1]) + (q[2] + q[3]);
  for (int j = 0; j < count; ++j) out[j] += total[j];
}

// weight_grad[o][k] += out_grad[o] * in[k], over `groups` panels that lie `pitch` floats apart.
// Blocks of kBlock x kBlock sums stay in registers for all panels.
SG_INLINE void accumulate(const float* out_grad, int outputs, const float* in, int inputs, int groups,
                          int pitch, float* weight_grad, int stride) {
  for (int o = 0; o < outputs; o += kBlock) {
    int rows = outputs - o < kBlock ? outputs - o : kBlock;
    for (int k = 0; k < inputs; k += kBlock) {
      vf acc[kBlock][kBlock] = {};
      for (int g = 0; g < groups; ++g) {
        const float* y = out_grad + (size_t)g * pitch + o * kLanes;
        const float* x = in + (size_t)g * pitch + k * kLanes;
        vf xs[kBlock];
        for (int j = 0; j < kBlock; ++j) xs[j] = load(x + j * kLanes);
        if (rows == kBlock) {
          for (int i = 0; i < kBlock; ++i) {
            vf yi = load(y + i * kLanes);
            for (int j = 0; j < kBlock; ++j) acc[i][j] += yi * xs[j];
          }
        } else {
          for (int i = 0; i < rows; ++i) {
            vf yi = load(y + i * kLanes);
            for (int j = 0; j < kBlock; ++j) acc[i][j] += yi * xs[j];
          }
        }
      }
      for (int i = 0; i < rows; ++i)
        add_sums(acc[i], kBlock, weight_grad + (size_t)(o + i) * stride + k);
    }
  }
}
