#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <mutex>
#include <sstream>
#include <variant>
#include <vector>

#include "base/invariant.h"
#include "base/process_metrics.h"

namespace fengsui {
namespace {

using Kind = MetricDefinition::Kind;

// In the order of kCatalogue.
enum class Name {
  RecordsTotal,
  LateAdmittedTotal,
  PiiLeakTotal,
  WatermarkLagSeconds,
  DecodeSeconds,
  MatchSeconds,
  RuleMatchesTotal,
  RuleErrorsTotal,
  RuleExceptionsTotal,
  LateLeftOutTotal,
  HitsTotal,
  AlertsTotal,
  Groups,
  Timers,
  StateBytes,
  CommitSeconds,
  AlertLatencySeconds,
  DeliveryLatencySeconds,
  OutboxDepth,
  SlaBreachesTotal,
  LimitHitsTotal,
  HttpRequestsTotal,
  HttpRequestSeconds,
  PackInfo,
  PackReloadsTotal,
  ArchiveEventsTotal,
  ArchiveExpiredSegmentsTotal,
  ArchiveSegments,
  ArchiveBytes,
  KafkaLagRecords,
  KafkaStatistic,
  RocksdbStatistic,
};

constexpr MetricDefinition kCatalogue[] = {
    {"fengsui_records_total", Kind::Counter, "source,outcome",
     "Records read, by how they ended: processed, duplicate, late or dead_letter."},
    {"fengsui_late_admitted_total", Kind::Counter, "source",
     "Late events processed because they were within the allowed lateness."},
    {"fengsui_pii_leak_total", Kind::Counter, "source",
     "Records stopped because a person's number stood in a field that is none of identity."},
    {"fengsui_watermark_lag_seconds", Kind::Gauge, "source",
     "How far the source's watermark is behind the wall clock."},
    {"fengsui_decode_seconds", Kind::Histogram, "", "Time to decode and check one record."},
    {"fengsui_match_seconds", Kind::Histogram, "", "Time to match one event against the pack."},
    {"fengsui_rule_matches_total", Kind::Counter, "rule", "Events that passed the rule's when."},
    {"fengsui_rule_errors_total", Kind::Counter, "rule",
     "Evaluations of the rule that ended in an error."},
    {"fengsui_rule_exceptions_total", Kind::Counter, "rule,exception",
     "Events that the rule's exception of this name took out."},
    {"fengsui_late_left_out_total", Kind::Counter, "rule",
     "Late events that a window of the rule, closed before, did not take."},
    {"fengsui_hits_total", Kind::Counter, "rule,grade", "Evaluations at which the grade held."},
    {"fengsui_alerts_total", Kind::Counter, "rule,grade,kind",
     "Alert records, by kind: open, raise or clear."},
    {"fengsui_groups", Kind::Gauge, "rule", "Groups that the rule keeps state for."},
    {"fengsui_timers", Kind::Gauge, "", "Timers pending in event time."},
    {"fengsui_state_bytes", Kind::Gauge, "", "State held for all groups."},
    {"fengsui_commit_seconds", Kind::Histogram, "", "Time of one synced commit."},
    {"fengsui_alert_latency_seconds", Kind::Histogram, "",
     "From accepting an event to its alert being durable."},
    {"fengsui_delivery_latency_seconds", Kind::Histogram, "queue",
     "From an alert being durable to its delivery to the queue."},
    {"fengsui_outbox_depth", Kind::Gauge, "queue", "Notifications not yet delivered to the queue."},
    {"fengsui_sla_breaches_total", Kind::Counter, "queue,stage",
     "Deadlines of alerts that came: remind, flash, escalate or supervise."},
    {"fengsui_limit_hits_total", Kind::Counter, "limit", "Times that the named limit was reached."},
    {"fengsui_http_requests_total", Kind::Counter, "route,status",
     "HTTP requests answered, by route and status."},
    {"fengsui_http_request_seconds", Kind::Histogram, "route",
     "From a whole HTTP request to its answer."},
    {"fengsui_pack_info", Kind::Gauge, "hash,version", "The pack that is live: always 1."},
    {"fengsui_pack_reloads_total", Kind::Counter, "outcome",
     "Attempts to load a pack: swapped, unchanged, refused or failed."},
    {"fengsui_archive_events_total", Kind::Counter, "", "Events written to the archive."},
    {"fengsui_archive_expired_segments_total", Kind::Counter, "",
     "Segments of the archive whose time was over."},
    {"fengsui_archive_segments", Kind::Gauge, "", "Segments that the archive holds."},
    {"fengsui_archive_bytes", Kind::Gauge, "", "Bytes that the archive holds."},
    {"fengsui_kafka_lag_records", Kind::Gauge, "source,topic,partition",
     "Newest offset of the partition minus the committed one."},
    {"fengsui_kafka_statistic", Kind::Gauge, "client,name",
     "A number of librdkafka's statistics, by its name there."},
    {"fengsui_rocksdb_statistic", Kind::Gauge, "name",
     "A property or ticker of RocksDB, by its name there."},
};
static_assert(std::size(kCatalogue) == static_cast<size_t>(Name::RocksdbStatistic) + 1);

// Seconds: from a decode (0.3 us) to a delivery that waits for an outage to end (10 min).
const prometheus::Histogram::BucketBoundaries kSecondsBuckets = {
    2.5e-7, 5e-7,  1e-6, 2.5e-6, 1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3,
    0.01,   0.025, 0.05, 0.1,    0.25, 0.5,  1,    2.5,    5,    10,   60,     600};

using LabelValues = std::initializer_list<std::string_view>;

prometheus::Labels labels_of(const MetricDefinition& definition, LabelValues values) {
  prometheus::Labels labels;
  std::string_view names = definition.labels;
  for (const std::string_view value : values) {
    const size_t end = std::min(names.find(','), names.size());
    INVARIANT(end > 0);
    labels.emplace(names.substr(0, end), value);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  INVARIANT(names.empty());
  return labels;
}

prometheus::MetricFamily process_family(const char* name, const char* help,
                                        prometheus::MetricType type, double value) {
  prometheus::MetricFamily family{name, help, type, {}};
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.counter.value = value;
  metric.gauge.value = value;
  return family;
}

void append_process_families(std::vector<prometheus::MetricFamily>& families) {
  const std::optional<ProcessMetrics> process = read_process_metrics();
  if (!process) return;
  using prometheus::MetricType;
  families.push_back(process_family("process_cpu_seconds_total", "CPU time, user and system.",
                                    MetricType::Counter, process->cpu_seconds));
  families.push_back(process_family("process_resident_memory_bytes", "Resident memory.",
                                    MetricType::Gauge, process->resident_bytes));
  families.push_back(process_family("process_open_fds", "Open file descriptors.", MetricType::Gauge,
                                    process->open_fds));
  families.push_back(process_family("process_start_time_seconds",
                                    "Start of the process, in seconds since the Unix epoch.",
                                    MetricType::Gauge, process->start_time_seconds));
}

}  // namespace

struct Metrics::State {
  using Family =
      std::variant<prometheus::Family<prometheus::Counter>*, prometheus::Family<prometheus::Gauge>*,
                   prometheus::Family<prometheus::Histogram>*>;

