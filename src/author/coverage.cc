#include "author/coverage.h"

#include <algorithm>
#include <optional>
#include <span>

namespace fengsui::author {
namespace {

using Items = std::vector<CoverageItem>;

// What the conditions of one expression have come to so far.
class Conditions {
 public:
  Conditions(const cel::Program& program, const cel::Tables& tables) : program_(&program) {
    const size_t slots =
        program.slots_read().empty() ? 0 : static_cast<size_t>(program.slots_read().back()) + 1;
    // Which there are; what they come to without an event is of no interest.
    for (const cel::TracedCondition& at :
         program.trace(tables, std::vector<cel::Value>(slots, cel::Value::missing()))) {
      seen_.push_back({.offset = at.offset, .end = at.end});
    }
  }

  void note(const cel::Tables& tables, std::span<const cel::Value> slots) {
    const std::vector<cel::TracedCondition> traced = program_->trace(tables, slots);
    for (size_t i = 0; i < traced.size(); ++i) {
      if (!traced[i].value) continue;
      seen_[i].was_true |= traced[i].value->is_true();
      seen_[i].was_false |=
          traced[i].value->kind() == cel::Kind::Bool && !traced[i].value->is_true();
      seen_[i].erred |= traced[i].value->is_error();
    }
  }

  // Both answers of each condition; `whole_true`: of the expression as a whole, too.
  void add_items(const std::string& part, bool whole_true, Items& out) const {
    if (program_->constant()) return;
    for (const Seen& seen : seen_) {
      const bool is_whole = &seen == &seen_.back();
      const std::string text = program_->text().substr(seen.offset, seen.end - seen.offset);
      if (text == "true" || text == "false") continue;
      const bool only_errs = seen.erred && !seen.was_true && !seen.was_false;
      const std::string never = "`" + text + "` " + (only_errs ? "erred and " : "") + "was never ";
      if (!is_whole || whole_true) out.push_back({part, never + "true", seen.was_true});
      out.push_back({part, never + "false", seen.was_false});
    }
  }

 private:
  struct Seen {
    size_t offset = 0, end = 0;
    bool was_true = false, was_false = false, erred = false;
  };
  const cel::Program* program_;
  std::vector<Seen> seen_;  // the whole is last
};

std::string grade_part(rules::Grade grade) {
  return std::string("grade ") + rules::kGradeNames[static_cast<size_t>(grade)];
}

}  // namespace

struct Coverage::RuleNotes {
  struct OfSource {
    std::string name;  // "from t.parcel", "step report"
    bool counted = false;
    std::optional<Conditions> when;
    std::vector<Conditions> exceptions;
  };
  struct OfGrade {
    bool reached = false;
    std::optional<Conditions> condition;
  };

  RuleNotes(const rules::Rule& the_rule, const cel::Tables& the_tables)
      : rule(the_rule), tables(the_tables) {
    for (size_t i = 0; i < rule.sources.size(); ++i) {
      const rules::RuleSource& source = rule.sources[i];
      OfSource& notes = sources.emplace_back();
      notes.name = "from " + source.type->name();
      if (rule.sequence) {
        const std::string& as = rule.sequence->steps[i].name;
        notes.name = "step " + (as.empty() ? std::to_string(i + 1) : as);
      }
      if (source.when) notes.when.emplace(*source.when, tables);
      for (const rules::Exception& exception : source.exceptions) {
        notes.exceptions.emplace_back(exception.when, tables);
      }
    }
    for (const auto& [grade, condition] : rule.grades) {
      OfGrade& notes = grades.emplace_back();
      if (condition) notes.condition.emplace(*condition, tables);
    }
    excepted.resize(rule.exceptions.size());
    stepped.resize(rule.sequence ? rule.sequence->steps.size() : 0);
    let_had_value.resize(rule.lets.size());
    part_printed.resize(rule.message.size());
  }

  // `when` came out true; the exceptions up to the one that held were asked.
  void note_exceptions(const Asked& asked, OfSource& source) {
    const bool held = asked.answer == Answer::Excepted;
    if (held) excepted[asked.exception] = true;
    const std::vector<rules::Exception>& all = rule.sources[asked.source].exceptions;
    for (size_t i = 0; i < all.size(); ++i) {
      const bool in_force = !all[i].until || asked.event.time < *all[i].until;
      if (in_force) source.exceptions[i].note(tables, asked.event.slots);
      if (held && i == asked.exception) return;
    }
  }

  Items items() const {
    Items out;
    for (const OfSource& source : sources) {
      const std::string prefix = sources.size() > 1 ? source.name + ": " : "";
      out.push_back({source.name, "no event of it counted", source.counted});
      if (source.when) source.when->add_items(prefix + "when", true, out);
      for (size_t i = 0; i < source.exceptions.size(); ++i) {
        source.exceptions[i].add_items(prefix + "except " + rule.exceptions[i], false, out);
      }
    }
    for (size_t i = 0; i < excepted.size(); ++i) {
      out.push_back({"except " + rule.exceptions[i], "never held", excepted[i]});
    }
    for (size_t i = 0; i < stepped.size(); ++i) {
      const bool absent = rule.sequence->steps[i].absent;
      out.push_back(
          {sources[i].name, absent ? "never broke a match" : "no match reached it", stepped[i]});
    }
    for (size_t i = 0; i < let_had_value.size(); ++i) {
      out.push_back({"let " + rule.lets[i].name, "never had a value", let_had_value[i]});
    }
    for (size_t i = 0; i < grades.size(); ++i) {
      const std::string part = grade_part(rule.grades[i].first);
      out.push_back({part, "never reached", grades[i].reached});
      if (grades[i].condition) grades[i].condition->add_items(part, false, out);
    }
    for (size_t i = 0; i < part_printed.size(); ++i) {
      if (!rule.message[i].program) continue;
      out.push_back({"message", "`" + rule.message[i].source + "` was never printed with a value",
                     part_printed[i]});
    }
    return out;
  }

