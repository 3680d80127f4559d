// Stand-ins for the parts of Arduino that the Bluetooth sketches use, so that they can be compiled where that core is not
// at hand. They follow its published interfaces; they prove that a sketch fits the codec and itself, not that it runs.
#ifndef CHECK_ARDUINO_H
#define CHECK_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

enum { LOW, HIGH, INPUT = 0, OUTPUT = 1, LED_BUILTIN = 13 };
void pinMode(int pin, int mode);
void digitalWrite(int pin, int value);
unsigned long micros();
unsigned long millis();
long random(long below);
void randomSeed(unsigned long seed);

struct Stream {
  void begin(unsigned long baud);
  int available();
  int read();
  size_t write(uint8_t byte);
  size_t write(const uint8_t *bytes, size_t count);
};
extern Stream Serial;

struct Ficr { uint32_t DEVICEID[2]; };
extern Ficr *NRF_FICR;

#endif
