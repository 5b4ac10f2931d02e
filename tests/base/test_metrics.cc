#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/metrics.h"

namespace fengsui {
namespace {

using Kind = MetricDefinition::Kind;

bool ends_with(std::string_view text, std::string_view end) { return text.ends_with(end); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool has_line(const std::string& text, const std::string& line) {
  const std::vector<std::string> lines = lines_of(text);
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

TEST_CASE("the catalogue keeps Prometheus' conventions") {
  std::set<std::string> seen;
  for (const MetricDefinition& metric : Metrics::catalogue()) {
    const std::string_view name = metric.name;
    CAPTURE(name);
    CHECK(seen.insert(metric.name).second);
    CHECK(name.starts_with("fengsui_"));
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos);
    CHECK(name.find("__") == name.npos);
    // Counters, and only they, end in _total; a histogram of time is in seconds.
    CHECK(ends_with(name, "_total") == (metric.kind == Kind::Counter));
    if (metric.kind == Kind::Histogram) CHECK(ends_with(name, "_seconds"));
    for (const char* reserved : {"_count", "_sum", "_bucket"}) CHECK(!ends_with(name, reserved));
    for (const char* unit : {"_ms", "_milliseconds", "_us", "_kb", "_mb", "_minutes", "_percent"}) {
      CHECK(name.find(unit) == name.npos);
    }
    // A help text is a sentence, and does not only say the name again.
    const std::string_view help = metric.help;
    CHECK(help.size() > 15);
    CHECK(ends_with(help, "."));
    CHECK(help.find('\n') == help.npos);
    const std::string_view labels = metric.labels;
    CHECK(labels.find_first_not_of("abcdefghijklmnopqrstuvwxyz,") == labels.npos);
    for (const char* reserved : {"le", "quantile", "job", "instance"}) {
      CHECK(("," + std::string(labels) + ",").find("," + std::string(reserved) + ",") ==
            std::string::npos);
    }
  }
}

TEST_CASE("every series shows with help, type, labels and value") {
  Metrics metrics;
  metrics.records_total("http", "processed").add(3);
  metrics.records_total("http", "processed").add();
  metrics.records_total("http", "late").add();
  metrics.hits_total("COU-001", "red").add();
  metrics.alerts_total("COU-001", "red", "open").add(2);
  metrics.watermark_lag_seconds("http").set(1.5);
  metrics.commit_seconds().observe(0.003);
  metrics.commit_seconds().observe(100);
  metrics.http_requests_total("/v1/events", 202).add();
  metrics.outbox_depth("file:\"a\\b\"\n").set(7);

  const std::string text = metrics.scrape();
  CAPTURE(text);
  for (const char* line : {
           "# HELP fengsui_records_total Records read, by how they ended: processed, duplicate, "
           "late or dead_letter.",
           "# TYPE fengsui_records_total counter",
           "fengsui_records_total{outcome=\"processed\",source=\"http\"} 4",
           "fengsui_records_total{outcome=\"late\",source=\"http\"} 1",
           "fengsui_hits_total{grade=\"red\",rule=\"COU-001\"} 1",
           "fengsui_alerts_total{grade=\"red\",kind=\"open\",rule=\"COU-001\"} 2",
           "# TYPE fengsui_watermark_lag_seconds gauge",
           "fengsui_watermark_lag_seconds{source=\"http\"} 1.5",
           "# TYPE fengsui_commit_seconds histogram",
           "fengsui_commit_seconds_count 2",
           "fengsui_commit_seconds_bucket{le=\"0.005\"} 1",
           "fengsui_commit_seconds_bucket{le=\"+Inf\"} 2",
           "fengsui_http_requests_total{route=\"/v1/events\",status=\"202\"} 1",
           "fengsui_outbox_depth{queue=\"file:\\\"a\\\\b\\\"\\n\"} 7",
       }) {
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
}

TEST_CASE(
    "the text form: HELP and TYPE before each family's samples, families sorted, none twice") {
  Metrics metrics;
  metrics.timers().set(0);
  metrics.decode_seconds().observe(1e-6);
  for (const char* rule : {"b", "a", "c"}) metrics.rule_matches_total(rule).add();

  std::vector<std::string> families;
  std::string family;
  for (const std::string& line : lines_of(metrics.scrape())) {
    CAPTURE(line);
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      families.push_back(family);
    } else if (line.starts_with("# TYPE ")) {
      CHECK(line.starts_with("# TYPE " + family + " "));
    } else {
      CHECK(line.starts_with(family));
    }
  }
  CHECK(std::is_sorted(families.begin(), families.end()));
  CHECK(std::set<std::string>(families.begin(), families.end()).size() == families.size());
}

TEST_CASE("the process tells about itself") {
  Metrics metrics;
  double values[4] = {};
  const char* names[] = {"process_cpu_seconds_total", "process_resident_memory_bytes",
                         "process_open_fds", "process_start_time_seconds"};
  for (const std::string& line : lines_of(metrics.scrape())) {
    for (int i = 0; i < 4; ++i) {
      const std::string start = std::string(names[i]) + " ";
      if (line.starts_with(start)) values[i] = std::stod(line.substr(start.size()));
    }
  }
  CHECK(values[0] >= 0);
  CHECK(values[1] > 100'000);
  CHECK(values[2] >= 3);
  CHECK(values[3] > 1.6e9);
}

TEST_CASE("a new pack takes the old one's place") {
  Metrics metrics;
  metrics.set_pack("aa11", "1");
  metrics.set_pack("bb22", "2");
  metrics.set_pack("bb22", "2");
  const std::string text = metrics.scrape();
  CHECK(has_line(text, "fengsui_pack_info{hash=\"bb22\",version=\"2\"} 1"));
  CHECK(text.find("aa11") == std::string::npos);
}

TEST_CASE("hooks set gauges at each scrape, until they are gone") {
  Metrics metrics;
  const Gauge gauge = metrics.rocksdb_statistic("rocksdb.estimate-num-keys");
  int scrapes = 0;
  auto hook = metrics.at_scrape([&] { gauge.set(++scrapes); });
  const char* first = "fengsui_rocksdb_statistic{name=\"rocksdb.estimate-num-keys\"} 1";
  const char* second = "fengsui_rocksdb_statistic{name=\"rocksdb.estimate-num-keys\"} 2";
  CHECK(has_line(metrics.scrape(), first));
  CHECK(has_line(metrics.scrape(), second));
  hook.reset();
  CHECK(has_line(metrics.scrape(), second));
  CHECK(scrapes == 2);
}

}  // namespace
}  // namespace fengsui
