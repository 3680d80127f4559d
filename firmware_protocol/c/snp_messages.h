/* The messages of the node protocol. Written by `python -m firmware_protocol.generate` from messages.toml: do not edit.
 *
 * snp_put_NAME adds a payload to a message begun with snp_begin; snp_get_NAME reads one, ignores what a later minor
 * version appended, and gives 0, or SNP_MALFORMED where the payload is too short. Runs of bytes, samples and rows are
 * pointers into the payload; rows are read one by one with snp_get_ROW. */
#ifndef SNP_MESSAGES_H
#define SNP_MESSAGES_H

#include "snp.h"

#define SNP_MAJOR 1
#define SNP_MINOR 0

enum snp_type {
  SNP_HELLO = 0x01,
  SNP_INFO = 0x02,
  SNP_STATUS = 0x03,
  SNP_TIME_REQ = 0x04,
  SNP_TIME_RSP = 0x05,
  SNP_RELAY = 0x06,
  SNP_ACK = 0x0F,
  SNP_IMU_BATCH = 0x10,
  SNP_IMU_ONE = 0x11,
  SNP_LOAD_BATCH = 0x12,
  SNP_QUAT_BATCH = 0x13,
  SNP_EVENT = 0x14,
  SNP_LOAD_ONE = 0x15,
  SNP_LOG = 0x18,
  SNP_FAULT = 0x19,
  SNP_CFG_SET = 0x20,
  SNP_CFG_GET = 0x21,
  SNP_CFG_VALUE = 0x22,
  SNP_STREAM = 0x23,
  SNP_TARE = 0x24,
  SNP_IDENTIFY = 0x25,
  SNP_BUZZ = 0x26,
  SNP_REBOOT = 0x27,
};

/* What a node can do (INFO.caps). Bits 24 to 31 count all its channels where one INFO cannot hold them, else 0. */
#define SNP_CAPS_IMU (1ul << 0) /* has inertial channels */
#define SNP_CAPS_LOAD (1ul << 1) /* has load channels */
#define SNP_CAPS_BUZZ (1ul << 2) /* can buzz or light up on BUZZ */
#define SNP_CAPS_TARE (1ul << 3) /* can tare its load channels */
#define SNP_CAPS_PERSIST (1ul << 4) /* keeps its configuration over a power cycle */
#define SNP_CAPS_AUTH (1ul << 5) /* can tag its messages */
#define SNP_CAPS_SMP_DFU (1ul << 6) /* takes firmware updates by MCUmgr SMP */
#define SNP_CAPS_QUAT (1ul << 7) /* can send QUAT_BATCH */
#define SNP_CAPS_TIME_SYNC (1ul << 8) /* answers TIME_REQ */
#define SNP_CAPS_BUTTON (1ul << 9) /* has a button that sends EVENT */

/* What kind of thing the node is (INFO.hw_class). */
enum snp_hw_class {
  SNP_HW_CLASS_UNSPECIFIED = 0, /* not said */
  SNP_HW_CLASS_WORN = 1, /* a sensor on a strap */
  SNP_HW_CLASS_FIXED = 2, /* a sensor on the machine */
  SNP_HW_CLASS_WIRED_HUB = 3, /* one controller, many sensors on wires */
  SNP_HW_CLASS_RADIO_HUB = 4, /* relays nodes of its own radio */
  SNP_HW_CLASS_SIGNAL = 5, /* only buzzes or lights up */
};

/* What a channel measures. */
enum snp_channel_kind {
  SNP_CHANNEL_KIND_IMU6 = 1, /* accelerometer and gyroscope */
  SNP_CHANNEL_KIND_LOAD = 2, /* one load cell */
  SNP_CHANNEL_KIND_IMU6_QUAT = 3, /* as 1, and the node's own orientation in QUAT_BATCH */
};

/* Where the maker means a channel to sit. A hint: the host's configuration decides. */
enum snp_placement {
  SNP_PLACEMENT_UNKNOWN = 0, /* not said */
  SNP_PLACEMENT_SLED = 1, /* sled */
  SNP_PLACEMENT_FOOTPLATE = 2, /* footplate */
  SNP_PLACEMENT_LEFT_THIGH = 3, /* left thigh */
  SNP_PLACEMENT_RIGHT_THIGH = 4, /* right thigh */
  SNP_PLACEMENT_LEFT_SHANK = 5, /* left shank */
  SNP_PLACEMENT_RIGHT_SHANK = 6, /* right shank */
  SNP_PLACEMENT_PELVIS = 7, /* pelvis */
  SNP_PLACEMENT_BACK_PAD = 8, /* back pad */
  SNP_PLACEMENT_FOOTPLATE_LEFT = 9, /* left half of the footplate */
  SNP_PLACEMENT_FOOTPLATE_RIGHT = 10, /* right half of the footplate */
  SNP_PLACEMENT_LEFT_HEEL_CELL = 11, /* load cell under the left heel */
  SNP_PLACEMENT_LEFT_TOE_CELL = 12, /* load cell under the left toes */
  SNP_PLACEMENT_RIGHT_HEEL_CELL = 13, /* load cell under the right heel */
  SNP_PLACEMENT_RIGHT_TOE_CELL = 14, /* load cell under the right toes */
  SNP_PLACEMENT_LUMBAR_PAD = 15, /* load cell of the back pad's upper, lumbar row */
  SNP_PLACEMENT_SACRAL_PAD = 16, /* load cell of the back pad's lower, sacral row */
  SNP_PLACEMENT_LEFT_FOOT = 17, /* left foot */
  SNP_PLACEMENT_RIGHT_FOOT = 18, /* right foot */
};

