/* A node on the reference codec: what every firmware needs beside its sensors. It answers HELLO, TIME_REQ and commands,
 * remembers its answers, sends INFO and STATUS when they are due, and gathers samples into batches.
 *
 * You bring a clock, a way to send a message, and your commands (snp_port). Call snp_node_receive with what arrived,
 * snp_node_tick often (each 10 ms will do), and snp_batch_imu or snp_batch_load with each sample. One thread. */
#ifndef SNP_NODE_H
#define SNP_NODE_H

#include "snp.h"
#include "snp_auth.h"
#include "snp_messages.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SNP_ANSWERS 4          /* commands whose answers are remembered */
#define SNP_INFO_CHANNELS 13   /* descriptors that fit one INFO */
#define SNP_STATUS_US 1000000u /* between STATUS messages */
#define SNP_INFO_US 5000000u   /* between INFO messages until somebody says HELLO */
#define SNP_LATER 255          /* from snp_port.command: the answer comes later, by snp_node_answer */
#define SNP_SILENT 254         /* from snp_port.command: no answer at all */

struct snp_node;

typedef struct {
  uint64_t (*now_us)(void *user); /* monotonic, never steps back */
  /* Sends one message: notifies it (CTRL for ACK, CFG_VALUE and TIME_RSP, INFO for INFO, else DATA), or frames it. */
  void (*send)(void *user, const uint8_t *message, uint16_t len);
  /* Acts on a command: m->type tells which. Gives an ACK code, SNP_LATER or SNP_SILENT; *detail goes with it. STREAM
   * comes here too, after node->mask and node->batch_us are set; give SNP_ACK_CODE_OK. */
  uint8_t (*command)(void *user, struct snp_node *node, const snp_message *m, uint16_t *detail);
  void (*status)(void *user, snp_status *status); /* fills in what the node cannot know; NULL: nothing to fill in */
  void *user;
} snp_port;

typedef struct {
  uint8_t type, chan, code, used;
  uint16_t seq, detail;
} snp_answer;

typedef struct snp_node {
  const snp_port *port;
  snp_info info;               /* n_chan and channels are set per message from what follows */
  const snp_channel *channels;
  uint8_t channel_count;
  uint16_t link_size; /* most bytes of one message on this link: ATT_MTU - 3, or SNP_MESSAGE_MAX on a serial line */
  snp_auth *auth;     /* NULL: no authentication */

  uint32_t mask;     /* channels that are to stream */
  uint16_t batch_us; /* age of the oldest sample when its batch is sent, at most */

  uint16_t seq[SNP_CHANNEL_MAX + 1];
  uint16_t dropped_in; /* messages received that could not be read */
  uint16_t dropped_out; /* messages that could not be sent: STATUS tells it */
  uint16_t fault_bits;
  uint8_t greeted, session;
  uint8_t host_nonce[SNP_NONCE_SIZE];
  uint64_t started_us, info_due_us, status_due_us;
  snp_answer answers[SNP_ANSWERS];
  uint8_t answer_at;
  snp_counter sent[SNP_CHANNEL_MAX + 1], received[SNP_CHANNEL_MAX + 1];
  snp_writer writer;
  uint8_t out[SNP_MESSAGE_MAX];
} snp_node;

/* Sets everything to begin; fill in info (identity, caps), channels, auth and link_size afterwards. */
void snp_node_init(snp_node *node, const snp_port *port);

/* Messages that arrived at rx_us: one GATT write, or what snp_rx_byte gave. */
void snp_node_receive(snp_node *node, const uint8_t *data, size_t size, uint64_t rx_us);

/* Sends what is due. */
void snp_node_tick(snp_node *node);

/* The answer to a command that gave SNP_LATER. */
void snp_node_answer(snp_node *node, uint8_t type, uint8_t chan, uint16_t seq, uint8_t code, uint16_t detail);

/* Any message of your own: begin, put its payload into the writer, end. */
snp_writer *snp_node_begin(snp_node *node, uint8_t type, uint8_t chan);
void snp_node_end(snp_node *node);

/* ---- batches ---- */

typedef struct {
  uint8_t chan, count, flags, width; /* width: bytes of a sample */
  uint16_t n;                        /* running number of the next sample */
  uint32_t period_ns;                /* measured */
  uint64_t first_us, last_us;
  uint8_t samples[SNP_PAYLOAD_MAX - 12];
  uint8_t turned[8]; /* orientation at the first sample; used where has_turned */
  uint8_t has_turned;
} snp_batch;

void snp_batch_init(snp_batch *batch, const snp_channel *channel);

/* Adds the sample taken at t_us, and sends the batch when it is due. Samples of channels that do not stream only count.
 * turned: orientation at this sample (snp_gyro.h), or NULL. */
void snp_batch_imu(snp_node *node, snp_batch *batch, uint64_t t_us, const int16_t values[6], const int16_t turned[4]);
void snp_batch_load(snp_node *node, snp_batch *batch, uint64_t t_us, int32_t value);

/* Samples that the sensor had but that were lost before they came here. */
void snp_batch_lost(snp_node *node, snp_batch *batch, uint16_t count);

#ifdef __cplusplus
}
#endif

#endif
