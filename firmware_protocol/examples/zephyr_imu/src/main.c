/* A worn inertial node on Zephyr: XIAO nRF52840 Sense, or any board with a Bluetooth controller and an LSM6DSL/LSM6DS3.
 * Build: west build -b xiao_ble/nrf52840/sense. All work is done in one thread: the callbacks only hand over. */
#include <string.h>
#include <zephyr/bluetooth/bluetooth.h>
#include <zephyr/bluetooth/conn.h>
#include <zephyr/bluetooth/gatt.h>
#include <zephyr/bluetooth/uuid.h>
#include <zephyr/device.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/drivers/sensor.h>
#include <zephyr/kernel.h>
#include <zephyr/random/random.h>
#include <zephyr/settings/settings.h>
#include <zephyr/sys/reboot.h>

#include "snp_gyro.h"
#include "snp_node.h"

/* ---- what it measures ---- */

#define ACC_SCALE 4788403u  /* nm/s² per count at ±16 g */
#define GYRO_SCALE 1065264u /* nrad/s per count at ±2000 °/s */
#define PERIOD_NS 9615385u  /* 104 Hz */

static const snp_channel channels[] = {
    {1, SNP_CHANNEL_KIND_IMU6, SNP_PLACEMENT_LEFT_SHANK, 0, PERIOD_NS, ACC_SCALE, GYRO_SCALE},
};

static snp_node node;
static snp_batch batch;
static snp_gyro gyro;

static uint64_t now_us(void *user) {
  ARG_UNUSED(user);
  return k_ticks_to_us_floor64(k_uptime_ticks());
}

/* ---- the service ---- */

#define SNP_UUID(short) BT_UUID_128_ENCODE(0x733f0000 + (short), 0xfe59, 0x4258, 0x9075, 0xa7b0a768245e)
static const struct bt_uuid_128 service_uuid = BT_UUID_INIT_128(SNP_UUID(1));
static const struct bt_uuid_128 info_uuid = BT_UUID_INIT_128(SNP_UUID(2));
static const struct bt_uuid_128 data_uuid = BT_UUID_INIT_128(SNP_UUID(3));
static const struct bt_uuid_128 ctrl_uuid = BT_UUID_INIT_128(SNP_UUID(4));

static struct bt_conn *connection;
static uint8_t info_value[SNP_MESSAGE_MAX];
static uint16_t info_len;

struct received {
  uint64_t at_us;
  uint16_t len;
  uint8_t bytes[SNP_MESSAGE_MAX];
};
K_MSGQ_DEFINE(inbox, sizeof(struct received), 8, 4);

static ssize_t read_info(struct bt_conn *conn, const struct bt_gatt_attr *attr, void *buf, uint16_t len, uint16_t offset) {
  return bt_gatt_attr_read(conn, attr, buf, len, offset, info_value, info_len);
}

static ssize_t on_write(struct bt_conn *conn, const struct bt_gatt_attr *attr, const void *buf, uint16_t len,
                        uint16_t offset, uint8_t flags) {
  static struct received item;
  ARG_UNUSED(conn);
  ARG_UNUSED(attr);
  ARG_UNUSED(flags);
  if (offset != 0 || len > sizeof item.bytes) return BT_GATT_ERR(BT_ATT_ERR_INVALID_ATTRIBUTE_LEN);
  item.at_us = now_us(NULL); /* here, not in the main thread: TIME_RSP stands on it */
  item.len = len;
  memcpy(item.bytes, buf, len);
  k_msgq_put(&inbox, &item, K_NO_WAIT);
  return len;
}

