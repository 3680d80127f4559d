#include "snp_node.h"

#include <string.h>

/* ---- sending ---- */

snp_writer *snp_node_begin(snp_node *node, uint8_t type, uint8_t chan) {
  snp_begin(&node->writer, node->out, sizeof node->out, type, chan, node->seq[chan]++);
  return &node->writer;
}

void snp_node_end(snp_node *node) {
  uint16_t len = snp_end(&node->writer);
  const uint8_t type = node->out[1], chan = node->out[2];
  if (len && node->auth && node->session && type != SNP_INFO)
    len = snp_auth_seal(node->auth, SNP_TO_HOST, &node->sent[chan], node->out, len, sizeof node->out);
  if (len && len <= node->link_size) node->port->send(node->port->user, node->out, len);
  else node->dropped_out++;
}

static void send_info(snp_node *node) {
  const uint8_t fit = node->link_size >= SNP_HEADER_SIZE + 32 + SNP_CHANNEL_SIZE
                          ? (uint8_t)((node->link_size - SNP_HEADER_SIZE - 32) / SNP_CHANNEL_SIZE) : 1;
  const uint8_t per_message = fit < SNP_INFO_CHANNELS ? fit : SNP_INFO_CHANNELS;
  uint8_t at = 0;
  do {
    snp_info info = node->info;
    snp_writer *w = snp_node_begin(node, SNP_INFO, 0);
    const uint8_t left = (uint8_t)(node->channel_count - at);
    info.n_chan = left < per_message ? left : per_message;
    if (node->channel_count > per_message) info.caps |= (uint32_t)node->channel_count << 24;
    info.channels = NULL;
    {
      snp_info head = info;
      head.n_chan = 0; /* no bytes behind the head: the rows follow one by one */
      snp_put_info(w, &head);
    }
    w->bytes[SNP_HEADER_SIZE + 2] = info.n_chan;
    for (uint8_t i = 0; i < info.n_chan; i++) snp_put_channel(w, &node->channels[at + i]);
    snp_node_end(node);
    at = (uint8_t)(at + info.n_chan);
  } while (at < node->channel_count);
}

static void send_status(snp_node *node, uint64_t now_us) {
  snp_status status = {0};
  status.uptime_s = (uint32_t)((now_us - node->started_us) / 1000000u);
  status.batt_pct = 255;
  status.temp_c100 = INT16_MIN;
  status.state = node->mask ? SNP_NODE_STATE_STREAMING : SNP_NODE_STATE_IDLE;
  status.dropped_msgs = node->dropped_out;
  status.fault_bits = node->fault_bits;
  if (node->port->status) node->port->status(node->port->user, &status);
  snp_put_status(snp_node_begin(node, SNP_STATUS, 0), &status);
  snp_node_end(node);
}

static void send_ack(snp_node *node, const snp_answer *answer) {
  const snp_ack ack = {answer->type, answer->seq, answer->code, answer->detail};
  snp_put_ack(snp_node_begin(node, SNP_ACK, 0), &ack);
  snp_node_end(node);
}

static void send_time(snp_node *node, uint16_t token, uint64_t rx_us) {
  const uint64_t hold_us = node->port->now_us(node->port->user) - rx_us;
  const snp_time_rsp response = {token, rx_us, (uint32_t)hold_us};
  snp_put_time_rsp(snp_node_begin(node, SNP_TIME_RSP, 0), &response);
  snp_node_end(node);
}

/* ---- commands, each at most once ---- */

static snp_answer *remembered(snp_node *node, const snp_message *m) {
  for (unsigned i = 0; i < SNP_ANSWERS; i++) {
    snp_answer *a = &node->answers[i];
    if (a->used && a->type == m->type && a->chan == m->chan && a->seq == m->seq) return a;
  }
  return NULL;
}

