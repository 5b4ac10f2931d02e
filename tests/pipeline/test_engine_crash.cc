// kill -9 at every fault point, many times in one run: afterwards the queues hold what an
// undisturbed run gives, none missing, none twice. And with a planted fault they do not.
#include <doctest/doctest.h>

#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "archive/reader.h"
#include "pipeline/engine_bench.h"
#include "state/scratch_folder.h"

namespace fengsui::test {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kPoints[] = {"before_log_write", "after_log_write", "before_send",
                                   "after_send",       "before_mark",     "in_checkpoint",
                                   "in_archive"};

// Runs the child; returns its exit status, or -SIGNAL.
int run_child(const std::string& folder, const std::string& point, const std::string& plant) {
  const std::string point_setting = "FENGSUI_FAULT_POINT=" + point;
  const std::string plant_setting = "FENGSUI_FAULT_PLANT=" + plant;
  std::string program = FENGSUI_CRASH_CHILD;
  std::string argument = folder;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  // The sanitizer's own settings go on to the child: it is built as we are.
  const char* sanitizer = std::getenv("TSAN_OPTIONS");
  std::string settings[] = {point_setting, plant_setting, "ASAN_OPTIONS=detect_leaks=0",
                            std::string("TSAN_OPTIONS=") + (sanitizer ? sanitizer : "")};
  char* environment[] = {settings[0].data(), settings[1].data(), settings[2].data(),
                         settings[3].data(), nullptr};
  pid_t child = 0;
  REQUIRE(::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environment) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

struct Queues {
  Strings duty, dead;
  Strings archived;  // the events, in the order of their arrival
  bool operator==(const Queues&) const = default;
};

Queues queues_of(const std::string& folder) {
  Queues queues{lines_of_file(folder + "/duty.ndjson"), lines_of_file(folder + "/dead.ndjson"), {}};
  const auto segments = archive::list_segments(folder + "/archive");
  REQUIRE(segments);
  archive::Reader reader(*segments);
  REQUIRE(reader.events({}, [&](const archive::StoredEvent& event) {
    queues.archived.push_back(archive::cloud_event(event));
    return true;
  }));
  CHECK(reader.damage().empty());
  return queues;
}

Queues undisturbed(const Strings& input) {
  ScratchFolder folder;
  write_lines(folder / "in.ndjson", input);
  REQUIRE(run_child(folder / "", "", "") == 0);
  return queues_of(folder / "");
}

struct Restarts {
  int kills = 0;
  int with_tail = 0;  // restarts that replayed a frame or more
  Queues queues;
};

// Kills at one point after another, each time after some passes more, until the run gets through.
Restarts crash_until_done(const Strings& input, uint64_t seed, const std::string& only_point,
                          const std::string& plant) {
  std::mt19937_64 random(seed);
  ScratchFolder folder;
  write_lines(folder / "in.ndjson", input);
  Restarts restarts;
  for (int run = 0; run < 25; ++run) {
    const std::string point = only_point.empty() ? kPoints[run % std::size(kPoints)] : only_point;
    // A checkpoint is rare, and writes its groups in several batches.
    const std::string passes = std::to_string(1 + random() % (point.starts_with("in_") ? 3 : 4));
    const int status = run == 24 ? run_child(folder / "", "", plant)
                                 : run_child(folder / "", point + ":" + passes, plant);
    if (status == 0) break;
    REQUIRE(status == -SIGKILL);
    ++restarts.kills;
  }
  std::ifstream starts(folder / "starts");
  for (uint64_t checkpoint = 0, last = 0, replayed = 0; starts >> checkpoint >> last >> replayed;) {
    if (replayed > 0) ++restarts.with_tail;
  }
  restarts.queues = queues_of(folder / "");
  return restarts;
}

TEST_CASE("kill -9 at any fault point changes nothing in the queues") {
  for (const uint64_t seed : {1, 2, 3}) {
    CAPTURE(seed);
    const Strings input = make_input({.seed = seed, .lines = 2500});
    const Queues want = undisturbed(input);
    REQUIRE(want.duty.size() > 50);
    REQUIRE(want.dead.size() > 10);
    REQUIRE(want.archived.size() > 1000);
    const Restarts got = crash_until_done(input, seed, "", "");
    CHECK(got.kills >= 20);
    CHECK(got.with_tail >= 15);
    CHECK(got.queues == want);
  }
}

TEST_CASE("kill -9 again and again at one fault point changes nothing in the queues") {
  const Strings input = make_input({.seed = 9, .lines = 1200});
  const Queues want = undisturbed(input);
  for (const char* point : kPoints) {
    CAPTURE(std::string(point));
    const Restarts got = crash_until_done(input, 9, point, "");
    CHECK(got.kills >= 3);
    CHECK(got.queues == want);
  }
}

TEST_CASE("planted faults are seen") {
  const Strings input = make_input({.seed = 5, .lines = 1200});
  const Queues want = undisturbed(input);
  for (const char* plant : {"no_quiet_on_recovery", "no_dedupe"}) {
    CAPTURE(std::string(plant));
    const Restarts got = crash_until_done(input, 5, "", plant);
    CHECK_FALSE(got.queues == want);
  }
}

}  // namespace
}  // namespace fengsui::test
