#include "snp_auth.h"

#include <string.h>

/* ---- BLAKE2s (RFC 7693), keyed, 8 bytes of result ---- */

static const uint32_t IV[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                               0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

static const uint8_t SIGMA[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

#define BLOCK 64

typedef struct {
  uint32_t h[8];
  uint32_t total;
  uint8_t block[BLOCK];
  uint8_t filled;
} hash;

static uint32_t rotate(uint32_t value, unsigned by) { return value >> by | value << (32 - by); }

static void mix(uint32_t *v, unsigned step, uint32_t x, uint32_t y) {
  /* Columns first, then diagonals. */
  const unsigned turn = step >> 2;
  uint32_t *a = v + (step & 3u), *b = v + 4 + ((step + turn) & 3u), *c = v + 8 + ((step + 2 * turn) & 3u),
           *d = v + 12 + ((step + 3 * turn) & 3u);
  *a += *b + x;
  *d = rotate(*d ^ *a, 16);
  *c += *d;
  *b = rotate(*b ^ *c, 12);
  *a += *b + y;
  *d = rotate(*d ^ *a, 8);
  *c += *d;
  *b = rotate(*b ^ *c, 7);
}

static void compress(hash *s, int last) {
  uint32_t v[16], m[16];
  for (unsigned i = 0; i < 8; i++) {
    v[i] = s->h[i];
    v[i + 8] = IV[i];
  }
  for (unsigned i = 0; i < 16; i++) m[i] = snp_get_u32(s->block + 4 * i);
  v[12] ^= s->total;
  if (last) v[14] = ~v[14];
  for (unsigned round = 0; round < 10; round++)
    for (unsigned step = 0; step < 8; step++) mix(v, step, m[SIGMA[round][2 * step]], m[SIGMA[round][2 * step + 1]]);
  for (unsigned i = 0; i < 8; i++) s->h[i] ^= v[i] ^ v[i + 8];
}

static void hash_add(hash *s, const uint8_t *bytes, uint16_t count) {
  for (uint16_t i = 0; i < count; i++) {
    if (s->filled == BLOCK) {
      s->total += BLOCK;
      compress(s, 0);
      s->filled = 0;
    }
    s->block[s->filled++] = bytes[i];
  }
}

static void hash_begin(hash *s, const uint8_t key[SNP_KEY_SIZE]) {
  static const uint8_t nothing[BLOCK - SNP_KEY_SIZE] = {0};
  memcpy(s->h, IV, sizeof IV);
  s->h[0] ^= 0x01010000u ^ (uint32_t)SNP_KEY_SIZE << 8 ^ 8u;
  s->total = 0;
  s->filled = 0;
  hash_add(s, key, SNP_KEY_SIZE);
  hash_add(s, nothing, sizeof nothing);
}

static void hash_end(hash *s, uint8_t out[8]) {
  s->total += s->filled;
  while (s->filled < BLOCK) s->block[s->filled++] = 0;
  compress(s, 1);
  for (unsigned i = 0; i < 8; i++) out[i] = (uint8_t)(s->h[i / 4] >> 8 * (i % 4));
}

void snp_blake2s_64(const uint8_t key[SNP_KEY_SIZE], const uint8_t *a, uint16_t a_len, const uint8_t *b, uint16_t b_len,
                    uint8_t out[8]) {
  hash s;
  hash_begin(&s, key);
  hash_add(&s, a, a_len);
  hash_add(&s, b, b_len);
  hash_end(&s, out);
}

/* ---- sessions and tags ---- */

void snp_auth_begin(snp_auth *auth, const uint8_t host_nonce[SNP_NONCE_SIZE], const uint8_t node_nonce[SNP_NONCE_SIZE]) {
  snp_blake2s_64(auth->key, host_nonce, SNP_NONCE_SIZE, node_nonce, SNP_NONCE_SIZE, auth->session);
}

void snp_auth_tag(const snp_auth *auth, uint8_t direction, uint16_t epoch, const uint8_t *message, uint16_t len,
                  uint8_t tag[SNP_TAG_SIZE]) {
  uint8_t prefix[11];
  prefix[0] = direction;
  memcpy(prefix + 1, auth->session, sizeof auth->session);
  prefix[9] = (uint8_t)epoch;
  prefix[10] = (uint8_t)(epoch >> 8);
  snp_blake2s_64(auth->key, prefix, sizeof prefix, message, len, tag);
}

/* ---- numbers ---- */

/* The 32-bit number nearest to the highest so far; in *before whether it lies before the session's first. */
static uint32_t number_of(const snp_counter *c, uint16_t seq, int *before) {
  const uint16_t ahead = (uint16_t)(seq - (uint16_t)c->top);
  *before = 0;
  if (!c->begun) return seq;
  if (ahead < 0x8000u) return c->top + ahead;
  *before = c->top < 0x10000u - ahead;
  return c->top - (0x10000u - ahead);
}

static int is_new(const snp_counter *c, uint32_t number) {
  if (!c->begun || number > c->top) return 1;
  return c->top - number < SNP_AUTH_WINDOW && !(c->seen >> (c->top - number) & 1u);
}

static void use(snp_counter *c, uint32_t number) {
  if (c->begun && number <= c->top) {
    c->seen |= (uint32_t)1 << (c->top - number);
    return;
  }
  c->seen = c->begun && number - c->top < SNP_AUTH_WINDOW ? c->seen << (number - c->top) | 1u : 1u;
  c->top = number;
  c->begun = 1;
}

uint16_t snp_auth_seal(const snp_auth *auth, uint8_t direction, snp_counter *sent, uint8_t *message, uint16_t len,
                       uint16_t size) {
  int before;
  const uint32_t number = number_of(sent, snp_get_u16(message + 4), &before);
  if (len == 0 || len + SNP_TAG_SIZE > size) return 0;
  if (is_new(sent, number)) use(sent, number);
  message[0] |= SNP_FLAG_AUTH;
  snp_auth_tag(auth, direction, (uint16_t)(number >> 16), message, len, message + len);
  return (uint16_t)(len + SNP_TAG_SIZE);
}

int snp_auth_check(const snp_auth *auth, uint8_t direction, snp_counter *received, const snp_message *m) {
  uint8_t tag[SNP_TAG_SIZE], difference = 0;
  int before;
  const uint32_t number = number_of(received, m->seq, &before);
  if (m->tag == NULL || before) return -1;
  snp_auth_tag(auth, direction, (uint16_t)(number >> 16), m->bytes, (uint16_t)(SNP_HEADER_SIZE + m->len), tag);
  for (unsigned i = 0; i < SNP_TAG_SIZE; i++) difference |= tag[i] ^ m->tag[i];
  if (difference) return -1;
  if (!is_new(received, number)) return 0;
  use(received, number);
  return 1;
}