/* Flags of a channel descriptor. */
#define SNP_CHANNEL_FLAGS_RAW_COUNTS (1ul << 0) /* load samples are raw counts: scale_a is 0 and the host calibrates */

/* What the node is doing (STATUS.state). */
enum snp_node_state {
  SNP_NODE_STATE_IDLE = 0, /* awake, not streaming */
  SNP_NODE_STATE_STREAMING = 1, /* streaming at least one channel */
  SNP_NODE_STATE_CHARGING = 2, /* on the charger */
  SNP_NODE_STATE_FAULT = 3, /* cannot measure; fault_bits says why */
  SNP_NODE_STATE_UPDATING = 4, /* taking a firmware update */
};

/* FAULT.code; codes 1 to 15 are also the bit of that number in STATUS.fault_bits, until cleared. */
enum snp_fault_code {
  SNP_FAULT_CODE_SENSOR_SILENT = 1, /* a sensor does not answer */
  SNP_FAULT_CODE_SENSOR_SELF_TEST = 2, /* a sensor failed its self-test */
  SNP_FAULT_CODE_BATTERY_LOW = 3, /* under an hour of work is left */
  SNP_FAULT_CODE_STORAGE = 4, /* configuration could not be read or kept */
  SNP_FAULT_CODE_OVERHEATED = 5, /* too hot to go on */
  SNP_FAULT_CODE_OVERLOADED = 6, /* a load cell saw more than it may */
  SNP_FAULT_CODE_CLOCK = 7, /* the clock stepped or stopped */
  SNP_FAULT_CODE_LINK = 8, /* messages had to be dropped for want of air time */
};

/* Flags of a batch. */
#define SNP_BATCH_FLAGS_CLIPPED (1ul << 0) /* acceleration clipped */
#define SNP_BATCH_FLAGS_OVERRANGE (1ul << 1) /* rate clipped, or load beyond range */
#define SNP_BATCH_FLAGS_OVERRUN (1ul << 2) /* samples were lost on the node before this batch */
#define SNP_BATCH_FLAGS_UNCALIBRATED (1ul << 3) /* calibration is not valid */
#define SNP_BATCH_FLAGS_CLOCK_STEPPED (1ul << 4) /* the device clock stepped: boot_count has changed too */
#define SNP_BATCH_FLAGS_ORIENTATION (1ul << 5) /* IMU_BATCH only: the gyro-integrated orientation follows the samples */

/* What happened (EVENT.kind). */
enum snp_event_kind {
  SNP_EVENT_KIND_BUTTON = 1, /* button pressed; arg counts presses in a row */
  SNP_EVENT_KIND_TAP = 2, /* tapped; arg counts taps in a row */
  SNP_EVENT_KIND_STRAP_OFF = 3, /* taken off; arg is its channel, 0: all that is worn of this node */
  SNP_EVENT_KIND_OVERLOAD = 4, /* load beyond what the cell may take */
  SNP_EVENT_KIND_LOCK_CLOSED = 5, /* the machine's safety lock closed */
  SNP_EVENT_KIND_LOCK_OPEN = 6, /* the machine's safety lock opened */
};

/* The node's verdict on a command (ACK.code). */
enum snp_ack_code {
  SNP_ACK_CODE_OK = 0, /* done */
  SNP_ACK_CODE_UNKNOWN_TYPE = 1, /* command not known */
  SNP_ACK_CODE_UNKNOWN_KEY = 2, /* configuration key not known */
  SNP_ACK_CODE_BAD_LENGTH = 3, /* payload shorter than the command needs, or value of the wrong width */
  SNP_ACK_CODE_OUT_OF_RANGE = 4, /* not possible; detail is the nearest that is, where it fits */
  SNP_ACK_CODE_READ_ONLY = 5, /* key cannot be written */
  SNP_ACK_CODE_BUSY = 6, /* try again, with a new seq, after detail ms */
  SNP_ACK_CODE_WRONG_STATE = 7, /* not now */
  SNP_ACK_CODE_HARDWARE = 8, /* hardware fault */
  SNP_ACK_CODE_AUTH_REQUIRED = 9, /* command came without a tag */
  SNP_ACK_CODE_AUTH_FAILED = 10, /* tag is wrong, or the message was replayed */
  SNP_ACK_CODE_VERSION = 11, /* no major version in common */
  SNP_ACK_CODE_STORAGE = 12, /* could not be kept */
  SNP_ACK_CODE_EXPIRED = 13, /* valid_until has passed */
};

