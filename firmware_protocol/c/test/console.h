/* Where the self-test writes: the host's stdout, or the debugger (semihosting) of a bare Cortex-M. */
#ifndef CONSOLE_H
#define CONSOLE_H

void console_text(const char *text);
void console_number(unsigned number);

#endif
