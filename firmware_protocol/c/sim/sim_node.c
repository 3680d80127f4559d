#include "sim_node.h"

#include <string.h>

#include "snp_gyro.h"

#define IMU_CHAN 1
#define IMU_PERIOD_NS 10000000u
#define LOAD_PERIOD_NS 12500000u
#define ACC_SCALE 4788403u  /* +-16 g */
#define GYRO_SCALE 1065264u /* +-2000 degrees/s */
#define LOAD_SCALE 1000000u /* 1 mN */
#define ONE_G 2048

const char *const sim_defect_names[DEFECTS] = {
    "good",          "wrong-rate", "uncounted-loss", "send-time",      "wrong-scale",   "stuck-axis", "gyro-bias",
    "clock-back",    "slow-time",  "acts-twice",     "tare-off",       "buzz-late",     "silent-unknown",
    "strict-length", "any-major",  "no-crc",         "no-status",      "slow-batch",    "same-boot",
    "deaf",          "one-seq",    "bad-turn",       "endless",        "untagged-taken", "replay-taken"};

static const snp_channel channels[SIM_CHANNELS] = {
    {IMU_CHAN, SNP_CHANNEL_KIND_IMU6, SNP_PLACEMENT_SLED, 0, IMU_PERIOD_NS, ACC_SCALE, GYRO_SCALE},
    {2, SNP_CHANNEL_KIND_LOAD, SNP_PLACEMENT_LEFT_HEEL_CELL, 0, LOAD_PERIOD_NS, LOAD_SCALE, 0},
    {3, SNP_CHANNEL_KIND_LOAD, SNP_PLACEMENT_LEFT_TOE_CELL, 0, LOAD_PERIOD_NS, LOAD_SCALE, 0},
    {4, SNP_CHANNEL_KIND_LOAD, SNP_PLACEMENT_RIGHT_HEEL_CELL, 0, LOAD_PERIOD_NS, LOAD_SCALE, 0},
    {5, SNP_CHANNEL_KIND_LOAD, SNP_PLACEMENT_RIGHT_TOE_CELL, 0, LOAD_PERIOD_NS, LOAD_SCALE, 0}};

#define TARE_MAX 255

typedef struct {
  uint8_t left, total; /* samples still wanted, and in all */
  uint16_t seq;
  int64_t sum, squares;
} taring;

static struct {
  sim_settings settings;
  snp_node node;
  snp_port port;
  snp_auth auth;
  snp_rx rx;
  snp_batch batches[SIM_CHANNELS];
  snp_channel channels[SIM_CHANNELS];
  snp_gyro gyro;
  uint64_t now_us, booted_us, next_imu_us, next_load_us, deaf_until_us;
  uint64_t last_turn_us;
  int64_t stepped_us; /* the clock-back defect */
  uint16_t boots, one_seq;
  int32_t zero[SIM_CHANNELS];
  taring tare[SIM_CHANNELS];
  uint8_t name[16], name_len, reboot;
  uint64_t random;
  struct {
    uint64_t due_us;
    uint8_t bytes[SNP_MESSAGE_MAX];
    uint16_t len;
  } held; /* a TIME_RSP on hold */
} sim;

static uint32_t random_u32(void) {
  sim.random ^= sim.random >> 12;
  sim.random ^= sim.random << 25;
  sim.random ^= sim.random >> 27;
  return (uint32_t)(sim.random * 0x2545F4914F6CDD1Dull >> 32);
}

/* About +-3 counts of noise, none of it outside +-6. */
static int noise(void) { return (int)(random_u32() % 7) + (int)(random_u32() % 7) - 6; }

static int has(sim_defect defect) { return sim.settings.defect == defect; }

/* ---- the node's clock ---- */

static uint64_t device_us(uint64_t t_us) {
  const uint64_t since = t_us - sim.booted_us;
  return (uint64_t)((int64_t)(sim.settings.start_us + since) + (int64_t)since * sim.settings.ppm / 1000000) -
         (uint64_t)sim.stepped_us;
}

static uint64_t now_us(void *user) {
  (void)user;
  return device_us(sim.now_us);
}

/* ---- the serial line ---- */

static void put_on_line(const uint8_t *message, uint16_t len) {
  static uint8_t framed[SNP_FRAME_MAX];
  sim.settings.output(framed, snp_frame(framed, sizeof framed, message, len));
}

