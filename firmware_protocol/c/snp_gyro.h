/* Orientation by gyro alone, in whole numbers, at the sensor's full rate: what goes behind the samples of an IMU_BATCH.
 * Across a lost packet the host divides two of them and has the exact rotation in between. */
#ifndef SNP_GYRO_H
#define SNP_GYRO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t q[4];    /* w x y z, 2^30 = 1 */
  int16_t last[3]; /* counts of the sample before */
} snp_gyro;

void snp_gyro_init(snp_gyro *g);

/* Turns from the sample before to this one, dt_us later: counts x y z of scale nrad/s each. The rate between the two is
 * taken as their mean: holding either would be off by a degree where a leg is stopped. */
void snp_gyro_turn(snp_gyro *g, const int16_t counts[3], uint32_t scale_nrad_s, uint32_t dt_us);

/* The orientation in 1/32767, as it goes on the wire. */
void snp_gyro_get(const snp_gyro *g, int16_t quat[4]);

#ifdef __cplusplus
}
#endif

#endif
