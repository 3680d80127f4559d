/* Prints, fills and encodes messages. Written by `python -m firmware_protocol.generate`: do not edit.
 *
 * With MESSAGES_CHECK_OUTPUT it needs from its user: out_number(name, value), out_hex(name, bytes, count),
 * out_none(name), random_u64(), and random_bytes(count) and random_text(count), whose results last for one message. */
#ifndef MESSAGES_CHECK_H
#define MESSAGES_CHECK_H

#include "snp_messages.h"

typedef union {
  snp_hello hello;
  snp_info info;
  snp_status status;
  snp_time_req time_req;
  snp_time_rsp time_rsp;
  snp_relay relay;
  snp_ack ack;
  snp_imu_batch imu_batch;
  snp_imu_one imu_one;
  snp_load_batch load_batch;
  snp_quat_batch quat_batch;
  snp_event event;
  snp_load_one load_one;
  snp_log log;
  snp_fault fault;
  snp_cfg_set cfg_set;
  snp_cfg_get cfg_get;
  snp_cfg_value cfg_value;
  snp_stream stream;
  snp_tare tare;
  snp_identify identify;
  snp_buzz buzz;
  snp_reboot reboot;
} any_message;

/* The bytes of a message; gives their number. */
static uint16_t encode_any(const any_message *v, uint8_t type, uint8_t chan, uint16_t seq,
                           uint8_t *out) {
  snp_writer w;
  snp_begin(&w, out, SNP_MESSAGE_MAX, type, chan, seq);
  switch (type) {
    case SNP_HELLO: snp_put_hello(&w, &v->hello); break;
    case SNP_INFO: snp_put_info(&w, &v->info); break;
    case SNP_STATUS: snp_put_status(&w, &v->status); break;
    case SNP_TIME_REQ: snp_put_time_req(&w, &v->time_req); break;
    case SNP_TIME_RSP: snp_put_time_rsp(&w, &v->time_rsp); break;
    case SNP_RELAY: snp_put_relay(&w, &v->relay); break;
    case SNP_ACK: snp_put_ack(&w, &v->ack); break;
    case SNP_IMU_BATCH: snp_put_imu_batch(&w, &v->imu_batch); break;
    case SNP_IMU_ONE: snp_put_imu_one(&w, &v->imu_one); break;
    case SNP_LOAD_BATCH: snp_put_load_batch(&w, &v->load_batch); break;
    case SNP_QUAT_BATCH: snp_put_quat_batch(&w, &v->quat_batch); break;
    case SNP_EVENT: snp_put_event(&w, &v->event); break;
    case SNP_LOAD_ONE: snp_put_load_one(&w, &v->load_one); break;
    case SNP_LOG: snp_put_log(&w, &v->log); break;
    case SNP_FAULT: snp_put_fault(&w, &v->fault); break;
    case SNP_CFG_SET: snp_put_cfg_set(&w, &v->cfg_set); break;
    case SNP_CFG_GET: snp_put_cfg_get(&w, &v->cfg_get); break;
    case SNP_CFG_VALUE: snp_put_cfg_value(&w, &v->cfg_value); break;
    case SNP_STREAM: snp_put_stream(&w, &v->stream); break;
    case SNP_TARE: snp_put_tare(&w, &v->tare); break;
    case SNP_IDENTIFY: snp_put_identify(&w, &v->identify); break;
    case SNP_BUZZ: snp_put_buzz(&w, &v->buzz); break;
    case SNP_REBOOT: snp_put_reboot(&w, &v->reboot); break;
  }
  return snp_end(&w);
}
/* Reads a message. 0; SNP_MALFORMED; or 1 for an unknown type. */
static int read_any(any_message *v, const snp_message *m) {
  switch (m->type) {
    case SNP_HELLO: return snp_get_hello(&v->hello, m->payload, m->len);
    case SNP_INFO: return snp_get_info(&v->info, m->payload, m->len);
    case SNP_STATUS: return snp_get_status(&v->status, m->payload, m->len);
    case SNP_TIME_REQ: return snp_get_time_req(&v->time_req, m->payload, m->len);
    case SNP_TIME_RSP: return snp_get_time_rsp(&v->time_rsp, m->payload, m->len);
    case SNP_RELAY: return snp_get_relay(&v->relay, m->payload, m->len);
    case SNP_ACK: return snp_get_ack(&v->ack, m->payload, m->len);
    case SNP_IMU_BATCH: return snp_get_imu_batch(&v->imu_batch, m->payload, m->len);
    case SNP_IMU_ONE: return snp_get_imu_one(&v->imu_one, m->payload, m->len);
    case SNP_LOAD_BATCH: return snp_get_load_batch(&v->load_batch, m->payload, m->len);
    case SNP_QUAT_BATCH: return snp_get_quat_batch(&v->quat_batch, m->payload, m->len);
    case SNP_EVENT: return snp_get_event(&v->event, m->payload, m->len);
    case SNP_LOAD_ONE: return snp_get_load_one(&v->load_one, m->payload, m->len);
    case SNP_LOG: return snp_get_log(&v->log, m->payload, m->len);
    case SNP_FAULT: return snp_get_fault(&v->fault, m->payload, m->len);
    case SNP_CFG_SET: return snp_get_cfg_set(&v->cfg_set, m->payload, m->len);
    case SNP_CFG_GET: return snp_get_cfg_get(&v->cfg_get, m->payload, m->len);
    case SNP_CFG_VALUE: return snp_get_cfg_value(&v->cfg_value, m->payload, m->len);
    case SNP_STREAM: return snp_get_stream(&v->stream, m->payload, m->len);
    case SNP_TARE: return snp_get_tare(&v->tare, m->payload, m->len);
    case SNP_IDENTIFY: return snp_get_identify(&v->identify, m->payload, m->len);
    case SNP_BUZZ: return snp_get_buzz(&v->buzz, m->payload, m->len);
    case SNP_REBOOT: return snp_get_reboot(&v->reboot, m->payload, m->len);
  }
  return 1;
}
#ifdef MESSAGES_CHECK_OUTPUT

