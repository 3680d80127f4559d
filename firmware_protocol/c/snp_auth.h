/* Authentication of messages, optional: keyed BLAKE2s with tags of 8 bytes. See PROTOCOL.md, "Authentication". */
#ifndef SNP_AUTH_H
#define SNP_AUTH_H

#include "snp.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SNP_KEY_SIZE 16
#define SNP_NONCE_SIZE 8
#define SNP_AUTH_WINDOW 32 /* numbers that may overtake each other; the host's is 64 */

enum snp_direction { SNP_TO_NODE = 0, SNP_TO_HOST = 1 };

typedef struct {
  uint8_t key[SNP_KEY_SIZE];
  uint8_t session[8];
} snp_auth;

/* The 32-bit numbers of one channel in one direction. */
typedef struct {
  uint32_t top;  /* highest so far */
  uint32_t seen; /* bit i: top - i was used */
  uint8_t begun;
} snp_counter;

/* Begins a session: at each HELLO with a new nonce. All counters begin anew with it. */
void snp_auth_begin(snp_auth *auth, const uint8_t host_nonce[SNP_NONCE_SIZE], const uint8_t node_nonce[SNP_NONCE_SIZE]);

/* The tag of `len` bytes of header and payload, whose AUTH flag is set. */
void snp_auth_tag(const snp_auth *auth, uint8_t direction, uint16_t epoch, const uint8_t *message, uint16_t len,
                  uint8_t tag[SNP_TAG_SIZE]);

/* Sets the AUTH flag of a message that snp_end has ended, and appends its tag. Gives the new length, or 0: no room. */
uint16_t snp_auth_seal(const snp_auth *auth, uint8_t direction, snp_counter *sent, uint8_t *message, uint16_t len,
                       uint16_t size);

/* Judges a received message. 1: good, and its number counts as used; 0: its number was used before; -1: wrong or no tag. */
int snp_auth_check(const snp_auth *auth, uint8_t direction, snp_counter *received, const snp_message *m);

/* Keyed BLAKE2s with 8 bytes of result, over two runs of bytes. */
void snp_blake2s_64(const uint8_t key[SNP_KEY_SIZE], const uint8_t *a, uint16_t a_len, const uint8_t *b, uint16_t b_len,
                    uint8_t out[8]);

#ifdef __cplusplus
}
#endif

#endif
