/* Coverage-guided fuzzing of everything that reads what a stranger sent (clang -fsanitize=fuzzer). */
#include <stdlib.h>
#include <string.h>

#include "messages_check.h"
#include "snp.h"
#include "snp_auth.h"
#include "snp_node.h"

static void require(int holds) {
  if (!holds) abort();
}

/* What was read must survive being written and read again. */
static void rewrite(const any_message *value, const snp_message *m) {
  static uint8_t out[SNP_MESSAGE_MAX];
  any_message again;
  snp_message n;
  size_t at = 0;
  const uint16_t len = encode_any(value, m->type, m->chan, m->seq, out);
  require(len >= SNP_HEADER_SIZE && len <= SNP_HEADER_SIZE + m->len);
  require(memcmp(out + SNP_HEADER_SIZE, m->payload, len - (size_t)SNP_HEADER_SIZE) == 0);
  require(snp_next(&n, out, len, &at) == 1 && read_any(&again, &n) == 0);
}

static void take(const uint8_t *data, size_t size) {
  static const snp_auth auth = {{1, 2, 3}, {4, 5, 6}};
  snp_counter received = {0x1FFF0, 0xFF, 1};
  snp_message m;
  size_t at = 0, before = 0;
  int got;
  while ((got = snp_next(&m, data, size, &at)) != 0) {
    any_message value;
    require(at > before && at <= size);
    before = at;
    if (got != 1) continue;
    require(m.payload + m.len + (m.tag ? SNP_TAG_SIZE : 0) <= data + size);
    (void)snp_auth_check(&auth, SNP_TO_NODE, &received, &m);
    if (read_any(&value, &m) == 0) rewrite(&value, &m);
  }
}

/* ---- a whole node: whatever it is told, it answers with messages that can be read ---- */

static uint64_t clock_us;

static uint64_t now_us(void *user) {
  (void)user;
  return clock_us;
}

static void on_send(void *user, const uint8_t *message, uint16_t len) {
  any_message value;
  snp_message m;
  size_t at = 0;
  (void)user;
  require(snp_next(&m, message, len, &at) == 1 && at == len && read_any(&value, &m) == 0);
}

static uint8_t on_command(void *user, snp_node *node, const snp_message *m, uint16_t *detail) {
  (void)user, (void)node;
  *detail = m->len;
  return m->type == SNP_TARE ? SNP_LATER : m->type == SNP_CFG_GET ? SNP_SILENT : SNP_ACK_CODE_OK;
}

static void tell_node(const uint8_t *data, size_t size, int keyed) {
  static const snp_channel channels[2] = {{1, SNP_CHANNEL_KIND_IMU6, 0, 0, 10000000, 1, 1},
                                          {31, SNP_CHANNEL_KIND_LOAD, 0, 0, 12500000, 1, 0}};
  static const snp_port port = {now_us, on_send, on_command, NULL, NULL};
  static snp_auth auth;
  static snp_node node;
  static snp_batch batches[2];
  const int16_t values[6] = {1, -2, 3, INT16_MIN, INT16_MAX, 0}, turned[4] = {32767, 0, 0, 0};
  snp_node_init(&node, &port);
  node.channels = channels;
  node.channel_count = 2;
  node.auth = keyed ? &auth : NULL;
  node.link_size = size % 3 == 0 ? 20 : size % 3 == 1 ? 97 : SNP_MESSAGE_MAX;
  for (unsigned i = 0; i < 2; i++) snp_batch_init(&batches[i], &channels[i]);
  for (size_t at = 0; at < size; at += 64) { /* in pieces, with time and samples in between */
    snp_node_receive(&node, data + at, size - at < 64 ? size - at : 64, clock_us);
    clock_us += 5000;
    snp_batch_imu(&node, &batches[0], clock_us, values, size & 4 ? turned : NULL);
    snp_batch_load(&node, &batches[1], clock_us, (int32_t)at);
    if (size & 8) snp_batch_lost(&node, &batches[0], 3);
    snp_node_tick(&node);
  }
  snp_node_receive(&node, data, size, clock_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t framed[SNP_FRAME_MAX];
  snp_rx rx;
  take(data, size);
  tell_node(data, size, 0);
  tell_node(data, size, 1);
  snp_rx_init(&rx);
  for (size_t i = 0; i < size; i++) {
    const int got = snp_rx_byte(&rx, data[i]);
    require(got <= SNP_MESSAGE_MAX && rx.len <= sizeof rx.bytes);
    if (got > 0) take(rx.bytes, (size_t)got);
  }
  if (size > 0 && size <= SNP_MESSAGE_MAX) { /* a frame of anything comes back as it was */
    const uint16_t len = snp_frame(framed, sizeof framed, data, (uint16_t)size);
    int got = 0;
    require(len != 0 && framed[len - 1] == 0 && memchr(framed, 0, len - 1u) == NULL);
    snp_rx_byte(&rx, 0);
    for (uint16_t i = 0; i < len; i++) got = snp_rx_byte(&rx, framed[i]);
    require(got == (int)size && memcmp(rx.bytes, data, size) == 0);
  }
  return 0;
}
