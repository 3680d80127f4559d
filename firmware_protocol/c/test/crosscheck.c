/* Holds the C codec against another one. `crosscheck echo`: for each line of hex (a message) prints its fields, and the
 * bytes that encoding them gives. `crosscheck random SEED COUNT`: makes messages up, prints fields and bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snp.h"
#include "snp_messages.h"

static uint64_t state;

static uint64_t random_u64(void) { /* xorshift64* */
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545F4914F6CDD1Dull;
}

static uint8_t pool[4096];
static unsigned pool_at;

static uint8_t *random_bytes(unsigned count) {
  uint8_t *bytes = pool + pool_at;
  pool_at += count;
  for (unsigned i = 0; i < count; i++) bytes[i] = random_u64() % 3 ? (uint8_t)random_u64() : 0;
  return bytes;
}

static const uint8_t *random_text(unsigned count) {
  uint8_t *text = random_bytes(count);
  for (unsigned i = 0; i < count; i++) text[i] = (uint8_t)(' ' + text[i] % 95);
  return text;
}

static void out_number(const char *name, int64_t value) {
  if (strcmp(name, "node_id") == 0 || strcmp(name, "host_nonce") == 0 || strcmp(name, "rx_us") == 0)
    printf(" %s=%llu", name, (unsigned long long)value);
  else
    printf(" %s=%lld", name, (long long)value);
}

static void out_hex(const char *name, const uint8_t *bytes, unsigned count) {
  printf(" %s=x", name);
  for (unsigned i = 0; i < count; i++) printf("%02x", bytes[i]);
}

static void out_none(const char *name) { printf(" %s=none", name); }

#define MESSAGES_CHECK_OUTPUT
#include "messages_check.h"

static void show(const any_message *value, uint8_t type, uint8_t chan, uint16_t seq) {
  static uint8_t out[SNP_MESSAGE_MAX], framed[SNP_FRAME_MAX];
  const uint16_t len = encode_any(value, type, chan, seq, out);
  const uint16_t framed_len = snp_frame(framed, sizeof framed, out, len);
  printf("%u %u %u", type, chan, seq);
  print_any(value, type);
  out_hex("bytes", out, len);
  out_hex("frame", framed, framed_len);
  printf("\n");
}

static void echo(char *text) {
  static uint8_t data[1024];
  any_message value;
  snp_message m;
  size_t size = 0, at = 0;
  unsigned byte;
  while (size < sizeof data && sscanf(text + 2 * size, "%2x", &byte) == 1) data[size++] = (uint8_t)byte;
  if (snp_next(&m, data, size, &at) != 1 || read_any(&value, &m) != 0) printf("refused\n");
  else show(&value, m.type, m.chan, m.seq);
}

static void make_up(unsigned long count) {
  for (unsigned long i = 0; i < count; i++) {
    any_message value;
    const uint8_t type = all_types[random_u64() % sizeof all_types];
    const uint8_t chan = (uint8_t)(random_u64() % (SNP_CHANNEL_MAX + 1));
    const uint16_t seq = (uint16_t)random_u64();
    pool_at = 0;
    fill_any(&value, type);
    show(&value, type, chan, seq);
  }
}

int main(int argc, char **argv) {
  static char text[4096];
  if (argc == 4 && strcmp(argv[1], "random") == 0) {
    state = strtoull(argv[2], NULL, 0) | 1u;
    make_up(strtoul(argv[3], NULL, 0));
    return 0;
  }
  if (argc != 2 || strcmp(argv[1], "echo") != 0) return 2;
  while (fgets(text, sizeof text, stdin)) echo(text);
  return 0;
}
