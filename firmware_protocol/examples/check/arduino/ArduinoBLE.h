#ifndef CHECK_ARDUINOBLE_H
#define CHECK_ARDUINOBLE_H

#include "Arduino.h"

enum { BLERead = 2, BLEWriteWithoutResponse = 4, BLEWrite = 8, BLENotify = 16 };
enum BLECharacteristicEvent { BLEWritten };
class BLEDevice;
class BLECharacteristic;
typedef void (*BLECharacteristicEventHandler)(BLEDevice device, BLECharacteristic characteristic);

class BLECharacteristic {
 public:
  BLECharacteristic();
  BLECharacteristic(const char *uuid, unsigned properties, int size, bool fixed = false);
  operator bool() const;
  int writeValue(const uint8_t *value, int length, bool with_response = true);
  int readValue(uint8_t *value, int length);
  const uint8_t *value() const;
  int valueLength() const;
  bool valueUpdated();
  bool subscribe();
  void setEventHandler(int event, BLECharacteristicEventHandler handler);
};

class BLEService {
 public:
  explicit BLEService(const char *uuid);
  void addCharacteristic(BLECharacteristic &characteristic);
};

class BLEDevice {
 public:
  operator bool() const;
  bool connect();
  bool connected() const;
  bool disconnect();
  bool discoverAttributes();
  BLECharacteristic characteristic(const char *uuid) const;
};

class BLELocalDevice {
 public:
  int begin();
  void poll();
  int advertise();
  BLEDevice available();
  int scanForUuid(const char *uuid);
  void stopScan();
  void setLocalName(const char *name);
  void setConnectionInterval(uint16_t minimum, uint16_t maximum);
  void setAdvertisedService(const BLEService &service);
  void addService(BLEService &service);
};
extern BLELocalDevice BLE;

#endif