static snp_answer *remember(snp_node *node, uint8_t type, uint8_t chan, uint16_t seq) {
  snp_answer *a = &node->answers[node->answer_at];
  node->answer_at = (uint8_t)((node->answer_at + 1u) % SNP_ANSWERS);
  a->used = 1;
  a->type = type;
  a->chan = chan;
  a->seq = seq;
  a->code = SNP_LATER;
  a->detail = 0;
  return a;
}

void snp_node_answer(snp_node *node, uint8_t type, uint8_t chan, uint16_t seq, uint8_t code, uint16_t detail) {
  const snp_message m = {.type = type, .chan = chan, .seq = seq};
  snp_answer *a = remembered(node, &m);
  if (!a) a = remember(node, type, chan, seq);
  a->code = code;
  a->detail = detail;
  send_ack(node, a);
}

static uint8_t stream(snp_node *node, const snp_message *m, uint16_t *detail) {
  snp_stream s;
  uint32_t known = 0;
  if (snp_get_stream(&s, m->payload, m->len) != 0) return SNP_ACK_CODE_BAD_LENGTH;
  for (uint8_t i = 0; i < node->channel_count; i++) known |= (uint32_t)1 << node->channels[i].chan;
  if (s.channel_mask & ~known) return SNP_ACK_CODE_OUT_OF_RANGE;
  node->mask = s.channel_mask;
  node->batch_us = s.batch_us;
  node->status_due_us = 0; /* the state has changed: tell it */
  return node->port->command(node->port->user, node, m, detail);
}

/* The shortest payload of each command; longer ones are a later minor version's. */
static int is_command(uint8_t type, uint8_t *shortest) {
  switch (type) {
    case SNP_CFG_SET: *shortest = 2; return 1;
    case SNP_CFG_GET: *shortest = 2; return 1;
    case SNP_STREAM: *shortest = 6; return 1;
    case SNP_TARE: *shortest = 2; return 1;
    case SNP_IDENTIFY: *shortest = 1; return 1;
    case SNP_BUZZ: *shortest = 8; return 1;
    case SNP_REBOOT: *shortest = 5; return 1;
  }
  return 0;
}

static uint8_t act(snp_node *node, const snp_message *m, uint16_t *detail) {
  uint8_t shortest;
  if (!is_command(m->type, &shortest)) return SNP_ACK_CODE_UNKNOWN_TYPE;
  if (m->len < shortest) return SNP_ACK_CODE_BAD_LENGTH;
  if (m->type == SNP_STREAM) return stream(node, m, detail);
  if (m->type == SNP_BUZZ) {
    const uint32_t now = (uint32_t)node->port->now_us(node->port->user);
    if ((int32_t)(now - snp_get_u32(m->payload + 4)) > 0) return SNP_ACK_CODE_EXPIRED;
  }
  if (m->type == SNP_REBOOT && snp_get_u32(m->payload + 1) != 0x544F4F42u) return SNP_ACK_CODE_OUT_OF_RANGE;
  return node->port->command(node->port->user, node, m, detail);
}

static void take_command(snp_node *node, const snp_message *m) {
  snp_answer *a = remembered(node, m);
  uint16_t detail = 0;
  if (!a) {
    const uint8_t code = act(node, m, &detail);
    if (code == SNP_SILENT) return;
    a = remember(node, m->type, m->chan, m->seq);
    a->code = code;
    a->detail = detail;
  }
  if (a->code != SNP_LATER) send_ack(node, a);
}

static void refuse(snp_node *node, const snp_message *m, uint8_t code) {
  const snp_answer answer = {m->type, m->chan, code, 0, m->seq, 0};
  send_ack(node, &answer);
}

/* Whether a message may be acted on; answers what may not. */
static int admitted(snp_node *node, const snp_message *m) {
  int verdict;
  if (!node->auth) return 1;
  if (!m->tag || !node->session) {
    refuse(node, m, SNP_ACK_CODE_AUTH_REQUIRED);
    return 0;
  }
  verdict = snp_auth_check(node->auth, SNP_TO_NODE, &node->received[m->chan], m);
  if (verdict == 1 || (verdict == 0 && remembered(node, m))) return 1; /* a repeated command gets its answer again */
  refuse(node, m, SNP_ACK_CODE_AUTH_FAILED);
  return 0;
}

