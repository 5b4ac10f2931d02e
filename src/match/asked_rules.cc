#include "match/asked_rules.h"

#include <utility>

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
      recipe.has_programs = true;
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
  for (const auto& rule : rules.rules) {
    if (rule->mode == rules::Mode::Disabled || rule->over_alerts != over_alerts) continue;
    for (const rules::RuleSource& source : rule->sources) {
      size_t place = find(source.type.get());
      if (place == kNone) {
        place = types_.size();
        types_.emplace_back();
        places_.put(word_of(source.type.get()), static_cast<uint32_t>(place),
                    static_cast<uint32_t>(place) + 1);
      }
      types_[place].add(*rule, source);
    }
  }
}

}  // namespace fengsui::match