  using Answer = MatchListener::Answer;
  const rules::Rule& rule;
  const cel::Tables& tables;
  std::vector<OfSource> sources;
  std::vector<bool> excepted;  // by name
  std::vector<bool> stepped;   // by step
  std::vector<bool> let_had_value;
  std::vector<OfGrade> grades;
  std::vector<bool> part_printed;
  std::vector<cel::Value> row;  // of the last evaluation
};

Coverage::Coverage(const rules::RuleSet& rules) : rules_(rules) {
  for (const auto& rule : rules.rules) {
    notes_.push_back(std::make_unique<RuleNotes>(*rule, rules.tables));
  }
}
Coverage::~Coverage() = default;

void Coverage::asked(const Asked& asked) {
  RuleNotes& notes = *notes_[value_of(asked.rule.index)];
  RuleNotes::OfSource& source = notes.sources[asked.source];
  if (source.when) source.when->note(notes.tables, asked.event.slots);
  if (asked.answer == Answer::WhenFalse || asked.answer == Answer::WhenError) return;
  source.counted |= asked.answer == Answer::Matched;
  notes.note_exceptions(asked, source);
}

void Coverage::evaluated(const Evaluated& evaluated) {
  RuleNotes& notes = *notes_[value_of(evaluated.rule.index)];
  const std::vector<cel::Value>& row = evaluated.evaluation.row;
  notes.row = row;
  for (size_t i = 0; i < notes.let_had_value.size(); ++i) {
    if (!row[notes.rule.first_let() + i].is_error()) notes.let_had_value[i] = true;
  }
  for (size_t i = 0; i < notes.grades.size(); ++i) {  // those that were asked: highest first
    RuleNotes::OfGrade& grade = notes.grades[i];
    if (grade.condition) grade.condition->note(notes.tables, row);
    if (notes.rule.grades[i].first != evaluated.evaluation.grade) continue;
    grade.reached = true;
    break;
  }
}

void Coverage::stepped(const Step& step) {
  RuleNotes& notes = *notes_[value_of(step.rule.index)];
  using What = pipeline::SequenceEvent;
  if (step.what == What::Started || step.what == What::Extended || step.what == What::Completed ||
      step.what == What::Killed) {
    notes.stepped[step.step] = true;
  }
}

// The record has the message of the evaluation just made.
void Coverage::recorded(const rules::Rule& rule, const alert::Record& record) {
  RuleNotes& notes = *notes_[value_of(rule.index)];
  if (record.kind == alert::RecordKind::Clear) return;
  for (size_t i = 0; i < notes.part_printed.size(); ++i) {
    const rules::MessagePart& part = rule.message[i];
    if (!part.program) continue;
    const cel::Value value = part.program->evaluate(notes.tables, notes.row);
    const bool has_text = !value.is_error() && !cel::to_string(value).is_error();
    if (has_text) notes.part_printed[i] = true;
  }
}

size_t Coverage::OfRule::reached() const {
  return static_cast<size_t>(
      std::count_if(items.begin(), items.end(), [](const auto& item) { return item.reached; }));
}

std::vector<Coverage::OfRule> Coverage::result() const {
  std::vector<OfRule> out;
  for (const auto& notes : notes_) {
    if (notes->rule.mode == rules::Mode::Disabled) continue;
    out.push_back({notes->rule.id, notes->items()});
  }
  return out;
}

std::string as_text(const std::vector<Coverage::OfRule>& rules) {
  std::string out;
  size_t all = 0, reached = 0;
  for (const Coverage::OfRule& rule : rules) {
    all += rule.items.size();
    reached += rule.reached();
    out += rule.rule + ": " + std::to_string(rule.reached()) + " of " +
           std::to_string(rule.items.size()) + " reached\n";
    for (const CoverageItem& item : rule.items) {
      if (!item.reached) out += "  " + item.part + ": " + item.never + "\n";
    }
  }
  const size_t percent = all == 0 ? 100 : reached * 100 / all;
  return out + "coverage: " + std::to_string(reached) + " of " + std::to_string(all) +
         " reached (" + std::to_string(percent) + " %)\n";
}

std::vector<std::pair<std::string, std::string>> as_properties(
    const std::vector<Coverage::OfRule>& rules) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Coverage::OfRule& rule : rules) {
    out.emplace_back("coverage." + rule.rule,
                     std::to_string(rule.reached()) + " of " + std::to_string(rule.items.size()));
    std::string never;
    for (const CoverageItem& item : rule.items) {
      if (!item.reached) never += (never.empty() ? "" : "; ") + item.part + ": " + item.never;
    }
    if (!never.empty()) out.emplace_back("coverage." + rule.rule + ".never", never);
  }
  return out;
}

}  // namespace fengsui::author
