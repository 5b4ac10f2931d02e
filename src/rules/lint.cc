#include "rules/lint.h"

#include <deque>
#include <set>

#include "rules/lint_rule.h"
#include "rules/lint_use.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

class PackLint {
 public:
  PackLint(const LintInput& input, Findings& findings) : input_(input), findings_(findings) {}

  void run() {
    const bool sound = findings_.errors() == 0;
    read_defs();
    PackUse use;
    const std::map<std::string, std::set<int>> wrong = lines_with_errors();
    for (size_t i = 0; i < input_.rules.size(); ++i) {
      // Of a rule with an error nothing is said beside it, but what it reads is read.
      Findings aside;
      const bool is_sound = !has_line(wrong, i);
      RuleLint(*input_.rules[i], input_, defs_, use, is_sound ? findings_ : aside).run();
    }
    note_defs_in_defs(use);
    for (const auto& file : input_.files->keywords) {
      lint_keywords(*file, use.counted_keyword_sets.contains(stem(*file)), findings_);
    }
    // What is wrong may be what was to read them.
    if (!sound || input_.rules.empty()) return;
    lint_unused(input_, places_, use, findings_);
    lint_list_keys(input_, use, findings_);
  }

 private:
  std::map<std::string, std::set<int>> lines_with_errors() const {
    std::map<std::string, std::set<int>> lines;
    for (const Issue& issue : findings_.all()) {
      if (issue.severity == Severity::Error) lines[issue.file].insert(issue.line);
    }
    return lines;
  }

  // One of the lines from this rule's first to the next one's.
  bool has_line(const std::map<std::string, std::set<int>>& lines, size_t i) const {
    const YamlNode& rule = *input_.rules[i];
    const auto of_file = lines.find(rule.file->path());
    if (of_file == lines.end()) return false;
    const auto first = of_file->second.lower_bound(rule.file->place(rule.offset).line);
    if (first == of_file->second.end()) return false;
    const bool is_last = i + 1 == input_.rules.size() || input_.rules[i + 1]->file != rule.file;
    return is_last || *first < rule.file->place(input_.rules[i + 1]->offset).line;
  }

  // Once more, as trees: the compiler keeps them put in where they are used.
  void read_defs() {
    Findings aside;  // told by the compiler
    for (const auto& file : input_.files->defs) {
      std::optional<YamlNode> document = read_single_document(*file, aside);
      if (!document) continue;
      const YamlNode& kept = documents_.emplace_back(std::move(*document));
      const YamlNode* defs = kept.find("defs");
      for (size_t i = 0; defs != nullptr && defs->is_map() && i < defs->keys.size(); ++i) {
        Expected<cel::Syntax, cel::Finding> syntax = cel::parse(defs->items[i].text);
        if (!syntax || !defs->keys[i].is_scalar()) continue;
        const cel::Syntax& def = syntaxes_.emplace_back(std::move(*syntax));
        defs_.emplace(defs->keys[i].text, &def.root());
        places_.emplace(defs->keys[i].text, &defs->keys[i]);
      }
    }
  }

  void note_defs_in_defs(PackUse& use) {
    const LintScope scope({}, defs_);
    std::vector<std::string> open(use.defs.begin(), use.defs.end());
    while (!open.empty()) {
      const auto def = defs_.find(open.back());
      open.pop_back();
      PackUse inner;
      if (def != defs_.end()) note_use(*def->second, scope, inner);
      for (const auto& [list, of] : inner.lists) use.lists[list].by_any_value = true;
      use.keyword_sets.insert(inner.keyword_sets.begin(), inner.keyword_sets.end());
      use.counted_keyword_sets.insert(inner.counted_keyword_sets.begin(),
                                      inner.counted_keyword_sets.end());
      for (const std::string& name : inner.defs) {
        if (use.defs.insert(name).second) open.push_back(name);
      }
    }
  }

  const LintInput& input_;
  Findings& findings_;
  std::deque<YamlNode> documents_;
  std::deque<cel::Syntax> syntaxes_;
  DefNodes defs_;
  std::map<std::string, const YamlNode*> places_;  // of their names
};

}  // namespace

void lint_pack(const LintInput& input, Findings& findings) { PackLint(input, findings).run(); }

}  // namespace fengsui::rules
