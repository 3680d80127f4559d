// A worn inertial node on Bluetooth LE: Arduino Nano 33 BLE Sense Rev2 (BMI270, 100 Hz).
// Libraries: ArduinoBLE, Arduino_BMI270_BMM150, Sledguard_Node (make library). Batches are a must here: some 40
// notifications a second is what this stack can do.
#include <ArduinoBLE.h>
#include <Arduino_BMI270_BMM150.h>
#include <snp_gyro.h>
#include <snp_node.h>

#define UUID(short) "733f" short "-fe59-4258-9075-a7b0a768245e"
const uint16_t LINK_SIZE = 182;  // what a notification may hold; the central asks for an MTU of 185 or more

const uint32_t ACC_SCALE = 1196851, GYRO_SCALE = 1065264;  // ±4 g and ±2000 °/s, as the library sets them
const snp_channel CHANNELS[] = {
    {1, SNP_CHANNEL_KIND_IMU6, SNP_PLACEMENT_LEFT_SHANK, 0, 10000000, ACC_SCALE, GYRO_SCALE}};

BLEService service(UUID("0001"));
BLECharacteristic info_value(UUID("0002"), BLERead | BLENotify, SNP_MESSAGE_MAX);
BLECharacteristic data_value(UUID("0003"), BLENotify, SNP_MESSAGE_MAX);
BLECharacteristic ctrl_value(UUID("0004"), BLEWrite | BLEWriteWithoutResponse | BLENotify, SNP_MESSAGE_MAX);

snp_node node;
snp_batch batch;
snp_gyro gyro;
bool restart;

uint64_t now_us(void *) {
  static uint32_t last, turns;
  const uint32_t now = micros();
  if (now < last) turns++;
  last = now;
  return (uint64_t)turns << 32 | now;
}

void send(void *, const uint8_t *message, uint16_t len) {
  const uint8_t type = message[1];
  BLECharacteristic &value = type == SNP_INFO ? info_value
                             : type == SNP_ACK || type == SNP_CFG_VALUE || type == SNP_TIME_RSP ? ctrl_value
                                                                                                : data_value;
  value.writeValue(message, len);
}

void on_write(BLEDevice, BLECharacteristic value) {
  const uint64_t at_us = now_us(NULL);
  snp_node_receive(&node, value.value(), value.valueLength(), at_us);
}

uint8_t command(void *, snp_node *, const snp_message *m, uint16_t *) {
  switch (m->type) {
    case SNP_STREAM: return SNP_ACK_CODE_OK;
    case SNP_IDENTIFY: digitalWrite(LED_BUILTIN, HIGH); return SNP_ACK_CODE_OK;
    case SNP_REBOOT: restart = true; return SNP_ACK_CODE_OK;
    case SNP_CFG_SET:
    case SNP_CFG_GET: return SNP_ACK_CODE_UNKNOWN_KEY;
    default: return SNP_ACK_CODE_UNKNOWN_TYPE;
  }
}

int16_t counts(float value, float per_count) {
  const float rounded = value / per_count + (value < 0 ? -0.5f : 0.5f);
  return rounded > 32767 ? 32767 : rounded < -32768 ? -32768 : (int16_t)rounded;
}

// The library gives g and °/s as floats; counts are made of them again, so that the codec stays whole.
void read_imu() {
  static uint64_t last_us;
  const uint64_t taken_us = now_us(NULL);
  float a[3], g[3];
  int16_t values[6], turned[4];
  IMU.readAcceleration(a[0], a[1], a[2]);
  IMU.readGyroscope(g[0], g[1], g[2]);
  for (int i = 0; i < 3; i++) {
    values[i] = counts(a[i] * 9.80665e9f, ACC_SCALE);
    values[3 + i] = counts(g[i] * 1.7453293e7f, GYRO_SCALE);
  }
  if (last_us) snp_gyro_turn(&gyro, values + 3, GYRO_SCALE, taken_us - last_us);
  last_us = taken_us;
  snp_gyro_get(&gyro, turned);
  snp_batch_imu(&node, &batch, taken_us, values, turned);
}

const snp_port PORT = {now_us, send, command, NULL, NULL};

void start() {
  snp_node_init(&node, &PORT);
  node.info.node_id = (uint64_t)NRF_FICR->DEVICEID[1] << 32 | NRF_FICR->DEVICEID[0];
  node.info.fw = 0x00010000;
  node.info.hw_class = SNP_HW_CLASS_WORN;
  node.info.caps = SNP_CAPS_IMU | SNP_CAPS_TIME_SYNC;
  for (uint8_t i = 0; i < SNP_NONCE_SIZE; i++) node.info.node_nonce[i] = random(256) ^ micros();  // no kept boot_count
  node.channels = CHANNELS;
  node.channel_count = 1;
  node.link_size = LINK_SIZE;
  snp_batch_init(&batch, &CHANNELS[0]);
  snp_gyro_init(&gyro);
}

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  IMU.begin();
  BLE.begin();
  BLE.setLocalName("SG shank");
  BLE.setConnectionInterval(12, 12);  // 15 ms
  BLE.setAdvertisedService(service);
  service.addCharacteristic(info_value);
  service.addCharacteristic(data_value);
  service.addCharacteristic(ctrl_value);
  BLE.addService(service);
  ctrl_value.setEventHandler(BLEWritten, on_write);
  randomSeed(NRF_FICR->DEVICEID[0] ^ micros());
  start();
  BLE.advertise();
}

void loop() {
  BLE.poll();
  if (IMU.accelerationAvailable() && IMU.gyroscopeAvailable()) read_imu();
  snp_node_tick(&node);  // also puts INFO where it can be read
  if (restart) {
    restart = false;
    start();
  }
}