/* LOG.level and FAULT.severity. */
enum snp_log_level {
  SNP_LOG_LEVEL_DEBUG = 0, /* for the maker */
  SNP_LOG_LEVEL_INFO = 1, /* for the curious */
  SNP_LOG_LEVEL_WARNING = 2, /* works, with less */
  SNP_LOG_LEVEL_ERROR = 3, /* a function is lost */
};

/* REBOOT.mode. */
enum snp_reboot_mode {
  SNP_REBOOT_MODE_NORMAL = 0, /* start again */
  SNP_REBOOT_MODE_BOOTLOADER = 1, /* start into the bootloader, for a firmware update */
};

/* Keys of CFG_SET, CFG_GET and CFG_VALUE. 0x0100 and 0x0200 are bases: the channel or the slot is added. */
enum snp_config_key {
  SNP_CONFIG_KEY_ACC_RANGE = 1, /* accelerometer range, ± */
  SNP_CONFIG_KEY_GYRO_RANGE = 2, /* gyroscope range, ± */
  SNP_CONFIG_KEY_BATCH = 3, /* age of the oldest sample of a batch when it is sent, at most */
  SNP_CONFIG_KEY_ODR = 4, /* sample rate */
  SNP_CONFIG_KEY_NAME = 5, /* name, at most 16 bytes */
  SNP_CONFIG_KEY_PLACEMENT = 6, /* placement hint */
  SNP_CONFIG_KEY_LED = 7, /* 0 off, 1 on faults only, 2 on */
  SNP_CONFIG_KEY_IDLE_SLEEP = 8, /* sleep after so long without a stream; 0 never */
  SNP_CONFIG_KEY_TX_POWER = 9, /* radio power */
  SNP_CONFIG_KEY_CALIBRATION = 256, /* of channel key − 0x0100: offset, then scale */
  SNP_CONFIG_KEY_KEY_SLOT = 512, /* authentication key; write only, over USB or a bonded link */
};

/* One channel of a node. */
#define SNP_CHANNEL_SIZE 16
typedef struct {
  uint8_t chan; /* channel number, 1 to 31 */
  uint8_t kind; /* what it measures */
  uint8_t placement; /* where it is meant to sit */
  uint8_t flags; /* flags */
  uint32_t period_ns; /* ns: nominal time between samples */
  uint32_t scale_a; /* nm/s²/LSB or nN/LSB: acceleration or force of one count; force 0 = raw counts */
  uint32_t scale_b; /* nrad/s/LSB: angular rate of one count; 0 for a load cell */
} snp_channel;
static inline void snp_get_channel(snp_channel *v, const uint8_t *p) {
  v->chan = p[0];
  v->kind = p[1];
  v->placement = p[2];
  v->flags = p[3];
  v->period_ns = snp_get_u32(p + 4);
  v->scale_a = snp_get_u32(p + 8);
  v->scale_b = snp_get_u32(p + 12);
}
static inline void snp_put_channel(snp_writer *w, const snp_channel *v) {
  snp_u8(w, v->chan);
  snp_u8(w, v->kind);
  snp_u8(w, v->placement);
  snp_u8(w, v->flags);
  snp_u32(w, v->period_ns);
  snp_u32(w, v->scale_a);
  snp_u32(w, v->scale_b);
}

/* One pulse of a buzzer pattern. */
#define SNP_PULSE_SIZE 3
typedef struct {
  uint8_t intensity_pct; /* %: strength */
  uint8_t on_10ms; /* 10 ms: time on */
  uint8_t off_10ms; /* 10 ms: time off after it */
} snp_pulse;
static inline void snp_get_pulse(snp_pulse *v, const uint8_t *p) {
  v->intensity_pct = p[0];
  v->on_10ms = p[1];
  v->off_10ms = p[2];
}
static inline void snp_put_pulse(snp_writer *w, const snp_pulse *v) {
  snp_u8(w, v->intensity_pct);
  snp_u8(w, v->on_10ms);
  snp_u8(w, v->off_10ms);
}

