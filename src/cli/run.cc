#include "cli/run.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "cli/configuration.h"
#include "cli/exit_status.h"
#include "cli/service.h"
#include "cli/stop_signal.h"
#include "cli/summary.h"

namespace fengsui::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};

int serve(const Configuration& configuration) {
  StopSignal stop_signal;
  const SystemClock clock;
  Expected<std::unique_ptr<Service>> started =
      Service::start({.configuration = configuration, .only_sink = nullptr}, clock);
  if (!started) return report(started.error());
  Service& service = **started;
  spdlog::info("serving http://{}:{}/ with pack {} ({} rules)", configuration.server.address,
               service.port(), service.rules()->name, service.rules()->rules.size());
  bool running = true;
  while (running && !stop_signal.wait(kLookEvery)) {
    running = service.wait({});
    if (stop_signal.take_reload()) service.reload();
    service.tick();
  }
  spdlog::info("stopping");
  const Expected<void> stopped = service.stop({});
  const pipeline::EngineStatus status = service.status();
  const int exit_status = stopped ? kDone : report(stopped.error());
  print_summary(summary_of(status.records, status.shard));
  return exit_status;
}

}  // namespace

int run(const RunOptions& options) {
  const LoadedConfiguration loaded = load_configuration(
      options.configuration, [](const char* name) -> const char* { return std::getenv(name); });
  if (!loaded.issues.empty()) {
    std::fprintf(stderr, "%s\n", rules::as_text(loaded.issues).c_str());
  }
  if (rules::has_errors(loaded.issues)) return kUsage;
  const Configuration& configuration = loaded.configuration;
  if (Expected<void> log = start_log(configuration.log.format, configuration.log.level); !log) {
    return report(log.error());
  }
  if (!options.check_only) return serve(configuration);
  if (Expected<void> checked = check_service(configuration); !checked) {
    return report(checked.error());
  }
  std::printf("the configuration is good\n");
  return kDone;
}

}  // namespace fengsui::cli
