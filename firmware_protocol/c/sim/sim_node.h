/* A simulated node: the reference code, sensors that lie still, and, on request, one planted defect. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include "snp_node.h"

/* What can be wrong with it; each is something a tester must find. */
typedef enum {
  GOOD,
  WRONG_RATE,      /* samples come 5 % faster than INFO says */
  UNCOUNTED_LOSS,  /* samples are lost and their numbers reused */
  SEND_TIME,       /* t0 is when the batch was sent, not when its first sample was taken */
  WRONG_SCALE,     /* INFO says half the scale of acceleration */
  STUCK_AXIS,      /* one axis never changes */
  GYRO_BIAS,       /* 8 degrees a second at rest */
  CLOCK_BACK,      /* the clock steps back 0.3 s every 7 s */
  SLOW_TIME,       /* TIME_RSP is held for 80 ms */
  ACTS_TWICE,      /* a repeated command is acted on again */
  TARE_OFF,        /* after TARE a load of 5 N remains */
  BUZZ_LATE,       /* BUZZ after valid_until is played */
  SILENT_UNKNOWN,  /* unknown commands are not answered */
  STRICT_LENGTH,   /* longer payloads of a later minor version are refused */
  ANY_MAJOR,       /* HELLO without a common major gets no ACK 11 */
  NO_CRC,          /* frames with a wrong CRC are acted on */
  NO_STATUS,       /* STATUS never comes */
  SLOW_BATCH,      /* batch_us is ignored */
  SAME_BOOT,       /* neither boot_count nor nonce change at a restart */
  DEAF,            /* after a damaged frame nothing is heard for 10 s */
  ONE_SEQ,         /* one sequence number for all channels */
  BAD_TURN,        /* the orientation does not fit the gyro */
  ENDLESS,         /* STREAM 0 does not stop it */
  UNTAGGED_TAKEN,  /* with a key: acts on commands without a tag */
  REPLAY_TAKEN,    /* with a key: acts on replayed commands */
  DEFECTS
} sim_defect;

extern const char *const sim_defect_names[DEFECTS];

#define SIM_CHANNELS 5

typedef struct {
  sim_defect defect;
  int fed;             /* samples come from outside (sim_feed), not from the inside */
  int keyed;
  uint8_t key[SNP_KEY_SIZE];
  int ppm;             /* the node's clock runs so much too fast */
  uint64_t start_us;   /* what its clock reads at first */
  /* Bytes of the serial line that leave the node. */
  void (*output)(const uint8_t *bytes, uint16_t len);
} sim_settings;

void sim_start(const sim_settings *settings, uint64_t t_us);
/* Lets time go on to t_us (true time): sensors sample, messages leave. */
void sim_advance(uint64_t t_us);
/* Bytes of the line arrive now. */
void sim_receive(const uint8_t *bytes, uint16_t len);
/* A sample of the inertial channel, taken at true time t_us, when `fed`. */
void sim_feed(uint64_t t_us, const int16_t values[6]);

#endif
