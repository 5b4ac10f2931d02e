// A pack made ready for the engine's thread by another one: compiling ten thousand rules takes
// seconds, taking over what was made of them must not.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "event/decoder.h"
#include "match/learning_matcher.h"
#include "pipeline/engine_metrics.h"
#include "pipeline/front_options.h"
#include "rules/rule_set.h"

namespace fengsui::pipeline {

class WarmUp;

// What a Front needs of a pack.
struct FrontPack {
  std::shared_ptr<const rules::RuleSet> rules;
  std::unique_ptr<event::Decoder> decoder;
  std::unique_ptr<match::LearningMatcher> matcher;
  // The types that some rule reads: their events go into the archive.
  std::set<const event::EventType*> read_types;

  // `keys` may be null and must outlive it.
  static FrontPack make(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
                        const FrontOptions& options);
};

struct PreparedPack {
  FrontPack front;
  std::vector<RuleSeries> series;
  std::unique_ptr<WarmUp> warm_up;  // null: fresh rules begin with nothing

  PreparedPack();
  PreparedPack(PreparedPack&&) noexcept;
  PreparedPack& operator=(PreparedPack&&) noexcept;
  ~PreparedPack();
};

}  // namespace fengsui::pipeline
