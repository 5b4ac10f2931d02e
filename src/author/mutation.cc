#include "author/mutation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "author/test_run.h"

namespace fengsui::author {
namespace {

// What is needed to load a mutant: all that is no rule and no test, and one rule file. A rule over
// alerts needs the others.
class MutantPacks {
 public:
  explicit MutantPacks(const rules::PackBytes& pack) : base_(pack) {
    rules::Findings findings;
    const rules::PackFiles files = rules::sort_pack_files(pack, findings);
    for (const auto& file : files.tests) base_.erase(file->path());
    for (const auto& file : files.rules) {
      rules_.emplace(file->path(), file->bytes());
      base_.erase(file->path());
    }
  }

  // Null: the mutant is no valid rule.
  std::shared_ptr<const rules::RuleSet> load(const Mutant& mutant, bool over_alerts) const {
    rules::PackBytes files = base_;
    if (over_alerts) files.insert(rules_.begin(), rules_.end());
    files[mutant.place.file] = mutated(mutant, rules_.at(mutant.place.file));
    return rules::load_pack(std::move(files)).rules;
  }

 private:
  rules::PackBytes base_, rules_;
};

const rules::Rule* find_rule(const rules::RuleSet& rules, const std::string& id) {
  for (const auto& rule : rules.rules) {
    if (rule->id == id) return rule.get();
  }
  return nullptr;
}

std::string counted(size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::vector<MutationOfRule> run_mutants(
    const rules::PackBytes& pack, const rules::LoadedPack& loaded,
    const std::function<void(size_t done, size_t of)>& progress) {
  std::map<std::string, std::vector<const rules::TestSpec*>> tests_of;
  for (const rules::TestSpec& test : loaded.tests) {
    for (const std::string& rule : test.rules()) tests_of[rule].push_back(&test);
  }
  const MutantPacks packs(pack);
  const std::vector<Mutant> mutants = mutants_of(pack);
  std::vector<MutationOfRule> results;
  for (size_t i = 0; i < mutants.size(); ++i) {
    const Mutant& mutant = mutants[i];
    const std::vector<const rules::TestSpec*>& tests = tests_of[mutant.rule];
    if (results.empty() || results.back().rule != mutant.rule) {
      results.push_back({.rule = mutant.rule, .tests = tests.size()});
    }
    MutationOfRule& result = results.back();
    const rules::Rule* rule = find_rule(*loaded.rules, mutant.rule);
    const auto changed = packs.load(mutant, rule != nullptr && rule->over_alerts);
    if (changed == nullptr) {
      ++result.refused;
    } else {
      const TestBench bench(*changed);
      const bool is_killed = std::any_of(tests.begin(), tests.end(), [&](const auto* test) {
        return !bench.run(*test, {}, &mutant.rule).passed;
      });
      if (is_killed) {
        ++result.killed;
      } else {
        result.survived.push_back(mutant);
      }
    }
    if (progress) progress(i + 1, mutants.size());
  }
  return results;
}

std::string as_text(const std::vector<MutationOfRule>& rules) {
  std::string out;
  size_t killed = 0, survived = 0, refused = 0;
  for (const MutationOfRule& rule : rules) {
    killed += rule.killed;
    survived += rule.survived.size();
    refused += rule.refused;
    out += rule.rule + ": ";
    if (rule.tests == 0) {
      out += "no test names it; " + counted(rule.survived.size(), "mutant") + " not tried\n";
      continue;
    }
    out += std::to_string(rule.killed) + " of " +
           counted(rule.killed + rule.survived.size(), "mutant") + " killed by " +
           counted(rule.tests, "test") + "\n";
    for (const Mutant& mutant : rule.survived) {
      out += "  " + mutant.place.file + ":" + std::to_string(mutant.place.line) + ":" +
             std::to_string(mutant.place.column) + ": survives: " + mutant.change + "\n";
    }
  }
  out += counted(killed + survived, "mutant") + ", " + std::to_string(killed) + " killed, " +
         std::to_string(survived) + " survived";
  if (refused > 0) out += " (" + std::to_string(refused) + " more are no valid rules)";
  return out + "\n";
}

}  // namespace fengsui::author
