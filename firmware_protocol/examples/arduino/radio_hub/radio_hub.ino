// A radio hub: joins nodes of this protocol over Bluetooth LE and relays them, whole, over one USB serial line. It needs
// to understand nothing of what they say. Board: one with ArduinoBLE as central (Nano 33 BLE, ESP32, Uno R4 WiFi).
// Libraries: ArduinoBLE, Sledguard_Node (make library). Serial: USB.
#include <ArduinoBLE.h>
#include <snp_node.h>

#define UUID(short) "733f" short "-fe59-4258-9075-a7b0a768245e"
const uint8_t NODES = 6;

struct Peer {
  BLEDevice device;
  BLECharacteristic values[3];  // INFO, DATA, CTRL
};

Peer peers[NODES];
snp_node hub;
snp_rx rx;

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

// ---- up: each message of a notification becomes one RELAY ----

void relay_up(uint8_t sub, const uint8_t *data, size_t size) {
  snp_message m;
  size_t at = 0;
  while (snp_next(&m, data, size, &at) == 1) {
    const uint16_t len = SNP_HEADER_SIZE + m.len + (m.tag ? SNP_TAG_SIZE : 0);
    snp_writer *w = snp_node_begin(&hub, SNP_RELAY, 0);
    snp_u8(w, sub);
    snp_bytes(w, m.bytes, len);
    snp_node_end(&hub);
  }
}

void hear_peer(uint8_t sub) {
  static uint8_t bytes[SNP_MESSAGE_MAX];
  for (BLECharacteristic &value : peers[sub].values)
    while (value.valueUpdated()) {
      const int len = value.valueLength();
      value.readValue(bytes, sizeof bytes);
      relay_up(sub, bytes, len);
    }
}

// ---- down: what stands in a RELAY is written to that node ----

void relay_down(const snp_message *m) {
  const uint8_t sub = m->len ? m->payload[0] : NODES;
  if (sub < NODES && peers[sub].device.connected()) peers[sub].values[2].writeValue(m->payload + 1, m->len - 1, false);
}

void listen_to_host() {
  while (Serial.available()) {
    const int got = snp_rx_byte(&rx, Serial.read());
    const uint64_t at_us = now_us(NULL);
    snp_message m;
    size_t at = 0;
    if (got <= 0) continue;
    while (snp_next(&m, rx.bytes, got, &at) == 1) {
      if (m.type == SNP_RELAY) relay_down(&m);
      else snp_node_receive(&hub, m.bytes, SNP_HEADER_SIZE + m.len + (m.tag ? SNP_TAG_SIZE : 0), at_us);
    }
  }
}

// ---- joining ----

bool join(Peer &peer, BLEDevice device) {
  const char *uuids[3] = {UUID("0002"), UUID("0003"), UUID("0004")};
  if (!device.connect() || !device.discoverAttributes()) return false;
  for (int i = 0; i < 3; i++) {
    peer.values[i] = device.characteristic(uuids[i]);
    if (!peer.values[i] || !peer.values[i].subscribe()) return false;
  }
  peer.device = device;
  return true;
}

void look_for_peers() {
  BLEDevice found = BLE.available();
  if (!found) return;
  BLE.stopScan();
  for (uint8_t sub = 0; sub < NODES; sub++) {
    if (peers[sub].device.connected()) continue;
    if (join(peers[sub], found)) {
      static uint8_t bytes[SNP_MESSAGE_MAX];
      const int len = peers[sub].values[0].readValue(bytes, sizeof bytes);
      relay_up(sub, bytes, len);  // its INFO: now the host knows of it, and says HELLO
    } else {
      found.disconnect();
    }
    break;
  }
  BLE.scanForUuid(UUID("0001"));
}

uint8_t command(void *, snp_node *, const snp_message *m, uint16_t *) {
  return m->type == SNP_STREAM || m->type == SNP_IDENTIFY ? SNP_ACK_CODE_OK : SNP_ACK_CODE_UNKNOWN_TYPE;
}

const snp_port PORT = {now_us, send, command, NULL, NULL};

void setup() {
  Serial.begin(921600);
  BLE.begin();
  snp_node_init(&hub, &PORT);
  hub.info.node_id = 0x5347485542000001;  // yours: unique and lasting
  hub.info.fw = 0x00010000;
  hub.info.hw_class = SNP_HW_CLASS_RADIO_HUB;
  hub.info.caps = SNP_CAPS_TIME_SYNC;
  for (uint8_t i = 0; i < SNP_NONCE_SIZE; i++) hub.info.node_nonce[i] = random(256) ^ micros();
  snp_rx_init(&rx);
  Serial.write((uint8_t)0);
  BLE.scanForUuid(UUID("0001"));
}

void loop() {
  BLE.poll();
  listen_to_host();
  look_for_peers();
  for (uint8_t sub = 0; sub < NODES; sub++) hear_peer(sub);
  snp_node_tick(&hub);
}