  State() {
    for (const MetricDefinition& definition : kCatalogue) families.push_back(add(definition));
  }

  Family add(const MetricDefinition& definition) {
    switch (definition.kind) {
      case Kind::Counter:
        return build(prometheus::BuildCounter(), definition);
      case Kind::Gauge:
        return build(prometheus::BuildGauge(), definition);
      case Kind::Histogram:
        break;
    }
    return build(prometheus::BuildHistogram(), definition);
  }

  template <class Builder>
  Family build(Builder builder, const MetricDefinition& definition) {
    return &builder.Name(definition.name).Help(definition.help).Register(registry);
  }

  template <class Series, class... Arguments>
  Series& series(Name name, LabelValues values, Arguments&&... arguments) {
    const auto index = static_cast<size_t>(name);
    return std::get<prometheus::Family<Series>*>(families[index])
        ->Add(labels_of(kCatalogue[index], values), std::forward<Arguments>(arguments)...);
  }

  prometheus::Counter& counter(Name name, LabelValues values) {
    return series<prometheus::Counter>(name, values);
  }
  prometheus::Gauge& gauge(Name name, LabelValues values = {}) {
    return series<prometheus::Gauge>(name, values);
  }
  prometheus::Histogram& histogram(Name name, LabelValues values = {}) {
    return series<prometheus::Histogram>(name, values, kSecondsBuckets);
  }

  prometheus::Registry registry;
  std::vector<Family> families;  // as kCatalogue