static void greet(snp_node *node, const snp_message *m) {
  snp_hello hello;
  if (snp_get_hello(&hello, m->payload, m->len) != 0) {
    node->dropped_in++;
    return;
  }
  if (node->auth && (!node->session || memcmp(node->host_nonce, m->payload + 4, SNP_NONCE_SIZE) != 0)) {
    memcpy(node->host_nonce, m->payload + 4, SNP_NONCE_SIZE);
    snp_auth_begin(node->auth, node->host_nonce, node->info.node_nonce);
    memset(node->sent, 0, sizeof node->sent);
    memset(node->received, 0, sizeof node->received);
    node->session = 1;
  }
  node->greeted = 1;
  if (hello.min_major > SNP_MAJOR || hello.max_major < SNP_MAJOR) refuse(node, m, SNP_ACK_CODE_VERSION);
  send_info(node);
  node->status_due_us = 0;
}

void snp_node_receive(snp_node *node, const uint8_t *data, size_t size, uint64_t rx_us) {
  snp_message m;
  size_t at = 0;
  int got;
  while ((got = snp_next(&m, data, size, &at)) != 0) {
    if (got != 1) node->dropped_in++;
    else if (m.type == SNP_HELLO) greet(node, &m);
    else if (m.type == SNP_ACK) node->dropped_in++; /* never answer an answer */
    else if (!admitted(node, &m)) node->dropped_in++;
    else if (m.type != SNP_TIME_REQ) take_command(node, &m);
    else if (m.len >= 2) send_time(node, snp_get_u16(m.payload), rx_us);
    else node->dropped_in++;
  }
}

void snp_node_tick(snp_node *node) {
  const uint64_t now = node->port->now_us(node->port->user);
  if (!node->greeted && now >= node->info_due_us) {
    node->info_due_us = now + SNP_INFO_US;
    send_info(node);
  }
  if (node->greeted && now >= node->status_due_us) {
    node->status_due_us = now + SNP_STATUS_US;
    send_status(node, now);
  }
}

void snp_node_init(snp_node *node, const snp_port *port) {
  memset(node, 0, sizeof *node);
  node->port = port;
  node->info.major = SNP_MAJOR;
  node->info.minor = SNP_MINOR;
  node->info.max_msg = SNP_MESSAGE_MAX;
  node->link_size = SNP_MESSAGE_MAX;
  node->started_us = port->now_us(port->user);
}

/* ---- batches ---- */

void snp_batch_init(snp_batch *batch, const snp_channel *channel) {
  memset(batch, 0, sizeof *batch);
  batch->chan = channel->chan;
  batch->period_ns = channel->period_ns;
  batch->width = channel->kind == SNP_CHANNEL_KIND_LOAD ? SNP_LOAD_SAMPLE_SIZE : SNP_IMU_SAMPLE_SIZE;
}

/* Bytes of a message that are left for samples on this link; less than one sample: single ones must be sent. */
static int room(const snp_node *node, const snp_batch *batch) {
  const int around = SNP_HEADER_SIZE + 12 + (node->auth ? SNP_TAG_SIZE : 0) + (batch->has_turned ? 8 : 0);
  const int left = node->link_size - around;
  const int most = (int)sizeof batch->samples - (batch->has_turned ? 8 : 0);
  return left < most ? left : most;
}

static void send_batch(snp_node *node, snp_batch *batch) {
  const uint8_t imu = batch->width == SNP_IMU_SAMPLE_SIZE;
  snp_imu_batch b = {(uint32_t)batch->first_us, batch->period_ns, (uint16_t)(batch->n - batch->count), batch->count,
                     batch->flags, batch->samples, NULL};
  snp_writer *w;
  if (batch->count == 0) return;
  if (batch->has_turned) {
    b.orientation = batch->turned;
    b.flags |= (uint8_t)SNP_BATCH_FLAGS_ORIENTATION;
  }
  w = snp_node_begin(node, imu ? SNP_IMU_BATCH : SNP_LOAD_BATCH, batch->chan);
  if (imu) snp_put_imu_batch(w, &b);
  else {
    const snp_load_batch l = {b.t0_us, b.dt_ns, b.n0, b.count, b.flags, b.samples};
    snp_put_load_batch(w, &l);
  }
  snp_node_end(node);
  batch->count = batch->flags = 0;
}

