// A pack's folder that changes: taken over, refused with its findings, or left alone.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "pipeline/reloader.h"
#include "pipeline/swap_bench.h"
#include "rules/pack.h"

namespace fengsui::test {
namespace {

using Outcome = pipeline::ReloadAnswer::Outcome;

// The folder of a pack, and an engine that runs it.
struct ReloadBench {
  ReloadBench() {
    write("schemas/pass.yaml",
          "event: gate.pass\ntype: object\nproperties:\n  gate: { type: string }\n");
    write("rules.yaml", "rules:\n" + rule_text("one", "    grade: blue\n"));
    rules::LoadedPack loaded = rules::load_pack(folder / "pack");
    REQUIRE(loaded.rules);
    bench.open(loaded.rules);
    reloader.emplace(bench.engine(),
                     pipeline::Reloader::Options{.directory = folder / "pack",
                                                 .loaded = pipeline::folder_state(folder / "pack")},
                     clock, &metrics);
  }
  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder / ("pack/" + name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  pipeline::ReloadAnswer reload(bool warm = false) {
    std::promise<pipeline::ReloadAnswer> promise;
    reloader->reload(warm, [&](const pipeline::ReloadAnswer& got) { promise.set_value(got); });
    pipeline::ReloadAnswer answer = promise.get_future().get();
    reloader->wait_idle();
    return answer;
  }
  bool counted(const std::string& outcome) {
    return metrics.scrape().find("fengsui_pack_reloads_total{outcome=\"" + outcome + "\"} 1") !=
           std::string::npos;
  }
  void look() {
    clock.advance(std::chrono::seconds{1});
    reloader->tick();
    reloader->wait_idle();
  }

  ScratchFolder folder;
  ManualClock clock{EventTime{Duration{1'772'400'000'000}}};
  Metrics metrics;
  SwapBench bench;
  std::optional<pipeline::Reloader> reloader;
};

TEST_CASE("asked to, it takes over what has changed and leaves alone what has not") {
  ReloadBench bench;
  const std::string first = bench.bench.engine().rules()->hash;
  CHECK(bench.reload().outcome == Outcome::Unchanged);
  bench.write("rules.yaml", "rules:\n" + rule_text("one", "    grade: red\n") +
                                rule_text("two", "    grade: blue\n"));
  const pipeline::ReloadAnswer answer = bench.reload();
  REQUIRE(answer.outcome == Outcome::Swapped);
  CHECK(answer.swap.old_hash == first);
  CHECK(answer.swap.new_hash == bench.bench.engine().rules()->hash);
  CHECK(answer.swap.kept == std::vector<std::string>{"one"});
  CHECK(answer.swap.fresh == std::vector<std::string>{"two"});
  CHECK(bench.counted("swapped"));
  CHECK(bench.counted("unchanged"));
}

TEST_CASE("a bad pack is refused with all its findings, and the one in force goes on") {
  ReloadBench bench;
  const std::string first = bench.bench.engine().rules()->hash;
  bench.write("rules.yaml", "rules:\n" +
                                rule_text("one", "    when: nothing > 1\n    grade: red\n") +
                                rule_text("two", "    grade: crimson\n"));
  const pipeline::ReloadAnswer answer = bench.reload();
  CHECK(answer.outcome == Outcome::Refused);
  CHECK(answer.issues.size() >= 2);
  CHECK(bench.bench.engine().rules()->hash == first);
  CHECK(bench.counted("refused"));
  bench.bench.pass(1);
  CHECK(bench.bench.alerts().size() == 1);
}

TEST_CASE("files that change are loaded once they stand still") {
  ReloadBench bench;
  const std::string first = bench.bench.engine().rules()->hash;
  bench.look();
  CHECK(bench.bench.engine().rules()->hash == first);
  bench.write("rules.yaml", "rules:\n");
  bench.look();
  bench.write("rules.yaml", "rules:\n" + rule_text("three", "    grade: blue\n"));
  bench.look();
  CHECK(bench.bench.engine().rules()->hash == first);
  bench.look();
  CHECK(bench.bench.engine().rules()->rules[0]->id == "three");
  CHECK(bench.counted("swapped"));
  // A bad one is looked at once, not again and again.
  bench.write("rules.yaml", "rules: [\n");
  for (int i = 0; i < 5; ++i) bench.look();
  CHECK(bench.counted("refused"));
}

TEST_CASE("a reload waits for nobody: a second one is told that the first is not done") {
  ReloadBench bench;
  bench.write("rules.yaml", "rules:\n" + rule_text("two", "    grade: blue\n"));
  // The first one's answer is held back, and with it its thread.
  std::promise<void> let_go;
  std::promise<void> answered;
  bench.reloader->reload(
      false, [&answered, gone = let_go.get_future().share()](const pipeline::ReloadAnswer&) {
        answered.set_value();
        gone.wait();
      });
  answered.get_future().wait();
  std::optional<Outcome> second;
  bench.reloader->reload(false,
                         [&](const pipeline::ReloadAnswer& answer) { second = answer.outcome; });
  REQUIRE(second.has_value());
  CHECK(*second == Outcome::Busy);
  let_go.set_value();
  bench.reloader->wait_idle();
}

TEST_CASE("once the engine has ended a reload says so") {
  ReloadBench bench;
  bench.write("rules.yaml", "rules:\n" + rule_text("two", "    grade: blue\n"));
  REQUIRE(bench.bench.engine().stop());
  CHECK(bench.reload().outcome == Outcome::Failed);
}

}  // namespace
}  // namespace fengsui::test
