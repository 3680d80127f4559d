/* The self-test: every vector, on a host or on a bare processor. Says "PASS n checks" or names what failed. */
#include <string.h>

#include "console.h"
#include "messages_check.h"
#include "snp.h"
#include "snp_auth.h"
#include "snp_messages.h"
#include "vectors.h"

#define COUNT(array) (sizeof array / sizeof *array)

static unsigned checks, failures;

static void check(int ok, const char *what, const char *name) {
  checks++;
  if (ok) return;
  failures++;
  console_text("FAIL ");
  console_text(what);
  console_text(": ");
  console_text(name);
  console_text("\n");
}

static void golden_vectors(void) {
  static any_message value;
  static uint8_t out[SNP_MESSAGE_MAX], framed[SNP_FRAME_MAX];
  static snp_rx rx;
  for (unsigned i = 0; i < COUNT(goldens); i++) {
    const golden *g = &goldens[i];
    snp_message m;
    size_t at = 0;
    uint16_t len;
    int got = 0;
    check(snp_next(&m, g->bytes, g->len, &at) == 1 && at == g->len, "cut", g->name);
    check(m.type == g->type && m.chan == g->chan && m.seq == g->seq, "header", g->name);
    check(read_any(&value, &m) == 0, "read", g->name);
    len = encode_any(&value, m.type, m.chan, m.seq, out);
    check(len == g->len && memcmp(out, g->bytes, len) == 0, "encode", g->name);
    len = snp_frame(framed, sizeof framed, g->bytes, g->len);
    snp_rx_init(&rx);
    snp_rx_byte(&rx, 0);
    for (uint16_t k = 0; k < len; k++) got = snp_rx_byte(&rx, framed[k]);
    check(got == g->len && memcmp(rx.bytes, g->bytes, g->len) == 0, "frame", g->name);
  }
}

typedef struct {
  const line *vector;
  uint16_t at;
  uint8_t messages;
  uint8_t dropped[REASONS];
} progress;

/* Cuts and reads `data`, and holds the good messages against the expected ones. */
static void take(progress *p, const uint8_t *data, size_t size) {
  static any_message value;
  snp_message m;
  size_t at = 0;
  int got;
  while ((got = snp_next(&m, data, size, &at)) != 0) {
    uint16_t len;
    if (got == 1) got = read_any(&value, &m);
    if (got != 0) {
      p->dropped[got < 0 ? -got - 1 : REASONS - 1]++;
      continue;
    }
    len = (uint16_t)(SNP_HEADER_SIZE + m.len + (m.tag ? SNP_TAG_SIZE : 0));
    p->messages++;
    check(p->at + len <= p->vector->expected_len && memcmp(m.bytes, p->vector->expected + p->at, len) == 0, "message",
          p->vector->name);
    p->at = (uint16_t)(p->at + len);
  }
}

static void line_vectors(void) {
  static snp_rx rx;
  for (unsigned i = 0; i < COUNT(lines); i++) {
    progress p = {.vector = &lines[i]};
    snp_rx_init(&rx);
    if (!lines[i].serial) take(&p, lines[i].bytes, lines[i].len);
    for (uint16_t k = 0; lines[i].serial && k < lines[i].len; k++) {
      const int got = snp_rx_byte(&rx, lines[i].bytes[k]);
      if (got > 0) take(&p, rx.bytes, (size_t)got);
      if (got < 0) p.dropped[-got - 1]++;
    }
    check(p.messages == lines[i].messages, "number of messages", lines[i].name);
    check(memcmp(p.dropped, lines[i].dropped, REASONS) == 0, "counts", lines[i].name);
  }
}