/* What a defect makes of a message before it leaves. */
static void spoil(uint8_t *message, uint16_t len) {
  const uint8_t type = message[1];
  if (has(ONE_SEQ)) {
    message[4] = (uint8_t)sim.one_seq;
    message[5] = (uint8_t)(sim.one_seq++ >> 8);
  }
  if (has(SEND_TIME) && (type == SNP_IMU_BATCH || type == SNP_LOAD_BATCH)) {
    const uint32_t late = (uint32_t)device_us(sim.now_us) + random_u32() % 8000;
    for (unsigned i = 0; i < 4; i++) message[SNP_HEADER_SIZE + i] = (uint8_t)(late >> 8 * i);
  }
  if (has(BAD_TURN) && type == SNP_IMU_BATCH)
    for (unsigned i = 8; i > 0; i--) message[len - i] = (uint8_t)random_u32();
}

static void send(void *user, const uint8_t *message, uint16_t len) {
  uint8_t copy[SNP_MESSAGE_MAX];
  (void)user;
  if (has(NO_STATUS) && message[1] == SNP_STATUS) return;
  memcpy(copy, message, len);
  if (!sim.settings.keyed) spoil(copy, len);
  if (has(SLOW_TIME) && message[1] == SNP_TIME_RSP) {
    const uint32_t hold = 80000;
    for (unsigned i = 0; i < 4; i++) copy[SNP_HEADER_SIZE + 10 + i] = (uint8_t)(hold >> 8 * i);
    memcpy(sim.held.bytes, copy, len);
    sim.held.len = len;
    sim.held.due_us = sim.now_us + hold;
    return;
  }
  put_on_line(copy, len);
}

/* ---- commands ---- */

static int channel_index(uint8_t chan) {
  for (int i = 0; i < SIM_CHANNELS; i++)
    if (sim.channels[i].chan == chan) return i;
  return -1;
}

static uint8_t begin_tare(const snp_message *m) {
  const int i = channel_index(m->chan);
  taring *t = &sim.tare[i < 0 ? 0 : i];
  if (i < 0 || sim.channels[i].kind != SNP_CHANNEL_KIND_LOAD) return SNP_ACK_CODE_OUT_OF_RANGE;
  t->total = t->left = m->payload[0] ? m->payload[0] : 1;
  t->seq = m->seq;
  t->sum = t->squares = 0;
  return SNP_LATER;
}

static uint8_t set_config(snp_node *node, const snp_message *m) {
  const uint16_t key = snp_get_u16(m->payload);
  if (key == SNP_CONFIG_KEY_NAME) {
    if (m->len - 2 > (int)sizeof sim.name) return SNP_ACK_CODE_BAD_LENGTH;
    sim.name_len = (uint8_t)(m->len - 2);
    memcpy(sim.name, m->payload + 2, sim.name_len);
    return SNP_ACK_CODE_OK;
  }
  if (key == SNP_CONFIG_KEY_KEY_SLOT && !node->auth) { /* a serial line is as good as a bonded link */
    if (m->len != 2 + SNP_KEY_SIZE) return SNP_ACK_CODE_BAD_LENGTH;
    memcpy(sim.auth.key, m->payload + 2, SNP_KEY_SIZE);
    sim.settings.keyed = 1;
    return SNP_ACK_CODE_OK;
  }
  return SNP_ACK_CODE_UNKNOWN_KEY;
}

static uint8_t get_config(snp_node *node, const snp_message *m) {
  const uint16_t key = snp_get_u16(m->payload);
  const snp_cfg_value value = {key, 0, sim.name, sim.name_len};
  if (key != SNP_CONFIG_KEY_NAME) return SNP_ACK_CODE_UNKNOWN_KEY;
  snp_put_cfg_value(snp_node_begin(node, SNP_CFG_VALUE, 0), &value);
  snp_node_end(node);
  return SNP_SILENT;
}

static uint8_t command(void *user, snp_node *node, const snp_message *m, uint16_t *detail) {
  (void)user, (void)detail;
  switch (m->type) {
    case SNP_STREAM: return SNP_ACK_CODE_OK;
    case SNP_TARE: return begin_tare(m);
    case SNP_CFG_SET: return set_config(node, m);
    case SNP_CFG_GET: return get_config(node, m);
    case SNP_REBOOT: sim.reboot = 1; return SNP_ACK_CODE_OK;
    default: return SNP_ACK_CODE_OK; /* IDENTIFY and BUZZ: nothing to see or hear here */
  }
}

