// The rules that events may match, by event type, made ready to be asked. Not for callers of the
// folder.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "match/symbols.h"
#include "rules/rule_set.h"

namespace fengsui::match {

// Values whose stored forms, one after the other, are a group or a rule's captures. Rules with the
// same recipe have the same bytes for an event, so these are made once.
struct Recipe {
  struct Part {
    int slot = -1;                          // of the event, as it stands; or else
    const cel::Program* program = nullptr;  // what this gives
    auto operator<=>(const Part&) const = default;
  };
  bool is_group = false;  // each value is a string, an int or a bool, or there is no group
  bool has_programs = false;
  std::vector<Part> parts;
  auto operator<=>(const Recipe&) const = default;
};

// A rule and what it does with events of one type. What every match needs stands here by itself: a
// pack's rules are too many for the processor's cache.
struct AskedRule {
  const rules::Rule* rule;
  const rules::RuleSource* source;
  uint32_t group = 0, captures = 0;  // recipes
  RuleIndex index{};                 // the rule's
  uint16_t place = 0;                // of `source` among the rule's
  uint8_t step = 0;                  // of a sequence: likewise
  bool is_simple = false;            // no exceptions, and no other group sees the event

  const cel::Program* when() const { return source->when ? &*source->when : nullptr; }
};

// All rules of one event type, in the order that Matcher promises.
class RulesOfType {
 public:
  const std::vector<AskedRule>& rules() const { return rules_; }
  const std::vector<Recipe>& recipes() const { return recipes_; }
  void add(const rules::Rule& rule, const rules::RuleSource& source);

 private:
  uint32_t recipe(Recipe recipe);
  std::vector<AskedRule> rules_;
  std::vector<Recipe> recipes_;
  std::map<Recipe, uint32_t> known_;
};

// Those of a pack (over alerts or not) that are not disabled. Types are told by address.
class AskedRules {
 public:
  AskedRules(const rules::RuleSet& rules, bool over_alerts);
  static constexpr size_t kNone = SIZE_MAX;
  // The place in types(), or kNone.
  size_t find(const event::EventType* type) const {
    const WordTable::Cell cell = places_.find(word_of(type));
    return cell.end == 0 ? kNone : cell.begin;
  }
  const std::vector<RulesOfType>& types() const { return types_; }

 private:
  static uint64_t word_of(const event::EventType* type) {
    return reinterpret_cast<uintptr_t>(type);
  }
  std::vector<RulesOfType> types_;
  WordTable places_;
};

}  // namespace fengsui::match