static void print_hello(const snp_hello *v) {
  out_number("min_major", (int64_t)v->min_major);
  out_number("max_major", (int64_t)v->max_major);
  out_number("minor", (int64_t)v->minor);
  out_number("reserved", (int64_t)v->reserved);
  out_number("host_nonce", (int64_t)v->host_nonce);
}
static void fill_hello(snp_hello *v) {
  v->min_major = (uint8_t)random_u64();
  v->max_major = (uint8_t)random_u64();
  v->minor = (uint8_t)random_u64();
  v->reserved = (uint8_t)random_u64();
  v->host_nonce = (uint64_t)random_u64();
}
static void print_info(const snp_info *v) {
  out_number("major", (int64_t)v->major);
  out_number("minor", (int64_t)v->minor);
  out_number("hw_class", (int64_t)v->hw_class);
  out_number("node_id", (int64_t)v->node_id);
  out_number("fw", (int64_t)v->fw);
  out_number("caps", (int64_t)v->caps);
  out_number("max_msg", (int64_t)v->max_msg);
  out_number("boot_count", (int64_t)v->boot_count);
  out_hex("node_nonce", v->node_nonce, 8);
  out_hex("channels", v->channels, 16u * v->n_chan);
}
static void fill_info(snp_info *v) {
  v->major = (uint8_t)random_u64();
  v->minor = (uint8_t)random_u64();
  v->hw_class = (uint8_t)random_u64();
  v->node_id = (uint64_t)random_u64();
  v->fw = (uint32_t)random_u64();
  v->caps = (uint32_t)random_u64();
  v->max_msg = (uint16_t)random_u64();
  v->boot_count = (uint16_t)random_u64();
  memcpy(v->node_nonce, random_bytes(8), 8);
  v->n_chan = (uint8_t)(0 + random_u64() % 14);
  v->channels = random_bytes(16u * v->n_chan);
}
static void print_status(const snp_status *v) {
  out_number("uptime_s", (int64_t)v->uptime_s);
  out_number("batt_mv", (int64_t)v->batt_mv);
  out_number("batt_pct", (int64_t)v->batt_pct);
  out_number("state", (int64_t)v->state);
  out_number("temp_c100", (int64_t)v->temp_c100);
  out_number("dropped_msgs", (int64_t)v->dropped_msgs);
  out_number("fault_bits", (int64_t)v->fault_bits);
}
static void fill_status(snp_status *v) {
  v->uptime_s = (uint32_t)random_u64();
  v->batt_mv = (uint16_t)random_u64();
  v->batt_pct = (uint8_t)random_u64();
  v->state = (uint8_t)random_u64();
  v->temp_c100 = (int16_t)random_u64();
  v->dropped_msgs = (uint16_t)random_u64();
  v->fault_bits = (uint16_t)random_u64();
}
static void print_time_req(const snp_time_req *v) {
  out_number("token", (int64_t)v->token);
}
static void fill_time_req(snp_time_req *v) {
  v->token = (uint16_t)random_u64();
}
static void print_time_rsp(const snp_time_rsp *v) {
  out_number("token", (int64_t)v->token);
  out_number("rx_us", (int64_t)v->rx_us);
  out_number("hold_us", (int64_t)v->hold_us);
}
static void fill_time_rsp(snp_time_rsp *v) {
  v->token = (uint16_t)random_u64();
  v->rx_us = (uint64_t)random_u64();
  v->hold_us = (uint32_t)random_u64();
}
static void print_relay(const snp_relay *v) {
  out_number("sub", (int64_t)v->sub);
  out_hex("inner", v->inner, v->inner_len);
}
static void fill_relay(snp_relay *v) {
  v->sub = (uint8_t)random_u64();
  v->inner_len = (uint8_t)(random_u64() % 255);
  v->inner = random_bytes(v->inner_len);
}
static void print_ack(const snp_ack *v) {
  out_number("req_type", (int64_t)v->req_type);
  out_number("req_seq", (int64_t)v->req_seq);
  out_number("code", (int64_t)v->code);
  out_number("detail", (int64_t)v->detail);
}
static void fill_ack(snp_ack *v) {
  v->req_type = (uint8_t)random_u64();
  v->req_seq = (uint16_t)random_u64();
  v->code = (uint8_t)random_u64();
  v->detail = (uint16_t)random_u64();
}
static void print_imu_batch(const snp_imu_batch *v) {
  out_number("t0_us", (int64_t)v->t0_us);
  out_number("dt_ns", (int64_t)v->dt_ns);
  out_number("n0", (int64_t)v->n0);
  out_number("flags", (int64_t)v->flags);
  out_hex("samples", v->samples, 12u * v->count);
  if (v->orientation) out_hex("orientation", v->orientation, 8);
  else out_none("orientation");
}
static void fill_imu_batch(snp_imu_batch *v) {
  v->t0_us = (uint32_t)random_u64();
  v->dt_ns = (uint32_t)random_u64();
  v->n0 = (uint16_t)random_u64();
  v->flags = (uint8_t)random_u64();
  v->count = (uint8_t)(1 + random_u64() % 19);
  v->samples = random_bytes(12u * v->count);
  v->orientation = v->flags & 32 ? random_bytes(8) : NULL;
}
static void print_imu_one(const snp_imu_one *v) {
  out_number("t_100us", (int64_t)v->t_100us);
  out_hex("samples", v->samples, 12);
}
static void fill_imu_one(snp_imu_one *v) {
  v->t_100us = (uint16_t)random_u64();
  v->samples = random_bytes(12);
}
static void print_load_batch(const snp_load_batch *v) {
  out_number("t0_us", (int64_t)v->t0_us);
  out_number("dt_ns", (int64_t)v->dt_ns);
  out_number("n0", (int64_t)v->n0);
  out_number("flags", (int64_t)v->flags);
  out_hex("samples", v->samples, 4u * v->count);
}
static void fill_load_batch(snp_load_batch *v) {
  v->t0_us = (uint32_t)random_u64();
  v->dt_ns = (uint32_t)random_u64();
  v->n0 = (uint16_t)random_u64();
  v->flags = (uint8_t)random_u64();
  v->count = (uint8_t)(1 + random_u64() % 60);
  v->samples = random_bytes(4u * v->count);
}
static void print_quat_batch(const snp_quat_batch *v) {
  out_number("t0_us", (int64_t)v->t0_us);
  out_number("dt_ns", (int64_t)v->dt_ns);
  out_number("n0", (int64_t)v->n0);
  out_number("flags", (int64_t)v->flags);
  out_hex("samples", v->samples, 8u * v->count);
}
static void fill_quat_batch(snp_quat_batch *v) {
  v->t0_us = (uint32_t)random_u64();
  v->dt_ns = (uint32_t)random_u64();
  v->n0 = (uint16_t)random_u64();
  v->flags = (uint8_t)random_u64();
  v->count = (uint8_t)(1 + random_u64() % 30);
  v->samples = random_bytes(8u * v->count);
}
static void print_event(const snp_event *v) {
  out_number("t_us", (int64_t)v->t_us);
  out_number("kind", (int64_t)v->kind);
  out_number("arg", (int64_t)v->arg);
}
static void fill_event(snp_event *v) {
  v->t_us = (uint32_t)random_u64();
  v->kind = (uint8_t)random_u64();
  v->arg = (uint8_t)random_u64();
}
static void print_load_one(const snp_load_one *v) {
  out_number("t_100us", (int64_t)v->t_100us);
  out_hex("samples", v->samples, 4);
}
static void fill_load_one(snp_load_one *v) {
  v->t_100us = (uint16_t)random_u64();
  v->samples = random_bytes(4);
}
static void print_log(const snp_log *v) {
  out_number("level", (int64_t)v->level);
  out_number("t_us", (int64_t)v->t_us);
  out_hex("line", v->line, v->line_len);
}
static void fill_log(snp_log *v) {
  v->level = (uint8_t)random_u64();
  v->t_us = (uint32_t)random_u64();
  v->line_len = (uint8_t)(random_u64() % 251);
  v->line = random_text(v->line_len);
}
static void print_fault(const snp_fault *v) {
  out_number("t_us", (int64_t)v->t_us);
  out_number("code", (int64_t)v->code);
  out_number("severity", (int64_t)v->severity);
  out_number("where", (int64_t)v->where);
  out_hex("line", v->line, v->line_len);
}
static void fill_fault(snp_fault *v) {
  v->t_us = (uint32_t)random_u64();
  v->code = (uint16_t)random_u64();
  v->severity = (uint8_t)random_u64();
  v->where = (uint8_t)random_u64();
  v->line_len = (uint8_t)(random_u64() % 248);
  v->line = random_text(v->line_len);
}
static void print_cfg_set(const snp_cfg_set *v) {
  out_number("key", (int64_t)v->key);
  out_hex("value", v->value, v->value_len);
}
static void fill_cfg_set(snp_cfg_set *v) {
  v->key = (uint16_t)random_u64();
  v->value_len = (uint8_t)(random_u64() % 254);
  v->value = random_bytes(v->value_len);
}
static void print_cfg_get(const snp_cfg_get *v) {
  out_number("key", (int64_t)v->key);
}
static void fill_cfg_get(snp_cfg_get *v) {
  v->key = (uint16_t)random_u64();
}
static void print_cfg_value(const snp_cfg_value *v) {
  out_number("key", (int64_t)v->key);
  out_number("flags", (int64_t)v->flags);
  out_hex("value", v->value, v->value_len);
}
static void fill_cfg_value(snp_cfg_value *v) {
  v->key = (uint16_t)random_u64();
  v->flags = (uint8_t)random_u64();
  v->value_len = (uint8_t)(random_u64() % 253);
  v->value = random_bytes(v->value_len);
}
static void print_stream(const snp_stream *v) {
  out_number("channel_mask", (int64_t)v->channel_mask);
  out_number("batch_us", (int64_t)v->batch_us);
}
static void fill_stream(snp_stream *v) {
  v->channel_mask = (uint32_t)random_u64();
  v->batch_us = (uint16_t)random_u64();
}
static void print_tare(const snp_tare *v) {
  out_number("samples", (int64_t)v->samples);
  out_number("reserved", (int64_t)v->reserved);
}
static void fill_tare(snp_tare *v) {
  v->samples = (uint8_t)random_u64();
  v->reserved = (uint8_t)random_u64();
}
static void print_identify(const snp_identify *v) {
  out_number("seconds", (int64_t)v->seconds);
}
static void fill_identify(snp_identify *v) {
  v->seconds = (uint8_t)random_u64();
}
static void print_buzz(const snp_buzz *v) {
  out_number("cue", (int64_t)v->cue);
  out_number("prio", (int64_t)v->prio);
  out_number("repeats", (int64_t)v->repeats);
  out_number("valid_until_us", (int64_t)v->valid_until_us);
  out_hex("pulses", v->pulses, 3u * v->pulses_count);
}
static void fill_buzz(snp_buzz *v) {
  v->cue = (uint16_t)random_u64();
  v->prio = (uint8_t)random_u64();
  v->repeats = (uint8_t)random_u64();
  v->valid_until_us = (uint32_t)random_u64();
  v->pulses_count = (uint8_t)(0 + random_u64() % 83);
  v->pulses = random_bytes(3u * v->pulses_count);
}
static void print_reboot(const snp_reboot *v) {
  out_number("mode", (int64_t)v->mode);
  out_number("magic", (int64_t)v->magic);
}
static void fill_reboot(snp_reboot *v) {
  v->mode = (uint8_t)random_u64();
  v->magic = (uint32_t)random_u64();
}
static void print_any(const any_message *v, uint8_t type) {
  switch (type) {
    case SNP_HELLO: print_hello(&v->hello); break;
    case SNP_INFO: print_info(&v->info); break;
    case SNP_STATUS: print_status(&v->status); break;
    case SNP_TIME_REQ: print_time_req(&v->time_req); break;
    case SNP_TIME_RSP: print_time_rsp(&v->time_rsp); break;
    case SNP_RELAY: print_relay(&v->relay); break;
    case SNP_ACK: print_ack(&v->ack); break;
    case SNP_IMU_BATCH: print_imu_batch(&v->imu_batch); break;
    case SNP_IMU_ONE: print_imu_one(&v->imu_one); break;
    case SNP_LOAD_BATCH: print_load_batch(&v->load_batch); break;
    case SNP_QUAT_BATCH: print_quat_batch(&v->quat_batch); break;
    case SNP_EVENT: print_event(&v->event); break;
    case SNP_LOAD_ONE: print_load_one(&v->load_one); break;
    case SNP_LOG: print_log(&v->log); break;
    case SNP_FAULT: print_fault(&v->fault); break;
    case SNP_CFG_SET: print_cfg_set(&v->cfg_set); break;
    case SNP_CFG_GET: print_cfg_get(&v->cfg_get); break;
    case SNP_CFG_VALUE: print_cfg_value(&v->cfg_value); break;
    case SNP_STREAM: print_stream(&v->stream); break;
    case SNP_TARE: print_tare(&v->tare); break;
    case SNP_IDENTIFY: print_identify(&v->identify); break;
    case SNP_BUZZ: print_buzz(&v->buzz); break;
    case SNP_REBOOT: print_reboot(&v->reboot); break;
  }
}
static void fill_any(any_message *v, uint8_t type) {
  switch (type) {
    case SNP_HELLO: fill_hello(&v->hello); break;
    case SNP_INFO: fill_info(&v->info); break;
    case SNP_STATUS: fill_status(&v->status); break;
    case SNP_TIME_REQ: fill_time_req(&v->time_req); break;
    case SNP_TIME_RSP: fill_time_rsp(&v->time_rsp); break;
    case SNP_RELAY: fill_relay(&v->relay); break;
    case SNP_ACK: fill_ack(&v->ack); break;
    case SNP_IMU_BATCH: fill_imu_batch(&v->imu_batch); break;
    case SNP_IMU_ONE: fill_imu_one(&v->imu_one); break;
    case SNP_LOAD_BATCH: fill_load_batch(&v->load_batch); break;
    case SNP_QUAT_BATCH: fill_quat_batch(&v->quat_batch); break;
    case SNP_EVENT: fill_event(&v->event); break;
    case SNP_LOAD_ONE: fill_load_one(&v->load_one); break;
    case SNP_LOG: fill_log(&v->log); break;
    case SNP_FAULT: fill_fault(&v->fault); break;
    case SNP_CFG_SET: fill_cfg_set(&v->cfg_set); break;
    case SNP_CFG_GET: fill_cfg_get(&v->cfg_get); break;
    case SNP_CFG_VALUE: fill_cfg_value(&v->cfg_value); break;
    case SNP_STREAM: fill_stream(&v->stream); break;
    case SNP_TARE: fill_tare(&v->tare); break;
    case SNP_IDENTIFY: fill_identify(&v->identify); break;
    case SNP_BUZZ: fill_buzz(&v->buzz); break;
    case SNP_REBOOT: fill_reboot(&v->reboot); break;
  }
}
static const uint8_t all_types[] = {SNP_HELLO, SNP_INFO, SNP_STATUS, SNP_TIME_REQ, SNP_TIME_RSP, SNP_RELAY, SNP_ACK, SNP_IMU_BATCH, SNP_IMU_ONE, SNP_LOAD_BATCH, SNP_QUAT_BATCH, SNP_EVENT, SNP_LOAD_ONE, SNP_LOG, SNP_FAULT, SNP_CFG_SET, SNP_CFG_GET, SNP_CFG_VALUE, SNP_STREAM, SNP_TARE, SNP_IDENTIFY, SNP_BUZZ, SNP_REBOOT};

#endif
#endif