/* A link too small for batches: the message's seq is the sample's number. */
static void send_one(snp_node *node, snp_batch *batch, uint64_t t_us) {
  snp_writer *w;
  node->seq[batch->chan] = batch->n;
  w = snp_node_begin(node, batch->width == SNP_IMU_SAMPLE_SIZE ? SNP_IMU_ONE : SNP_LOAD_ONE, batch->chan);
  snp_u16(w, (uint16_t)(t_us / 100u));
  snp_bytes(w, batch->samples, batch->width);
  snp_node_end(node);
  batch->n++;
}

static void add(snp_node *node, snp_batch *batch, uint64_t t_us, const uint8_t *sample, const uint8_t *turned) {
  const uint8_t streams = node->mask >> batch->chan & 1u;
  if (batch->last_us && t_us - batch->last_us < 2u * batch->period_ns / 1000u) {
    const int32_t seen_ns = (int32_t)(t_us - batch->last_us) * 1000;
    batch->period_ns = (uint32_t)((int32_t)batch->period_ns + (seen_ns - (int32_t)batch->period_ns) / 32);
  }
  batch->last_us = t_us;
  if (!streams) {
    batch->count = 0;
    batch->n++;
    return;
  }
  if (batch->count == 0) {
    batch->first_us = t_us;
    batch->has_turned = turned != NULL;
    if (turned) memcpy(batch->turned, turned, sizeof batch->turned);
  }
  memcpy(batch->samples + (unsigned)batch->count * batch->width, sample, batch->width);
  if (room(node, batch) < batch->width) {
    send_one(node, batch, t_us);
    return;
  }
  batch->count++;
  batch->n++;
  /* Due when the next sample would make the oldest too old, or would not fit. */
  if (t_us - batch->first_us + batch->period_ns / 1000u >= node->batch_us ||
      (batch->count + 1) * batch->width > room(node, batch))
    send_batch(node, batch);
}

void snp_batch_imu(snp_node *node, snp_batch *batch, uint64_t t_us, const int16_t values[6], const int16_t turned[4]) {
  uint8_t sample[SNP_IMU_SAMPLE_SIZE], quat[8];
  for (unsigned i = 0; i < 6; i++) {
    sample[2 * i] = (uint8_t)values[i];
    sample[2 * i + 1] = (uint8_t)((uint16_t)values[i] >> 8);
  }
  for (unsigned i = 0; turned && i < 4; i++) {
    quat[2 * i] = (uint8_t)turned[i];
    quat[2 * i + 1] = (uint8_t)((uint16_t)turned[i] >> 8);
  }
  for (unsigned i = 0; i < 6; i++)
    if (values[i] == INT16_MAX || values[i] == INT16_MIN)
      batch->flags |= (uint8_t)(i < 3 ? SNP_BATCH_FLAGS_CLIPPED : SNP_BATCH_FLAGS_OVERRANGE);
  add(node, batch, t_us, sample, turned ? quat : NULL);
}

void snp_batch_load(snp_node *node, snp_batch *batch, uint64_t t_us, int32_t value) {
  uint8_t sample[SNP_LOAD_SAMPLE_SIZE];
  for (unsigned i = 0; i < 4; i++) sample[i] = (uint8_t)((uint32_t)value >> 8 * i);
  add(node, batch, t_us, sample, NULL);
}

void snp_batch_lost(snp_node *node, snp_batch *batch, uint16_t count) {
  send_batch(node, batch);
  batch->n = (uint16_t)(batch->n + count);
  batch->flags |= (uint8_t)SNP_BATCH_FLAGS_OVERRUN;
}
