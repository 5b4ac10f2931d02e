// The matcher that asks an index first. Not for callers of the folder: they make it by matcher.h.
#pragma once

#include <memory>
#include <vector>

#include "match/asked_rules.h"
#include "match/matcher.h"
#include "match/sample.h"
#include "match/when_index.h"

namespace fengsui::match {

class IndexedMatcher final : public Matcher {
 public:
  // `samples`: of each of the types(), or none.
  explicit IndexedMatcher(std::shared_ptr<const rules::RuleSet> rules,
                          const std::vector<Sample>& samples = {});

  void match(const event::Event& event, std::vector<Match>& out,
             MatchListener* listener) const override;

  size_t types() const { return indexes_.size(); }
  // The place of an event's type among them, or AskedRules::kNone.
  size_t type_of(const event::Event& event) const { return asked_.find(event.type); }
  // What it has chosen for a type, of how much there was to choose from.
  const WhenIndex::Choices& choices(size_t type) const { return indexes_[type].choices(); }

 private:
  const std::shared_ptr<const rules::RuleSet> rules_;
  const AskedRules asked_;
  std::vector<WhenIndex> indexes_;  // by type
};

}  // namespace fengsui::match
