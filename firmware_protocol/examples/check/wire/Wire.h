// Stand-in for Arduino's I2C library, which Debian's core does not hold.
#ifndef CHECK_WIRE_H
#define CHECK_WIRE_H

#include <stdint.h>

struct TwoWire {
  void begin();
  void setClock(uint32_t hz);
  void beginTransmission(uint8_t address);
  uint8_t write(uint8_t value);
  uint8_t endTransmission(bool stop = true);
  uint8_t requestFrom(uint8_t address, uint8_t count);
  int read();
};
extern TwoWire Wire;

#endif
