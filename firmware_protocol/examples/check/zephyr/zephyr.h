/* Stand-ins for the parts of Zephyr that the example uses, so that it can be compiled where Zephyr is not at hand. They
 * follow its published interfaces; they prove that the example fits the codec and itself, not that it runs. */
#ifndef CHECK_ZEPHYR_H
#define CHECK_ZEPHYR_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARG_UNUSED(x) (void)(x)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CLAMP(v, low, high) ((v) < (low) ? (low) : (v) > (high) ? (high) : (v))
#define CONFIG_BT_DEVICE_NAME "SG"

typedef struct { int64_t ticks; } k_timeout_t;
#define K_NO_WAIT ((k_timeout_t){0})
#define K_MSEC(ms) ((k_timeout_t){ms})
struct k_msgq { int unused; };
#define K_MSGQ_DEFINE(name, size, count, align) static struct k_msgq name
int k_msgq_put(struct k_msgq *q, const void *data, k_timeout_t timeout);
int k_msgq_get(struct k_msgq *q, void *data, k_timeout_t timeout);
int64_t k_uptime_ticks(void);
uint64_t k_ticks_to_us_floor64(uint64_t ticks);
int32_t k_msleep(int32_t ms);

struct device { const char *name; };
extern const struct device check_device;
#define DEVICE_DT_GET_ONE(compatible) (&check_device)
_Bool device_is_ready(const struct device *dev);

struct sensor_value { int32_t val1, val2; };
enum sensor_channel { SENSOR_CHAN_ACCEL_XYZ, SENSOR_CHAN_GYRO_XYZ };
enum sensor_trigger_type { SENSOR_TRIG_DATA_READY };
struct sensor_trigger { enum sensor_trigger_type type; enum sensor_channel chan; };
typedef void (*sensor_trigger_handler_t)(const struct device *dev, const struct sensor_trigger *trigger);
int sensor_trigger_set(const struct device *dev, const struct sensor_trigger *trig, sensor_trigger_handler_t handler);
int sensor_sample_fetch(const struct device *dev);
int sensor_channel_get(const struct device *dev, enum sensor_channel chan, struct sensor_value *val);

ssize_t hwinfo_get_device_id(uint8_t *buffer, size_t length);
void sys_rand_get(void *dst, size_t len);
#define SYS_REBOOT_WARM 0
void sys_reboot(int type);

typedef ssize_t (*settings_read_cb)(void *arg, void *data, size_t len);
#define SETTINGS_STATIC_HANDLER_DEFINE(name, tree, get, set, commit, export) \
  int (*const check_settings_##name)(const char *, size_t, settings_read_cb, void *) = set
int settings_subsys_init(void);
int settings_load_subtree(const char *subtree);
int settings_save_one(const char *name, const void *value, size_t len);

struct bt_conn;
struct bt_conn *bt_conn_ref(struct bt_conn *conn);
void bt_conn_unref(struct bt_conn *conn);
struct bt_conn_cb {
  void (*connected)(struct bt_conn *conn, uint8_t err);
  void (*disconnected)(struct bt_conn *conn, uint8_t reason);
};
#define BT_CONN_CB_DEFINE(name) struct bt_conn_cb name

struct bt_uuid { uint8_t type; };
struct bt_uuid_128 { struct bt_uuid uuid; uint8_t val[16]; };
#define BT_UUID_128_ENCODE(w32, w1, w2, w3, w48)                                                                       \
  (uint8_t)((w48) & 0xFF), (uint8_t)((w48) >> 8 & 0xFF), (uint8_t)((w48) >> 16 & 0xFF), (uint8_t)((w48) >> 24 & 0xFF), \
      (uint8_t)((w48) >> 32 & 0xFF), (uint8_t)((w48) >> 40 & 0xFF), (uint8_t)((w3) & 0xFF), (uint8_t)((w3) >> 8),      \
      (uint8_t)((w2) & 0xFF), (uint8_t)((w2) >> 8), (uint8_t)((w1) & 0xFF), (uint8_t)((w1) >> 8),                      \
      (uint8_t)((w32) & 0xFF), (uint8_t)((w32) >> 8 & 0xFF), (uint8_t)((w32) >> 16 & 0xFF), (uint8_t)((w32) >> 24)
#define BT_UUID_INIT_128(...) {{2}, {__VA_ARGS__}}

struct bt_gatt_attr;
typedef ssize_t (*bt_gatt_attr_read_func_t)(struct bt_conn *, const struct bt_gatt_attr *, void *, uint16_t, uint16_t);
typedef ssize_t (*bt_gatt_attr_write_func_t)(struct bt_conn *, const struct bt_gatt_attr *, const void *, uint16_t,
                                             uint16_t, uint8_t);
struct bt_gatt_attr {
  const void *uuid;
  bt_gatt_attr_read_func_t read;
  bt_gatt_attr_write_func_t write;
};
struct bt_gatt_service_static { const struct bt_gatt_attr *attrs; size_t attr_count; };
#define BT_GATT_CHRC_READ 2
#define BT_GATT_CHRC_WRITE_WITHOUT_RESP 4
#define BT_GATT_CHRC_WRITE 8
#define BT_GATT_CHRC_NOTIFY 16
#define BT_GATT_PERM_NONE 0
#define BT_GATT_PERM_READ 1
#define BT_GATT_PERM_WRITE 2
#define BT_GATT_PRIMARY_SERVICE(uuid) {uuid, NULL, NULL}
#define BT_GATT_CHARACTERISTIC(uuid, props, perm, read, write, value) {NULL, NULL, NULL}, {uuid, read, write}
#define BT_GATT_CCC(changed, perm) {(const void *)(changed), NULL, NULL}
#define BT_GATT_SERVICE_DEFINE(name, ...)                       \
  static const struct bt_gatt_attr attr_##name[] = {__VA_ARGS__}; \
  static const struct bt_gatt_service_static name = {attr_##name, ARRAY_SIZE(attr_##name)}
#define BT_ATT_ERR_INVALID_ATTRIBUTE_LEN 0x0d
#define BT_GATT_ERR(err) (-(err))
ssize_t bt_gatt_attr_read(struct bt_conn *conn, const struct bt_gatt_attr *attr, void *buf, uint16_t buf_len,
                          uint16_t offset, const void *value, uint16_t value_len);
int bt_gatt_notify(struct bt_conn *conn, const struct bt_gatt_attr *attr, const void *data, uint16_t len);
uint16_t bt_gatt_get_mtu(struct bt_conn *conn);

struct bt_data { uint8_t type, data_len; const uint8_t *data; };
#define BT_DATA(type, data, len) {type, len, (const uint8_t *)(data)}
#define BT_DATA_BYTES(type, ...) BT_DATA(type, ((uint8_t[]){__VA_ARGS__}), sizeof((uint8_t[]){__VA_ARGS__}))
#define BT_DATA_FLAGS 1
#define BT_DATA_UUID128_ALL 7
#define BT_DATA_NAME_COMPLETE 9
#define BT_LE_AD_GENERAL 2
#define BT_LE_AD_NO_BREDR 4
struct bt_le_adv_param { int unused; };
#define BT_LE_ADV_CONN_FAST_1 (&(const struct bt_le_adv_param){0})
int bt_enable(void (*ready)(int err));
int bt_le_adv_start(const struct bt_le_adv_param *param, const struct bt_data *ad, size_t ad_len, const struct bt_data *sd,
                    size_t sd_len);

#endif
