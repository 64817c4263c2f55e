// Rays of a training step: a random pixel, and what is behind all that the ray meets. Where a photo
// may show the sky that is the sky's colour in the ray's direction, which is learned; elsewhere it is
// a random colour, against which only opaque surfaces can stand.

constexpr float kSkyShare = 0.25f;     // of the rays into the sky that are followed: it is even
constexpr float kSkyLikeness = 0.03f;  // squared difference of colours at which the sky's pull fades

struct RayRecord {
  int first, panels, samples, photo;
  float distance;  // to the sparse point that was seen here, 0 where none was
  bool skyward;  // what passes all samples has the colour of the sky
  bool clear;    // and that is likely to be all of it
  bool posed;  // tells how its camera should move
  float target[3], backdrop[3], o[3], d[3], sh[kHarmonics];
  float sh_hidden[kMaxHidden];  // the harmonics' share of the colour network's hidden layer
};

// What `PhotoView::open` says of pixel number `pixel`.
SG_INLINE int open_at(const PhotoView& photo, int64_t pixel) {
  if (!photo.open) return kClosed;
  int64_t row = pixel / photo.width * kOpenCells / photo.height;
  int64_t column = pixel % photo.width * kOpenCells / photo.width;
  return photo.open[row * kOpenCells + column];
}

// Draw ray number `number`: a random pixel of all photos, a random backdrop.
static void draw_ray(const TrainState& s, uint64_t number, RayRecord& ray, float& offset) {
  uint64_t h = mix(s.config.seed ^ mix(number));
  double pick = (double)(h >> 11) * 0x1p-53;
  ray.distance = 0;
  if (s.sightings.count && uniform(mix(h + 8)) < s.config.sighting_share) {
    int64_t seen = (int64_t)(pick * s.sightings.count);
    pick = (double)s.sightings.pixel[seen];
    ray.distance = s.sightings.distance[seen];
  } else {
    pick *= s.pixel_offsets[s.photo_count];
  }
  int low = 0, high = s.photo_count - 1;
  while (low < high) {
    int middle = (low + high + 1) / 2;
    if (s.pixel_offsets[middle] <= pick) low = middle; else high = middle - 1;
  }
  const PhotoView& photo = s.photos[low];
  int64_t pixel = (int64_t)(pick - s.pixel_offsets[low]);
  int64_t pixels = (int64_t)photo.width * photo.height;
  if (pixel >= pixels) pixel = pixels - 1;
  ray.photo = photo.mask && !photo.mask[pixel] ? -1 : low;
  int open = ray.distance == 0 ? open_at(photo, pixel) : kClosed;
  ray.skyward = open != kClosed;
  ray.clear = open == kOpen;
  if (ray.clear && uniform(mix(h + 9)) >= kSkyShare) ray.photo = -1;
  photo_direction(photo, (float)(pixel % photo.width) + 0.5f, (float)(pixel / photo.width) + 0.5f, ray.d);
  for (int i = 0; i < 3; ++i) {
    ray.o[i] = photo.position[i];
    ray.target[i] = photo.rgb[3 * pixel + i] * (1.0f / 255.0f);
    ray.backdrop[i] = uniform(mix(h + 1 + i));
  }
  offset = uniform(mix(h + 7));
}

// The sky's colour in the direction of which these are the harmonics.
SG_INLINE void sky_color(const float* sky, const float* sh, float* rgb) {
  for (int c = 0; c < 3; ++c) {
    vf products = load(sky + c * kHarmonics) * load(sh);
    rgb[c] = 1.0f / (1.0f + expf(-sum(products)));
  }
}

// Adds the gradients of the sky's logits for that of a ray's colour.
SG_INLINE void sky_backward(const RayRecord& ray, float transmittance, const float* gradient,
                            float* sky_grad) {
  for (int c = 0; c < 3; ++c) {
    float b = ray.backdrop[c], slope = transmittance * gradient[c] * b * (1.0f - b);
    float* row = sky_grad + c * kHarmonics;
    store(row, load(row) + slope * load(ray.sh));
  }
}

// How well the sky alone explains what a photo with these log gains has there, up to 1.
SG_INLINE float sky_likeness(const RayRecord& ray, const float* log_gain) {
  float apart = 0;
  for (int c = 0; c < 3; ++c) {
    float error = ray.backdrop[c] * expf(log_gain[c]) - ray.target[c];
    apart += error * error;
  }
  return expf(-apart / kSkyLikeness);
}
