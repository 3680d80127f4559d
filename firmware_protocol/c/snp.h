/* Sledguard node protocol, reference codec in C99. No malloc, no float; of the C library only memcpy.
 *
 * Sending:   snp_begin, snp_put_… or snp_u8 … snp_bytes, snp_end: one message in your buffer;
 *            on a serial line then snp_frame: its COBS frame with CRC-32 and closing zero.
 * Receiving: on a serial line snp_rx_byte, until it gives the length of a good frame's content;
 *            snp_next cuts messages from it, or from a GATT write; snp_get_… (snp_messages.h) reads a payload.
 *
 * The specification is PROTOCOL.md. Numbers are little-endian on the wire, whatever the processor.
 */
#ifndef SNP_H
#define SNP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SNP_HEADER_SIZE 6
#define SNP_TAG_SIZE 8
#define SNP_PAYLOAD_MAX 255
#define SNP_MESSAGE_MAX (SNP_HEADER_SIZE + SNP_PAYLOAD_MAX + SNP_TAG_SIZE)
#define SNP_CRC_SIZE 4
#define SNP_STUFFED_MAX (SNP_MESSAGE_MAX + SNP_CRC_SIZE + 2)
#define SNP_FRAME_MAX (SNP_STUFFED_MAX + 1)
#define SNP_CHANNEL_MAX 31
#define SNP_FLAG_AUTH 0x01u

/* What went wrong; all are negative. */
enum snp_error {
  SNP_TRUNCATED = -1,    /* the data ends inside a message */
  SNP_VERSION = -2,      /* another major version: stepped over */
  SNP_INCOMPATIBLE = -3, /* an unknown flag: the rest of the data is void */
  SNP_CHANNEL = -4,      /* channel beyond 31: stepped over */
  SNP_MALFORMED = -5,    /* the payload is shorter than its type needs */
  SNP_COBS = -6,         /* a code byte points beyond the frame */
  SNP_CRC = -7,          /* the CRC is wrong */
  SNP_TOO_LONG = -8,     /* longer than a frame may be */
  SNP_UNSYNCHRONISED = -9 /* what stood before the first zero */
};

/* ---- bytes ---- */

static inline uint16_t snp_get_u16(const uint8_t *p) { return (uint16_t)(p[0] | (uint16_t)p[1] << 8); }
static inline uint32_t snp_get_u32(const uint8_t *p) {
  return (uint32_t)snp_get_u16(p) | (uint32_t)snp_get_u16(p + 2) << 16;
}
static inline uint64_t snp_get_u64(const uint8_t *p) { return (uint64_t)snp_get_u32(p) | (uint64_t)snp_get_u32(p + 4) << 32; }
static inline int16_t snp_get_i16(const uint8_t *p) { return (int16_t)snp_get_u16(p); }
static inline int32_t snp_get_i32(const uint8_t *p) { return (int32_t)snp_get_u32(p); }

/* ---- writing one message ---- */

typedef struct {
  uint8_t *bytes;
  uint16_t size; /* of the buffer */
  uint16_t len;  /* so far; beyond size: it did not fit */
} snp_writer;

void snp_begin(snp_writer *w, uint8_t *buffer, uint16_t size, uint8_t type, uint8_t chan, uint16_t seq);
void snp_u8(snp_writer *w, uint8_t value);
void snp_u16(snp_writer *w, uint16_t value);
void snp_u32(snp_writer *w, uint32_t value);
void snp_u64(snp_writer *w, uint64_t value);
void snp_bytes(snp_writer *w, const uint8_t *bytes, uint16_t count);
static inline void snp_i16(snp_writer *w, int16_t value) { snp_u16(w, (uint16_t)value); }
static inline void snp_i32(snp_writer *w, int32_t value) { snp_u32(w, (uint32_t)value); }

/* Ends the message. Gives its length, or 0 where it did not fit the buffer or the 255 bytes of a payload. */
uint16_t snp_end(snp_writer *w);

/* ---- reading messages ---- */

typedef struct {
  uint8_t type;
  uint8_t chan;
  uint8_t len;
  uint8_t flags; /* SNP_FLAG_AUTH or 0 */
  uint16_t seq;
  const uint8_t *bytes;   /* the message from its header on */
  const uint8_t *payload; /* len bytes */
  const uint8_t *tag;     /* SNP_TAG_SIZE bytes, or NULL */
} snp_message;

/* The next message of `data`, from *at on, which moves past it. 1: there is one; 0: the data has ended; negative: what
 * was dropped instead (call again; after SNP_TRUNCATED and SNP_INCOMPATIBLE nothing more comes). */
int snp_next(snp_message *m, const uint8_t *data, size_t size, size_t *at);

/* ---- serial framing ---- */

uint32_t snp_crc32(const uint8_t *bytes, size_t count);

/* Frames `len` bytes of messages into out. Gives the frame's length with its closing zero, or 0 where it does not fit. */
uint16_t snp_frame(uint8_t *out, uint16_t size, const uint8_t *message, uint16_t len);

typedef struct {
  uint8_t bytes[SNP_MESSAGE_MAX + SNP_CRC_SIZE + 1];
  uint16_t len;     /* unstuffed so far */
  uint16_t stuffed; /* bytes since the last zero */
  uint8_t left;     /* bytes left in the block */
  uint8_t full;     /* the block has no zero behind it */
  uint8_t synchronised;
} snp_rx;

void snp_rx_init(snp_rx *rx);

/* Takes one byte of the line. 0: nothing yet; positive: rx->bytes holds so many bytes of messages, until the next call;
 * negative: what was dropped. Begins with what follows the first zero. */
int snp_rx_byte(snp_rx *rx, uint8_t byte);

#ifdef __cplusplus
}
#endif

#endif
