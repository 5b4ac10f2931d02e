#include <doctest/doctest.h>

#include "dispatch/dispatch_file.h"
#include "dispatch/route.h"
#include "refused.h"

namespace fengsui::dispatch {
namespace {

// A county's: gas goes to its company too; at night the township is asked, unless it is red.
constexpr const char* kTree = R"(
route:
  queue: duty
  group_by: [rule, area]
  routes:
    - matchers: ['department="gas"', 'grade=~"orange|red"']
      queue: gas-company
      group_wait: 30s
      continue: true
    - matchers: ['area=~"620502.*"']
      queue: township
      routes:
        - matchers: [grade=red]
          queue: county
          group_by: ['...']
        - matchers: [grade!=red, shift=night]
          repeat_interval: 1h30m
    - matchers: ['department=~"police|postal"', 'department!=postal']
      queue: police
      group_by: [rule]
)";

std::string queues_of(const Route& root, const Labels& labels) {
  std::string out;
  for (const Route* route : routes_of(root, labels)) {
    out += (out.empty() ? "" : " ") + route->options.queue;
  }
  return out;
}

Route tree(const std::string& text = kTree) {
  LoadedDispatchFile loaded = read_dispatch_file("d", text, DispatchUse::Routing);
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  return std::move(loaded.file->plan.route);
}

TEST_CASE("an alert goes to the deepest routes that match") {
  const Route root = tree();
  const struct {
    Labels labels;
    const char* queues;
  } cases[] = {
      {{}, "duty"},
      {{{"department", "gas"}, {"grade", "yellow"}}, "duty"},
      {{{"department", "gas"}, {"grade", "red"}}, "gas-company"},
      {{{"department", "gas"}, {"grade", "red"}, {"area", "620502001"}}, "gas-company county"},
      {{{"area", "620502"}, {"grade", "blue"}}, "township"},
      {{{"area", "620502"}, {"grade", "blue"}, {"shift", "night"}}, "township"},
      {{{"area", "620503"}, {"department", "police"}}, "police"},
      {{{"department", "postal"}}, "duty"},
      // The first that matches keeps it from the one beside it.
      {{{"area", "620502"}, {"grade", "red"}, {"department", "police"}}, "county"},
  };
  for (const auto& c : cases) CHECK(queues_of(root, c.labels) == c.queues);
}

TEST_CASE("a route has what it does not say from the one above it") {
  const Route root = tree();
  const RouteOptions& gas = root.routes[0].options;
  CHECK(gas.group_by == std::vector<std::string>{"area", "rule"});
  CHECK(gas.group_wait == std::chrono::seconds{30});
  CHECK(gas.group_interval == std::chrono::minutes{5});
  const RouteOptions& county = root.routes[1].routes[0].options;
  CHECK(county.group_by_all);
  CHECK(county.group_wait == Duration{0});
  const RouteOptions& night = root.routes[1].routes[1].options;
  CHECK(night.queue == "township");
  CHECK(night.repeat_interval == std::chrono::minutes{90});
  CHECK_FALSE(night.group_by_all);
  CHECK(root.routes[2].options.group_by == std::vector<std::string>{"rule"});
}

TEST_CASE("a group is named by the labels that it is grouped by") {
  const Labels labels = {{"rule", "r"}, {"area", "620502"}, {"grade", "red"}};
  RouteOptions options;
  CHECK(group_labels_of(options, labels).empty());
  options.group_by = {"area", "department"};
  CHECK(group_labels_of(options, labels) == Labels{{"area", "620502"}});
  options.group_by_all = true;
  CHECK(group_labels_of(options, labels) == labels);
}

TEST_CASE("what is wrong with a route is said with its place") {
  const struct {
    std::string route;  // of a file whose queues are a and b
    const char* found;
  } cases[] = {
      {"{queue: a, routes: [{queue: c}]}", "d:1:36: error: there is no queue `c`"},
      {"{routes: [{queue: a}]}", "d:1:8: error: `route` needs `queue`"},
      {"{queue: a, matchers: [x=y]}", "d:1:29: error: the root route has no matchers"},
      {"{queue: a, routes: [{matchers: ['x']}]}", "d:1:40: error: `x` is no matcher: column 2"},
      {"{queue: a, routes: [{matchers: ['x=~\"(\"']}]}", "is no pattern"},
      {"{queue: a, group_by: [x, x]}", "d:1:33: error: `x` stands in `group_by` a second time"},
      {"{queue: a, group_by: [x, '...']}", "error: `...` is all labels"},
      {"{queue: a, group_interval: 0s}", "error: `group_interval` must be longer than 0"},
      {"{queue: a, group_wait: soon}", "error: `soon` is no duration"},
      {"{queue: a, continue: true}", "error: the root route has none beside it"},
      {"{queue: a, routes: [{continue: perhaps}]}", "error: `continue` is true or false"},
      {"{queue: a, mute_time_intervals: [x]}", "error: the root route has no time intervals"},
      {"{queue: a, rotes: []}", "did you mean `routes`"},
  };
  const std::string queues =
      "queues: [{name: a, sinks: [{file: {path: a}}]}, {name: b, sinks: [{file: {path: b}}]}]\n";
  for (const auto& c : cases) {
    CAPTURE(c.route);
    check_refused(
        read_dispatch_file("d", "route: " + c.route + "\n" + queues, DispatchUse::Routing),
        c.found);
  }
}

TEST_CASE("the tree is drawn") {
  CHECK(draw(tree("route: {queue: a, routes: [{matchers: [x=y], continue: true}, "
                  "{matchers: [x=z], queue: b, routes: [{matchers: [w=v]}]}]}")) ==
        "{} -> a  (group_by [] wait 0 interval 5m repeat 4h)\n"
        "├── {x=\"y\"} -> a, continue  (group_by [] wait 0 interval 5m repeat 4h)\n"
        "└── {x=\"z\"} -> b  (group_by [] wait 0 interval 5m repeat 4h)\n"
        "    └── {w=\"v\"} -> b  (group_by [] wait 0 interval 5m repeat 4h)\n");
}

}  // namespace
}  // namespace fengsui::dispatch
