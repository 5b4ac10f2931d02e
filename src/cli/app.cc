// The command line: what each command is called, takes and says in its help. What a command does
// stands in its own file.
#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "base/log.h"
#include "cli/archive.h"
#include "cli/demo.h"
#include "cli/duration_option.h"
#include "cli/duty_commands.h"
#include "cli/eval.h"
#include "cli/exit_status.h"
#include "cli/generate.h"
#include "cli/replay.h"
#include "cli/rules_commands.h"
#include "cli/run.h"
#include "cli/state.h"
#include "cli/time_option.h"
#include "fengsui/version.h"
#include "pipeline/shards.h"

namespace fengsui::cli {
namespace {

// What the chosen command will do, set by its callback.
using Action = std::function<int()>;

void add_replay(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "replay", "Read events from a file, print the alert records that a pack gives (NDJSON)");
  static ReplayOptions options;
  command->add_option("--pack", options.pack, "The rule pack, a folder")->required();
  command->add_option("FILE", options.file, "Events, one CloudEvent a line; - is standard input")
      ->default_str("-");
  add_duration(command, "--out-of-orderness", options.out_of_orderness,
               "How far event times may run backwards before an event is late (0)");
  add_duration(command, "--allowed-lateness", options.allowed_lateness,
               "How far behind the watermark an event is still processed (0)");
  command->add_option("--keys", options.keys, "Key file for identity fields");
  command->add_flag("--flush", options.flush, "At the end, take the watermark to infinity");
  command->add_option("--dead-letters", options.dead_letters,
                      "Write dead letters here (NDJSON; position is the byte offset in FILE)");
  command
      ->add_option("--shards", options.shards,
                   "Threads that share the groups of rules; the output is the same for any number")
      ->check(CLI::Range(size_t{1}, pipeline::kShardsMost))
      ->capture_default_str();
  command->add_option("--state", options.state,
                      "Keep state in this folder and go on from its last commit");
  command->add_flag("!--no-progress", options.progress, "No progress line on a terminal");
  command->callback([&action] { action = [] { return replay(options); }; });
}

void add_generate(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("generate", "Print a simulated city's events (NDJSON)");
  static GenerateOptions options;
  const std::map<std::string, Feeds> feeds = {{"city", Feeds::City},
                                              {"reference", Feeds::Reference}};
  command->add_option("--events", options.events, "How many events")->capture_default_str();
  command->add_option("--seed", options.seed, "Same seed, same bytes")->capture_default_str();
  command->add_option("--rate", options.rate, "Events a second of city time")
      ->check(CLI::Range(1e-3, 1e6))
      ->capture_default_str();
  command
      ->add_option("--disorder-ms", options.noise.disorder_ms,
                   "Arrivals out of order by up to so many milliseconds")
      ->check(CLI::Range(int64_t{0}, int64_t{86'400'000}));
  command->add_option("--dup", options.noise.duplicates, "Share of events that come twice")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--bad", options.noise.bad, "Share of malformed lines put in between")
      ->check(CLI::Range(0.0, 1.0));
  command
      ->add_option("--feeds", options.feeds,
                   "city: the default pack's feeds; reference: the benchmark's")
      ->transform(CLI::CheckedTransformer(feeds, CLI::ignore_case).description(""))
      ->type_name("FEEDS")
      ->default_str("city");
  command->callback([&action] { action = [] { return generate(options); }; });
}

void add_eval(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("eval", "Evaluate CEL expressions as rules would");
  static std::string expression, bindings, batch;
  auto* one =
      command->add_option("EXPR", expression, "The expression; its value is printed as JSON");
  auto* names = command->add_option("--bindings", bindings,
                                    "Names and their values, a JSON object; - is standard input");
  auto* many = command->add_option(
      "--batch", batch,
      "One {\"expr\", \"bindings\"} a line instead, with typed values; - is standard input");
  many->type_name("FILE")->excludes(one)->excludes(names);
  names->type_name("FILE");
  command->callback([&action, one, many] {
    if (one->count() + many->count() == 0) throw CLI::RequiredError("EXPR, or --batch FILE,");
    const bool is_batch = many->count() > 0;
    action = [is_batch] { return is_batch ? eval_batch(batch) : eval(expression, bindings); };
  });
}

void add_run(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("run", "The service: sources in, alerts out, until stopped");
  static RunOptions options;
  command->add_option("-c,--config", options.configuration, "Configuration file (fengsui.yaml)");
  command->add_flag("--check", options.check_only, "Validate everything, start nothing");
  command->callback([&action] { action = [] { return run(options); }; });
}

void add_demo(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "demo", "The service with a simulated city posting to its HTTP port, until stopped");
  static DemoOptions options;
  command->add_flag("--once", options.once, "A few minutes of city time, a summary, the end");
  command->add_option("--pack", options.pack, "The rule pack (the default pack)");
  command->add_option("--port", options.port, "HTTP port; 0: any free one (8600)");
  command->add_option("--seed", options.seed, "The city's seed")->capture_default_str();
  command->add_option("--state", options.state,
                      "Keep the state here (a folder that goes at the end)");
  command->callback([&action] { action = [] { return demo(options); }; });
}

