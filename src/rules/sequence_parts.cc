// `sequence` as written.
#include "rules/codes.h"
#include "rules/rule_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

void error_of_steps(const YamlNode& node, std::string message, std::string hint,
                    Findings& findings) {
  error_at(node, code::kSteps, std::move(message), std::move(hint), findings);
}

std::optional<bool> read_bool(const YamlNode& node, const std::string& what, Findings& findings) {
  const std::optional<bool> value = node.is_scalar() ? node.as_bool() : std::nullopt;
  if (!value) {
    error_at(node, code::kWrongKind, what + " is true or false", {}, findings);
  }
  return value;
}

// False: it has no event type, and cannot be compiled.
bool read_step_source(const YamlNode& node, StepSpec& step, Findings& findings) {
  const YamlNode* from = require_key(node, "from", "a step", findings);
  if (from != nullptr && expect_text(*from, "the `from` of a step", findings)) {
    step.source.type = from;
  }
  step.source.by = require_key(node, "by", "a step", findings);
  const YamlNode* when = node.find("when");
  if (when != nullptr && expect_text(*when, "`when`", findings)) step.source.when = when;
  return step.source.type != nullptr;
}

bool read_step(const YamlNode& node, StepSpec& step, Findings& findings) {
  if (!expect_map(node, "a step", findings)) return false;
  refuse_unknown_keys(node, "a step", {"as", "from", "by", "when", "times", "absent"},
                      code::kUnknownKey, findings);
  step.node = &node;
  const bool has_type = read_step_source(node, step, findings);
  if (const YamlNode* absent = node.find("absent")) {
    step.absent = read_bool(*absent, "`absent`", findings).value_or(false);
  }
  const YamlNode* as = node.find("as");
  if (as != nullptr && expect_text(*as, "`as`", findings)) step.as = as;
  const YamlNode* times = node.find("times");
  if (times != nullptr) {
    const std::optional<int64_t> read = times->is_scalar() ? times->as_int() : std::nullopt;
    if (!read || *read < 1 || *read > kTimesMax) {
      error_of_steps(*times, "`times` is no whole number from 1 to " + std::to_string(kTimesMax),
                     {}, findings);
    } else {
      step.times = static_cast<uint64_t>(*read);
    }
  }
  if (step.absent && times != nullptr) {
    error_of_steps(*times, "an absent step has no `times`", "it must not happen once", findings);
  }
  if (step.absent && as != nullptr) {
    error_of_steps(*as, "an absent step has no name", "there is no event to read of", findings);
    step.as = nullptr;
  }
  return has_type;
}

void check_order_of_steps(const std::vector<StepSpec>& steps, Findings& findings) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].absent) continue;
    if (i == 0) {
      error_of_steps(*steps[i].node, "the first step is absent", "a sequence begins with an event",
                     findings);
    } else if (steps[i - 1].absent) {
      error_of_steps(*steps[i].node, "two absent steps follow each other",
                     "join their conditions, or put what happens in between there", findings);
    }
  }
}

}  // namespace

void read_sequence(const YamlNode& node, const YamlNode& rule, RuleSpec& spec, Findings& findings) {
  SequenceSpec& sequence = spec.sequence.emplace();
  sequence.node = &node;
  for (const char* key : {"from", "when", "by", "seen_by", "window", "emit", "baseline"}) {
    const YamlNode* own = rule.find_key(key);
    if (own == nullptr) continue;
    error_at(*own, code::kSequenceKey,
             std::string("a rule with `sequence` has no `") + key + "` of its own",
             "`sequence` stands in place of a window; its steps say from, by and when", findings);
  }
  if (!expect_map(node, "`sequence`", findings)) return;
  refuse_unknown_keys(node, "`sequence`", {"within", "steps"}, code::kUnknownKey, findings);
  if (const YamlNode* within = require_key(node, "within", "`sequence`", findings)) {
    sequence.within_node = within;
    sequence.within =
        read_length(*within, "`within`", code::kSteps, findings).value_or(Duration{0});
  }
  const YamlNode* steps = require_key(node, "steps", "`sequence`", findings);
  if (steps == nullptr || !expect_list(*steps, "`steps`", findings)) return;
  if (steps->items.empty()) error_of_steps(*steps, "a sequence without steps", {}, findings);
  if (steps->items.size() > kStepsMax) {
    error_of_steps(*steps, "a sequence of " + std::to_string(steps->items.size()) + " steps",
                   "it has at most " + std::to_string(kStepsMax), findings);
    return;
  }
  for (const YamlNode& item : steps->items) {
    StepSpec step;
    if (read_step(item, step, findings)) sequence.steps.push_back(step);
  }
  check_order_of_steps(sequence.steps, findings);
}

}  // namespace fengsui::rules