BT_GATT_SERVICE_DEFINE(snp_service, BT_GATT_PRIMARY_SERVICE(&service_uuid),
                       BT_GATT_CHARACTERISTIC(&info_uuid.uuid, BT_GATT_CHRC_READ | BT_GATT_CHRC_NOTIFY,
                                              BT_GATT_PERM_READ, read_info, NULL, NULL),
                       BT_GATT_CCC(NULL, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE),
                       BT_GATT_CHARACTERISTIC(&data_uuid.uuid, BT_GATT_CHRC_NOTIFY, BT_GATT_PERM_NONE, NULL, NULL, NULL),
                       BT_GATT_CCC(NULL, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE),
                       BT_GATT_CHARACTERISTIC(&ctrl_uuid.uuid,
                                              BT_GATT_CHRC_WRITE | BT_GATT_CHRC_WRITE_WITHOUT_RESP | BT_GATT_CHRC_NOTIFY,
                                              BT_GATT_PERM_WRITE, NULL, on_write, NULL),
                       BT_GATT_CCC(NULL, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE), );

/* Where the values stand in the service's table. */
enum { INFO_AT = 2, DATA_AT = 5, CTRL_AT = 8 };

static void send(void *user, const uint8_t *message, uint16_t len) {
  const uint8_t type = message[1];
  int at = DATA_AT;
  ARG_UNUSED(user);
  if (type == SNP_INFO) {
    memcpy(info_value, message, len);
    info_len = len;
    at = INFO_AT;
  } else if (type == SNP_ACK || type == SNP_CFG_VALUE || type == SNP_TIME_RSP) {
    at = CTRL_AT;
  }
  if (connection && bt_gatt_notify(connection, &snp_service.attrs[at], message, len) != 0) node.dropped_out++;
}

static void on_connected(struct bt_conn *conn, uint8_t error) {
  if (!error) connection = bt_conn_ref(conn);
}

static void on_disconnected(struct bt_conn *conn, uint8_t reason) {
  ARG_UNUSED(conn);
  ARG_UNUSED(reason);
  bt_conn_unref(connection);
  connection = NULL;
}

BT_CONN_CB_DEFINE(connection_callbacks) = {.connected = on_connected, .disconnected = on_disconnected};

/* ---- samples ---- */

struct sample {
  uint64_t at_us;
  int16_t values[6];
};
K_MSGQ_DEFINE(samples, sizeof(struct sample), 16, 8);
static uint16_t samples_lost;

/* Zephyr gives m/s² and rad/s as millionths; counts are made of them again. */
static int16_t counts(const struct sensor_value *v, uint32_t scale_nano) {
  const int64_t micro = (int64_t)v->val1 * 1000000 + v->val2;
  return (int16_t)CLAMP(micro * 1000 / (int64_t)scale_nano, INT16_MIN, INT16_MAX);
}

static void on_ready(const struct device *imu, const struct sensor_trigger *trigger) {
  struct sample s = {.at_us = now_us(NULL)};
  struct sensor_value acc[3], rate[3];
  ARG_UNUSED(trigger);
  if (sensor_sample_fetch(imu) || sensor_channel_get(imu, SENSOR_CHAN_ACCEL_XYZ, acc) ||
      sensor_channel_get(imu, SENSOR_CHAN_GYRO_XYZ, rate)) {
    samples_lost++;
    return;
  }
  for (int i = 0; i < 3; i++) {
    s.values[i] = counts(&acc[i], ACC_SCALE);
    s.values[3 + i] = counts(&rate[i], GYRO_SCALE);
  }
  if (k_msgq_put(&samples, &s, K_NO_WAIT)) samples_lost++;
}

static void take_sample(const struct sample *s) {
  static uint64_t last_us;
  int16_t turned[4];
  if (samples_lost) {
    snp_batch_lost(&node, &batch, samples_lost);
    samples_lost = 0;
  }
  if (last_us) snp_gyro_turn(&gyro, s->values + 3, GYRO_SCALE, (uint32_t)(s->at_us - last_us));
  last_us = s->at_us;
  snp_gyro_get(&gyro, turned);
  snp_batch_imu(&node, &batch, s->at_us, s->values, turned);
}

/* ---- commands ---- */