/* ---- start ---- */

static void boot(void) {
  snp_node *node = &sim.node;
  const uint16_t boots = has(SAME_BOOT) ? 1 : ++sim.boots;
  sim.booted_us = sim.now_us;
  sim.stepped_us = 0;
  snp_node_init(node, &sim.port);
  node->info.node_id = 0xA1B2C3D4E5F60718u;
  node->info.fw = 0x01020000;
  node->info.hw_class = SNP_HW_CLASS_WIRED_HUB;
  node->info.caps = SNP_CAPS_IMU | SNP_CAPS_LOAD | SNP_CAPS_BUZZ | SNP_CAPS_TARE | SNP_CAPS_TIME_SYNC |
                    (sim.settings.keyed ? SNP_CAPS_AUTH : 0u);
  node->info.boot_count = boots;
  for (unsigned i = 0; i < SNP_NONCE_SIZE; i++) node->info.node_nonce[i] = has(SAME_BOOT) ? 7 : (uint8_t)random_u32();
  memcpy(sim.channels, channels, sizeof channels);
  if (has(WRONG_SCALE)) sim.channels[0].scale_a /= 2;
  node->channels = sim.channels;
  node->channel_count = SIM_CHANNELS;
  node->auth = sim.settings.keyed ? &sim.auth : NULL;
  for (unsigned i = 0; i < SIM_CHANNELS; i++) snp_batch_init(&sim.batches[i], &sim.channels[i]);
  snp_rx_init(&sim.rx);
  snp_gyro_init(&sim.gyro);
  sim.next_imu_us = sim.now_us + 3000;
  sim.next_load_us = sim.now_us + 5000;
  sim.last_turn_us = 0;
  sim.settings.output((const uint8_t *)"", 1); /* a zero: whatever was half sent ends here */
}

void sim_start(const sim_settings *settings, uint64_t t_us) {
  memset(&sim, 0, sizeof sim);
  sim.settings = *settings;
  sim.random = 88172645463325252ull;
  sim.now_us = t_us;
  sim.port = (snp_port){.now_us = now_us, .send = send, .command = command};
  memcpy(sim.auth.key, settings->key, SNP_KEY_SIZE);
  boot();
}

/* ---- sensors ---- */

static void take_imu(uint64_t t_us, const int16_t values[6]) {
  const uint64_t at_us = device_us(t_us);
  int16_t turned[4];
  if (sim.last_turn_us) snp_gyro_turn(&sim.gyro, values + 3, GYRO_SCALE, (uint32_t)(at_us - sim.last_turn_us));
  sim.last_turn_us = at_us;
  snp_gyro_get(&sim.gyro, turned);
  snp_batch_imu(&sim.node, &sim.batches[0], at_us, values, turned);
}

static void sample_imu(uint64_t t_us) {
  int16_t v[6];
  for (unsigned i = 0; i < 6; i++) v[i] = (int16_t)noise();
  v[2] = (int16_t)(v[2] + ONE_G);
  v[4] = (int16_t)(v[4] + (has(GYRO_BIAS) ? 131 : 8));
  if (has(STUCK_AXIS)) v[1] = 12;
  if (has(UNCOUNTED_LOSS) && random_u32() % 50 == 0) return;
  take_imu(t_us + random_u32() % 20, v);
}

static void finish_tare(unsigned i) {
  taring *t = &sim.tare[i];
  const int64_t mean = t->sum / t->total, variance = t->squares / t->total - mean * mean;
  uint16_t deviation = 0;
  while ((int64_t)(deviation + 1) * (deviation + 1) <= variance) deviation++;
  sim.zero[i] = (int32_t)mean - (has(TARE_OFF) ? 5000 : 0);
  snp_node_answer(&sim.node, SNP_TARE, sim.channels[i].chan, t->seq, SNP_ACK_CODE_OK, deviation);
}

static void sample_loads(uint64_t t_us) {
  for (unsigned i = 1; i < SIM_CHANNELS; i++) {
    const int32_t raw = 50000 + 4000 * (int32_t)i + 40 * noise();
    taring *t = &sim.tare[i];
    if (t->left) {
      t->sum += raw;
      t->squares += (int64_t)raw * raw;
      if (--t->left == 0) finish_tare(i);
    }
    snp_batch_load(&sim.node, &sim.batches[i], device_us(t_us), raw - sim.zero[i]);
  }
}

