#include "dispatch/route.h"

#include <algorithm>

namespace fengsui::dispatch {
namespace {

void collect(const Route& route, const Labels& labels, std::vector<const Route*>& out) {
  if (!all_match(route.matchers, labels)) return;
  const size_t before = out.size();
  for (const Route& one : route.routes) {
    const size_t found = out.size();
    collect(one, labels, out);
    if (out.size() > found && !one.continues) break;
  }
  if (out.size() == before) out.push_back(&route);
}

std::string grouping_of(const RouteOptions& options) {
  std::string text = options.group_by_all ? "..." : "";
  for (size_t i = 0; i < options.group_by.size() && !options.group_by_all; ++i) {
    text += (i == 0 ? "" : ", ") + options.group_by[i];
  }
  return "group_by [" + text + "] wait " + format_duration(options.group_wait) + " interval " +
         format_duration(options.group_interval) + " repeat " +
         format_duration(options.repeat_interval);
}

std::string names_of(const char* before, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? before : ", ") + name;
  return text;
}

// `above`: what lines of its own begin with.
void draw(const Route& route, const std::string& above, std::string& out) {
  std::string matchers;
  for (const Matcher& matcher : route.matchers) {
    matchers += (matchers.empty() ? "" : ", ") + matcher.text();
  }
  out += "{" + matchers + "} -> " + route.options.queue + (route.continues ? ", continue" : "") +
         "  (" + grouping_of(route.options) + ")" +
         names_of(", active in ", route.active_intervals) +
         names_of(", mute in ", route.mute_intervals) + "\n";
  for (const Route& one : route.routes) {
    const bool is_last = &one == &route.routes.back();
    out += above + (is_last ? "└── " : "├── ");
    draw(one, above + (is_last ? "    " : "│   "), out);
  }
}

}  // namespace

std::vector<const Route*> routes_of(const Route& root, const Labels& labels) {
  std::vector<const Route*> out;
  collect(root, labels, out);
  return out;
}

Labels group_labels_of(const RouteOptions& options, const Labels& labels) {
  if (options.group_by_all) return labels;
  Labels out;
  for (const std::string& name : options.group_by) {
    if (const auto found = labels.find(name); found != labels.end()) out.insert(*found);
  }
  return out;
}

void for_each_queue(const Route& root, const std::function<void(const std::string&)>& visit) {
  visit(root.options.queue);
  for (const Route& one : root.routes) for_each_queue(one, visit);
}

std::string draw(const Route& root) {
  std::string out;
  draw(root, "", out);
  return out;
}

}  // namespace fengsui::dispatch
