/* `sim_node [--defect NAME] [--key HEX] [--ppm N] [--start US] [--fed] pty|virtual`
 *
 * pty: a serial line of its own, in real time; prints its path and goes on until the line of standard input ends.
 * virtual: time is told on standard input, as fast as one likes: 'T' u64 µs: go on to that time; 'R' u16 length, bytes: they
 * arrive now; 'I' u64 µs, 6 x i16: a sample. Standard output: 'S' u16 length, bytes: they leave now; after each 'T': 'D'.
 * Little-endian. */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 600

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "sim_node.h"

static int line = -1;

static void to_pty(const uint8_t *bytes, uint16_t len) {
  while (len > 0) {
    const ssize_t done = write(line, bytes, len);
    if (done <= 0) return; /* nobody reads: lost, as on a real line */
    bytes += done;
    len = (uint16_t)(len - done);
  }
}

static void to_stdout(const uint8_t *bytes, uint16_t len) {
  putchar('S');
  putchar(len & 255);
  putchar(len >> 8);
  fwrite(bytes, 1, len, stdout);
}

static uint64_t clock_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int open_pty(void) {
  struct termios raw;
  line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) || unlockpt(line)) return 0;
  {
    const int slave = open(ptsname(line), O_RDWR | O_NOCTTY); /* stays open: the line lives while nobody has it */
    if (slave < 0 || tcgetattr(slave, &raw)) return 0;
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
  }
  fcntl(line, F_SETFL, O_NONBLOCK);
  printf("%s\n", ptsname(line));
  return fflush(stdout) == 0;
}

static int serve_pty(sim_settings *settings) {
  uint8_t bytes[512];
  settings->output = to_pty;
  if (!open_pty()) return 1;
  sim_start(settings, clock_us());
  for (;;) {
    struct pollfd wait[2] = {{line, POLLIN, 0}, {0, POLLIN, 0}};
    poll(wait, 2, 1);
    if (wait[1].revents && read(0, bytes, sizeof bytes) <= 0) return 0;
    sim_advance(clock_us());
    if (wait[0].revents & POLLIN) {
      const ssize_t got = read(line, bytes, sizeof bytes);
      if (got > 0) sim_receive(bytes, (uint16_t)got);
    }
  }
}

static int take(void *into, size_t count) { return fread(into, 1, count, stdin) == count; }

static int serve_virtual(sim_settings *settings) {
  static uint8_t bytes[65536];
  int operation;
  settings->output = to_stdout;
  sim_start(settings, 0);
  while ((operation = getchar()) != EOF) {
    if (operation == 'T' && take(bytes, 8)) {
      sim_advance(snp_get_u64(bytes));
      putchar('D');
      fflush(stdout);
    } else if (operation == 'R' && take(bytes, 2)) {
      const uint16_t len = snp_get_u16(bytes);
      if (!take(bytes, len)) return 1;
      sim_receive(bytes, len);
    } else if (operation == 'I' && take(bytes, 20)) {
      int16_t values[6];
      for (unsigned i = 0; i < 6; i++) values[i] = snp_get_i16(bytes + 8 + 2 * i);
      sim_feed(snp_get_u64(bytes), values);
    } else {
      return 1;
    }
  }
  return 0;
}

static int find_defect(const char *name, sim_defect *defect) {
  for (unsigned i = 0; i < DEFECTS; i++) {
    if (strcmp(name, sim_defect_names[i]) != 0) continue;
    *defect = (sim_defect)i;
    return 1;
  }
  return 0;
}

static int read_key(const char *hex, sim_settings *settings) {
  settings->keyed = 1;
  for (unsigned i = 0; i < SNP_KEY_SIZE; i++) {
    unsigned byte;
    if (sscanf(hex + 2 * i, "%2x", &byte) != 1) return 0;
    settings->key[i] = (uint8_t)byte;
  }
  return 1;
}

int main(int argc, char **argv) {
  sim_settings settings = {.start_us = 4200000000u}; /* the clock's lower 32 bits wrap 95 s after the start */
  const char *mode = "";
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    int ok = 1;
    if (strcmp(argv[i], "--defect") == 0) ok = find_defect(value, &settings.defect), i++;
    else if (strcmp(argv[i], "--key") == 0) ok = read_key(value, &settings), i++;
    else if (strcmp(argv[i], "--ppm") == 0) settings.ppm = atoi(value), i++;
    else if (strcmp(argv[i], "--start") == 0) settings.start_us = strtoull(value, NULL, 10), i++;
    else if (strcmp(argv[i], "--fed") == 0) settings.fed = 1;
    else if (strcmp(argv[i], "--defects") == 0) {
      for (unsigned k = 1; k < DEFECTS; k++) puts(sim_defect_names[k]);
      return 0;
    } else mode = argv[i];
    if (!ok) {
      fprintf(stderr, "sim_node: %s %s is not known\n", argv[i - 1], value);
      return 2;
    }
  }
  if (strcmp(mode, "pty") == 0) return serve_pty(&settings);
  if (strcmp(mode, "virtual") == 0) return serve_virtual(&settings);
  fprintf(stderr, "sim_node: say pty or virtual\n");
  return 2;
}
