/* `flips COUNT SEED`: flips one bit after another of encoded frames, zeros included, and counts what a receiver takes for
 * a message that was not sent. By CRC-32 each damaged frame has a chance of 2^-32 to pass. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snp.h"

static uint64_t state;

static uint32_t random_u32(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)(state * 0x2545F4914F6CDD1Dull >> 32);
}

/* An IMU batch of 1 to 18 samples with values like those of a resting or moving leg. */
static uint16_t make_message(uint8_t *out) {
  snp_writer w;
  const unsigned count = 1 + random_u32() % 18;
  snp_begin(&w, out, SNP_MESSAGE_MAX, 0x10, (uint8_t)(1 + random_u32() % 6), (uint16_t)random_u32());
  snp_u32(&w, random_u32());
  snp_u32(&w, 10000000 + random_u32() % 4000);
  snp_u16(&w, (uint16_t)random_u32());
  snp_u8(&w, (uint8_t)count);
  snp_u8(&w, 0);
  for (unsigned i = 0; i < 6 * count; i++) snp_i16(&w, (int16_t)((int32_t)(random_u32() % 5000) - 2500));
  return snp_end(&w);
}

/* Feeds bytes; counts what comes out that is neither `first` nor `second`. */
static unsigned long wrong(snp_rx *rx, const uint8_t *bytes, unsigned len, const uint8_t *known[2], const uint16_t sizes[2]) {
  unsigned long count = 0;
  for (unsigned i = 0; i < len; i++) {
    const int got = snp_rx_byte(rx, bytes[i]);
    if (got <= 0) continue;
    count += !(got == sizes[0] && memcmp(rx->bytes, known[0], sizes[0]) == 0) &&
             !(got == sizes[1] && memcmp(rx->bytes, known[1], sizes[1]) == 0);
  }
  return count;
}

int main(int argc, char **argv) {
  const unsigned long long wanted = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
  unsigned long long flips = 0;
  unsigned long false_messages = 0, frames = 0;
  state = argc > 2 ? strtoull(argv[2], NULL, 0) | 1u : 1;
  while (flips < wanted) {
    static uint8_t messages[2][SNP_MESSAGE_MAX], line[2 * SNP_FRAME_MAX];
    const uint8_t *known[2] = {messages[0], messages[1]};
    uint16_t sizes[2], first, both;
    static snp_rx rx;
    for (unsigned i = 0; i < 2; i++) sizes[i] = make_message(messages[i]);
    first = snp_frame(line, SNP_FRAME_MAX, messages[0], sizes[0]);
    both = (uint16_t)(first + snp_frame(line + first, SNP_FRAME_MAX, messages[1], sizes[1]));
    for (unsigned bit = 0; bit < 8u * first && flips < wanted; bit++, flips++) {
      /* The next frame follows only where the flip took the closing zero away: else it cannot be touched. */
      const unsigned end = bit / 8 == first - 1u ? both : first;
      snp_rx_init(&rx);
      snp_rx_byte(&rx, 0);
      line[bit / 8] ^= (uint8_t)(1u << bit % 8);
      false_messages += wrong(&rx, line, end, known, sizes);
      line[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    frames++;
  }
  printf("%llu flips in %lu frames: %lu taken for another message\n", flips, frames, false_messages);
  return false_messages != 0;
}
