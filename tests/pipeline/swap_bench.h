// An engine over memory whose pack changes: packs are texts, time is the events', crashes are
// writes that are lost.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dispatch/fake_sink.h"
#include "pipeline/engine.h"
#include "state/memory_key_value.h"
#include "state/scratch_folder.h"

namespace fengsui::test {

// What stands in the pack's one rule file, and a list `heavy`. The type is gate.pass, its fields
// gate, kind and weight.
struct PackText {
  std::string rules;
  std::string list = "kind\nlorry\n";
};
std::shared_ptr<const rules::RuleSet> make_pack(const PackText& text);
std::string rule_text(const std::string& id, const std::string& lines);

struct Alert {
  std::string kind, rule, grade, time, pack;
  int64_t n = -1;  // values.n
  bool operator==(const Alert&) const = default;
};

class SwapBench {
 public:
  explicit SwapBench(bool archive = true) : archive_(archive) {}
  ~SwapBench();

  // Opens and starts; the engine goes over to `rules` if another pack is in force.
  void open(std::shared_ptr<const rules::RuleSet> rules);
  Expected<std::unique_ptr<pipeline::Engine>> try_open(std::shared_ptr<const rules::RuleSet> rules,
                                                       pipeline::EngineOptions options);
  // All that was committed is there again at the next open(), no checkpoint was made, and what the
  // archive wrote since the last one may be torn.
  void crash();
  void stop();

  // At `seconds` after the start; waits until it is committed.
  void pass(int seconds, const std::string& gate = "G1", const std::string& kind = "car");
  pipeline::SwapOutcome swap(std::shared_ptr<const rules::RuleSet> rules, bool warm = false);
  // Of all runs so far.
  std::vector<Alert> alerts();
  pipeline::Engine& engine() { return *engine_; }
  static pipeline::EngineOptions options();
  std::vector<archive::Segment> segments();

 private:
  const bool archive_;
  ScratchFolder folder_;
  std::shared_ptr<state::MemoryTables> tables_ = std::make_shared<state::MemoryTables>();
  std::shared_ptr<Received> received_ = std::make_shared<Received>();
  ManualClock clock_{EventTime{Duration{1'772'400'000'000}}};
  std::unique_ptr<pipeline::Engine> engine_;
  int passes_ = 0;
};

}  // namespace fengsui::test
