#include "cli/rules_commands.h"

#include <map>
#include <string>

#include "cli/duration_option.h"
#include "cli/rules_check.h"
#include "cli/rules_cost.h"
#include "cli/rules_diff.h"
#include "cli/rules_explain.h"
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
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("FORMAT")
      ->default_str("text");
  static bool estimate = false;
  check->add_flag(
      "--estimate", estimate,
      "Behind the findings (as text), what each rule keeps, for how long and how large");
  auto* explain = check->add_option("--explain", code, "Explain a finding's code instead");
  folder->excludes(explain);
  check->callback([&action, folder, explain] {
    if (folder->count() + explain->count() == 0) {
      throw CLI::RequiredError("DIR, or --explain CODE,");
    }
    const bool explains = explain->count() > 0;
    action = [explains] {
      return explains ? rules_explain_code(code) : rules_check({pack, format, estimate});
    };
  });
}

void add_test(CLI::App& rules, Action& action) {
  auto* test = rules.add_subcommand("test", "Run a pack's unit tests (tests/*.yaml)");
  static RulesTestOptions options;
  test->add_option("DIR", options.pack, "The rule pack, a folder")->required();
  test->add_option("--junit", options.junit, "Write the results here as JUnit XML");
  test->add_flag("--coverage", options.coverage,
                 "Say which conditions, grades, steps and parts of messages no test reached");
  test->add_flag(
      "--mutate", options.mutate,
      "Change each rule a little in every way and list the changes that no test notices");
  test->callback([&action] { action = [] { return rules_test(options); }; });
}

// The events, and how they are played: the options of `replay` that change what comes out.
void add_recorded(CLI::App* command, RecordedOptions& options, bool required) {
  const std::map<std::string, ReportFormat> formats = {{"text", ReportFormat::Text},
                                                       {"json", ReportFormat::Json}};
  command
      ->add_option("FILE", options.file,
                   "Recorded events, one CloudEvent a line; - is standard input")
      ->required(required);
  add_duration(command, "--out-of-orderness", options.out_of_orderness,
               "How far event times may run backwards before an event is late (0)");
  add_duration(command, "--allowed-lateness", options.allowed_lateness,
               "How far behind the watermark an event is still processed (0)");
  command->add_option("--keys", options.keys, "Key file for identity fields");
  command->add_flag("--flush", options.flush, "At the end, take the watermark to infinity");
  command->add_option("--format", options.format, "text or json")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("FORMAT")
      ->default_str("text");
}

void add_explain(CLI::App& rules, Action& action) {
  auto* explain = rules.add_subcommand(
      "explain",
      "Say why each recorded event did or did not count for a rule, and what came of it");
  static RulesExplainOptions options;
  explain->add_option("DIR", options.pack, "The rule pack, a folder")->required();
  explain->add_option("--rule", options.rule, "The rule's id")->required();
  auto* event = explain->add_option("--event", options.event, "Of this event alone, source#id");
  auto* group =
      explain
          ->add_option("--group", options.group, "Of this group alone; once for each of its names")
          ->type_name("NAME=VALUE")
          ->take_all()
          ->expected(1);
  explain->add_option("--at", options.at, "With --group: what led to its state at this time")
      ->type_name("TIME")
      ->needs(group);
  group->excludes(event);
  add_recorded(explain, options.recorded, /*required=*/true);
  explain->callback([&action] { action = [] { return rules_explain(options); }; });
}

void add_diff(CLI::App& rules, Action& action) {
  auto* diff = rules.add_subcommand(
      "diff", "Say which alerts a new pack adds, loses or regrades over recorded events");
  static RulesDiffOptions options;
  diff->add_option("OLD", options.before, "The pack that runs, a folder")->required();
  diff->add_option("NEW", options.after, "The pack that is to follow it, a folder")->required();
  add_recorded(diff, options.recorded, /*required=*/true);
  diff->callback([&action] { action = [] { return rules_diff(options); }; });
}

void add_cost(CLI::App& rules, Action& action) {
  auto* cost = rules.add_subcommand(
      "cost", "Measure each rule's time, state and hits; without FILE, estimate its state");
  static RulesCostOptions options;
  cost->add_option("DIR", options.pack, "The rule pack, a folder")->required();
  add_recorded(cost, options.recorded, /*required=*/false);
  cost->callback([&action, cost] {
    options.measured = cost->get_option("FILE")->count() > 0;
    action = [] { return rules_cost(options); };
  });
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
  add_explain(*rules, action);
  add_diff(*rules, action);
  add_cost(*rules, action);
}

}  // namespace fengsui::cli
