#include "cli/service.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/random_id.h"
#include "cli/desk_calls.h"
#include "cli/load.h"
#include "dispatch/dispatch_file.h"
#include "dispatch/file_sink.h"
#include "dispatch/kafka_check.h"
#include "dispatch/kafka_sink.h"
#include "dispatch/webhook_sink.h"
#include "fengsui/version.h"
#include "source/file_source.h"
#include "source/kafka_source.h"
#include "state/rocksdb_key_value.h"

namespace fengsui::cli {
namespace {

// The queue that there is without a dispatch file.
constexpr const char* kOnlyQueue = "duty";

std::string in_state(const Configuration& configuration, const char* name) {
  return (std::filesystem::path(configuration.state.directory) / name).string();
}

Expected<std::string> pack_of(const Configuration& configuration) {
  if (!configuration.pack.empty()) return configuration.pack;
  return default_pack();
}

dispatch::Plan plan_of(const std::string& queue) {
  dispatch::Plan plan;
  plan.route.options.queue = queue;
  return plan;
}

Expected<dispatch::DispatchFile> load_dispatch(const Configuration& configuration) {
  if (configuration.dispatch.empty()) {
    return dispatch::DispatchFile{
        plan_of(kOnlyQueue),
        {{kOnlyQueue, dispatch::FileSinkSpec{in_state(configuration, "alerts.ndjson")}}}};
  }
  dispatch::LoadedDispatchFile loaded = dispatch::load_dispatch_file(configuration.dispatch);
  if (!loaded.issues.empty()) {
    std::fprintf(stderr, "%s\n", rules::as_text(loaded.issues).c_str());
  }
  if (!loaded.file) return fail(Error::bad_input(configuration.dispatch + " has errors"));
  return std::move(*loaded.file);
}

// The key file's, or without one, one with a dead-letter key alone, made beside the state
// (privacy.md 1): the next pack may have identity fields, even if this one has none.
Expected<std::optional<event::KeyRing>> keys_of(const Configuration& configuration) {
  if (!configuration.keys.empty()) return load_keys(configuration.keys);
  Expected<event::KeyRing> made =
      event::KeyRing::load_or_make_dead_letter_key(in_state(configuration, "dead-letters.key"));
  if (!made) return fail(made.error());
  return std::optional<event::KeyRing>(std::move(*made));
}

// `run --check` waits so long for brokers.
constexpr std::chrono::seconds kBrokersPatience{15};

std::unique_ptr<dispatch::Sink> make_sink(const dispatch::QueueSpec& queue,
                                          const std::string& state_id, const Clock& clock) {
  if (const auto* file = std::get_if<dispatch::FileSinkSpec>(&queue.sink)) {
    return std::make_unique<dispatch::FileSink>(file->path);
  }
  if (const auto* webhook = std::get_if<dispatch::WebhookSinkSpec>(&queue.sink)) {
    dispatch::WebhookSinkOptions options;
    options.http.url = *dispatch::parse_url(webhook->url);
    options.http.ca_file = webhook->ca_file;
    options.http.timeout = webhook->timeout;
    options.secret_file = webhook->secret_file;
    options.key_prefix = state_id + "-" + queue.name;
    return std::make_unique<dispatch::WebhookSink>(std::move(options), clock);
  }
  const auto& kafka = std::get<dispatch::KafkaSinkSpec>(queue.sink);
  dispatch::KafkaSinkOptions options;
  options.connection = kafka.connection;
  options.topic = kafka.topic;
  options.transactional_id = "fengsui-" + state_id + "-" + queue.name;
  options.state_id = state_id;
  return std::make_unique<dispatch::KafkaSink>(std::move(options), clock);
}

std::vector<std::unique_ptr<source::Source>> make_sources(const Configuration& configuration) {
  std::vector<std::unique_ptr<source::Source>> out;
  for (const SourceSetting& setting : configuration.sources) {
    if (const auto* kafka = std::get_if<KafkaSourceSetting>(&setting.kind)) {
      source::KafkaSourceOptions options;
      options.name = setting.name;
      options.connection = {kafka->brokers, kafka->properties};
      options.topics = kafka->topics;
      out.push_back(std::make_unique<source::KafkaSource>(std::move(options)));
      continue;
    }
    const auto& file = std::get<FileSourceSetting>(setting.kind);
    source::FileSourceOptions options;
    options.name = setting.name;
    options.path = file.path;
    options.follow = file.follow;
    out.push_back(std::make_unique<source::FileSource>(std::move(options)));
  }
  return out;
}

// What the store keeps in memory, of what the state may: the rest is the groups'.
size_t store_memory(const Configuration& configuration) {
  constexpr uint64_t kLeast = 16 << 20, kMost = 1 << 30;
  return std::clamp(configuration.state.cache_bytes / 12, kLeast, kMost);
}

pipeline::EngineOptions engine_options(const Configuration& configuration) {
  pipeline::EngineOptions options;
  options.front.out_of_orderness = configuration.time.out_of_orderness;
  options.front.allowed_lateness = configuration.time.allowed_lateness;
  options.front.dedupe_horizon = configuration.time.dedupe_horizon;
  options.front.clock_skew_max = configuration.time.clock_skew_max;
  options.front.record_bytes_max = configuration.limits.record_bytes_max;
  options.shards.shards = configuration.engine.shards;
  options.shards.pinned = configuration.engine.pin_shards;
  options.idle_after = configuration.time.idle_after;
  options.checkpoint_interval = configuration.state.checkpoint_interval;
  options.checkpoint_journal_bytes = configuration.state.checkpoint_journal_bytes;
  options.groups_bytes = configuration.state.cache_bytes - store_memory(configuration);
  options.queue_batches_max = configuration.limits.queue_batches_max;
  options.queue_bytes_max = configuration.limits.queue_bytes_max;
  return options;
}

Expected<std::unique_ptr<state::Store>> open_store(const Configuration& configuration,
                                                   const rules::RuleSet& rules) {
  Expected<std::unique_ptr<state::KeyValue>> tables = state::open_rocksdb_key_value(
      {.directory = in_state(configuration, "store"), .memory_bytes = store_memory(configuration)});
  if (!tables) return fail(tables.error());
  return state::Store::open(std::move(*tables), {.pack_hash = rules.hash,
                                                 .pack_files = rules.files,
                                                 .program_version = kVersion,
                                                 .new_state_id = random_id(8)});
}

Expected<std::unique_ptr<archive::Archive>> open_archive(const Configuration& configuration,
                                                         const state::Recovered& state) {
  if (!configuration.archive.enabled) return std::unique_ptr<archive::Archive>();
  archive::ArchiveOptions options;
  options.directory = configuration.archive.directory.empty() ? in_state(configuration, "archive")
                                                              : configuration.archive.directory;
  options.state_id = state.state_id;
  options.segment_span = configuration.archive.segment;
  options.segment_bytes_max = configuration.archive.segment_bytes_max;
  return archive::Archive::open(std::move(options), state.archive_mark);
}

server::ServerOptions server_options(const Configuration& configuration) {
  server::ServerOptions options;
  options.http.address = configuration.server.address;
  options.http.port = configuration.server.port;
  options.http.limits.body_bytes_max = configuration.server.body_bytes_max;
  options.http.limits.connections_max = configuration.server.connections_max;
  return options;
}

server::Dependencies dependencies_of(pipeline::Engine& engine, pipeline::Reloader& reloader,
                                     Metrics& metrics, const Clock& clock) {
  return {.batches = engine.queue(),
          .metrics = metrics,
          .clock = clock,
          .readiness =
              [&engine] {
                const std::optional<Error> failure = engine.failure();
                if (!failure) return server::Readiness{};
                return server::Readiness{false, false, {failure->message}};
              },
          .pack_status = [&engine](auto done) { engine.pack_status(std::move(done)); },
          .reload = [&reloader](bool warm, auto done) { reloader.reload(warm, std::move(done)); },
          .board = engine.desk().board(),
          .act = acting(engine),
          .silences = silences_of(engine)};
}

// All Kafka topics that sources and queues name, each cluster once. All problems are told.
Expected<void> check_brokers(const Configuration& configuration,
                             const dispatch::DispatchFile& dispatch) {
  using Use = dispatch::TopicNeed::Use;
  std::map<std::pair<std::string, std::map<std::string, std::string>>,
           std::vector<dispatch::TopicNeed>>
      clusters;
  for (const SourceSetting& setting : configuration.sources) {
    const auto* kafka = std::get_if<KafkaSourceSetting>(&setting.kind);
    if (kafka == nullptr) continue;
    for (const std::string& topic : kafka->topics) {
      clusters[{kafka->brokers, kafka->properties}].push_back({topic, Use::Read});
    }
  }
  for (const dispatch::QueueSpec& queue : dispatch.queues) {
    const auto* kafka = std::get_if<dispatch::KafkaSinkSpec>(&queue.sink);
    if (kafka == nullptr) continue;
    clusters[{kafka->connection.brokers, kafka->connection.properties}].push_back(
        {kafka->topic, Use::Written});
  }
  size_t problems = 0;
  for (const auto& [cluster, needs] : clusters) {
    const auto found =
        dispatch::check_kafka({cluster.first, cluster.second}, needs, kBrokersPatience);
    if (!found) return fail(found.error());
    problems += found->size();
    for (const std::string& problem : *found) std::fprintf(stderr, "%s\n", problem.c_str());
  }
  if (problems == 0) return {};
  return fail(Error::outside("Kafka is not as the service needs it"));
}

}  // namespace

Expected<void> check_service(const Configuration& configuration) {
  const auto pack = pack_of(configuration);
  if (!pack) return fail(pack.error());
  if (const auto rules = load_rules(*pack); !rules) return fail(rules.error());
  if (!configuration.keys.empty()) {
    if (const auto keys = load_keys(configuration.keys); !keys) return fail(keys.error());
  }
  const auto dispatch = load_dispatch(configuration);
  if (!dispatch) return fail(dispatch.error());
  return check_brokers(configuration, *dispatch);
}

Expected<std::unique_ptr<Service>> Service::start(ServiceOptions options, const Clock& clock) {
  std::unique_ptr<Service> service(new Service);
  service->configuration_ = options.configuration;
  const Configuration& configuration = service->configuration_;
  const auto pack = pack_of(configuration);
  if (!pack) return fail(pack.error());
  pipeline::Reloader::Options reload{.directory = *pack};
  reload.loaded = pipeline::folder_state(*pack);
  if (!configuration.pack_watch) reload.look_every.reset();
  auto rules = load_rules(*pack);
  if (!rules) return fail(rules.error());
  auto dispatch = load_dispatch(configuration);
  if (!dispatch) return fail(dispatch.error());
  std::error_code made;
  std::filesystem::create_directories(configuration.state.directory, made);
  if (made) {
    return fail(Error::outside(configuration.state.directory + ": " + made.message()));
  }
  auto keys = keys_of(configuration);
  if (!keys) return fail(keys.error());
  service->keys_ = std::move(*keys);
  const event::KeyRing* ring = service->keys_ ? &*service->keys_ : nullptr;
  auto store = open_store(configuration, **rules);
  if (!store) return fail(store.error());
  auto board = board::Board::open((*store)->tables());
  if (!board) return fail(board.error());
  auto archive = open_archive(configuration, (*store)->recovered());
  if (!archive) return fail(archive.error());

  if (!options.only_sink) service->queues_ = dispatch->queues;
  pipeline::EngineOptions engine = engine_options(configuration);
  engine.plan = options.only_sink ? plan_of(kOnlyQueue) : dispatch->plan;
  pipeline::EngineParts parts{.rules = std::move(*rules),
                              .keys = ring,
                              .store = nullptr,
                              .board = std::make_unique<board::Board>(std::move(*board)),
                              .archive = std::move(*archive),
                              .queues = {},
                              .sources = make_sources(configuration),
                              .clock = clock,
                              .metrics = &service->metrics_};
  parts.queues.push_back({dispatch::kDeadLetterQueue, std::make_unique<dispatch::FileSink>(in_state(
                                                          configuration, "dead-letters.ndjson"))});
  if (options.only_sink) {
    parts.queues.push_back({kOnlyQueue, std::move(options.only_sink)});
  } else {
    const std::string& state_id = (*store)->recovered().state_id;
    for (const dispatch::QueueSpec& queue : dispatch->queues) {
      parts.queues.push_back({queue.name, make_sink(queue, state_id, clock)});
    }
  }
  parts.store = std::move(*store);
  auto opened = pipeline::Engine::open(std::move(parts), std::move(engine));
  if (!opened) return fail(opened.error());
  service->engine_ = std::move(*opened);
  if (Expected<void> started = service->engine_->start(); !started) return fail(started.error());
  pipeline::Engine& running = *service->engine_;
  service->reloader_ =
      std::make_unique<pipeline::Reloader>(running, std::move(reload), clock, &service->metrics_);
  auto server = server::Server::start(
      server_options(configuration),
      dependencies_of(running, *service->reloader_, service->metrics_, clock));
  if (!server) return fail(server.error());
  service->server_ = std::move(*server);
  return service;
}

Service::~Service() = default;

bool Service::wait(std::chrono::nanoseconds most) {
  return engine_->wait(most) != pipeline::Engine::Running::Failed;
}

// A file with errors, or of other queues, changes nothing.
void Service::reload_dispatch() {
  if (configuration_.dispatch.empty() || !queues_) return;
  auto dispatch = load_dispatch(configuration_);
  if (!dispatch) return spdlog::error("reload: {}", dispatch.error().message);
  if (dispatch->queues != *queues_) {
    return spdlog::error("reload: {} has other queues, or sinks: restart for them",
                         configuration_.dispatch);
  }
  engine_->at_desk(
      [plan = std::move(dispatch->plan)](pipeline::Desk* desk, EventTime now) -> Expected<void> {
        if (desk == nullptr) return {};
        Expected<void> set = desk->set_plan(plan, now);
        if (set) spdlog::info("reload: the dispatch file is in force");
        return set;
      });
}

void Service::reload() {
  reload_dispatch();
  reloader_->reload(false, [](const pipeline::ReloadAnswer& answer) {
    if (answer.outcome == pipeline::ReloadAnswer::Outcome::Busy) spdlog::warn(answer.message);
    if (answer.outcome == pipeline::ReloadAnswer::Outcome::Unchanged) {
      spdlog::info("reload: the pack has not changed");
    }
  });
}

Expected<void> Service::stop(pipeline::Engine::StopOptions options) {
  server_->stop();
  Expected<void> stopped = engine_->stop(options);
  reloader_->wait_idle();  // what came of a reload is said before the caller's last word
  return stopped;
}

}  // namespace fengsui::cli
