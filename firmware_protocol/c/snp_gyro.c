#include "snp_gyro.h"

#define ONE ((int64_t)1 << 30)

static int64_t product(int64_t a, int64_t b) { return (a * b + (ONE >> 1)) >> 30; }

void snp_gyro_init(snp_gyro *g) {
  g->q[0] = (int32_t)ONE;
  g->q[1] = g->q[2] = g->q[3] = 0;
  g->last[0] = g->last[1] = g->last[2] = 0;
}

#define STEP_US 10000u   /* the series below is good to 1e-8 over so long at 2000 degrees/s */
#define LONGEST_US 1000000u /* no rate holds for longer: a sensor that was silent knows nothing of the time between */

/* twice: twice the mean counts. */
static void turn(snp_gyro *g, const int32_t twice[3], uint32_t scale_nrad_s, uint32_t dt_us) {
  /* h: half the rotation vector, 2^30 = 1 rad. One count is `scale` nrad/s; whole steps are of 1e-9 rad. */
  int64_t h[3], square = 0, shrink, norm = 0, mend;
  const int64_t w = g->q[0], x = g->q[1], y = g->q[2], z = g->q[3];
  int64_t turned[4];
  for (unsigned i = 0; i < 3; i++) {
    const int64_t half_nrad = (int64_t)twice[i] * scale_nrad_s / 1000 * dt_us / 4000;
    h[i] = half_nrad * ONE / 1000000000;
    square += product(h[i], h[i]);
  }
  /* sin(a)/a = 1 - a²/6 + a⁴/120, cos(a) = 1 - a²/2 + a⁴/24, with a the half angle. */
  shrink = ONE - square / 6 + product(square, square) / 120;
  for (unsigned i = 0; i < 3; i++) h[i] = product(h[i], shrink);
  {
    const int64_t c = ONE - square / 2 + product(square, square) / 24;
    turned[0] = product(w, c) - product(x, h[0]) - product(y, h[1]) - product(z, h[2]);
    turned[1] = product(w, h[0]) + product(x, c) + product(y, h[2]) - product(z, h[1]);
    turned[2] = product(w, h[1]) - product(x, h[2]) + product(y, c) + product(z, h[0]);
    turned[3] = product(w, h[2]) + product(x, h[1]) - product(y, h[0]) + product(z, c);
  }
  for (unsigned i = 0; i < 4; i++) norm += product(turned[i], turned[i]);
  mend = (3 * ONE - norm) / 2; /* one step towards length 1 */
  for (unsigned i = 0; i < 4; i++) g->q[i] = (int32_t)product(turned[i], mend);
}

void snp_gyro_turn(snp_gyro *g, const int16_t counts[3], uint32_t scale_nrad_s, uint32_t dt_us) {
  uint32_t left_us = dt_us < LONGEST_US ? dt_us : LONGEST_US;
  int32_t twice[3];
  for (unsigned i = 0; i < 3; i++) {
    twice[i] = (int32_t)counts[i] + g->last[i];
    g->last[i] = counts[i];
  }
  while (left_us > 0) {
    const uint32_t step_us = left_us < STEP_US ? left_us : STEP_US;
    turn(g, twice, scale_nrad_s, step_us);
    left_us -= step_us;
  }
}

void snp_gyro_get(const snp_gyro *g, int16_t quat[4]) {
  for (unsigned i = 0; i < 4; i++) {
    const int64_t scaled = ((int64_t)g->q[i] * 32767 + (g->q[i] < 0 ? -(ONE >> 1) : ONE >> 1)) / ONE;
    quat[i] = (int16_t)(scaled > 32767 ? 32767 : scaled < -32767 ? -32767 : scaled);
  }
}
