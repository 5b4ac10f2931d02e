// The route tree: which queues an alert goes to, and how what goes there is grouped. Semantics are
// Alertmanager's (its documentation, "Route-related settings"). Plain values, immutable once read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "dispatch/deadlines.h"
#include "dispatch/matcher.h"

namespace fengsui::dispatch {

// What a route says, or has from the one above it.
struct RouteOptions {
  std::string queue;
  std::vector<std::string> group_by;  // names of labels, sorted, each once
  bool group_by_all = false;          // `...`: alerts with the same labels are a group
  // An early warning does not wait unless it is asked to; the others are Alertmanager's defaults.
  Duration group_wait{0};
  Duration group_interval = std::chrono::minutes{5};
  Duration repeat_interval = std::chrono::hours{4};
  // One of the four above is stated, here or above. Otherwise each record is sent by itself, at
  // once, and never again.
  bool grouped = false;
  std::shared_ptr<const Deadlines> deadlines;  // null: none
};

struct Route {
  RouteOptions options;
  std::string key = "{}";  // the matchers from the root down to it: `{}/{grade="red"}`
  // Names of time intervals, of this route alone: it is silent outside of the active ones, if there
  // are any, and within the mute ones.
  std::vector<std::string> active_intervals, mute_intervals;
  Matchers matchers;       // none: every alert of the route above
  bool continues = false;  // alerts that match it are shown to the next one beside it, too
  std::vector<Route> routes;
};

// The deepest routes that match, in the order of the file: depth first; a route none of whose own
// match is the one. Empty: the root itself has matchers, and they do not match.
std::vector<const Route*> routes_of(const Route& root, const Labels& labels);

// The labels that name the alert's group there: those of group_by that it has, or all.
Labels group_labels_of(const RouteOptions& options, const Labels& labels);

// Of every route, some perhaps more than once.
void for_each_queue(const Route& root, const std::function<void(const std::string&)>& visit);

// The tree as lines of text, for people.
std::string draw(const Route& root);

}  // namespace fengsui::dispatch
