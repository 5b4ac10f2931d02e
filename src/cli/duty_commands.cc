#include "cli/duty_commands.h"

#include "cli/alerts.h"
#include "cli/dispatch_simulate.h"
#include "cli/duration_option.h"
#include "cli/route.h"
#include "cli/silences.h"
#include "cli/time_option.h"

namespace fengsui::cli {
namespace {

using Action = std::function<int()>;

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

void add_dispatch(CLI::App& app, Action& action) {
  auto* dispatch = app.add_subcommand("dispatch", "What a dispatch file does");
  dispatch->require_subcommand(1);
  static DispatchSimulateOptions options;
  auto* simulate = dispatch->add_subcommand(
      "simulate",
      "Timed steps in (alerts, silences, reloads, sink failures), what the queues are sent out");
  simulate->add_option("--config", options.configuration, "The dispatch file")->required();
  add_time(simulate, "--start", options.start,
           "Where durations in steps count from (2000-01-01T00:00:00Z)");
  simulate
      ->add_option("STEPS", options.steps,
                   "A JSON object a line: {\"at\": \"5m\", \"alert\": NAME, \"labels\": {…}}, or "
                   "clear, close, silence, expire, reload, sink; - is standard input")
      ->default_str("-");
  simulate->callback([&action] { action = [] { return dispatch_simulate(options); }; });
}

template <class Options>
void add_server(CLI::App* command, Options& options) {
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

void add_silences(CLI::App& app, Action& action) {
  auto* silences = app.add_subcommand(
      "silences", "What a running service does not tell for a while: list, show, add, end");
  silences->require_subcommand(1);
  static SilencesOptions options;
  auto* list = silences->add_subcommand("list", "Print them, the one that ends last first");
  add_server(list, options);
  list->add_option("--state", options.state, "Only those")
      ->check(CLI::IsMember({"pending", "active", "expired"}));
  list->callback([&action] { action = [] { return silences_list(options); }; });
  auto* show = silences->add_subcommand("show", "Print one");
  add_server(show, options);
  show->add_option("SILENCE", options.id, "Its id")->required();
  show->callback([&action] { action = [] { return silences_show(options); }; });
  auto* add = silences->add_subcommand(
      "add", "Hold alerts back that match; red ones are told all the same. Prints its id");
  add_server(add, options);
  add->add_option("MATCHERS", options.matchers, "As in the dispatch file; all must match")
      ->required();
  add->add_option("--author", options.author, "By whose word")->required();
  add->add_option("--reason", options.reason, "Why")->required();
  add_time(add, "--from", options.starts, "When it begins (now)");
  add_time(add, "--until", options.ends, "When it ends");
  add_duration(add, "--for", options.duration, "Or how long it lasts");
  add->add_option("--id", options.id, "Of one that is to be changed");
  add->callback([&action] { action = [] { return silences_add(options); }; });
  auto* end = silences->add_subcommand("end", "End one now: what it held back is told");
  add_server(end, options);
  end->add_option("SILENCE", options.id, "Its id")->required();
  end->callback([&action] { action = [] { return silences_end(options); }; });
}

}  // namespace

void add_duty_commands(CLI::App& app, Action& action) {
  add_route(app, action);
  add_dispatch(app, action);
  add_alerts(app, action);
  add_silences(app, action);
}

}  // namespace fengsui::cli