  mutable std::mutex mutex;  // guards all below
  std::map<int, std::function<void()>> hooks;
  int next_hook = 0;
  prometheus::Gauge* pack = nullptr;
};

void Counter::add(double by) const { series_->Increment(by); }
void Gauge::set(double value) const { series_->Set(value); }
void Histogram::observe(double value) const { series_->Observe(value); }

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::records_total(std::string_view source, std::string_view outcome) {
  return Counter(state_->counter(Name::RecordsTotal, {source, outcome}));
}
Counter Metrics::late_admitted_total(std::string_view source) {
  return Counter(state_->counter(Name::LateAdmittedTotal, {source}));
}
Counter Metrics::pii_leak_total(std::string_view source) {
  return Counter(state_->counter(Name::PiiLeakTotal, {source}));
}
Gauge Metrics::watermark_lag_seconds(std::string_view source) {
  return Gauge(state_->gauge(Name::WatermarkLagSeconds, {source}));
}
Histogram Metrics::decode_seconds() { return Histogram(state_->histogram(Name::DecodeSeconds)); }
Histogram Metrics::match_seconds() { return Histogram(state_->histogram(Name::MatchSeconds)); }

Counter Metrics::rule_matches_total(std::string_view rule) {
  return Counter(state_->counter(Name::RuleMatchesTotal, {rule}));
}
Counter Metrics::rule_errors_total(std::string_view rule) {
  return Counter(state_->counter(Name::RuleErrorsTotal, {rule}));
}
Counter Metrics::rule_exceptions_total(std::string_view rule, std::string_view exception) {
  return Counter(state_->counter(Name::RuleExceptionsTotal, {rule, exception}));
}
Counter Metrics::late_left_out_total(std::string_view rule) {
  return Counter(state_->counter(Name::LateLeftOutTotal, {rule}));
}
Counter Metrics::hits_total(std::string_view rule, std::string_view grade) {
  return Counter(state_->counter(Name::HitsTotal, {rule, grade}));
}
Counter Metrics::alerts_total(std::string_view rule, std::string_view grade,
                              std::string_view kind) {
  return Counter(state_->counter(Name::AlertsTotal, {rule, grade, kind}));
}
Gauge Metrics::groups(std::string_view rule) { return Gauge(state_->gauge(Name::Groups, {rule})); }
Gauge Metrics::timers() { return Gauge(state_->gauge(Name::Timers)); }
Gauge Metrics::state_bytes() { return Gauge(state_->gauge(Name::StateBytes)); }

Histogram Metrics::commit_seconds() { return Histogram(state_->histogram(Name::CommitSeconds)); }
Histogram Metrics::alert_latency_seconds() {
  return Histogram(state_->histogram(Name::AlertLatencySeconds));
}
Histogram Metrics::delivery_latency_seconds(std::string_view queue) {
  return Histogram(state_->histogram(Name::DeliveryLatencySeconds, {queue}));
}
Gauge Metrics::outbox_depth(std::string_view queue) {
  return Gauge(state_->gauge(Name::OutboxDepth, {queue}));
}
Counter Metrics::sla_breaches_total(std::string_view queue, std::string_view stage) {
  return Counter(state_->counter(Name::SlaBreachesTotal, {queue, stage}));
}
Counter Metrics::limit_hits_total(std::string_view limit) {
  return Counter(state_->counter(Name::LimitHitsTotal, {limit}));
}

Counter Metrics::http_requests_total(std::string_view route, int status) {
  return Counter(state_->counter(Name::HttpRequestsTotal, {route, std::to_string(status)}));
}
Histogram Metrics::http_request_seconds(std::string_view route) {
  return Histogram(state_->histogram(Name::HttpRequestSeconds, {route}));
}

void Metrics::set_pack(std::string_view hash, std::string_view version) {
  std::lock_guard lock(state_->mutex);
  const auto index = static_cast<size_t>(Name::PackInfo);
  auto* family = std::get<prometheus::Family<prometheus::Gauge>*>(state_->families[index]);
  if (state_->pack) family->Remove(state_->pack);
  state_->pack = &state_->gauge(Name::PackInfo, {hash, version});
  state_->pack->Set(1);
}
Counter Metrics::pack_reloads_total(std::string_view outcome) {
  return Counter(state_->counter(Name::PackReloadsTotal, {outcome}));
}
Counter Metrics::archive_events_total() {
  return Counter(state_->counter(Name::ArchiveEventsTotal, {}));
}
Counter Metrics::archive_expired_segments_total() {
  return Counter(state_->counter(Name::ArchiveExpiredSegmentsTotal, {}));
}
Gauge Metrics::archive_segments() { return Gauge(state_->gauge(Name::ArchiveSegments)); }
Gauge Metrics::archive_bytes() { return Gauge(state_->gauge(Name::ArchiveBytes)); }

Gauge Metrics::kafka_lag_records(std::string_view source, std::string_view topic,
                                 std::string_view partition) {
  return Gauge(state_->gauge(Name::KafkaLagRecords, {source, topic, partition}));
}
Gauge Metrics::kafka_statistic(std::string_view client, std::string_view name) {
  return Gauge(state_->gauge(Name::KafkaStatistic, {client, name}));
}
Gauge Metrics::rocksdb_statistic(std::string_view name) {
  return Gauge(state_->gauge(Name::RocksdbStatistic, {name}));
}

std::unique_ptr<Metrics::Hook> Metrics::at_scrape(std::function<void()> hook) {
  std::lock_guard lock(state_->mutex);
  const int id = state_->next_hook++;
  state_->hooks.emplace(id, std::move(hook));
  return std::unique_ptr<Hook>(new Hook(*state_, id));
}

Metrics::Hook::~Hook() {
  std::lock_guard lock(state_.mutex);
  state_.hooks.erase(id_);
}

std::string Metrics::scrape() const {
  {
    std::lock_guard lock(state_->mutex);
    for (const auto& [id, hook] : state_->hooks) hook();
  }
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  append_process_families(families);
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (prometheus::MetricFamily& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

std::span<const MetricDefinition> Metrics::catalogue() { return kCatalogue; }

}  // namespace fengsui
