#include "rules/rule_reader.h"

#include <algorithm>
#include <utility>

#include "rules/alert_type.h"
#include "rules/codes.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

const std::vector<std::string> kRuleKeys = {"id",   "title",   "from",     "when",   "except",
                                            "by",   "window",  "let",      "grade",  "sequence",
                                            "emit", "quiet",   "message",  "labels", "order",
                                            "mode", "purpose", "baseline", "seen_by"};

class RuleReader {
 public:
  RuleReader(const std::string& zone, Findings& findings) : timezone_(zone), findings_(findings) {}

  RuleSpec read(const YamlNode& rule) {
    RuleSpec spec;
    spec.node = &rule;
    refuse_unknown_keys(rule, "a rule", kRuleKeys, code::kUnknownKey, findings_);
    read_id(rule, spec);
    if (const YamlNode* title = rule.find("title")) {
      spec.title = expect_text(*title, "`title`", findings_).value_or("");
    }
    if (const YamlNode* sequence = rule.find("sequence")) {
      read_sequence(*sequence, rule, spec, findings_);
    } else {
      read_from(rule, spec, findings_);
    }
    if (const YamlNode* except = rule.find("except")) {
      read_exceptions(*except, timezone_, spec, findings_);
    }
    if (const YamlNode* window = rule.find("window")) read_window(*window, spec, findings_);
    if (const YamlNode* baseline = rule.find("baseline")) {
      read_baseline(*baseline, spec, findings_);
    }
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
    spec.emit = static_cast<Emit>(read_choice(rule, "emit", {"event", "close"}));
    read_order(rule, spec);
    if (const YamlNode* purpose = require_key(rule, "purpose", "a rule", findings_)) {
      read_purpose(*purpose, spec, findings_);
    }
    check_alerts(spec);
    check_spans(spec, findings_);
    return spec;
  }

 private:
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

  // Sequences and rules over alerts are in order of time whatever they say.
  void read_order(const YamlNode& rule, RuleSpec& spec) {
    spec.order = static_cast<Order>(read_choice(rule, "order", {"arrival", "time"}));
    const YamlNode* order = rule.find("order");
    const bool always_time = spec.sequence || reads_alerts(spec);
    if (always_time && spec.order == Order::Arrival && order != nullptr && order->is_scalar()) {
      findings_.warning(*order->file, order->offset, code::kOrder,
                        "the rule is `order: time` whatever this says",
                        "all sequences and all rules over alerts are");
    }
    if (always_time) spec.order = Order::Time;
  }

  static bool reads_alerts(const RuleSpec& spec) {
    const auto is_alert = [](const SourceSpec& source) {
      return source.type->text == kAlertTypeName;
    };
    const bool in_sequence =
        spec.sequence && std::any_of(spec.sequence->steps.begin(), spec.sequence->steps.end(),
                                     [&](const StepSpec& step) { return is_alert(step.source); });
    return in_sequence || std::any_of(spec.sources.begin(), spec.sources.end(), is_alert);
  }

  // "In such a rule every `from`, of every step, is `alert`."
  void check_alerts(RuleSpec& spec) {
    spec.over_alerts = reads_alerts(spec);
    if (!spec.over_alerts) return;
    const auto refuse = [&](const SourceSpec& source) {
      if (source.type->text == kAlertTypeName) return;
      error_at(*source.type, code::kAlertsMixed,
               "a rule over alerts reads `" + source.type->text + "`, too",
               "in such a rule every `from`, of every step, is `alert`", findings_);
    };
    for (const SourceSpec& source : spec.sources) refuse(source);
    if (!spec.sequence) return;
    for (const StepSpec& step : spec.sequence->steps) refuse(step.source);
  }

  const std::string& timezone_;
  Findings& findings_;
};

}  // namespace

std::vector<RuleSpec> read_rules(const YamlNode& document, const std::string& timezone,
                                 Findings& findings) {
  std::vector<RuleSpec> specs;
  if (!expect_map(document, "a rule file", findings)) return specs;
  refuse_unknown_keys(document, "a rule file", {"rules"}, code::kUnknownKey, findings);
  const YamlNode* rules = require_key(document, "rules", "a rule file", findings);
  if (rules == nullptr || !expect_list(*rules, "`rules`", findings)) return specs;
  RuleReader reader(timezone, findings);
  for (const YamlNode& rule : rules->items) {
    if (expect_map(rule, "a rule", findings)) specs.push_back(reader.read(rule));
  }
  return specs;
}

}  // namespace fengsui::rules
