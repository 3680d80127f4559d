/* The least node there is: one load cell that does not exist, on a serial line. It runs on your computer. */
#define _XOPEN_SOURCE 600
#define _DEFAULT_SOURCE

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "snp_node.h"

/* ---- what it measures ---- */

#define PERIOD_US 12500

static const snp_channel CHANNELS[] = {
    {1, SNP_CHANNEL_KIND_LOAD, SNP_PLACEMENT_LEFT_HEEL_CELL, 0, PERIOD_US * 1000, 1000000 /* nN: a count is 1 mN */, 0},
};

static snp_node node;
static snp_batch batch;
static int32_t zero;

static int32_t read_cell(void) { return 250000 + rand() % 200; } /* 250 N, and noise */

/* ---- its clock ---- */

static uint64_t now_us(void *user) {
  struct timespec t;
  (void)user;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* ---- its line ---- */

static int line;
static snp_rx rx;

static void send(void *user, const uint8_t *message, uint16_t len) {
  uint8_t frame[SNP_FRAME_MAX];
  const uint16_t framed = snp_frame(frame, sizeof frame, message, len);
  (void)user;
  if (write(line, frame, framed) != framed) node.dropped_out++;
}

static void listen_to_host(void) {
  uint8_t bytes[256];
  const ssize_t count = read(line, bytes, sizeof bytes);
  const uint64_t at_us = now_us(NULL);
  for (ssize_t i = 0; i < count; i++) {
    const int got = snp_rx_byte(&rx, bytes[i]);
    if (got > 0) snp_node_receive(&node, rx.bytes, (size_t)got, at_us);
  }
}

/* ---- what it can be told ---- */

static struct {
  uint8_t left, total;
  uint16_t seq;
  int64_t sum, squares;
} tare;

static int restart;

static uint8_t command(void *user, snp_node *n, const snp_message *m, uint16_t *detail) {
  (void)user, (void)n, (void)detail;
  switch (m->type) {
    case SNP_STREAM: return SNP_ACK_CODE_OK;
    case SNP_IDENTIFY: fprintf(stderr, "here I am\n"); return SNP_ACK_CODE_OK;
    case SNP_TARE:
      if (m->chan != 1) return SNP_ACK_CODE_OUT_OF_RANGE;
      tare.left = tare.total = m->payload[0] ? m->payload[0] : 1;
      tare.seq = m->seq;
      tare.sum = tare.squares = 0;
      return SNP_LATER;
    case SNP_REBOOT: restart = 1; return SNP_ACK_CODE_OK;
    case SNP_CFG_SET:
    case SNP_CFG_GET: return SNP_ACK_CODE_UNKNOWN_KEY;
    default: return SNP_ACK_CODE_UNKNOWN_TYPE;
  }
}

static void take_tare(int32_t value) {
  uint16_t deviation = 0;
  int64_t mean, variance;
  tare.sum += value;
  tare.squares += (int64_t)value * value;
  if (--tare.left) return;
  mean = tare.sum / tare.total;
  variance = tare.squares / tare.total - mean * mean;
  while ((deviation + 1) * (deviation + 1) <= variance) deviation++;
  zero = (int32_t)mean;
  snp_node_answer(&node, SNP_TARE, 1, tare.seq, SNP_ACK_CODE_OK, deviation);
}

/* ---- its start ---- */

static const snp_port PORT = {now_us, send, command, NULL, NULL};

static void start(void) {
  static uint16_t boots;
  snp_node_init(&node, &PORT);
  node.info.node_id = 0x0123456789ABCDEFu; /* yours: unique and lasting */
  node.info.fw = 0x00010000;               /* 0.1.0 */
  node.info.hw_class = SNP_HW_CLASS_FIXED;
  node.info.caps = SNP_CAPS_LOAD | SNP_CAPS_TARE | SNP_CAPS_TIME_SYNC;
  node.info.boot_count = ++boots; /* yours: kept in flash */
  for (unsigned i = 0; i < SNP_NONCE_SIZE; i++) node.info.node_nonce[i] = (uint8_t)rand();
  node.channels = CHANNELS;
  node.channel_count = 1;
  snp_batch_init(&batch, &CHANNELS[0]);
  snp_rx_init(&rx);
  zero = 0;
  tare.left = 0;
}

static int open_line(void) {
  struct termios raw;
  int other_end;
  line = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (line < 0 || grantpt(line) || unlockpt(line)) return 0;
  other_end = open(ptsname(line), O_RDWR | O_NOCTTY); /* stays open: the line lives while no host has it */
  if (other_end < 0 || tcgetattr(other_end, &raw)) return 0;
  cfmakeraw(&raw);
  tcsetattr(other_end, TCSANOW, &raw);
  printf("%s\n", ptsname(line));
  return fflush(stdout) == 0;
}

int main(void) {
  uint64_t next_us = now_us(NULL);
  srand((unsigned)next_us);
  if (!open_line()) return 1;
  start();
  for (;;) {
    struct pollfd wait = {line, POLLIN, 0};
    poll(&wait, 1, 1);
    if (wait.revents & POLLIN) listen_to_host();
    while (now_us(NULL) >= next_us) {
      const int32_t value = read_cell();
      if (tare.left) take_tare(value);
      snp_batch_load(&node, &batch, next_us, value - zero);
      next_us += PERIOD_US;
    }
    snp_node_tick(&node);
    if (restart) {
      restart = 0;
      start();
    }
  }
}
