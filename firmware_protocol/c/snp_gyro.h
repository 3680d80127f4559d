/* Orientation by gyro alone, in whole numbers, at the sensor's full rate: what goes behind the samples of an IMU_BATCH.
 * Across a lost packet the host divides two of them and has the exact rotation in between. */
#ifndef SNP_GYRO_H
#define SNP_GYRO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t q[4]; /* w x y z, 2^30 = 1 */
} snp_gyro;

void snp_gyro_init(snp_gyro *g);

/* Turns by one sample: counts x y z of scale nrad/s each, over dt_us. */
void snp_gyro_turn(snp_gyro *g, const int16_t counts[3], uint32_t scale_nrad_s, uint32_t dt_us);

/* The orientation in 1/32767, as it goes on the wire. */
void snp_gyro_get(const snp_gyro *g, int16_t quat[4]);

#ifdef __cplusplus
}
#endif

#endif
