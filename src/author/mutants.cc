#include "author/mutants.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "author/condition_mutants.h"
#include "rules/yaml_shape.h"

namespace fengsui::author {
namespace {

using rules::YamlNode;

// The length in the file of the character of a scalar's text that stands at `at`.
size_t source_length(const YamlNode& scalar, size_t at) {
  const std::string_view text = scalar.file->text();
  const char quote = scalar.plain ? '\0' : text[scalar.offset];
  const bool doubled = quote == '\'' && text.substr(at, 2) == "''";
  return (quote == '"' && text[at] == '\\') || doubled ? 2 : 1;
}

class RuleMutants {
 public:
  RuleMutants(const YamlNode& rule, std::vector<Mutant>& out) : rule_(rule), out_(out) {
    if (const YamlNode* id = rule.find("id")) id_ = id->text;
  }

  void add() {
    if (const YamlNode* from = rule_.find("from"); from != nullptr && from->is_map()) {
      for (const YamlNode& type : from->items) add_condition(type.find("when"));
    }
    add_condition(rule_.find("when"));
    if (const YamlNode* except = rule_.find("except")) {
      for (const YamlNode& entry : except->items) add_condition(entry.find("when"));
    }
    if (const YamlNode* sequence = rule_.find("sequence")) add_sequence(*sequence);
    if (const YamlNode* window = rule_.find("window")) add_window(*window);
    if (const YamlNode* let = rule_.find("let")) {
      for (const YamlNode& value : let->items) add_expression(value, Place::Let);
    }
    if (const YamlNode* grade = rule_.find("grade"); grade != nullptr && grade->is_map()) {
      for (size_t i = 0; i < grade->items.size(); ++i) add_grade(grade->keys[i], grade->items[i]);
    }
    add_duration(rule_, "quiet");
    if (const YamlNode* baseline = rule_.find("baseline")) add_number(*baseline, "keep");
    std::stable_sort(out_.begin() + first_, out_.end(),
                     [](const Mutant& a, const Mutant& b) { return a.start < b.start; });
  }

 private:
  void add_sequence(const YamlNode& sequence) {
    add_duration(sequence, "within");
    const YamlNode* steps = sequence.find("steps");
    if (steps == nullptr) return;
    for (const YamlNode& step : steps->items) {
      add_condition(step.find("when"));
      add_number(step, "times");
    }
  }

  void add_window(const YamlNode& window) {
    for (const char* length : {"sliding", "tumbling", "hopping", "every", "session", "max"}) {
      add_duration(window, length);
    }
    add_number(window, "count");
    add_duration(window, "within");
  }

  void add_grade(const YamlNode& name, const YamlNode& condition) {
    if (!condition.is_scalar() || condition.text == "false") return;
    change(condition, 0, condition.text.size(), "false", "grade `" + name.text + "` never holds");
    add_condition(&condition);
  }

  void add_condition(const YamlNode* scalar) {
    if (scalar != nullptr) add_expression(*scalar, Place::Condition);
  }

  void add_expression(const YamlNode& scalar, Place place) {
    if (!scalar.is_scalar() || scalar.text.empty()) return;
    for (const ConditionMutant& mutant : condition_mutants(scalar.text, place)) {
      change(scalar, mutant.offset, mutant.end, mutant.text, mutant.change);
    }
  }

  // Half and double.
  void add_duration(const YamlNode& map, const char* key) {
    const YamlNode* node = map.is_map() ? map.find(key) : nullptr;
    const std::optional<Duration> given =
        node != nullptr && node->is_scalar() ? parse_duration(node->text) : std::nullopt;
    if (!given || *given == Duration{0}) return;
    for (const Duration other : {*given / 2, *given * 2}) {
      become(*node, key, format_duration(other));
    }
  }

  void add_number(const YamlNode& map, const char* key) {
    const YamlNode* node = map.is_map() ? map.find(key) : nullptr;
    const std::optional<int64_t> given = node != nullptr ? node->as_int() : std::nullopt;
    if (!given) return;
    for (const int64_t other : {*given - 1, *given + 1}) {
      if (other > 0) become(*node, key, std::to_string(other));
    }
  }

  void become(const YamlNode& node, const std::string& key, const std::string& text) {
    const std::string change_text =
        "`" + key + ": " + node.text + "` becomes `" + key + ": " + text + "`";
    change(node, 0, node.text.size(), text, change_text);
  }

  // Bytes [from, to) of the scalar's text; $ in `text` stands for what is there now.
  void change(const YamlNode& scalar, size_t from, size_t to, const std::string& text,
              std::string what) {
    Mutant& mutant = out_.emplace_back();
    mutant.rule = id_;
    mutant.change = std::move(what);
    mutant.start = rules::offset_in_file(scalar, from);
    const size_t last = rules::offset_in_file(scalar, to - 1);
    mutant.end = last + source_length(scalar, last);
    const std::string_view file = scalar.file->text();
    const size_t kept = text.find('$');
    mutant.text = text;
    if (kept != std::string::npos) {
      mutant.text.replace(kept, 1, file.substr(mutant.start, mutant.end - mutant.start));
    }
    const rules::SourceFile::Place place = scalar.file->place(mutant.start);
    mutant.place = {scalar.file->path(), place.line, place.column};
    // The text is the file without a byte-order mark.
    const size_t mark = scalar.file->bytes().size() - file.size();
    mutant.start += mark;
    mutant.end += mark;
  }

  const YamlNode& rule_;
  std::vector<Mutant>& out_;
  const std::ptrdiff_t first_ = static_cast<std::ptrdiff_t>(out_.size());
  std::string id_;
};

bool is_disabled(const YamlNode& rule) {
  const YamlNode* mode = rule.find("mode");
  return mode != nullptr && mode->text == "disabled";
}

}  // namespace

std::vector<Mutant> mutants_of(const rules::PackBytes& pack) {
  std::vector<Mutant> mutants;
  rules::Findings findings;
  for (const auto& file : rules::sort_pack_files(pack, findings).rules) {
    const std::optional<YamlNode> document = rules::read_single_document(*file, findings);
    const YamlNode* list = document && document->is_map() ? document->find("rules") : nullptr;
    if (list == nullptr) continue;
    for (const YamlNode& rule : list->items) {
      if (rule.is_map() && !is_disabled(rule)) RuleMutants(rule, mutants).add();
    }
  }
  return mutants;
}

std::string mutated(const Mutant& mutant, const std::string& bytes) {
  std::string changed = bytes;
  changed.replace(mutant.start, mutant.end - mutant.start, mutant.text);
  return changed;
}

}  // namespace fengsui::author
