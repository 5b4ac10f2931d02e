#include "match/asked_rules.h"

#include <bit>
#include <unordered_map>
#include <utility>

#include "base/hash_table.h"
#include "event/event.h"

namespace fengsui::match {
namespace {

Recipe recipe_of(const std::vector<cel::Program>& programs) {
  Recipe recipe;
  for (const cel::Program& program : programs) {
    Recipe::Part part;
    if (const std::optional<int> slot = program.slot()) {
      part.slot = *slot;
    } else {
      part.program = &program;
    }
    recipe.parts.push_back(part);
  }
  return recipe;
}

}  // namespace

void RulesOfType::add(const rules::Rule& rule, const rules::RuleSource& source) {
  Recipe group;
  if (rule.has_by) {
    group = recipe_of(source.by);
  } else {  // every event is a group of its own
    group.parts = {{event::kSlotSource}, {event::kSlotId}};
  }
  group.is_group = true;
  AskedRule asked{&rule, &source};
  asked.group = recipe(std::move(group));
  asked.captures = recipe(recipe_of(source.captures));
  asked.index = rule.index;
  asked.place = static_cast<uint16_t>(&source - rule.sources.data());
  if (rule.sequence) asked.step = static_cast<uint8_t>(asked.place);
  asked.is_simple = source.exceptions.empty() && source.seen_by.empty();
  rules_.push_back(asked);
}

uint32_t RulesOfType::recipe(Recipe recipe) {
  const auto [at, is_new] = known_.try_emplace(recipe, static_cast<uint32_t>(recipes_.size()));
  if (is_new) recipes_.push_back(std::move(recipe));
  return at->second;
}

AskedRules::AskedRules(const rules::RuleSet& rules, bool over_alerts) {
  std::unordered_map<const event::EventType*, size_t> places;
  for (const auto& rule : rules.rules) {
    if (rule->mode == rules::Mode::Disabled || rule->over_alerts != over_alerts) continue;
    for (const rules::RuleSource& source : rule->sources) {
      const auto [at, is_new] = places.try_emplace(source.type.get(), types_.size());
      if (is_new) types_.emplace_back();
      types_[at->second].add(*rule, source);
    }
  }
  cells_.resize(std::bit_ceil(types_.size() * 2 + 1));
  for (const auto& [type, place] : places) {
    size_t at = home(type);
    while (cells_[at].type != nullptr) at = (at + 1) & (cells_.size() - 1);
    cells_[at] = {type, place};
  }
}

size_t AskedRules::home(const event::EventType* type) const {
  return fold_multiply(reinterpret_cast<uintptr_t>(type), 0x9e3779b97f4a7c15) & (cells_.size() - 1);
}

size_t AskedRules::find(const event::EventType* type) const {
  for (size_t at = home(type);; at = (at + 1) & (cells_.size() - 1)) {
    if (cells_[at].type == type) return cells_[at].at;
    if (cells_[at].type == nullptr) return kNone;
  }
}

}  // namespace fengsui::match
