// What of each rule no unit test reached: a listener on the engine that runs them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "match/matcher.h"
#include "pipeline/shard_listener.h"
#include "rules/rule_set.h"

namespace fengsui::author {

// One thing that a test can reach: "`n >= 3` of grade red was true".
struct CoverageItem {
  std::string part;   // "when", "except drill", "grade red", "let mean", "message", "step report"
  std::string never;  // what to say if it is not reached: "`ok` was never false"
  bool reached = false;
};

class Coverage final : public match::MatchListener, public pipeline::ShardListener {
 public:
  // `rules`: those that run, at the same addresses; must outlive it.
  explicit Coverage(const rules::RuleSet& rules);
  ~Coverage() override;

  void asked(const Asked& asked) override;
  void evaluated(const Evaluated& evaluated) override;
  void stepped(const Step& step) override;
  void recorded(const rules::Rule& rule, const alert::Record& record) override;

  struct OfRule {
    std::string rule;
    std::vector<CoverageItem> items;  // in the order in which a rule is written
    size_t reached() const;
  };
  // By rule id, disabled ones left out.
  std::vector<OfRule> result() const;

 private:
  struct RuleNotes;
  const rules::RuleSet& rules_;
  std::vector<std::unique_ptr<RuleNotes>> notes_;  // by RuleIndex
};

// What was not reached, rule by rule, and a last line that counts.
std::string as_text(const std::vector<Coverage::OfRule>& rules);
// "coverage.<rule>" = "7 of 9", "coverage.<rule>.never" = "…; …".
std::vector<std::pair<std::string, std::string>> as_properties(
    const std::vector<Coverage::OfRule>& rules);

}  // namespace fengsui::author