/* One sample of an IMU, sensor axes. */
#define SNP_IMU_SAMPLE_SIZE 12
typedef struct {
  int16_t ax; /* scale_a: specific force */
  int16_t ay; /* scale_a: specific force */
  int16_t az; /* scale_a: specific force */
  int16_t gx; /* scale_b: angular rate */
  int16_t gy; /* scale_b: angular rate */
  int16_t gz; /* scale_b: angular rate */
} snp_imu_sample;
static inline void snp_get_imu_sample(snp_imu_sample *v, const uint8_t *p) {
  v->ax = snp_get_i16(p + 0);
  v->ay = snp_get_i16(p + 2);
  v->az = snp_get_i16(p + 4);
  v->gx = snp_get_i16(p + 6);
  v->gy = snp_get_i16(p + 8);
  v->gz = snp_get_i16(p + 10);
}
static inline void snp_put_imu_sample(snp_writer *w, const snp_imu_sample *v) {
  snp_i16(w, v->ax);
  snp_i16(w, v->ay);
  snp_i16(w, v->az);
  snp_i16(w, v->gx);
  snp_i16(w, v->gy);
  snp_i16(w, v->gz);
}

/* One sample of a load cell. */
#define SNP_LOAD_SAMPLE_SIZE 4
typedef struct {
  int32_t value; /* scale_a: force, pushing positive */
} snp_load_sample;
static inline void snp_get_load_sample(snp_load_sample *v, const uint8_t *p) {
  v->value = snp_get_i32(p + 0);
}
static inline void snp_put_load_sample(snp_writer *w, const snp_load_sample *v) {
  snp_i32(w, v->value);
}

/* One orientation. */
#define SNP_QUAT_SAMPLE_SIZE 8
typedef struct {
  int16_t quat[4]; /* 1/32767: w x y z */
} snp_quat_sample;
static inline void snp_get_quat_sample(snp_quat_sample *v, const uint8_t *p) {
  for (unsigned i = 0; i < 4; i++) v->quat[i] = snp_get_i16(p + 0 + 2 * i);
}
static inline void snp_put_quat_sample(snp_writer *w, const snp_quat_sample *v) {
  for (unsigned i = 0; i < 4; i++) snp_i16(w, v->quat[i]);
}

/* The host is here; the node answers with INFO. */
typedef struct {
  uint8_t min_major; /* lowest major version the host speaks */
  uint8_t max_major; /* highest major version the host speaks */
  uint8_t minor; /* the host's minor version of max_major */
  uint8_t reserved; /* 0 */
  uint64_t host_nonce; /* random, new for each connection */
} snp_hello;
static inline int snp_get_hello(snp_hello *v, const uint8_t *p, uint8_t len) {
  if (len < 12) return SNP_MALFORMED;
  v->min_major = p[0];
  v->max_major = p[1];
  v->minor = p[2];
  v->reserved = p[3];
  v->host_nonce = snp_get_u64(p + 4);
  return 0;
}
static inline void snp_put_hello(snp_writer *w, const snp_hello *v) {
  snp_u8(w, v->min_major);
  snp_u8(w, v->max_major);
  snp_u8(w, v->minor);
  snp_u8(w, v->reserved);
  snp_u64(w, v->host_nonce);
}

/* Who the node is and what it measures. Its first four bytes are frozen for all versions. */
typedef struct {
  uint8_t major; /* major version the node will speak */
  uint8_t minor; /* the node's minor version */
  uint8_t n_chan; /* channel descriptors in this message */
  uint8_t hw_class; /* kind of node */
  uint64_t node_id; /* unique and lasting */
  uint32_t fw; /* firmware version a.b.c.d, a in the highest byte */
  uint32_t caps; /* what it can do */
  uint16_t max_msg; /* bytes: longest message it takes */
  uint16_t boot_count; /* one more after every start */
  uint8_t node_nonce[8]; /* random, new for each start */
  const uint8_t *channels; /* n_chan × Channel: its channels */
} snp_info;
static inline int snp_get_info(snp_info *v, const uint8_t *p, uint8_t len) {
  if (len < 32) return SNP_MALFORMED;
  v->major = p[0];
  v->minor = p[1];
  v->n_chan = p[2];
  v->hw_class = p[3];
  v->node_id = snp_get_u64(p + 4);
  v->fw = snp_get_u32(p + 12);
  v->caps = snp_get_u32(p + 16);
  v->max_msg = snp_get_u16(p + 20);
  v->boot_count = snp_get_u16(p + 22);
  for (unsigned i = 0; i < 8; i++) v->node_nonce[i] = p[24 + i];
  v->channels = p + 32;
  if (len < 32 + 16 * v->n_chan) return SNP_MALFORMED;
  return 0;
}
static inline void snp_put_info(snp_writer *w, const snp_info *v) {
  snp_u8(w, v->major);
  snp_u8(w, v->minor);
  snp_u8(w, v->n_chan);
  snp_u8(w, v->hw_class);
  snp_u64(w, v->node_id);
  snp_u32(w, v->fw);
  snp_u32(w, v->caps);
  snp_u16(w, v->max_msg);
  snp_u16(w, v->boot_count);
  snp_bytes(w, v->node_nonce, 8);
  snp_bytes(w, v->channels, (uint16_t)(16 * v->n_chan));
}

