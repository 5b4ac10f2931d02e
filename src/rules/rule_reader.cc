#include "rules/rule_reader.h"

#include <algorithm>
#include <utility>

#include "rules/codes.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

const std::vector<std::string> kRuleKeys = {
    "id",       "title", "from",  "when",    "except", "by",    "window", "let",     "grade",
    "sequence", "emit",  "quiet", "message", "labels", "order", "mode",   "purpose", "baseline"};

class RuleReader {
 public:
  explicit RuleReader(Findings& findings) : findings_(findings) {}

  RuleSpec read(const YamlNode& rule) {
    RuleSpec spec;
    spec.node = &rule;
    refuse_unknown_keys(rule, "a rule", kRuleKeys, code::kUnknownKey, findings_);
    refuse_later_keys(rule);
    read_id(rule, spec);
    if (const YamlNode* title = rule.find("title")) {
      spec.title = expect_text(*title, "`title`", findings_).value_or("");
    }
    read_from(rule, spec, findings_);
    if (const YamlNode* window = rule.find("window")) spec.window = read_window(*window, findings_);
    if (const YamlNode* let = rule.find("let")) read_lets(*let, spec);
    if (const YamlNode* grade = require_key(rule, "grade", "a rule", findings_)) {
      read_grades(*grade, spec, findings_);
    }
    read_message(rule, spec);
    if (const YamlNode* labels = rule.find("labels")) read_labels(*labels, spec);
    if (const YamlNode* quiet = rule.find("quiet")) {
      spec.quiet = read_duration(*quiet, "`quiet`", findings_);
    }
    read_mode(rule, spec);
    read_emit_and_order(rule);
    if (const YamlNode* purpose = require_key(rule, "purpose", "a rule", findings_)) {
      read_purpose(*purpose, spec, findings_);
    }
    return spec;
  }

 private:
  void refuse_later_keys(const YamlNode& rule) {
    struct Later {
      const char* key;
      const char* code;
    };
    constexpr Later kLater[] = {{"except", code::kLaterExcept},
                                {"sequence", code::kLaterSequence},
                                {"baseline", code::kLaterBaseline}};
    for (const Later& later : kLater) {
      const YamlNode* key = rule.find_key(later.key);
      if (key != nullptr) {
        not_built_yet(*key, later.code, std::string("`") + later.key + "`", findings_);
      }
    }
  }

  void read_id(const YamlNode& rule, RuleSpec& spec) {
    const YamlNode* id = require_key(rule, "id", "a rule", findings_);
    if (id == nullptr) return;
    spec.id_node = id;
    spec.id = expect_text(*id, "`id`", findings_).value_or("");
    if (spec.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
      error_at(*id, code::kRuleId, "the rule id `" + spec.id + "` has more than a-z, 0-9 and -", {},
               findings_);
    }
  }

  void read_lets(const YamlNode& lets, RuleSpec& spec) {
    if (!expect_map(lets, "`let`", findings_)) return;
    for (size_t i = 0; i < lets.keys.size(); ++i) {
      const YamlNode& name = lets.keys[i];
      if (!name.is_scalar()) continue;
      if (!expect_text(lets.items[i], "the value of `" + name.text + "`", findings_)) continue;
      spec.lets.push_back({&name, &lets.items[i]});
    }
  }

  void read_message(const YamlNode& rule, RuleSpec& spec) {
    const YamlNode* message = rule.find("message");
    if (message != nullptr && expect_text(*message, "`message`", findings_)) {
      spec.message = message;
    }
  }

  void read_labels(const YamlNode& labels, RuleSpec& spec) {
    if (!expect_map(labels, "`labels`", findings_)) return;
    for (size_t i = 0; i < labels.keys.size(); ++i) {
      const YamlNode& name = labels.keys[i];
      const YamlNode& value = labels.items[i];
      if (!name.is_scalar()) continue;
      if (!value.is_string()) {
        error_at(value, code::kLabel, "the label `" + name.text + "` is no constant string",
                 value.is_scalar() ? "put it in quotes" : "", findings_);
      } else if (name.text == "rule" || name.text == "grade" || name.text == "area") {
        findings_.warning(*name.file, name.offset, code::kLabel,
                          "routing never sees the label `" + name.text + "`",
                          "for routing the engine adds rule, grade and area of its own");
      }
      if (value.is_string()) spec.labels.emplace(name.text, value.text);
    }
  }

  // The index of the value of `key` in `choices`; the first where it is wrong or not there.
  size_t read_choice(const YamlNode& rule, const char* key,
                     const std::vector<std::string>& choices) {
    const YamlNode* node = rule.find(key);
    if (node == nullptr) return 0;
    const std::string what = std::string("`") + key + "`";
    const std::optional<std::string> text = expect_text(*node, what, findings_);
    if (!text) return 0;
    const auto found = std::find(choices.begin(), choices.end(), *text);
    if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
    std::string all;
    for (const std::string& choice : choices) all += (all.empty() ? "" : ", ") + choice;
    error_at(*node, code::kChoice, what + " cannot be `" + *text + "`",
             nearest_hint(*text, choices, "one of " + all), findings_);
    return 0;
  }

  void read_mode(const YamlNode& rule, RuleSpec& spec) {
    spec.mode = static_cast<Mode>(read_choice(rule, "mode", {"live", "shadow", "disabled"}));
  }

  void read_emit_and_order(const YamlNode& rule) {
    if (read_choice(rule, "emit", {"event", "close"}) == 1) {
      not_built_yet(*rule.find("emit"), code::kLaterEmit, "`emit: close`", findings_);
    }
    if (read_choice(rule, "order", {"arrival", "time"}) == 1) {
      not_built_yet(*rule.find("order"), code::kLaterOrder, "`order: time`", findings_);
    }
  }

  Findings& findings_;
};

}  // namespace

std::vector<RuleSpec> read_rules(const YamlNode& document, Findings& findings) {
  std::vector<RuleSpec> specs;
  if (!expect_map(document, "a rule file", findings)) return specs;
  refuse_unknown_keys(document, "a rule file", {"rules"}, code::kUnknownKey, findings);
  const YamlNode* rules = require_key(document, "rules", "a rule file", findings);
  if (rules == nullptr || !expect_list(*rules, "`rules`", findings)) return specs;
  RuleReader reader(findings);
  for (const YamlNode& rule : rules->items) {
    if (expect_map(rule, "a rule", findings)) specs.push_back(reader.read(rule));
  }
  return specs;
}

}  // namespace fengsui::rules