void sim_feed(uint64_t t_us, const int16_t values[6]) {
  sim_advance(t_us);
  take_imu(t_us, values);
}

/* ---- time and bytes ---- */

static void step(void) {
  if (has(SLOW_BATCH)) sim.node.batch_us = 65000;
  if (has(CLOCK_BACK)) sim.stepped_us = (int64_t)((sim.now_us - sim.booted_us) / 7000000) * 300000;
  if (sim.held.len && sim.now_us >= sim.held.due_us) {
    put_on_line(sim.held.bytes, sim.held.len);
    sim.held.len = 0;
  }
  snp_node_tick(&sim.node);
  if (sim.reboot) {
    sim.reboot = 0;
    boot();
  }
}

void sim_advance(uint64_t t_us) {
  const uint64_t imu_us = has(WRONG_RATE) ? 9500 : IMU_PERIOD_NS / 1000;
  const uint64_t stop_us = t_us;
  while (sim.now_us < stop_us) {
    uint64_t next = sim.now_us + 1000;
    if (next > stop_us) next = stop_us;
    sim.now_us = next;
    while (!sim.settings.fed && sim.next_imu_us <= sim.now_us) {
      sample_imu(sim.next_imu_us);
      sim.next_imu_us += imu_us;
    }
    while (!sim.settings.fed && sim.next_load_us <= sim.now_us) {
      sample_loads(sim.next_load_us);
      sim.next_load_us += LOAD_PERIOD_NS / 1000;
    }
    step();
  }
}

static int is_known_command(uint8_t type) { return type >= SNP_CFG_SET && type <= SNP_REBOOT && type != SNP_CFG_VALUE; }

/* What a defect makes of a message that arrived. Gives whether the node is to see it. */
static int mishear(uint8_t *bytes, int len) {
  static const uint8_t longest[] = {0, 2, 0, 6, 2, 1, 0, 5};
  const uint8_t type = bytes[1];
  if (has(ACTS_TWICE)) memset(sim.node.answers, 0, sizeof sim.node.answers);
  if (has(SILENT_UNKNOWN) && !is_known_command(type) && type != SNP_HELLO && type != SNP_TIME_REQ) return 0;
  if (has(STRICT_LENGTH) && is_known_command(type) && longest[type - SNP_CFG_SET] && bytes[3] > longest[type - SNP_CFG_SET])
    bytes[3] = 0; /* so that it is refused as too short */
  if (has(ANY_MAJOR) && type == SNP_HELLO && len >= 8) bytes[6] = bytes[7] = SNP_MAJOR;
  if (has(BUZZ_LATE) && type == SNP_BUZZ) memset(bytes + 10, 0xFF, 4), bytes[13] = (uint8_t)(device_us(sim.now_us) >> 24);
  if (has(ENDLESS) && type == SNP_STREAM && snp_get_u32(bytes + 6) == 0) bytes[6] = 0x3E;
  return 1;
}

static void hear(uint8_t *bytes, int len) {
  snp_auth *auth = sim.node.auth;
  if (!mishear(bytes, len)) return;
  if (has(UNTAGGED_TAKEN) && !(bytes[0] & SNP_FLAG_AUTH) && bytes[1] != SNP_HELLO) sim.node.auth = NULL;
  if (has(REPLAY_TAKEN)) memset(sim.node.received, 0, sizeof sim.node.received);
  snp_node_receive(&sim.node, bytes, (size_t)len, device_us(sim.now_us));
  sim.node.auth = auth;
}

void sim_receive(const uint8_t *bytes, uint16_t len) {
  for (uint16_t i = 0; i < len; i++) {
    const uint16_t before = sim.rx.len;
    const int got = snp_rx_byte(&sim.rx, bytes[i]);
    if (sim.now_us < sim.deaf_until_us) continue;
    if (got > 0) hear(sim.rx.bytes, got);
    if (got == SNP_CRC && has(NO_CRC) && before > SNP_HEADER_SIZE + SNP_CRC_SIZE) hear(sim.rx.bytes, before - SNP_CRC_SIZE);
    if (got < 0 && got != SNP_UNSYNCHRONISED && has(DEAF)) sim.deaf_until_us = sim.now_us + 10000000;
  }
}
