// The one catalogue of metric names, and typed handles to them. No metric is named anywhere else.
// A handle is a pointer to its series: get it once, keep it, update it from any thread. Labels come
// from configuration and packs, never from events or people.
// Handles stay valid as long as their Metrics lives. Thread-safe, except where said.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace fengsui {

class Counter {
 public:
  // Requires: by >= 0.
  void add(double by = 1) const;

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter& series) : series_(&series) {}
  prometheus::Counter* series_;
};

class Gauge {
 public:
  void set(double value) const;

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
  prometheus::Gauge* series_;
};

class Histogram {
 public:
  void observe(double value) const;

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram& series) : series_(&series) {}
  prometheus::Histogram* series_;
};

struct MetricDefinition {
  enum class Kind { Counter, Gauge, Histogram };
  const char* name;
  Kind kind;
  const char* labels;  // names in order, between commas
  const char* help;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Records by how they ended: event::kOutcomeNames.
  Counter records_total(std::string_view source, std::string_view outcome);
  Counter late_admitted_total(std::string_view source);
  Counter pii_leak_total(std::string_view source);
  Gauge watermark_lag_seconds(std::string_view source);
  Histogram decode_seconds();
  Histogram match_seconds();

  Counter rule_matches_total(std::string_view rule);
  Counter rule_errors_total(std::string_view rule);
  Counter rule_exceptions_total(std::string_view rule, std::string_view exception);
  Counter late_left_out_total(std::string_view rule);
  Counter hits_total(std::string_view rule, std::string_view grade);
  Counter alerts_total(std::string_view rule, std::string_view grade, std::string_view kind);
  Gauge groups(std::string_view rule);
  Gauge timers();
  Gauge state_bytes();

  Histogram commit_seconds();
  Histogram alert_latency_seconds();
  Histogram delivery_latency_seconds(std::string_view queue);
  Gauge outbox_depth(std::string_view queue);
  Counter sla_breaches_total(std::string_view queue, std::string_view stage);
  Counter limit_hits_total(std::string_view limit);

  Counter http_requests_total(std::string_view route, int status);
  Histogram http_request_seconds(std::string_view route);

  // The pack that is live; the series of the one before it goes away.
  void set_pack(std::string_view hash, std::string_view version);
  Counter pack_reloads_total(std::string_view outcome);

  Counter archive_events_total();
  Counter archive_expired_segments_total();
  Gauge archive_segments();
  Gauge archive_bytes();

  Gauge kafka_lag_records(std::string_view source, std::string_view topic,
                          std::string_view partition);
  // A number of librdkafka's statistics by its name there ("tx_bytes", "msg_cnt").
  Gauge kafka_statistic(std::string_view client, std::string_view name);
  // A RocksDB property or ticker by its name there ("rocksdb.estimate-num-keys").
  Gauge rocksdb_statistic(std::string_view name);

  // What is cheaper to ask for than to keep up to date: `hook` runs before each scrape, on the
  // scraping thread, and sets gauges. It stays until the returned object is destroyed, which waits
  // for a scrape that is running. Requires: hook does not scrape, nor add or destroy a hook.
  class Hook;
  [[nodiscard]] std::unique_ptr<Hook> at_scrape(std::function<void()> hook);

  // All series and the process's own, in Prometheus' text format 0.0.4, sorted by name and labels.
  std::string scrape() const;

  // All names but those of the process.
  static std::span<const MetricDefinition> catalogue();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Metrics::Hook {
 public:
  ~Hook();
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

 private:
  friend class Metrics;
  Hook(State& state, int id) : state_(state), id_(id) {}
  State& state_;
  const int id_;
};

}  // namespace fengsui
