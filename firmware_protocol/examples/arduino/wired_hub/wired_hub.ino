// A wired hub: one controller, an inertial sensor on the sled (LSM6DS3 on I2C) and six load cells (HX711 on one clock
// line), as one node with seven channels. Board: 8 kB of memory or more (Mega 2560, any 32-bit board).
// Library: Sledguard_Node (make library). Serial: USB, 1000000 baud.
#include <EEPROM.h>
#include <Wire.h>
#include <snp_gyro.h>
#include <snp_node.h>

const uint8_t CELLS = 6, CLOCK_PIN = 4, DATA_PINS[CELLS] = {5, 6, 7, 8, 9, 10}, READY_PIN = 2;
const uint8_t IMU = CELLS, CHANNEL_COUNT = CELLS + 1;
const uint32_t CELL_PERIOD_NS = 12500000, IMU_PERIOD_NS = 9615385;  // 80 and 104 samples/s
const uint32_t GYRO_SCALE = 1221730;                                // ±2000 °/s: 70 mdps

#define CELL(chan, placement) {chan, SNP_CHANNEL_KIND_LOAD, placement, SNP_CHANNEL_FLAGS_RAW_COUNTS, CELL_PERIOD_NS, 0, 0}
const snp_channel CHANNELS[CHANNEL_COUNT] = {
    CELL(1, SNP_PLACEMENT_LEFT_HEEL_CELL), CELL(2, SNP_PLACEMENT_LEFT_TOE_CELL),
    CELL(3, SNP_PLACEMENT_RIGHT_HEEL_CELL), CELL(4, SNP_PLACEMENT_RIGHT_TOE_CELL),
    CELL(5, SNP_PLACEMENT_LUMBAR_PAD), CELL(6, SNP_PLACEMENT_SACRAL_PAD),
    {7, SNP_CHANNEL_KIND_IMU6, SNP_PLACEMENT_SLED, 0, IMU_PERIOD_NS, 4785645 /* ±16 g: 488 µg */, GYRO_SCALE}};

snp_node node;
snp_batch batches[CHANNEL_COUNT];
snp_rx rx;
snp_gyro gyro;
bool restart;
volatile uint32_t imu_taken_us;
volatile uint8_t imu_ready;

uint64_t now_us(void *) {
  static uint32_t last, turns;
  const uint32_t now = micros();
  if (now < last) turns++;
  last = now;
  return (uint64_t)turns << 32 | now;
}

void send(void *, const uint8_t *message, uint16_t len) {
  static uint8_t frame[SNP_FRAME_MAX];
  Serial.write(frame, snp_frame(frame, sizeof frame, message, len));
}