/* The node's health, once a second and on change. */
typedef struct {
  uint32_t uptime_s; /* s: since start */
  uint16_t batt_mv; /* mV: battery; 0 where there is none */
  uint8_t batt_pct; /* %: battery; 255 unknown */
  uint8_t state; /* what it is doing */
  int16_t temp_c100; /* 0.01 °C: temperature; −32768 unknown */
  uint16_t dropped_msgs; /* messages it could not send since start */
  uint16_t fault_bits; /* faults present, bit = FAULT.code */
} snp_status;
static inline int snp_get_status(snp_status *v, const uint8_t *p, uint8_t len) {
  if (len < 14) return SNP_MALFORMED;
  v->uptime_s = snp_get_u32(p + 0);
  v->batt_mv = snp_get_u16(p + 4);
  v->batt_pct = p[6];
  v->state = p[7];
  v->temp_c100 = snp_get_i16(p + 8);
  v->dropped_msgs = snp_get_u16(p + 10);
  v->fault_bits = snp_get_u16(p + 12);
  return 0;
}
static inline void snp_put_status(snp_writer *w, const snp_status *v) {
  snp_u32(w, v->uptime_s);
  snp_u16(w, v->batt_mv);
  snp_u8(w, v->batt_pct);
  snp_u8(w, v->state);
  snp_i16(w, v->temp_c100);
  snp_u16(w, v->dropped_msgs);
  snp_u16(w, v->fault_bits);
}

/* Asks for the device clock. */
typedef struct {
  uint16_t token; /* echoed */
} snp_time_req;
static inline int snp_get_time_req(snp_time_req *v, const uint8_t *p, uint8_t len) {
  if (len < 2) return SNP_MALFORMED;
  v->token = snp_get_u16(p + 0);
  return 0;
}
static inline void snp_put_time_req(snp_writer *w, const snp_time_req *v) {
  snp_u16(w, v->token);
}

/* The device clock when TIME_REQ came, and how long the answer was held. */
typedef struct {
  uint16_t token; /* from the request */
  uint64_t rx_us; /* µs: device clock, all 64 bits, at reception */
  uint32_t hold_us; /* µs: from reception to hand-over to radio or UART */
} snp_time_rsp;
static inline int snp_get_time_rsp(snp_time_rsp *v, const uint8_t *p, uint8_t len) {
  if (len < 14) return SNP_MALFORMED;
  v->token = snp_get_u16(p + 0);
  v->rx_us = snp_get_u64(p + 2);
  v->hold_us = snp_get_u32(p + 10);
  return 0;
}
static inline void snp_put_time_rsp(snp_writer *w, const snp_time_rsp *v) {
  snp_u16(w, v->token);
  snp_u64(w, v->rx_us);
  snp_u32(w, v->hold_us);
}

/* A message from or for a node behind a hub, whole. */
typedef struct {
  uint8_t sub; /* the hub's number for that node */
  const uint8_t *inner; /* message (rest): one message, header and tag included; never a RELAY */
  uint8_t inner_len; /* bytes */
} snp_relay;
static inline int snp_get_relay(snp_relay *v, const uint8_t *p, uint8_t len) {
  if (len < 1) return SNP_MALFORMED;
  v->sub = p[0];
  v->inner = p + 1;
  v->inner_len = (uint8_t)(len - 1);
  return 0;
}
static inline void snp_put_relay(snp_writer *w, const snp_relay *v) {
  snp_u8(w, v->sub);
  snp_bytes(w, v->inner, v->inner_len);
}

/* The answer to a command. Frozen for all versions. */
typedef struct {
  uint8_t req_type; /* type of the command */
  uint16_t req_seq; /* seq of the command */
  uint8_t code; /* verdict */
  uint16_t detail; /* by code and command */
} snp_ack;
static inline int snp_get_ack(snp_ack *v, const uint8_t *p, uint8_t len) {
  if (len < 6) return SNP_MALFORMED;
  v->req_type = p[0];
  v->req_seq = snp_get_u16(p + 1);
  v->code = p[3];
  v->detail = snp_get_u16(p + 4);
  return 0;
}
static inline void snp_put_ack(snp_writer *w, const snp_ack *v) {
  snp_u8(w, v->req_type);
  snp_u16(w, v->req_seq);
  snp_u8(w, v->code);
  snp_u16(w, v->detail);
}

