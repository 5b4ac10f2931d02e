// Why a rule did what it did over recorded events: a listener that makes a fact of all that it
// hears of one rule. What the facts say comes from the engine as it runs; conditions are told apart
// by cel::Program::trace.
//
// A fact is a JSON object with a `fact`:
//   event       an event of one of the rule's types (or steps): what became of it, and why
//   evaluation  what the window or match held, the lets, each grade, the record or why none
//   tried       whether an event fits a match of a sequence: what of `when` reads earlier steps
//   step        what became of a match of a sequence
//   kept        an event that went into a window unevaluated, or was left out of it
//   clear       an alert that ended
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "match/matcher.h"
#include "pipeline/shard_listener.h"
#include "rules/rule_set.h"
#include "source/source.h"

namespace fengsui::author {

// Which facts are wanted; none set: all.
struct ExplanationFilter {
  std::optional<std::string> event;          // "source#id"
  std::map<std::string, std::string> group;  // by group name; as alert ids have the values
  std::optional<EventTime> at;               // of the group: what its window held then
};

class Explainer final : public match::MatchListener, public pipeline::ShardListener {
 public:
  using Fact = nlohmann::ordered_json;

  // `rule` is one of `rules`; both outlive it.
  Explainer(const rules::RuleSet& rules, const rules::Rule& rule, ExplanationFilter filter,
            std::function<void(const Fact&)> sink);

  // What became of a record that was pushed; `line` from 1.
  void record(std::string_view bytes, size_t line, const source::RecordResult& result, bool late);
  // After the last one: the counts, as a fact `summary`.
  void finish();

  match::MatchListener* matches() override { return this; }
  void asked(const Asked& asked) override;
  void evaluated(const Evaluated& evaluated) override;
  void ends(const rules::Rule& rule) override;
  void offered(const Offered& offered) override;
  void tried(const Tried& tried) override;
  void stepped(const Step& step) override;
  void recorded(const rules::Rule& rule, const alert::Record& record) override;

 private:
  struct Episode {
    std::string alert;
    rules::Grade grade = rules::Grade::None;
    EventTime opened{};
    uint64_t hits = 0;
  };
  struct Counts {
    uint64_t events = 0, counted = 0, evaluations = 0, hits = 0, records = 0;
  };

  void emit_pending();
  void emit(const Fact& fact);
  bool is_wanted(const std::vector<cel::Value>& group, EventTime time) const;
  bool is_wanted_event(const std::string& name) const;
  std::string step_name(size_t step) const;
  Fact conditions(const cel::Program& program, std::span<const cel::Value> slots) const;
  Fact exceptions(const Asked& asked) const;
  Fact keywords(const cel::Program& when, const event::Event& event) const;
  Fact group_json(const std::vector<cel::Value>& group) const;
  std::vector<cel::Value> group_of(const rules::RuleSource& source,
                                   const event::Event& event) const;
  Fact grades(const alert::Evaluation& evaluation) const;
  void close_evaluation();

  const rules::RuleSet& rules_;
  const rules::Rule& rule_;
  const ExplanationFilter filter_;
  const std::function<void(const Fact&)> sink_;
  std::vector<Fact> events_;        // asked about, their outcome not known yet
  std::optional<Fact> evaluation_;  // made, its records not known yet
  std::string group_order_;         // of that evaluation
  bool evaluation_wanted_ = false;
  std::map<std::string, Episode> open_;  // by group order
  Counts counts_;
};

// A fact for people, with a line feed at its end.
std::string as_text(const Explainer::Fact& fact);

}  // namespace fengsui::author
