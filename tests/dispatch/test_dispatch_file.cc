#include <doctest/doctest.h>

#include "dispatch/dispatch_file.h"
#include "refused.h"

namespace fengsui::dispatch {
namespace {

TEST_CASE("a route and its queues") {
  const LoadedDispatchFile loaded = read_dispatch_file("dispatch.yaml", R"(
route: { queue: duty }
queues:
  - name: duty
    sinks:
      - file: { path: out/duty.ndjson }
  - name: city
    sinks:
      - kafka:
          brokers: "127.0.0.1:9092"
          topic: alerts
          properties: { compression.type: lz4, linger.ms: 5 }
  - name: dead-letters
    sinks: [{ file: { path: dead.ndjson } }]
)");
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  CHECK(loaded.file->plan.route.options.queue == "duty");
  REQUIRE(loaded.file->queues.size() == 3);
  CHECK(std::get<FileSinkSpec>(loaded.file->queues[0].sink).path == "out/duty.ndjson");
  const auto& kafka = std::get<KafkaSinkSpec>(loaded.file->queues[1].sink);
  CHECK(kafka.topic == "alerts");
  CHECK(kafka.connection.brokers == "127.0.0.1:9092");
  CHECK(kafka.connection.properties.at("compression.type") == "lz4");
  CHECK(kafka.connection.properties.at("linger.ms") == "5");
}

constexpr const char* kQueues = "queues: [{name: duty, sinks: [{file: {path: a}}]}]\n";

TEST_CASE("what is wrong is said with its place") {
  struct {
    const char* name;
    std::string text;
    const char* found;  // begins the only finding's line: "d:line:col: … what; hint"
  } const cases[] = {
      {"unknown key", std::string(kQueues) + "rout: {queue: duty}\nroute: {queue: duty}\n",
       "d:2:1: error: the dispatch file has no `rout`; did you mean"},
      {"inhibits everything",
       std::string(kQueues) + "route: {queue: duty}\ninhibit_rules: [{source_matchers: [], "
                              "target_matchers: [a=b]}]\n",
       "d:3:35: error: `source_matchers` is empty: it matches every alert"},
      {"inhibits nothing",
       std::string(kQueues) + "route: {queue: duty}\ninhibit_rules: [{source_matchers: [a=b]}]\n",
       "d:3:17: error: an inhibition rule needs `target_matchers`"},
      {"equal twice",
       std::string(kQueues) + "route: {queue: duty}\ninhibit_rules: [{source_matchers: [a=b], "
                              "target_matchers: [a=c], equal: [e, e]}]\n",
       "d:3:77: error: `e` stands in `equal` a second time"},
      {"no such interval",
       std::string(kQueues) + "route: {queue: duty, routes: [{active_time_intervals: [x]}]}\n",
       "d:2:56: error: there is no time interval `x`"},
      {"two intervals of a name",
       std::string(kQueues) + "route: {queue: duty}\ntime_intervals: [{name: a, time_intervals: "
                              "[]}, {name: a, time_intervals: []}]\n",
       "d:3:56: error: `a` stands here a second time"},
      {"two kinds of a sink",
       "route: {queue: a}\nqueues: [{name: a, sinks: [{webhook: {url: x}, file: {path: y}}]}]\n",
       "d:2:28: error: a sink is one of `file`, `kafka` and `webhook`"},
      {"no such queue", std::string(kQueues) + "route: {queue: duti}\n",
       "d:2:16: error: there is no queue `duti`; did you mean"},
      {"reserved queue",
       "route: {queue: dead-letters}\nqueues: [{name: dead-letters, sinks: [{file: {path: a}}]}]\n",
       "d:1:16: error: `dead-letters` is reserved"},
      {"no sink",
       "route: {queue: a}\nqueues: [{name: a, sinks: []}, {name: b, sinks: [{file: "
       "{path: x}}]}]\n",
       "d:2:27: error: a queue needs a sink"},
      {"one file for two queues",
       "route: {queue: a}\nqueues:\n- {name: a, sinks: [{file: {path: x}}]}\n- {name: b, sinks: "
       "[{file: {path: x}}]}\n",
       "d:4:3: error: the file x is another queue's already"},
      {"no path",
       "route: {queue: b}\nqueues: [{name: a, sinks: [{file: {}}]}, {name: b, sinks: "
       "[{file: {path: x}}]}]\n",
       "d:2:35: error: `file` needs `path`"},
  };
  for (const auto& row : cases) {
    CAPTURE(std::string(row.name));
    check_refused(read_dispatch_file("d", row.text), row.found);
  }
}

TEST_CASE("a file that cannot be read is an issue") {
  const LoadedDispatchFile loaded = load_dispatch_file("/nowhere/dispatch.yaml");
  CHECK_FALSE(loaded.file);
  REQUIRE(loaded.issues.size() == 1);
  CHECK(loaded.issues[0].file == "/nowhere/dispatch.yaml");
}

TEST_CASE("the shipped dispatch file is valid") {
  const LoadedDispatchFile loaded =
      load_dispatch_file(std::string(FENGSUI_SOURCE_DIR) + "/deploy/dispatch.yaml");
  CHECK_MESSAGE(loaded.file, rules::as_text(loaded.issues));
}

}  // namespace
}  // namespace fengsui::dispatch