/* Samples of an inertial channel. */
typedef struct {
  uint32_t t0_us; /* µs: device clock at the first sample's data-ready instant */
  uint32_t dt_ns; /* ns: measured mean time between samples */
  uint16_t n0; /* running number of the first sample */
  uint8_t count; /* samples in this batch, at least 1 */
  uint8_t flags; /* flags */
  const uint8_t *samples; /* count × ImuSample: samples */
  const uint8_t *orientation; /* i16[4], 1/32767: w x y z at the first sample, integrated on the node from gyro alone; zero is arbitrary; NULL: none */
} snp_imu_batch;
static inline int snp_get_imu_batch(snp_imu_batch *v, const uint8_t *p, uint8_t len) {
  if (len < 12) return SNP_MALFORMED;
  v->t0_us = snp_get_u32(p + 0);
  v->dt_ns = snp_get_u32(p + 4);
  v->n0 = snp_get_u16(p + 8);
  v->count = p[10];
  v->flags = p[11];
  v->samples = p + 12;
  if (v->count == 0 || len < 12 + 12 * v->count) return SNP_MALFORMED;
  v->orientation = v->flags & 32 ? p + 12 + 12 * v->count : NULL;
  if (v->orientation && len < 12 + 12 * v->count + 8) return SNP_MALFORMED;
  return 0;
}
static inline void snp_put_imu_batch(snp_writer *w, const snp_imu_batch *v) {
  snp_u32(w, v->t0_us);
  snp_u32(w, v->dt_ns);
  snp_u16(w, v->n0);
  snp_u8(w, v->count);
  snp_u8(w, v->flags);
  snp_bytes(w, v->samples, (uint16_t)(12 * v->count));
  if (v->orientation) snp_bytes(w, v->orientation, 8);
}

/* One sample, for links stuck at ATT_MTU 23. Its running number is the message's seq. */
typedef struct {
  uint16_t t_100us; /* 100 µs: device clock */
  const uint8_t *samples; /* 1 × ImuSample: the sample */
} snp_imu_one;
static inline int snp_get_imu_one(snp_imu_one *v, const uint8_t *p, uint8_t len) {
  if (len < 14) return SNP_MALFORMED;
  v->t_100us = snp_get_u16(p + 0);
  v->samples = p + 2;
  return 0;
}
static inline void snp_put_imu_one(snp_writer *w, const snp_imu_one *v) {
  snp_u16(w, v->t_100us);
  snp_bytes(w, v->samples, 12);
}

/* Samples of a load channel. */
typedef struct {
  uint32_t t0_us; /* µs: device clock at the first sample's data-ready instant */
  uint32_t dt_ns; /* ns: measured mean time between samples */
  uint16_t n0; /* running number of the first sample */
  uint8_t count; /* samples in this batch, at least 1 */
  uint8_t flags; /* flags */
  const uint8_t *samples; /* count × LoadSample: samples */
} snp_load_batch;
static inline int snp_get_load_batch(snp_load_batch *v, const uint8_t *p, uint8_t len) {
  if (len < 12) return SNP_MALFORMED;
  v->t0_us = snp_get_u32(p + 0);
  v->dt_ns = snp_get_u32(p + 4);
  v->n0 = snp_get_u16(p + 8);
  v->count = p[10];
  v->flags = p[11];
  v->samples = p + 12;
  if (v->count == 0 || len < 12 + 4 * v->count) return SNP_MALFORMED;
  return 0;
}
static inline void snp_put_load_batch(snp_writer *w, const snp_load_batch *v) {
  snp_u32(w, v->t0_us);
  snp_u32(w, v->dt_ns);
  snp_u16(w, v->n0);
  snp_u8(w, v->count);
  snp_u8(w, v->flags);
  snp_bytes(w, v->samples, (uint16_t)(4 * v->count));
}

/* Optional: orientation by the node's own fusion. */
typedef struct {
  uint32_t t0_us; /* µs: device clock at the first sample's data-ready instant */
  uint32_t dt_ns; /* ns: measured mean time between samples */
  uint16_t n0; /* running number of the first sample */
  uint8_t count; /* samples in this batch, at least 1 */
  uint8_t flags; /* flags */
  const uint8_t *samples; /* count × QuatSample: orientations */
} snp_quat_batch;
static inline int snp_get_quat_batch(snp_quat_batch *v, const uint8_t *p, uint8_t len) {
  if (len < 12) return SNP_MALFORMED;
  v->t0_us = snp_get_u32(p + 0);
  v->dt_ns = snp_get_u32(p + 4);
  v->n0 = snp_get_u16(p + 8);
  v->count = p[10];
  v->flags = p[11];
  v->samples = p + 12;
  if (v->count == 0 || len < 12 + 8 * v->count) return SNP_MALFORMED;
  return 0;
}
static inline void snp_put_quat_batch(snp_writer *w, const snp_quat_batch *v) {
  snp_u32(w, v->t0_us);
  snp_u32(w, v->dt_ns);
  snp_u16(w, v->n0);
  snp_u8(w, v->count);
  snp_u8(w, v->flags);
  snp_bytes(w, v->samples, (uint16_t)(8 * v->count));
}

