#include "match/learning_matcher.h"

#include <system_error>
#include <utility>

#include "match/indexed_matcher.h"

namespace fengsui::match {
namespace {

bool choose_alike(const IndexedMatcher& a, const IndexedMatcher& b) {
  for (size_t type = 0; type < a.types(); ++type) {
    if (a.choices(type) != b.choices(type)) return false;
  }
  return true;
}

}  // namespace

LearningMatcher::LearningMatcher(std::shared_ptr<const rules::RuleSet> rules)
    : rules_(std::move(rules)),
      now_(std::make_unique<IndexedMatcher>(rules_)),
      samples_(now_->types()) {
  for (size_t type = 0; type < now_->types(); ++type) {
    has_choice_ = has_choice_ || !now_->choices(type).empty();
  }
}

LearningMatcher::~LearningMatcher() { wait(); }

void LearningMatcher::match(const event::Event& event, std::vector<Match>& out,
                            MatchListener* listener) {
  if (has_choice_ && ++events_ % kStride == 0) note(event);
  now_->match(event, out, listener);
}

void LearningMatcher::note(const event::Event& event) {
  if (is_built_.load(std::memory_order_acquire)) take();
  const size_t type = now_->type_of(event);
  if (type == AskedRules::kNone || now_->choices(type).empty()) return;
  samples_[type].note(event.slots);
  if (++notes_ < next_build_ || builder_.joinable()) return;
  next_build_ = notes_ * 2;
  build();
}

void LearningMatcher::build() {
  try {
    builder_ = std::thread([this, samples = samples_] {
      auto built = std::make_unique<IndexedMatcher>(rules_, samples);
      if (!choose_alike(*built, *now_)) built_ = std::move(built);
      is_built_.store(true, std::memory_order_release);
    });
  } catch (const std::system_error&) {
    // No thread to be had: the index that there is goes on answering.
  }
}

void LearningMatcher::take() {
  wait();
  is_built_.store(false, std::memory_order_relaxed);
  if (!built_) return;
  ++taken_;
  // The old one is large; it goes where nobody waits for it.
  std::unique_ptr<IndexedMatcher> old = std::exchange(now_, std::move(built_));
  try {
    builder_ = std::thread([old = std::move(old), this]() mutable {
      old.reset();
      is_built_.store(true, std::memory_order_release);
    });
  } catch (const std::system_error&) {
  }
}

void LearningMatcher::wait() {
  if (builder_.joinable()) builder_.join();
}

}  // namespace fengsui::match
