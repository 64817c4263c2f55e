// Dense layers without bias on panels of [feature][kLanes samples].

#if defined(__AVX512F__)
constexpr int kRows = 8;  // outputs kept in registers at once
#elif defined(__AVX2__) || defined(__aarch64__)
constexpr int kRows = 4;
#else
constexpr int kRows = 2;
#endif
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kBlockRows = 4;  // of the 32 registers, 16 are sums
#else
constexpr int kBlockRows = 2;
#endif
constexpr int kBlock = 4;

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
    if (active) g = select(load(active + (k + j) * kLanes) > splat(0.0f), g, splat(0.0f));
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

// out[j] += the sum of the lanes of columns[j].
SG_INLINE void add_sums(const nf columns[kBlock], float* out) {
  f4 q[kBlock];
  for (int j = 0; j < kBlock; ++j) {
    f4 part[kNative / 4];
    split(columns[j], part);
    if (kNative == 16) q[j] = (part[0] + part[1]) + (part[2 % (kNative / 4)] + part[3 % (kNative / 4)]);
    else if (kNative == 8) q[j] = part[0] + part[1 % (kNative / 4)];
    else q[j] = part[0];
  }
  transpose4(q[0], q[1], q[2], q[3]);
  store4(out, load4(out) + ((q[0] + q[1]) + (q[2] + q[3])));
}

// The products of one panel for a block: `kCount` outputs, kBlock inputs, summed over the lanes that
// share a place in their register.
template <int kCount>
SG_INLINE void add_products(const float* y, const float* x, nf acc[][kBlock]) {
  for (int part = 0; part < kLanes; part += kNative) {
    nf xs[kBlock];
    for (int j = 0; j < kBlock; ++j) xs[j] = load_native(x + j * kLanes + part);
    for (int i = 0; i < kCount; ++i) {
      nf yi = load_native(y + i * kLanes + part);
      for (int j = 0; j < kBlock; ++j) acc[i][j] += yi * xs[j];
    }
  }
}

template <int kCount>
SG_INLINE void accumulate_block(const float* out_grad, const float* in, int groups, int pitch,
                                float* weight_grad, int stride) {
  nf acc[kCount][kBlock] = {};
  for (int g = 0; g < groups; ++g)
    add_products<kCount>(out_grad + (size_t)g * pitch, in + (size_t)g * pitch, acc);
  for (int i = 0; i < kCount; ++i) add_sums(acc[i], weight_grad + (size_t)i * stride);
}

// weight_grad[o][k] += out_grad[o] * in[k], over `groups` panels that lie `pitch` floats apart.
// The sums of a block stay in registers for all panels.
SG_INLINE void accumulate(const float* out_grad, int outputs, const float* in, int inputs, int groups,
                          int pitch, float* weight_grad, int stride) {
  for (int o = 0; o < outputs; o += kBlockRows)
    for (int k = 0; k < inputs; k += kBlock) {
      const float *y = out_grad + o * kLanes, *x = in + k * kLanes;
      float* sums = weight_grad + (size_t)o * stride + k;
      if (o + kBlockRows <= outputs)
        accumulate_block<kBlockRows>(y, x, groups, pitch, sums, stride);
      else  // a colour's three outputs
        accumulate_block<kBlockRows - 1>(y, x, groups, pitch, sums, stride);
    }
}