void listen_to_host() {
  while (Serial.available()) {
    const int got = snp_rx_byte(&rx, Serial.read());
    if (got > 0) snp_node_receive(&node, rx.bytes, got, now_us(NULL));
  }
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

// ---- load cells ----

bool cells_ready() {
  for (uint8_t i = 0; i < CELLS; i++)
    if (digitalRead(DATA_PINS[i])) return false;
  return true;
}

void read_cells() {
  const uint64_t taken_us = now_us(NULL);
  int32_t counts[CELLS] = {0};
  for (uint8_t bit = 0; bit < 25; bit++) {
    noInterrupts();
    digitalWrite(CLOCK_PIN, HIGH);
    digitalWrite(CLOCK_PIN, LOW);
    interrupts();
    for (uint8_t i = 0; bit < 24 && i < CELLS; i++) counts[i] = counts[i] << 1 | digitalRead(DATA_PINS[i]);
  }
  for (uint8_t i = 0; i < CELLS; i++)
    snp_batch_load(&node, &batches[i], taken_us, (int32_t)((uint32_t)counts[i] << 8) >> 8);
}

// ---- inertial sensor: its data-ready pin dates each sample ----

const uint8_t LSM6DS3 = 0x6A;

void imu_set(uint8_t reg, uint8_t value) {
  Wire.beginTransmission(LSM6DS3);
  Wire.write(reg);
  Wire.write(value);
  Wire.endTransmission();
}

void on_imu_ready() {
  imu_taken_us = micros();
  imu_ready++;
}

void start_imu() {
  Wire.begin();
  Wire.setClock(400000);
  imu_set(0x10, 0x44);  // CTRL1_XL: 104 Hz, ±16 g
  imu_set(0x11, 0x4C);  // CTRL2_G: 104 Hz, ±2000 °/s
  imu_set(0x12, 0x44);  // CTRL3_C: whole samples only, addresses count up
  imu_set(0x0D, 0x02);  // INT1_CTRL: gyro data ready
  pinMode(READY_PIN, INPUT);
  attachInterrupt(digitalPinToInterrupt(READY_PIN), on_imu_ready, RISING);
}

void read_imu() {
  static uint64_t last_us;
  uint8_t raw[12], missed;
  int16_t values[6], turned[4];
  uint32_t low;
  noInterrupts();
  low = imu_taken_us;
  missed = imu_ready - 1;
  imu_ready = 0;
  interrupts();
  const uint64_t now = now_us(NULL), taken_us = now - (uint32_t)((uint32_t)now - low);
  Wire.beginTransmission(LSM6DS3);
  Wire.write(0x22);  // OUTX_L_G
  Wire.endTransmission(false);
  Wire.requestFrom(LSM6DS3, (uint8_t)sizeof raw);
  for (uint8_t i = 0; i < sizeof raw; i++) raw[i] = Wire.read();
  for (uint8_t i = 0; i < 6; i++) values[(i + 3) % 6] = raw[2 * i] | (int16_t)raw[2 * i + 1] << 8;  // gyro comes first
  if (missed) snp_batch_lost(&node, &batches[IMU], missed);
  if (last_us) snp_gyro_turn(&gyro, values + 3, GYRO_SCALE, taken_us - last_us);
  last_us = taken_us;
  snp_gyro_get(&gyro, turned);
  snp_batch_imu(&node, &batches[IMU], taken_us, values, turned);
}

// ---- start ----

const snp_port PORT = {now_us, send, command, NULL, NULL};

void identify_myself() {
  uint64_t id;
  uint16_t boots;
  for (uint8_t i = 0; i < 60; i++) randomSeed(analogRead(A0) ^ random() ^ micros());
  EEPROM.get(0, id);
  EEPROM.get(8, boots);
  if (id == ~(uint64_t)0) {
    for (uint8_t i = 0; i < 8; i++) id = id << 8 | random(256);
    EEPROM.put(0, id);
    boots = 0;
  }
  EEPROM.put(8, ++boots);
  node.info.node_id = id;
  node.info.boot_count = boots;
  for (uint8_t i = 0; i < SNP_NONCE_SIZE; i++) node.info.node_nonce[i] = random(256);
}

void start() {
  snp_node_init(&node, &PORT);
  identify_myself();
  node.info.fw = 0x00010000;
  node.info.hw_class = SNP_HW_CLASS_WIRED_HUB;
  node.info.caps = SNP_CAPS_IMU | SNP_CAPS_LOAD | SNP_CAPS_TIME_SYNC | SNP_CAPS_PERSIST;
  node.channels = CHANNELS;
  node.channel_count = CHANNEL_COUNT;
  for (uint8_t i = 0; i < CHANNEL_COUNT; i++) snp_batch_init(&batches[i], &CHANNELS[i]);
  snp_rx_init(&rx);
  snp_gyro_init(&gyro);
}

void setup() {
  Serial.begin(1000000);
  pinMode(LED_BUILTIN, OUTPUT);
  pinMode(CLOCK_PIN, OUTPUT);
  for (uint8_t i = 0; i < CELLS; i++) pinMode(DATA_PINS[i], INPUT);
  start();
  start_imu();
  Serial.write((uint8_t)0);
}

void loop() {
  listen_to_host();
  if (imu_ready) read_imu();
  if (cells_ready()) read_cells();
  snp_node_tick(&node);
  if (restart) {
    restart = false;
    start();
  }
}
