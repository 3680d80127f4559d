#include "snp.h"

#include <string.h>

#include "snp_messages.h"

#define VER_FLAGS (SNP_MAJOR << 4)
#define FLAGS_UNKNOWN 0x0Eu
#define BLOCK_FULL 255

/* ---- writing one message ---- */

void snp_bytes(snp_writer *w, const uint8_t *bytes, uint16_t count) {
  if (w->len <= w->size && count <= w->size - w->len) {
    if (count) memcpy(w->bytes + w->len, bytes, count);
    w->len = (uint16_t)(w->len + count);
  } else {
    w->len = (uint16_t)(w->size + 1u);
  }
}

void snp_u8(snp_writer *w, uint8_t value) { snp_bytes(w, &value, 1); }

void snp_u16(snp_writer *w, uint16_t value) {
  snp_u8(w, (uint8_t)value);
  snp_u8(w, (uint8_t)(value >> 8));
}

void snp_u32(snp_writer *w, uint32_t value) {
  snp_u16(w, (uint16_t)value);
  snp_u16(w, (uint16_t)(value >> 16));
}

void snp_u64(snp_writer *w, uint64_t value) {
  snp_u32(w, (uint32_t)value);
  snp_u32(w, (uint32_t)(value >> 32));
}

void snp_begin(snp_writer *w, uint8_t *buffer, uint16_t size, uint8_t type, uint8_t chan, uint16_t seq) {
  w->bytes = buffer;
  w->size = size > SNP_MESSAGE_MAX ? SNP_MESSAGE_MAX : size;
  w->len = 0;
  snp_u8(w, VER_FLAGS);
  snp_u8(w, type);
  snp_u8(w, chan);
  snp_u8(w, 0);
  snp_u16(w, seq);
}

uint16_t snp_end(snp_writer *w) {
  if (w->len > w->size || w->len > SNP_HEADER_SIZE + SNP_PAYLOAD_MAX) return 0;
  w->bytes[3] = (uint8_t)(w->len - SNP_HEADER_SIZE);
  return w->len;
}

/* ---- reading messages ---- */

int snp_next(snp_message *m, const uint8_t *data, size_t size, size_t *at) {
  const size_t left = size - *at;
  const uint8_t *p = data + *at;
  size_t whole;
  if (left == 0) return 0;
  *at = size;
  if (left < SNP_HEADER_SIZE) return SNP_TRUNCATED;
  if (p[0] & FLAGS_UNKNOWN) return SNP_INCOMPATIBLE;
  whole = (size_t)SNP_HEADER_SIZE + p[3] + (p[0] & SNP_FLAG_AUTH ? SNP_TAG_SIZE : 0u);
  if (left < whole) return SNP_TRUNCATED;
  *at = size - left + whole;
  if (p[0] >> 4 != SNP_MAJOR) return SNP_VERSION;
  if (p[2] > SNP_CHANNEL_MAX) return SNP_CHANNEL;
  m->flags = p[0] & SNP_FLAG_AUTH;
  m->type = p[1];
  m->chan = p[2];
  m->len = p[3];
  m->seq = snp_get_u16(p + 4);
  m->bytes = p;
  m->payload = p + SNP_HEADER_SIZE;
  m->tag = m->flags ? m->payload + m->len : NULL;
  return 1;
}

/* ---- serial framing ---- */

/* One step of CRC-32 (IEEE, reflected), four bits at a time: 64 bytes of table, as a small node can afford. */
static uint32_t crc_step(uint32_t crc, uint8_t byte) {
  static const uint32_t table[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
      0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  crc ^= byte;
  crc = crc >> 4 ^ table[crc & 15u];
  return crc >> 4 ^ table[crc & 15u];
}

uint32_t snp_crc32(const uint8_t *bytes, size_t count) {
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < count; i++) crc = crc_step(crc, bytes[i]);
  return ~crc;
}

uint16_t snp_frame(uint8_t *out, uint16_t size, const uint8_t *message, uint16_t len) {
  const uint32_t crc = snp_crc32(message, len);
  const uint16_t total = (uint16_t)(len + SNP_CRC_SIZE);
  uint16_t code_at = 0, at = 1;
  if (len > SNP_MESSAGE_MAX) return 0;
  for (uint16_t i = 0; i < total; i++) {
    const uint8_t byte = (uint8_t)(i < len ? message[i] : crc >> 8 * (i - len));
    if (at - code_at == BLOCK_FULL) { /* 254 bytes without a zero: the block is full */
      if (code_at >= size) return 0;
      out[code_at] = BLOCK_FULL;
      code_at = at++;
    }
    if (byte != 0) {
      if (at >= size) return 0;
      out[at++] = byte;
    } else {
      if (code_at >= size) return 0;
      out[code_at] = (uint8_t)(at - code_at);
      code_at = at++;
    }
  }
  if (at >= size) return 0;
  out[code_at] = (uint8_t)(at - code_at);
  out[at] = 0;
  return (uint16_t)(at + 1);
}

static void rx_restart(snp_rx *rx) {
  rx->len = rx->stuffed = 0;
  rx->left = 0;
  rx->full = 1; /* no zero stands before the first block */
}

void snp_rx_init(snp_rx *rx) {
  rx_restart(rx);
  rx->synchronised = 0;
}

/* What a zero has just closed. */
static int rx_close(const snp_rx *rx) {
  if (!rx->synchronised) return rx->stuffed ? SNP_UNSYNCHRONISED : 0;
  if (rx->stuffed == 0) return 0;
  if (rx->stuffed > SNP_STUFFED_MAX) return SNP_TOO_LONG;
  if (rx->left != 0) return SNP_COBS;
  if (rx->len > SNP_MESSAGE_MAX + SNP_CRC_SIZE) return SNP_TOO_LONG;
  if (rx->len <= SNP_CRC_SIZE) return SNP_CRC;
  if (snp_crc32(rx->bytes, rx->len - (size_t)SNP_CRC_SIZE) != snp_get_u32(rx->bytes + rx->len - SNP_CRC_SIZE)) return SNP_CRC;
  return rx->len - SNP_CRC_SIZE;
}

static void rx_push(snp_rx *rx, uint8_t byte) {
  if (rx->len < sizeof rx->bytes) rx->bytes[rx->len++] = byte;
}

int snp_rx_byte(snp_rx *rx, uint8_t byte) {
  if (byte == 0) {
    const int result = rx_close(rx);
    rx_restart(rx);
    rx->synchronised = 1;
    return result;
  }
  if (rx->stuffed <= SNP_STUFFED_MAX) rx->stuffed++;
  if (rx->left != 0) {
    rx->left--;
    rx_push(rx, byte);
  } else {
    if (!rx->full) rx_push(rx, 0);
    rx->left = (uint8_t)(byte - 1u);
    rx->full = byte == BLOCK_FULL;
  }
  return 0;
}
