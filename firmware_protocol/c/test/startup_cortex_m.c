/* The least that a Cortex-M needs to run the self-test under QEMU: vectors, memory, and semihosting for words and exit. */
#include <stdint.h>
#include <string.h>

#include "console.h"

extern uint8_t link_data_from[], link_data[], link_data_end[], link_bss[], link_bss_end[], link_stack[];
int main(void);

enum { SYS_WRITE0 = 0x04, SYS_EXIT = 0x18, EXIT_OK = 0x20026, EXIT_FAILED = 0x20023 };

static void semihost(uint32_t operation, uint32_t argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register uint32_t r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void console_text(const char *text) { semihost(SYS_WRITE0, (uint32_t)text); }

void console_number(unsigned number) {
  char digits[11];
  unsigned at = sizeof digits - 1;
  digits[at] = 0;
  do digits[--at] = (char)('0' + number % 10u);
  while ((number /= 10u) != 0);
  console_text(digits + at);
}

static void leave(int failed) {
  for (;;) semihost(SYS_EXIT, failed ? EXIT_FAILED : EXIT_OK);
}

void reset(void);
void reset(void) {
  memcpy(link_data, link_data_from, (size_t)(link_data_end - link_data));
  for (uint8_t *p = link_bss; p < link_bss_end; p++) *p = 0;
  leave(main());
}

static void fault(void) {
  console_text("FAULT\n");
  leave(1);
}

typedef struct {
  const uint8_t *stack;
  void (*handlers[15])(void);
} vector_table;

__attribute__((section(".vectors"), used)) static const vector_table vectors = {
    link_stack, {reset, fault, fault, fault, fault, fault}};
