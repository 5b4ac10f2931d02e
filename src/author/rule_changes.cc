#include "author/rule_changes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/byte_codec.h"

namespace fengsui::author {
namespace {

using rules::Rule;

// The texts of a rule's parts, by key. Two rules differ in a part if its texts do.
using Parts = std::map<std::string, std::string>;

std::string text_of(const std::optional<cel::Program>& program) {
  return program ? program->text() : "";
}

class PartWriter {
 public:
  std::string& operator[](const std::string& key) { return parts_[key]; }
  void add(const std::string& key, std::string_view text) { ByteWriter(parts_[key]).text(text); }
  void add(const std::string& key, int64_t number) { add(key, std::to_string(number)); }
  Parts take() { return std::move(parts_); }

 private:
  Parts parts_;
};

void add_sources(const Rule& rule, PartWriter& parts) {
  for (size_t i = 0; i < rule.sources.size(); ++i) {
    const rules::RuleSource& source = rule.sources[i];
    const std::string prefix = rule.sequence ? "step " + std::to_string(i + 1) + " " : "";
    parts.add(prefix + "from", source.type->name());
    parts.add(prefix + "when", text_of(source.when));
    for (const cel::Program& by : source.by) parts.add(prefix + "by", by.text());
    for (const auto& seen_by : source.seen_by) parts.add("seen_by", text_of(seen_by));
    for (const rules::Exception& exception : source.exceptions) {
      parts.add("except", exception.name);
      parts.add("except", exception.when.text());
      parts.add("except", exception.until ? exception.until->time_since_epoch().count() : -1);
    }
  }
  for (const std::string& name : rule.group_names) parts.add("by", name);
}

void add_window(const Rule& rule, PartWriter& parts) {
  parts.add("window", static_cast<int64_t>(rule.window.kind));
  parts.add("window", rule.window.length.count());
  parts.add("window", rule.window.every.count());
  parts.add("window", rule.window.most ? rule.window.most->count() : -1);
  parts.add("window", static_cast<int64_t>(rule.window.count));
  parts.add("emit", static_cast<int64_t>(rule.emit));
  parts.add("order", static_cast<int64_t>(rule.order));
  if (rule.baseline) {
    parts.add("baseline", rule.lets[rule.baseline->of].name);
    parts.add("baseline", rule.baseline->every.count());
    parts.add("baseline", rule.baseline->keep);
  }
  if (!rule.sequence) return;
  parts.add("sequence within", rule.sequence->within.count());
  for (size_t i = 0; i < rule.sequence->steps.size(); ++i) {
    const rules::SequenceStep& step = rule.sequence->steps[i];
    const std::string name = "step " + std::to_string(i + 1);
    parts.add(name, step.name);
    parts.add(name, step.absent ? 1 : 0);
    parts.add(name, static_cast<int64_t>(step.times));
    parts.add(name + " when", text_of(step.condition));
  }
}

std::string capture_text(const Rule& rule, int capture) {
  if (capture < 0) return "";
  const size_t index = static_cast<size_t>(capture);
  if (index < rule.capture_keys.size()) return rule.capture_keys[index];
  const std::vector<cel::Program>& captures = rule.sources.front().captures;
  return index < captures.size() ? captures[index].text() : "";
}

void add_lets(const Rule& rule, PartWriter& parts) {
  for (const rules::Let& let : rule.lets) {
    const std::string key = "let " + let.name;
    if (const auto* program = std::get_if<cel::Program>(&let.value)) {
      parts.add(key, program->text());
      continue;
    }
    const auto& aggregate = std::get<rules::Aggregate>(let.value);
    parts.add(key, static_cast<int64_t>(aggregate.function));
    parts.add(key, capture_text(rule, aggregate.argument));
    parts.add(key, capture_text(rule, aggregate.where));
    parts.add(key, static_cast<int64_t>(aggregate.rank_numerator));
    parts.add(key, static_cast<int64_t>(aggregate.rank_denominator));
    parts.add(key, aggregate.most);
    parts.add(key, std::to_string(aggregate.distance));
  }
}

void add_outcome(const Rule& rule, PartWriter& parts) {
  for (const auto& [grade, condition] : rule.grades) {
    parts.add(std::string("grade ") + rules::kGradeNames[static_cast<size_t>(grade)],
              condition ? condition->text() : "true");
  }
  for (const rules::MessagePart& part : rule.message) {
    parts.add("message", part.text);
    parts.add("message", part.source);
  }
  for (const auto& [name, value] : rule.labels) {
    parts.add("labels", name);
    parts.add("labels", value);
  }
  parts.add("title", rule.title);
  parts.add("quiet", rule.quiet.count());
  parts.add("mode", static_cast<int64_t>(rule.mode));
  for (const std::string* text : {&rule.purpose.id, &rule.purpose.use, &rule.purpose.basis}) {
    parts.add("purpose", *text);
  }
  parts.add("purpose", rule.purpose.retain.count());
}

Parts parts_of(const Rule& rule) {
  PartWriter parts;
  add_sources(rule, parts);
  add_window(rule, parts);
  add_lets(rule, parts);
  add_outcome(rule, parts);
  return parts.take();
}

std::vector<std::string> differences(const Rule& before, const Rule& after) {
  const Parts a = parts_of(before), b = parts_of(after);
  std::vector<std::string> changed;
  for (const auto& [key, text] : a) {
    const auto found = b.find(key);
    if (found == b.end() || found->second != text) changed.push_back(key);
  }
  for (const auto& [key, text] : b) {
    if (!a.contains(key)) changed.push_back(key);
  }
  std::sort(changed.begin(), changed.end());
  return changed;
}

std::map<std::string, const Rule*> by_id(const rules::RuleSet& rules) {
  std::map<std::string, const Rule*> all;
  for (const auto& rule : rules.rules) {
    if (rule->mode != rules::Mode::Disabled) all.emplace(rule->id, rule.get());
  }
  return all;
}

}  // namespace

std::vector<RuleChange> rule_changes(const rules::RuleSet& before, const rules::RuleSet& after) {
  const std::map<std::string, const Rule*> old_rules = by_id(before), new_rules = by_id(after);
  std::vector<RuleChange> changes;
  for (const auto& [id, rule] : old_rules) {
    const auto found = new_rules.find(id);
    if (found == new_rules.end()) {
      changes.push_back({id, RuleFate::Removed, {}});
      continue;
    }
    RuleChange& change = changes.emplace_back();
    change.rule = id;
    change.fate = rule->version == found->second->version ? RuleFate::Kept : RuleFate::Fresh;
    change.changed = differences(*rule, *found->second);
    // Nothing of its own text: a definition that stands in it.
    if (change.fate == RuleFate::Fresh && change.changed.empty()) change.changed = {"defs"};
  }
  for (const auto& [id, rule] : new_rules) {
    if (!old_rules.contains(id)) changes.push_back({id, RuleFate::New, {}});
  }
  std::sort(changes.begin(), changes.end(),
            [](const RuleChange& a, const RuleChange& b) { return a.rule < b.rule; });
  return changes;
}

}  // namespace fengsui::author
