#include "dispatch/route_reader.h"

#include <algorithm>
#include <utility>

#include "rules/codes.h"

namespace fengsui::dispatch {
namespace {

using rules::error_at;
using rules::Findings;
using rules::YamlNode;
namespace code = rules::code;

const std::vector<std::string> kKeys = {"queue", "matchers", "continue", "routes"};
const std::vector<std::string> kGroupingKeys = {"group_by", "group_wait", "group_interval",
                                                "repeat_interval"};
// What alerts.md says and a later version will know.
const std::vector<std::string> kLaterKeys = {"active_time_intervals", "mute_time_intervals",
                                             "deadlines"};

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
constexpr size_t kDepthMax = 32;

class Reader {
 public:
  Reader(const std::optional<std::vector<std::string>>& queues, DispatchUse use,
         Findings& findings)
      : queues_(queues),
        known_(use == DispatchUse::Service ? kKeys : joined(kKeys, kGroupingKeys)),
        later_(use == DispatchUse::Service ? joined(kLaterKeys, kGroupingKeys) : kLaterKeys),
        findings_(findings) {}

  void read(const YamlNode& node, const RouteOptions* above, size_t depth, Route& route) {
    const std::string what = above == nullptr ? "`route`" : "a route";
    if (above != nullptr) route.options = *above;
    if (!expect_map(node, what, findings_)) return;
    check_keys(node, what, known_, later_, findings_,
               "leave it out: each record is a message of its own");
    if (above == nullptr) require_key(node, "queue", what, findings_);
    read_queue(node, route.options);
    read_group_by(node, route.options);
    read_duration(node, "group_wait", true, route.options.group_wait);
    read_duration(node, "group_interval", false, route.options.group_interval);
    read_duration(node, "repeat_interval", false, route.options.repeat_interval);
    read_matchers(node, above == nullptr, route.matchers);
    route.continues = read_continue(node, above == nullptr);
    const YamlNode* routes = node.find("routes");
    if (routes == nullptr || !expect_list(*routes, "`routes`", findings_)) return;
    if (depth == kDepthMax) {
      error_at(*routes, kDeepRoutes, "routes stand within routes more than 32 deep", {}, findings_);
      return;
    }
    for (const YamlNode& one : routes->items) {
      read(one, &route.options, depth + 1, route.routes.emplace_back());
    }
  }

 private:
  void read_queue(const YamlNode& node, RouteOptions& options) {
    const YamlNode* queue = node.find("queue");
    if (queue == nullptr) return;
    const std::optional<std::string> name = expect_text(*queue, "`queue`", findings_);
    if (!name) return;
    options.queue = *name;
    if (*name == kDeadLetterQueue) {
      error_at(*queue, kUnknownQueue, "`dead-letters` is reserved for dead letters", {}, findings_);
    } else if (queues_ && std::find(queues_->begin(), queues_->end(), *name) == queues_->end()) {
      error_at(*queue, kUnknownQueue, "there is no queue `" + *name + "`",
               rules::nearest_hint(*name, *queues_, "declare it under `queues`"), findings_);
    }
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

  void read_matchers(const YamlNode& node, bool is_root, Matchers& out) {
    const YamlNode* list = node.find("matchers");
    if (list == nullptr || !expect_list(*list, "`matchers`", findings_)) return;
    if (is_root && !list->items.empty()) {
      error_at(*list, kBadMatcher, "the root route has no matchers: every alert goes through it",
               "put them on a route under `routes`", findings_);
      return;
    }
    for (const YamlNode& item : list->items) {
      const std::optional<std::string> text = expect_text(item, "a matcher", findings_);
      if (!text) continue;
      Expected<Matchers> read = parse_matchers(*text);
      if (!read) {
        error_at(item, kBadMatcher, "`" + *text + "` is no matcher: " + read.error().message,
                 "name=\"value\", with one of = != =~ !~", findings_);
        continue;
      }
      out.insert(out.end(), read->begin(), read->end());
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

  const std::optional<std::vector<std::string>>& queues_;
  const std::vector<std::string> known_, later_;
  Findings& findings_;
};

}  // namespace

void check_keys(const YamlNode& map, const std::string& what, std::vector<std::string> known,
                const std::vector<std::string>& later, Findings& findings,
                const std::string& hint) {
  for (const YamlNode& key : map.keys) {
    const bool is_later = std::find(later.begin(), later.end(), key.text) != later.end();
    if (!key.is_scalar() || !is_later) continue;
    error_at(key, kLater, "`" + key.text + "` of " + what + " is not built yet", hint, findings);
  }
  known.insert(known.end(), later.begin(), later.end());
  refuse_unknown_keys(map, what, known, code::kUnknownKey, findings);
}

Route read_route(const YamlNode& node, const std::optional<std::vector<std::string>>& queues,
                 DispatchUse use, Findings& findings) {
  Route root;
  Reader(queues, use, findings).read(node, nullptr, 0, root);
  return root;
}

}  // namespace fengsui::dispatch
