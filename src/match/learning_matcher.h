// An indexed matcher that measures the events that come: a few are noted; when they say that the
// index should have been made otherwise, another thread makes it, and it is taken between two
// events. No answer changes by that, only what it costs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "event/event.h"
#include "match/matcher.h"
#include "match/sample.h"

namespace fengsui::match {

class IndexedMatcher;

// One thread matches. Where rules leave nothing to choose (no rule of a type compares two slots
// with numbers), nothing is noted or made.
class LearningMatcher {
 public:
  static constexpr uint64_t kStride = 64;  // one event in so many is noted
  // After so many notes an index is made; then after twice as many, and so on.
  static constexpr uint64_t kFirstNotes = Sample::kEvents;

  explicit LearningMatcher(std::shared_ptr<const rules::RuleSet> rules);
  ~LearningMatcher();  // waits for the other thread
  LearningMatcher(const LearningMatcher&) = delete;
  LearningMatcher& operator=(const LearningMatcher&) = delete;

  // As Matcher::match().
  void match(const event::Event& event, std::vector<Match>& out, MatchListener* listener = nullptr);

  // How often another index was taken.
  uint64_t taken() const { return taken_; }
  // Until the other thread has nothing to do. For tests.
  void wait();

 private:
  void note(const event::Event& event);
  void build();
  void take();

  const std::shared_ptr<const rules::RuleSet> rules_;
  std::unique_ptr<IndexedMatcher> now_;
  std::vector<Sample> samples_;  // by type
  bool has_choice_ = false;      // for any of them
  uint64_t events_ = 0, notes_ = 0, next_build_ = kFirstNotes, taken_ = 0;

  std::thread builder_;
  std::unique_ptr<IndexedMatcher> built_;  // the builder's until is_built_; null: as now_ chooses
  std::atomic<bool> is_built_ = false;
};

}  // namespace fengsui::match
