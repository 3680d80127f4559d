// Four load cells under a footplate: four HX711 on one clock line, so that all are read at the same instant.
// Board: one with 4 kB of memory or more (Mega 2560, any 32-bit board). Library: Sledguard_Node (make library).
// HX711: RATE pin high (80 samples/s). Serial: USB, 500000 baud.
#include <EEPROM.h>
#include <snp_node.h>

const uint8_t CELLS = 4, CLOCK_PIN = 2, DATA_PINS[CELLS] = {3, 4, 5, 6};
const uint32_t PERIOD_NS = 12500000;

// Raw counts: the host weighs something known once and keeps zero and scale.
#define CELL(chan, placement) {chan, SNP_CHANNEL_KIND_LOAD, placement, SNP_CHANNEL_FLAGS_RAW_COUNTS, PERIOD_NS, 0, 0}
const snp_channel CHANNELS[CELLS] = {
    CELL(1, SNP_PLACEMENT_LEFT_HEEL_CELL), CELL(2, SNP_PLACEMENT_LEFT_TOE_CELL),
    CELL(3, SNP_PLACEMENT_RIGHT_HEEL_CELL), CELL(4, SNP_PLACEMENT_RIGHT_TOE_CELL)};

snp_node node;
snp_batch batches[CELLS];
snp_rx rx;
bool restart;

// ---- clock: micros() wraps after 71 minutes, the protocol's clock does not ----

uint64_t now_us(void *) {
  static uint32_t last, turns;
  const uint32_t now = micros();
  if (now < last) turns++;
  last = now;
  return (uint64_t)turns << 32 | now;
}

// ---- line ----

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

// ---- commands ----

uint8_t command(void *, snp_node *, const snp_message *m, uint16_t *) {
  switch (m->type) {
    case SNP_STREAM: return SNP_ACK_CODE_OK;
    case SNP_IDENTIFY: digitalWrite(LED_BUILTIN, HIGH); return SNP_ACK_CODE_OK;
    case SNP_REBOOT: restart = true; return SNP_ACK_CODE_OK;
    case SNP_CFG_SET:
    case SNP_CFG_GET: return SNP_ACK_CODE_UNKNOWN_KEY;
    default: return SNP_ACK_CODE_UNKNOWN_TYPE;  // TARE: not offered, the host knows the zero
  }
}

// ---- cells ----

bool cells_ready() {
  for (uint8_t i = 0; i < CELLS; i++)
    if (digitalRead(DATA_PINS[i])) return false;
  return true;
}

void read_cells() {
  const uint64_t taken_us = now_us(NULL);
  int32_t counts[CELLS] = {0};
  for (uint8_t bit = 0; bit < 25; bit++) {  // 24 of data; the 25th asks for channel A at gain 128 next time
    noInterrupts();  // a clock that stays high for 60 µs would switch the converters off
    digitalWrite(CLOCK_PIN, HIGH);
    digitalWrite(CLOCK_PIN, LOW);
    interrupts();
    for (uint8_t i = 0; bit < 24 && i < CELLS; i++) counts[i] = counts[i] << 1 | digitalRead(DATA_PINS[i]);
  }
  for (uint8_t i = 0; i < CELLS; i++) {
    const int32_t value = (int32_t)((uint32_t)counts[i] << 8) >> 8;  // 24 bits, with sign
    snp_batch_load(&node, &batches[i], taken_us, value);
  }
}

// ---- start ----

const snp_port PORT = {now_us, send, command, NULL, NULL};

// Identity and starts live in the EEPROM: 8 bytes of id, made up at the very first start, then the count.
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
  node.info.hw_class = SNP_HW_CLASS_FIXED;
  node.info.caps = SNP_CAPS_LOAD | SNP_CAPS_TIME_SYNC | SNP_CAPS_PERSIST;
  node.channels = CHANNELS;
  node.channel_count = CELLS;
  for (uint8_t i = 0; i < CELLS; i++) snp_batch_init(&batches[i], &CHANNELS[i]);
  snp_rx_init(&rx);
}

void setup() {
  Serial.begin(500000);
  pinMode(LED_BUILTIN, OUTPUT);
  pinMode(CLOCK_PIN, OUTPUT);
  for (uint8_t i = 0; i < CELLS; i++) pinMode(DATA_PINS[i], INPUT);
  start();
  Serial.write((uint8_t)0);  // whatever the boot loader said ends here
}

void loop() {
  listen_to_host();
  if (cells_ready()) read_cells();
  snp_node_tick(&node);
  if (restart) {
    restart = false;
    start();
  }
}
