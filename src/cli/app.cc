// The command line: what each command is called, takes and says in its help. What a command does
// stands in its own file.
#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "base/log.h"
#include "cli/alerts.h"
#include "cli/archive.h"
#include "cli/demo.h"
#include "cli/duration_option.h"
#include "cli/eval.h"
#include "cli/exit_status.h"
#include "cli/generate.h"
#include "cli/replay.h"
#include "cli/route.h"
#include "cli/rules_commands.h"
#include "cli/run.h"
#include "cli/state.h"
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

// An RFC 3339 time, as in an event.
void add_time(CLI::App* command, const std::string& name, EventTime& into, const char* help) {
  command
      ->add_option_function<std::string>(
          name,
          [&into, name](const std::string& text) {
            const std::optional<Instant> instant = parse_rfc3339(text);
            if (!instant) {
              throw CLI::ValidationError(name, "'" + text + "' is no time: 2026-03-01T08:00:00Z");
            }
            into = to_event_time(*instant);
          },
          help)
      ->type_name("TIME");
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

void add_route(CLI::App& app, Action& action) {
  auto* route = app.add_subcommand("route", "Which queues the dispatch file sends an alert to");
  route->require_subcommand(1);
  static RouteOptions options;
  static RouteMatchOptions matching;
  const char* const labels_help = "Labels of an alert: rule, grade, area, and the rule's own";
  auto* test = route->add_subcommand("test", "Print the queues of a labelled alert, in order");
  test->add_option("--config", options.configuration, "The dispatch file")->required();
  test->add_option("LABEL", options.labels, labels_help)->type_name("name=value");
  test->add_option("--batch", options.batch,
                   "One JSON object of labels a line instead; prints a JSON list a line")
      ->type_name("FILE");
  test->callback([&action] { action = [] { return route_test(options); }; });
  auto* show = route->add_subcommand("show", "Draw the route tree");
  show->add_option("--config", options.configuration, "The dispatch file")->required();
  show->callback([&action] { action = [] { return route_show(options); }; });
  auto* match = route->add_subcommand("match", "Say how matchers are read, and whether they match");
  auto* text = match->add_option("MATCHERS", matching.matchers, "As in the dispatch file");
  match->add_option("LABEL", matching.labels, labels_help)->type_name("name=value");
  auto* batch =
      match->add_option("--batch", matching.batch, "One {\"matchers\", \"labels\"} a line instead");
  batch->type_name("FILE");
  match->callback([&action, text, batch] {
    if (text->count() + batch->count() == 0) throw CLI::RequiredError("MATCHERS, or --batch FILE,");
    action = [] { return route_match(matching); };
  });
}

void add_server(CLI::App* command, AlertsOptions& options) {
  command->add_option("--address", options.address, "Of the service")->capture_default_str();
  command->add_option("--port", options.port, "Of the service")->capture_default_str();
  command->add_option("--output", options.output, "table: for people; json: a line an alert")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
}

void add_filter(CLI::App* command, AlertsOptions& options) {
  command->add_option("--grade", options.filter["grade"],
                      "blue, yellow, orange, red; several by comma");
  command->add_option("--state", options.filter["state"], "new, acked, …; several by comma");
  command->add_option("--area", options.filter["area"], "A code, or the front of one");
  command->add_option("--queue", options.filter["queue"], "That heard of it");
  command->add_option("--rule", options.filter["rule"], "Id of a rule");
  command->add_option("--text", options.filter["q"],
                      "Anywhere in rule, title, message, alert number");
}

void add_alerts(CLI::App& app, Action& action) {
  auto* alerts =
      app.add_subcommand("alerts", "The board of a running service: list, show, tail, act");
  alerts->require_subcommand(1);
  static AlertsOptions options;
  auto* list = alerts->add_subcommand("list", "Print alerts, the newest first");
  add_server(list, options);
  add_filter(list, options);
  list->add_option("--limit", options.most, "At most so many")->capture_default_str();
  list->callback([&action] { action = [] { return alerts_list(options); }; });
  auto* show = alerts->add_subcommand("show", "Print an alert, its history, and what may be done");
  add_server(show, options);
  show->add_option("ALERT", options.alert, "Its number, 16 hex digits")->required();
  show->callback([&action] { action = [] { return alerts_show(options); }; });
  auto* tail = alerts->add_subcommand("tail", "Print what happens to alerts, as it happens");
  add_server(tail, options);
  add_filter(tail, options);
  tail->add_option("--after", options.after,
                   "A number of the log: begin behind it; 0: at its start");
  tail->add_option("--count", options.count, "End after so many lines");
  tail->callback([&action] { action = [] { return alerts_tail(options); }; });
  auto* act = alerts->add_subcommand("act", "Do something with an alert: ack, dispatch, close, …");
  add_server(act, options);
  act->add_option("ALERT", options.alert, "Its number, 16 hex digits")->required();
  act->add_option("ACTION", options.action, "As `alerts show` lists them")->required();
  act->add_option("--actor", options.actor, "Who does it")->required();
  act->add_option("--role", options.role, "duty, lead, handler, grid_worker, supervisor, revisit")
      ->required();
  act->add_option("--reason", options.reason, "A code, where the action wants one");
  act->add_option("--note", options.note, "What was found or done");
  act->add_option("--version", options.version,
                  "Of the alert that you saw; another is refused. Without: the one that is there");
  act->callback([&action] { action = [] { return alerts_act(options); }; });
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
  add_route(app, action);
  add_state(app, action);
  add_alerts(app, action);
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
