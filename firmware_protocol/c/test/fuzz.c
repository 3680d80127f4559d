/* Coverage-guided fuzzing of everything that reads what a stranger sent (clang -fsanitize=fuzzer). */
#include <stdlib.h>
#include <string.h>

#include "messages_check.h"
#include "snp.h"
#include "snp_auth.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t framed[SNP_FRAME_MAX];
  snp_rx rx;
  take(data, size);
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