/* Something happened at the node. */
typedef struct {
  uint32_t t_us; /* µs: device clock */
  uint8_t kind; /* what */
  uint8_t arg; /* by kind */
} snp_event;
static inline int snp_get_event(snp_event *v, const uint8_t *p, uint8_t len) {
  if (len < 6) return SNP_MALFORMED;
  v->t_us = snp_get_u32(p + 0);
  v->kind = p[4];
  v->arg = p[5];
  return 0;
}
static inline void snp_put_event(snp_writer *w, const snp_event *v) {
  snp_u32(w, v->t_us);
  snp_u8(w, v->kind);
  snp_u8(w, v->arg);
}

/* One load sample, for links stuck at ATT_MTU 23. Its running number is the message's seq. */
typedef struct {
  uint16_t t_100us; /* 100 µs: device clock */
  const uint8_t *samples; /* 1 × LoadSample: the sample */
} snp_load_one;
static inline int snp_get_load_one(snp_load_one *v, const uint8_t *p, uint8_t len) {
  if (len < 6) return SNP_MALFORMED;
  v->t_100us = snp_get_u16(p + 0);
  v->samples = p + 2;
  return 0;
}
static inline void snp_put_load_one(snp_writer *w, const snp_load_one *v) {
  snp_u16(w, v->t_100us);
  snp_bytes(w, v->samples, 4);
}

/* A line for the maker. */
typedef struct {
  uint8_t level; /* how grave */
  uint32_t t_us; /* µs: device clock */
  const uint8_t *line; /* text (rest): what */
  uint8_t line_len; /* bytes */
} snp_log;
static inline int snp_get_log(snp_log *v, const uint8_t *p, uint8_t len) {
  if (len < 5) return SNP_MALFORMED;
  v->level = p[0];
  v->t_us = snp_get_u32(p + 1);
  v->line = p + 5;
  v->line_len = (uint8_t)(len - 5);
  return 0;
}
static inline void snp_put_log(snp_writer *w, const snp_log *v) {
  snp_u8(w, v->level);
  snp_u32(w, v->t_us);
  snp_bytes(w, v->line, v->line_len);
}

/* A fault began, ended or changed; present ones also stand in STATUS.fault_bits. */
typedef struct {
  uint32_t t_us; /* µs: device clock */
  uint16_t code; /* which */
  uint8_t severity; /* how grave */
  uint8_t where; /* channel, 0 = the node */
  const uint8_t *line; /* text (rest): in words */
  uint8_t line_len; /* bytes */
} snp_fault;
static inline int snp_get_fault(snp_fault *v, const uint8_t *p, uint8_t len) {
  if (len < 8) return SNP_MALFORMED;
  v->t_us = snp_get_u32(p + 0);
  v->code = snp_get_u16(p + 4);
  v->severity = p[6];
  v->where = p[7];
  v->line = p + 8;
  v->line_len = (uint8_t)(len - 8);
  return 0;
}
static inline void snp_put_fault(snp_writer *w, const snp_fault *v) {
  snp_u32(w, v->t_us);
  snp_u16(w, v->code);
  snp_u8(w, v->severity);
  snp_u8(w, v->where);
  snp_bytes(w, v->line, v->line_len);
}

/* Sets a configuration value. */
typedef struct {
  uint16_t key; /* which */
  const uint8_t *value; /* bytes (rest): value, of the key's width */
  uint8_t value_len; /* bytes */
} snp_cfg_set;
static inline int snp_get_cfg_set(snp_cfg_set *v, const uint8_t *p, uint8_t len) {
  if (len < 2) return SNP_MALFORMED;
  v->key = snp_get_u16(p + 0);
  v->value = p + 2;
  v->value_len = (uint8_t)(len - 2);
  return 0;
}
static inline void snp_put_cfg_set(snp_writer *w, const snp_cfg_set *v) {
  snp_u16(w, v->key);
  snp_bytes(w, v->value, v->value_len);
}

/* Asks for a configuration value. */
typedef struct {
  uint16_t key; /* which */
} snp_cfg_get;
static inline int snp_get_cfg_get(snp_cfg_get *v, const uint8_t *p, uint8_t len) {
  if (len < 2) return SNP_MALFORMED;
  v->key = snp_get_u16(p + 0);
  return 0;
}
static inline void snp_put_cfg_get(snp_writer *w, const snp_cfg_get *v) {
  snp_u16(w, v->key);
}

