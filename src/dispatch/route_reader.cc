#include "dispatch/route_reader.h"

#include <algorithm>
#include <utility>

#include "dispatch/deadline_reader.h"
#include "dispatch/plan_reader.h"
#include "rules/codes.h"

namespace fengsui::dispatch {
namespace {

using rules::error_at;
using rules::Findings;
using rules::YamlNode;
namespace code = rules::code;

const std::vector<std::string> kKeys = {"queue",
                                        "matchers",
                                        "continue",
                                        "routes",
                                        "group_by",
                                        "group_wait",
                                        "group_interval",
                                        "repeat_interval",
                                        "active_time_intervals",
                                        "mute_time_intervals",
                                        "deadlines"};
constexpr size_t kDepthMax = 32;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
class Reader {
 public:
  Reader(const RouteNames& names, Findings& findings) : names_(names), findings_(findings) {}

  void read(const YamlNode& node, const Route* above, size_t depth, Route& route) {
    const std::string what = above == nullptr ? "`route`" : "a route";
    if (above != nullptr) route.options = above->options;
    if (!expect_map(node, what, findings_)) return;
    check_keys(node, what, kKeys, findings_);
    if (above == nullptr) require_key(node, "queue", what, findings_);
    read_queue(node, route.options);
    read_group_by(node, route.options);
    read_duration(node, "group_wait", true, route.options.group_wait);
    read_duration(node, "group_interval", false, route.options.group_interval);
    read_duration(node, "repeat_interval", false, route.options.repeat_interval);
    for (const char* key : {"group_by", "group_wait", "group_interval", "repeat_interval"}) {
      if (node.find(key) != nullptr) route.options.grouped = true;
    }
    if (const YamlNode* deadlines = node.find("deadlines")) {
      route.options.deadlines = read_deadlines(*deadlines, route.options.deadlines, findings_);
    }
    read_route_matchers(node, above == nullptr, route.matchers);
    if (above != nullptr) route.key = above->key + "/" + key_of(route.matchers);
    read_intervals(node, "active_time_intervals", above == nullptr, route.active_intervals);
    read_intervals(node, "mute_time_intervals", above == nullptr, route.mute_intervals);
    route.continues = read_continue(node, above == nullptr);
    const YamlNode* routes = node.find("routes");
    if (routes == nullptr || !expect_list(*routes, "`routes`", findings_)) return;
    if (depth == kDepthMax) {
      error_at(*routes, kDeepRoutes, "routes stand within routes more than 32 deep", {}, findings_);
      return;
    }
    for (const YamlNode& one : routes->items) {
      read(one, &route, depth + 1, route.routes.emplace_back());
    }
  }

 private:
  void read_queue(const YamlNode& node, RouteOptions& options) {
    const YamlNode* queue = node.find("queue");
    if (queue == nullptr) return;
    std::optional<std::string> name = read_queue_name(*queue, names_, findings_);
    if (name) options.queue = std::move(*name);
  }

  void read_group_by(const YamlNode& node, RouteOptions& options) {
    const YamlNode* list = node.find("group_by");
    if (list == nullptr || !expect_list(*list, "`group_by`", findings_)) return;
    std::vector<std::string> names;
    bool all = false;
    for (const YamlNode& item : list->items) {
      const std::optional<std::string> name = expect_text(item, "a label's name", findings_);
      if (!name) continue;
      if (*name == "...") {
        all = true;
      } else if (std::find(names.begin(), names.end(), *name) != names.end()) {
        error_at(item, kBadGrouping, "`" + *name + "` stands in `group_by` a second time", {},
                 findings_);
      } else {
        names.push_back(*name);
      }
    }
    if (all && !names.empty()) {
      error_at(*list, kBadGrouping, "`...` is all labels, and stands alone",
               "leave out the others, or `...`", findings_);
    }
    if (!all && names.empty()) return;  // as above it
    std::sort(names.begin(), names.end());
    options.group_by_all = all;
    if (!all) options.group_by = std::move(names);
  }