static void auth_vectors(void) {
  static uint8_t copy[SNP_MESSAGE_MAX];
  snp_auth auth;
  memcpy(auth.key, auth_key, sizeof auth_key);
  for (unsigned i = 0; i < COUNT(taggeds); i++) {
    const tagged *t = &taggeds[i];
    snp_counter sent = {(uint32_t)t->epoch << 16, 0, 1}, received = sent;
    snp_message m;
    size_t at = 0;
    if (i == 0) memcpy(auth.session, auth_fixed_session, sizeof auth.session);
    else snp_auth_begin(&auth, auth_host_nonce, auth_node_nonce);
    check(i == 0 || memcmp(auth.session, auth_session, sizeof auth.session) == 0, "session", t->name);
    sent.top = received.top |= 1; /* near enough to every vector's number */
    if (t->epoch == 65535) sent.top = received.top = 0xFFFFFFF0u;
    memcpy(copy, t->bytes, t->len);
    copy[0] = (uint8_t)(copy[0] & ~SNP_FLAG_AUTH);
    check(snp_auth_seal(&auth, t->direction, &sent, copy, (uint16_t)(t->len - SNP_TAG_SIZE), sizeof copy) == t->len &&
              memcmp(copy, t->bytes, t->len) == 0, "seal", t->name);
    check(snp_next(&m, copy, t->len, &at) == 1, "cut", t->name);
    check(snp_auth_check(&auth, !t->direction, &received, &m) == -1, "refuse the other direction", t->name);
    check(snp_auth_check(&auth, t->direction, &received, &m) == 1, "accept", t->name);
    check(snp_auth_check(&auth, t->direction, &received, &m) == 0, "refuse the replay", t->name);
    copy[3 + SNP_HEADER_SIZE] ^= 1;
    check(snp_auth_check(&auth, t->direction, &received, &m) == -1, "refuse the change", t->name);
  }
}

static void numbers_and_windows(void) {
  snp_auth auth = {{0}, {0}};
  snp_counter sent = {0, 0, 0}, received = {0, 0, 0};
  uint8_t bytes[40][SNP_HEADER_SIZE + SNP_TAG_SIZE];
  snp_message m[40];
  for (unsigned i = 0; i < 40; i++) {
    snp_writer w;
    size_t at = 0;
    snp_begin(&w, bytes[i], sizeof bytes[i], 0xF0, 1, (uint16_t)(0xFFF0u + i)); /* wraps: the epoch rises */
    snp_auth_seal(&auth, SNP_TO_HOST, &sent, bytes[i], snp_end(&w), sizeof bytes[i]);
    snp_next(&m[i], bytes[i], sizeof bytes[i], &at);
  }
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[0]) == 1, "first", "window");
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[36]) == 1, "over the wrap", "window");
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[5]) == 1, "late within the window", "window");
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[5]) == 0, "twice", "window");
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[4]) == 0, "beyond the window", "window");
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[0]) == 0, "the first again", "window");
  check(snp_auth_check(&auth, SNP_TO_HOST, &received, &m[37]) == 1, "next", "window");
}

static void writers_do_not_overrun(void) {
  uint8_t small[20], framed[24];
  const uint8_t text[300] = {0};
  snp_writer w;
  memset(small, 0xEE, sizeof small);
  snp_begin(&w, small, 10, 0x18, 0, 0);
  snp_u64(&w, 1);
  check(snp_end(&w) == 0 && small[10] == 0xEE, "small buffer", "writer");
  memset(small, 0xEE, sizeof small);
  snp_begin(&w, small, 3, 0x18, 0, 0);
  check(snp_end(&w) == 0 && small[3] == 0xEE, "buffer smaller than a header", "writer");
  snp_begin(&w, small, 10, 0x18, 0, 0);
  snp_bytes(&w, text, 300);
  check(snp_end(&w) == 0, "payload beyond 255", "writer");
  for (uint16_t size = 0; size < sizeof framed; size++) {
    uint16_t len;
    memset(framed, 0xEE, sizeof framed);
    len = snp_frame(framed, size, goldens[0].bytes, goldens[0].len);
    check((len == 0 || size >= goldens[0].len + 6) && framed[size] == 0xEE, "frame in a small buffer", "writer");
  }
}

int main(void) {
  golden_vectors();
  line_vectors();
  auth_vectors();
  numbers_and_windows();
  writers_do_not_overrun();
  console_text(failures ? "FAILED of " : "PASS ");
  console_number(checks);
  console_text(" checks\n");
  return failures != 0;
}