/* The answer to CFG_GET. */
typedef struct {
  uint16_t key; /* which */
  uint8_t flags; /* bit 0 kept over a power cycle, bit 1 read-only */
  const uint8_t *value; /* bytes (rest): value, of the key's width */
  uint8_t value_len; /* bytes */
} snp_cfg_value;
static inline int snp_get_cfg_value(snp_cfg_value *v, const uint8_t *p, uint8_t len) {
  if (len < 3) return SNP_MALFORMED;
  v->key = snp_get_u16(p + 0);
  v->flags = p[2];
  v->value = p + 3;
  v->value_len = (uint8_t)(len - 3);
  return 0;
}
static inline void snp_put_cfg_value(snp_writer *w, const snp_cfg_value *v) {
  snp_u16(w, v->key);
  snp_u8(w, v->flags);
  snp_bytes(w, v->value, v->value_len);
}

/* Says which channels to stream, all others stop, and how fresh they must be. */
typedef struct {
  uint32_t channel_mask; /* bit = channel; 0 stops all */
  uint16_t batch_us; /* µs: age of the oldest sample of a batch when it is sent, at most */
} snp_stream;
static inline int snp_get_stream(snp_stream *v, const uint8_t *p, uint8_t len) {
  if (len < 6) return SNP_MALFORMED;
  v->channel_mask = snp_get_u32(p + 0);
  v->batch_us = snp_get_u16(p + 4);
  return 0;
}
static inline void snp_put_stream(snp_writer *w, const snp_stream *v) {
  snp_u32(w, v->channel_mask);
  snp_u16(w, v->batch_us);
}

/* Takes the present load of the header's channel as zero. ACK when done, detail = noise in counts. */
typedef struct {
  uint8_t samples; /* samples to average */
  uint8_t reserved; /* 0 */
} snp_tare;
static inline int snp_get_tare(snp_tare *v, const uint8_t *p, uint8_t len) {
  if (len < 2) return SNP_MALFORMED;
  v->samples = p[0];
  v->reserved = p[1];
  return 0;
}
static inline void snp_put_tare(snp_writer *w, const snp_tare *v) {
  snp_u8(w, v->samples);
  snp_u8(w, v->reserved);
}

/* Makes the node show itself by light and a short buzz. */
typedef struct {
  uint8_t seconds; /* s: for how long */
} snp_identify;
static inline int snp_get_identify(snp_identify *v, const uint8_t *p, uint8_t len) {
  if (len < 1) return SNP_MALFORMED;
  v->seconds = p[0];
  return 0;
}
static inline void snp_put_identify(snp_writer *w, const snp_identify *v) {
  snp_u8(w, v->seconds);
}

/* Plays a pattern, unless it comes too late. */
typedef struct {
  uint16_t cue; /* names the cue, for the log */
  uint8_t prio; /* a higher one replaces the one that plays */
  uint8_t repeats; /* how often the pattern plays */
  uint32_t valid_until_us; /* µs: device clock after which it must not start */
  const uint8_t *pulses; /* rest × Pulse: the pattern */
  uint8_t pulses_count; /* of 3 bytes each */
} snp_buzz;
static inline int snp_get_buzz(snp_buzz *v, const uint8_t *p, uint8_t len) {
  if (len < 8) return SNP_MALFORMED;
  v->cue = snp_get_u16(p + 0);
  v->prio = p[2];
  v->repeats = p[3];
  v->valid_until_us = snp_get_u32(p + 4);
  v->pulses = p + 8;
  if ((len - 8) % 3 != 0) return SNP_MALFORMED;
  v->pulses_count = (uint8_t)((len - 8) / 3);
  return 0;
}
static inline void snp_put_buzz(snp_writer *w, const snp_buzz *v) {
  snp_u16(w, v->cue);
  snp_u8(w, v->prio);
  snp_u8(w, v->repeats);
  snp_u32(w, v->valid_until_us);
  snp_bytes(w, v->pulses, (uint16_t)(3 * v->pulses_count));
}

/* Starts the node again. ACK comes first. */
typedef struct {
  uint8_t mode; /* into what */
  uint32_t magic; /* 0x544F4F42, so that no stray byte restarts a node */
} snp_reboot;
static inline int snp_get_reboot(snp_reboot *v, const uint8_t *p, uint8_t len) {
  if (len < 5) return SNP_MALFORMED;
  v->mode = p[0];
  v->magic = snp_get_u32(p + 1);
  return 0;
}
static inline void snp_put_reboot(snp_writer *w, const snp_reboot *v) {
  snp_u8(w, v->mode);
  snp_u32(w, v->magic);
}

#endif