void add_archive(CLI::App& app, Action& action) {
  auto* archive = app.add_subcommand("archive", "What an archive of events holds");
  archive->require_subcommand(1);
  static ArchiveCatOptions options;
  auto* list = archive->add_subcommand("ls", "Print its segments, a line of JSON each");
  list->add_option("DIR", options.directory, "The archive, a folder")->required();
  list->callback([&action] { action = [] { return archive_list(options.directory); }; });
  auto* cat = archive->add_subcommand(
      "cat", "Print its events as CloudEvents in the order of arrival, identity fields as tokens");
  cat->add_option("DIR", options.directory, "The archive, a folder")->required();
  add_time(cat, "--from", options.from, "Events at or after this time");
  add_time(cat, "--to", options.to, "Events before this time");
  cat->add_option("--type", options.types, "Events of this type; may be given more than once");
  cat->callback([&action] { action = [] { return archive_cat(options); }; });
}

void add_state(CLI::App& app, Action& action) {
  auto* state = app.add_subcommand("state", "What a state folder holds: list, verify, copy");
  state->require_subcommand(1);
  static std::string directory;
  const char* const help = "The state, a folder: of `run`, or of `replay --state`";
  auto* list = state->add_subcommand("ls", "Print its tables, a line of JSON each");
  list->add_option("DIR", directory, help)->required();
  list->callback([&action] { action = [] { return state_list(directory); }; });
  auto* verify = state->add_subcommand(
      "verify", "Check it: checksums, counts, recovery; print what it comes to as JSON");
  verify->add_option("DIR", directory, help)->required();
  verify->callback([&action] { action = [] { return state_verify(directory); }; });
  static std::string other;
  auto* backup =
      state->add_subcommand("backup", "Copy the state of a stopped service, and verify the copy");
  backup->add_option("DIR", directory, help)->required();
  backup->add_option("TO", other, "A folder that is not there yet, or empty")->required();
  backup->callback([&action] { action = [] { return state_backup(directory, other); }; });
  auto* restore = state->add_subcommand("restore", "Make a state of a backup, and verify it");
  restore->add_option("FROM", other, "The backup")->required();
  restore->add_option("DIR", directory, "A folder that is not there yet, or empty")->required();
  restore->callback([&action] { action = [] { return state_restore(other, directory); }; });
}

}  // namespace

int run_app(int argc, char** argv) {
  CLI::App app("fengsui: a city's event streams in, graded alerts out, while they can be acted on");
  app.name("fengsui");
  app.set_version_flag("--version", std::string("fengsui ") + kVersion);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  Action action;
  add_run(app, action);
  add_demo(app, action);
  add_replay(app, action);
  add_rules(app, action);
  add_eval(app, action);
  add_generate(app, action);
  add_archive(app, action);
  add_state(app, action);
  add_duty_commands(app, action);
  // Until a command says otherwise. Never to standard output: that is for data.
  (void)start_log(LogFormat::Text, "warn");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return action();
}

}  // namespace fengsui::cli
