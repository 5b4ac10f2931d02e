#include "cli/demo.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/hash.h"
#include "cli/api_client.h"
#include "cli/city.h"
#include "cli/exit_status.h"
#include "cli/service.h"
#include "cli/stop_signal.h"
#include "cli/summary.h"

namespace fengsui::cli {
namespace {

constexpr double kCityRate = 100;         // events a second of city time
constexpr uint64_t kOnceEvents = 30'000;  // five minutes of the city
constexpr size_t kPostEvents = 50;
constexpr std::chrono::milliseconds kLookEvery{100};

// A folder that goes with everything in it.
class OwnFolder {
 public:
  Expected<void> make() {
    std::string name = (std::filesystem::temp_directory_path() / "fengsui-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      return fail(Error::outside("cannot make a folder for the demo's state"));
    }
    path_ = name;
    return {};
  }
  ~OwnFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string random_key() {
  std::array<unsigned char, 32> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Keys of the demo's own, for the default pack's identity fields; they go with the folder.
Expected<void> write_keys(const std::string& path) {
  constexpr std::pair<const char*, const char*> kUses[] = {
      {"courier.parcel", "fraud_victim"},   {"courier.parcel", "identity_misuse"},
      {"homestay.stay", "identity_misuse"}, {"hotline.ticket", "dangerous_goods"},
      {"hotline.ticket", "fire_gas"},       {"hotline.ticket", "food_health"},
      {"hotline.ticket", "fraud_victim"}};
  nlohmann::json keys = {{"keys", nlohmann::json::array()}, {"dead_letters", random_key()}};
  for (const auto& [feed, purpose] : kUses) {
    keys["keys"].push_back(
        {{"feed", feed}, {"purpose", purpose}, {"epoch", "demo"}, {"key", random_key()}});
  }
  const std::string text = keys.dump() + "\n";  // JSON is YAML
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  if (!written) return fail(Error::outside("cannot write " + path));
  return {};
}

// The demo's duty desk: each record as a line on the terminal.
class Terminal final : public dispatch::Sink {
 public:
  Expected<uint64_t> open(const dispatch::DeliveryMark& mark) override { return mark.sequence; }
  Expected<dispatch::DeliveryMark> deliver(
      std::span<const dispatch::OutboxEntry> entries) override {
    for (const dispatch::OutboxEntry& entry : entries) print(nlohmann::json::parse(entry.message));
    std::fflush(stdout);
    return dispatch::DeliveryMark{entries.back().sequence, {}};
  }
  void close() override {}

 private:
  struct Look {
    const char* name;
    const char* sign;    // shape, character and colour: never colour alone
    const char* colour;  // ANSI
  };
  static constexpr Look kLooks[] = {{"red", "■红", "\033[1;37;41m"},
                                    {"orange", "▲橙", "\033[30;48;5;208m"},
                                    {"yellow", "◆黄", "\033[30;43m"},
                                    {"blue", "●蓝", "\033[37;44m"}};

  void print(const nlohmann::json& record) const {
    const std::string grade = record["grade"];
    const Look* look = &kLooks[3];
    for (const Look& known : kLooks) {
      if (grade == known.name) look = &known;
    }
    const bool open_or_raise = record["kind"] != "clear";
    const std::string text = open_or_raise && record.contains("message")
                                 ? record["message"].get<std::string>()
                                 : record["group"].dump();
    std::printf("%s%s%s %s %-5s %-30s %s\n", coloured_ ? look->colour : "", look->sign,
                coloured_ ? "\033[0m" : "", record["time"].get<std::string>().c_str(),
                record["kind"].get<std::string>().c_str(),
                record["rule"].get<std::string>().c_str(), text.c_str());
  }

  const bool coloured_ = isatty(STDOUT_FILENO) == 1;
};

// Posts the city to the service: as fast as it takes them, or at the city's own pace.
class CityPoster {
 public:
  CityPoster(const DemoOptions& options, uint16_t port, const Clock& clock)
      : once_(options.once),
        clock_(clock),
        client_("127.0.0.1", port),
        city_(make_default_city(
            {.seed = options.seed,
             .rate = kCityRate,
             .identity = IdentityForm::Strings,
             // --once plays minutes that have just passed.
             .start = clock.wall() -
                      (options.once ? Duration{static_cast<int64_t>(kOnceEvents * 1000 / kCityRate)}
                                    : Duration{0})})) {}

  // Posts what is due; true while there is more to come.
  Expected<bool> step() {
    std::vector<std::string> events;
    while (events.size() < kPostEvents && (!once_ || made_ < kOnceEvents)) {
      if (!waiting_) waiting_ = city_->next();
      if (!once_ && waiting_->time > clock_.wall()) break;
      events.push_back(std::move(waiting_->line));
      waiting_.reset();
      ++made_;
    }
    if (events.empty()) return !once_;
    while (true) {
      const Expected<int> status = client_.post_events(events);
      if (!status) return fail(status.error());
      if (*status == 202) return true;
      if (*status == 429) continue;  // the queue is full: again
      return fail(Error::outside("the service answered " + std::to_string(*status)));
    }
  }

 private:
  const bool once_;
  const Clock& clock_;
  ApiClient client_;
  std::unique_ptr<City> city_;
  std::optional<CityEvent> waiting_;
  uint64_t made_ = 0;
};

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

void print_table(const pipeline::EngineStatus& status, std::chrono::nanoseconds took) {
  const pipeline::RecordCounters& records = status.records;
  std::printf("\nrecords   read %lu  processed %lu  duplicate %lu  late %lu  dead letter %lu\n",
              records.read, records.processed, records.duplicate, records.late,
              records.dead_letter);
  std::array<std::array<uint64_t, pipeline::kRecordKinds>, pipeline::kGrades> alerts{};
  for (const auto& rule : status.alerts) {
    for (size_t grade = 0; grade < rule.size(); ++grade) {
      for (size_t kind = 0; kind < rule[grade].size(); ++kind) {
        alerts[grade][kind] += rule[grade][kind];
      }
    }
  }
  for (size_t grade = pipeline::kGrades; grade-- > 1;) {
    std::printf("%-9s open %lu  raise %lu  clear %lu\n", rules::kGradeNames[grade],
                alerts[grade][0], alerts[grade][1], alerts[grade][2]);
  }
  const double seconds = std::chrono::duration<double>(took).count();
  std::printf("rate      %.0f records/s over HTTP in %.1f s\n",
              static_cast<double>(records.read) / seconds, seconds);
  std::printf("latency   accepted to durable: p50 %.2f ms, p99 %.2f ms\n",
              milliseconds(status.durable.quantile(0.5)),
              milliseconds(status.durable.quantile(0.99)));
  std::fflush(stdout);
}

Expected<void> play(const DemoOptions& options, Service& service, const Clock& clock,
                    StopSignal& stop_signal) {
  CityPoster city(options, service.port(), clock);
  while (service.wait({})) {
    const Expected<bool> more = city.step();
    if (!more) return fail(more.error());
    if (!*more || stop_signal.wait(options.once ? std::chrono::milliseconds{0} : kLookEvery)) break;
  }
  return {};
}

}  // namespace

int demo(const DemoOptions& options) {
  StopSignal stop_signal;
  const SystemClock clock;
  OwnFolder own;
  if (Expected<void> made = own.make(); !made) return report(made.error());
  Configuration configuration;
  configuration.pack = options.pack;
  configuration.state.directory = options.state.empty() ? own.path() + "/state" : options.state;
  configuration.keys = own.path() + "/keys.yaml";
  configuration.server.port = options.port;
  // The city's sources run in turn over one connection: nothing is out of order but by scheduling.
  configuration.time.out_of_orderness = std::chrono::seconds{1};
  if (Expected<void> keys = write_keys(configuration.keys); !keys) return report(keys.error());
  if (Expected<void> log = start_log(LogFormat::Text, "warn"); !log) return report(log.error());

  auto started = Service::start(
      {.configuration = configuration, .only_sink = std::make_unique<Terminal>()}, clock);
  if (!started) return report(started.error());
  Service& service = **started;
  std::printf(
      "fengsui serves http://127.0.0.1:%u/ (POST /v1/events, /metrics, /healthz, /readyz)\n",
      service.port());
  std::fflush(stdout);
  const MonotonicTime begin = clock.monotonic();
  const Expected<void> played = play(options, service, clock, stop_signal);
  const std::chrono::nanoseconds took = clock.monotonic() - begin;
  const Expected<void> stopped = service.stop({});
  const pipeline::EngineStatus status = service.status();
  print_table(status, took);
  const int exit_status = !played    ? report(played.error())
                          : !stopped ? report(stopped.error())
                                     : kDone;
  print_summary(summary_of(status.records, status.shard));
  return exit_status;
}

}  // namespace fengsui::cli
