#include "cli/rules_commands.h"

#include <map>
#include <string>

#include "cli/rules_check.h"
#include "cli/rules_test.h"

namespace fengsui::cli {
namespace {

using Action = std::function<int()>;

void add_check(CLI::App& rules, Action& action) {
  auto* check = rules.add_subcommand("check", "Print every finding of every file of a pack");
  static std::string pack, code;
  static IssueFormat format = IssueFormat::Text;
  const std::map<std::string, IssueFormat> formats = {
      {"text", IssueFormat::Text}, {"json", IssueFormat::Json}, {"sarif", IssueFormat::Sarif}};
  auto* folder = check->add_option("DIR", pack, "The rule pack, a folder");
  check->add_option("--format", format, "text, json or sarif")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->default_str("text");
  auto* explain = check->add_option("--explain", code, "Explain a finding's code instead");
  folder->excludes(explain);
  check->callback([&action, folder, explain] {
    if (folder->count() + explain->count() == 0) {
      throw CLI::RequiredError("DIR, or --explain CODE,");
    }
    const bool explains = explain->count() > 0;
    action = [explains] { return explains ? rules_explain_code(code) : rules_check(pack, format); };
  });
}

void add_test(CLI::App& rules, Action& action) {
  auto* test = rules.add_subcommand("test", "Run a pack's unit tests (tests/*.yaml)");
  static RulesTestOptions options;
  test->add_option("DIR", options.pack, "The rule pack, a folder")->required();
  test->add_option("--junit", options.junit, "Write the results here as JUnit XML");
  test->callback([&action] { action = [] { return rules_test(options); }; });
}

void add_schema(CLI::App& rules, Action& action) {
  auto* schema = rules.add_subcommand(
      "schema", "Print the JSON Schema of a pack's files, for editors; without NAME, the names");
  static std::string name;
  schema->add_option("NAME", name, "pack, rules, event, defs, policy or tests");
  schema->callback([&action] { action = [] { return rules_schema(name); }; });
}

}  // namespace

void add_rules(CLI::App& app, Action& action) {
  auto* rules = app.add_subcommand("rules", "Work on rule packs");
  rules->require_subcommand(1);
  add_check(*rules, action);
  add_test(*rules, action);
  add_schema(*rules, action);
}

}  // namespace fengsui::cli
