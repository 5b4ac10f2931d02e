#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "cli/configuration.h"

using namespace fengsui;
using cli::Configuration;

namespace {

const char* no_environment(const char*) { return nullptr; }

std::map<std::string, std::string> environment;
const char* own_environment(const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? nullptr : found->second.c_str();
}

class TextFile {
 public:
  explicit TextFile(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "fengsui-XXXXXX").string();
    close_descriptor(mkstemp(name.data()));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TextFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  static void close_descriptor(int descriptor) {
    if (descriptor >= 0) fclose(fdopen(descriptor, "r"));
  }
  std::string path_;
};

}  // namespace

TEST_CASE("without a file every key has its default") {
  const auto loaded = cli::load_configuration("", no_environment);
  CHECK(loaded.issues.empty());
  CHECK(loaded.configuration.server.port == 8600);
  CHECK(loaded.configuration.time.dedupe_horizon == std::chrono::hours{1});
}

TEST_CASE("the documented file names every key and says the defaults") {
  const std::string path = std::string(FENGSUI_SOURCE_DIR) + "/deploy/fengsui.yaml";
  const auto loaded = cli::load_configuration(path, no_environment);
  CHECK(rules::as_text(loaded.issues) == rules::as_text({}));
  const Configuration defaults;
  CHECK(loaded.configuration.state.directory == defaults.state.directory);
  CHECK(loaded.configuration.state.checkpoint_interval == defaults.state.checkpoint_interval);
  CHECK(loaded.configuration.time.clock_skew_max == defaults.time.clock_skew_max);
  CHECK(loaded.configuration.limits.queue_bytes_max == defaults.limits.queue_bytes_max);
  CHECK(loaded.configuration.log.level == defaults.log.level);

  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const std::string& key : cli::configuration_keys()) {
    const std::string last = key.substr(key.find('.') + 1) + ":";
    CAPTURE(key);
    CHECK(text.find(last) != std::string::npos);
  }
}

TEST_CASE("a file sets values and sources") {
  const TextFile file(R"(
pack: city
engine: { shards: 2, pin_shards: true }
state: { dir: /tmp/x, checkpoint_interval: 5s }
server: { port: 0 }
time: { out_of_orderness: 1m30s }
sources:
  - name: events
    kafka: { brokers: "127.0.0.1:1", topics: [a, b], properties: { client.id: x } }
  - { name: drop, file: { path: in.ndjson, follow: false } }
)");
  const auto loaded = cli::load_configuration(file.path(), no_environment);
  REQUIRE(rules::as_text(loaded.issues) == rules::as_text({}));
  const Configuration& c = loaded.configuration;
  CHECK(c.pack == "city");
  CHECK(c.engine.shards == 2);
  CHECK(c.engine.pin_shards);
  CHECK(c.state.checkpoint_interval == std::chrono::seconds{5});
  CHECK(c.server.port == 0);
  CHECK(c.time.out_of_orderness == std::chrono::seconds{90});
  REQUIRE(c.sources.size() == 2);
  const auto& kafka = std::get<cli::KafkaSourceSetting>(c.sources[0].kind);
  CHECK(kafka.topics == std::vector<std::string>{"a", "b"});
  CHECK(kafka.properties.at("client.id") == "x");
  CHECK_FALSE(std::get<cli::FileSourceSetting>(c.sources[1].kind).follow);
}

TEST_CASE("the environment wins over the file") {
  const TextFile file("state: { dir: one }\nserver: { port: 1 }\n");
  environment = {{"FENGSUI_STATE_DIR", "two"}, {"FENGSUI_SERVER_PORT", "2"}};
  const auto loaded = cli::load_configuration(file.path(), own_environment);
  CHECK(loaded.issues.empty());
  CHECK(loaded.configuration.state.directory == "two");
  CHECK(loaded.configuration.server.port == 2);
}

TEST_CASE("every fault has its place and a hint") {
  struct Case {
    const char* text;
    const char* wanted;  // part of the findings as text, after the file's name
  };
  const Case cases[] = {
      {"stat: { dir: x }\n", ":1:1: error: unknown key 'stat'; did you mean `state`?"},
      {"state:\n  dri: x\n", ":2:3: error: unknown key 'dri'; did you mean `dir`?"},
      {"server: { port: 99999 }\n",
       ":1:17: error: 'server.port' is a whole number from 0 to 65535"},
      {"engine: { shards: 0 }\n", ":1:19: error: 'engine.shards' is a whole number from 1 to 64"},
      {"time: { idle_after: soon }\n", ":1:21: error: 'time.idle_after' is a duration"},
      {"log: { level: loud }\n", ":1:15: error: 'log.level' is one of"},
      {"sources: [ { name: a } ]\n", "error: a source needs 'kafka' or 'file'"},
      {"sources: [ { name: a, kafka: { topics: [t] } } ]\n", "error: 'kafka' needs 'brokers'"},
      {"sources: [ { name: a, file: { path: p } }, { name: a, file: { path: q } } ]\n",
       "two sources are named 'a'"},
      {"- a\n", "the configuration is a map"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const TextFile file(c.text);
    const auto loaded = cli::load_configuration(file.path(), no_environment);
    const std::string text = rules::as_text(loaded.issues);
    CAPTURE(text);
    CHECK(text.find(c.wanted) != std::string::npos);
    CHECK(rules::has_errors(loaded.issues));
  }
  CHECK(rules::has_errors(cli::load_configuration("no/such/file", no_environment).issues));
  environment = {{"FENGSUI_LOG_FORMAT", "xml"}};
  CHECK(rules::has_errors(cli::load_configuration("", own_environment).issues));
}