  void read_duration(const YamlNode& node, const char* key, bool may_be_zero, Duration& out) {
    const YamlNode* value = node.find(key);
    if (value == nullptr) return;
    const std::string what = std::string("`") + key + "`";
    const std::optional<std::string> text = expect_text(*value, what, findings_);
    if (!text) return;
    const std::optional<Duration> duration = parse_duration(*text);
    if (!duration) {
      error_at(*value, kBadGrouping, "`" + *text + "` is no duration", "`30s`, `5m`, `1h30m`",
               findings_);
    } else if (*duration == Duration{0} && !may_be_zero) {
      error_at(*value, kBadGrouping, what + " must be longer than 0", {}, findings_);
    } else {
      out = *duration;
    }
  }

  void read_route_matchers(const YamlNode& node, bool is_root, Matchers& out) {
    const YamlNode* list = node.find("matchers");
    if (list == nullptr) return;
    if (is_root && list->is_list() && !list->items.empty()) {
      error_at(*list, kBadMatcher, "the root route has no matchers: every alert goes through it",
               "put them on a route under `routes`", findings_);
      return;
    }
    read_matchers(*list, "matchers", out, findings_);
  }

  void read_intervals(const YamlNode& node, const char* key, bool is_root,
                      std::vector<std::string>& out) {
    const YamlNode* list = node.find(key);
    if (list == nullptr || !expect_list(*list, std::string("`") + key + "`", findings_)) return;
    if (is_root) {
      error_at(*list, kBadInterval, "the root route has no time intervals: every alert is heard",
               "put them on a route under `routes`", findings_);
    }
    for (const YamlNode& item : list->items) {
      std::optional<std::string> name = expect_text(item, "a time interval's name", findings_);
      if (!name) continue;
      if (!has(names_.intervals, *name)) {
        error_at(item, kBadInterval, "there is no time interval `" + *name + "`",
                 rules::nearest_hint(*name, names_.intervals, "declare it under `time_intervals`"),
                 findings_);
      }
      out.push_back(std::move(*name));
    }
  }

  bool read_continue(const YamlNode& node, bool is_root) {
    const YamlNode* value = node.find("continue");
    if (value == nullptr) return false;
    const std::optional<bool> is = value->is_scalar() ? value->as_bool() : std::nullopt;
    if (!is) error_at(*value, code::kWrongKind, "`continue` is true or false", {}, findings_);
    if (is.value_or(false) && is_root) {
      error_at(*value, kBadGrouping, "the root route has none beside it to continue to", {},
               findings_);
    }
    return is.value_or(false);
  }

  static std::string key_of(const Matchers& matchers) {
    std::string text;
    for (const Matcher& matcher : matchers) text += (text.empty() ? "" : ",") + matcher.text();
    return "{" + text + "}";
  }

  const RouteNames& names_;
  Findings& findings_;
};

}  // namespace

void check_keys(const YamlNode& map, const std::string& what, const std::vector<std::string>& known,
                Findings& findings) {
  refuse_unknown_keys(map, what, known, code::kUnknownKey, findings);
}

void read_matchers(const YamlNode& list, const std::string& key, Matchers& out,
                   Findings& findings) {
  if (!expect_list(list, "`" + key + "`", findings)) return;
  for (const YamlNode& item : list.items) {
    const std::optional<std::string> text = expect_text(item, "a matcher", findings);
    if (!text) continue;
    Expected<Matchers> read = parse_matchers(*text);
    if (!read) {
      error_at(item, kBadMatcher, "`" + *text + "` is no matcher: " + read.error().message,
               "name=\"value\", with one of = != =~ !~", findings);
      continue;
    }
    out.insert(out.end(), read->begin(), read->end());
  }
}

std::optional<std::string> read_queue_name(const YamlNode& node, const RouteNames& names,
                                           Findings& findings) {
  std::optional<std::string> name = expect_text(node, "`queue`", findings);
  if (!name) return std::nullopt;
  if (*name == kDeadLetterQueue) {
    error_at(node, kUnknownQueue, "`dead-letters` is reserved for dead letters", {}, findings);
  } else if (names.queues && !has(*names.queues, *name)) {
    error_at(node, kUnknownQueue, "there is no queue `" + *name + "`",
             rules::nearest_hint(*name, *names.queues, "declare it under `queues`"), findings);
  }
  return name;
}

Route read_route(const YamlNode& node, const RouteNames& names, Findings& findings) {
  Route root;
  Reader(names, findings).read(node, nullptr, 0, root);
  return root;
}

}  // namespace fengsui::dispatch