static uint8_t command(void *user, snp_node *n, const snp_message *m, uint16_t *detail) {
  ARG_UNUSED(user);
  ARG_UNUSED(n);
  ARG_UNUSED(detail);
  switch (m->type) {
    case SNP_STREAM:
    case SNP_IDENTIFY: return SNP_ACK_CODE_OK;
    case SNP_REBOOT: return SNP_ACK_CODE_OK; /* done in the main loop, after the answer has left */
    case SNP_CFG_SET:
    case SNP_CFG_GET: return SNP_ACK_CODE_UNKNOWN_KEY;
    default: return SNP_ACK_CODE_UNKNOWN_TYPE;
  }
}

static void receive(const struct received *item) {
  snp_message m;
  size_t at = 0;
  snp_node_receive(&node, item->bytes, item->len, item->at_us);
  if (snp_next(&m, item->bytes, item->len, &at) == 1 && m.type == SNP_REBOOT && m.len >= 5 &&
      snp_get_u32(m.payload + 1) == 0x544F4F42u) {
    k_msleep(200); /* time for the answer */
    sys_reboot(SYS_REBOOT_WARM);
  }
}

/* ---- start ---- */

static const snp_port port = {now_us, send, command, NULL, NULL};

static uint16_t boots;

static int load_boots(const char *name, size_t len, settings_read_cb read_cb, void *arg) {
  ARG_UNUSED(len);
  return strcmp(name, "boots") == 0 && read_cb(arg, &boots, sizeof boots) < 0 ? -EIO : 0;
}

SETTINGS_STATIC_HANDLER_DEFINE(snp_settings, "snp", NULL, load_boots, NULL, NULL);

static void start_node(void) {
  snp_node_init(&node, &port);
  settings_subsys_init();
  settings_load_subtree("snp");
  boots++;
  settings_save_one("snp/boots", &boots, sizeof boots);
  hwinfo_get_device_id((uint8_t *)&node.info.node_id, sizeof node.info.node_id);
  sys_rand_get(node.info.node_nonce, sizeof node.info.node_nonce);
  node.info.fw = 0x00010000;
  node.info.hw_class = SNP_HW_CLASS_WORN;
  node.info.caps = SNP_CAPS_IMU | SNP_CAPS_TIME_SYNC | SNP_CAPS_PERSIST;
  node.info.boot_count = boots;
  node.channels = channels;
  node.channel_count = ARRAY_SIZE(channels);
  snp_batch_init(&batch, &channels[0]);
  snp_gyro_init(&gyro);
}

static const struct bt_data advertisement[] = {
    BT_DATA_BYTES(BT_DATA_FLAGS, BT_LE_AD_GENERAL | BT_LE_AD_NO_BREDR),
    BT_DATA_BYTES(BT_DATA_UUID128_ALL, SNP_UUID(1)),
};
static const struct bt_data scan_response[] = {
    BT_DATA(BT_DATA_NAME_COMPLETE, CONFIG_BT_DEVICE_NAME, sizeof CONFIG_BT_DEVICE_NAME - 1),
};

int main(void) {
  const struct device *imu = DEVICE_DT_GET_ONE(st_lsm6dsl);
  const struct sensor_trigger ready = {.type = SENSOR_TRIG_DATA_READY, .chan = SENSOR_CHAN_GYRO_XYZ};
  struct received item;
  struct sample sample;
  start_node();
  if (bt_enable(NULL) ||
      bt_le_adv_start(BT_LE_ADV_CONN_FAST_1, advertisement, ARRAY_SIZE(advertisement), scan_response,
                      ARRAY_SIZE(scan_response)))
    return -EIO;
  if (!device_is_ready(imu) || sensor_trigger_set(imu, &ready, on_ready)) node.fault_bits |= 1u << SNP_FAULT_CODE_SENSOR_SILENT;
  for (;;) {
    if (connection) node.link_size = (uint16_t)(bt_gatt_get_mtu(connection) - 3);
    while (k_msgq_get(&inbox, &item, K_NO_WAIT) == 0) receive(&item);
    if (k_msgq_get(&samples, &sample, K_MSEC(2)) == 0) take_sample(&sample);
    snp_node_tick(&node);
  }
}
