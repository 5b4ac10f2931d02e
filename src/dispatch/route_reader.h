// Reads the route tree of a dispatch file. Not for callers of the folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dispatch/dispatch_file.h"
#include "dispatch/route.h"
#include "rules/yaml_shape.h"

namespace fengsui::dispatch {

// Of the dispatch file alone.
inline constexpr const char* kUnknownQueue = "FD103";
inline constexpr const char* kBadMatcher = "FD105";
inline constexpr const char* kBadGrouping = "FD106";
inline constexpr const char* kDeepRoutes = "FD107";
inline constexpr const char* kLater = "FD901";

// A key that is not in `known` is refused.
void check_keys(const rules::YamlNode& map, const std::string& what,
                const std::vector<std::string>& known, rules::Findings& findings);

// Appends what the list `node` (under `key`) says.
void read_matchers(const rules::YamlNode& node, const std::string& key, Matchers& out,
                   rules::Findings& findings);

// What routes may name. `queues`: nullopt: the file declares none, and any will do.
struct RouteNames {
  std::optional<std::vector<std::string>> queues;
  std::vector<std::string> intervals;
};
// The name of a queue that there is.
std::optional<std::string> read_queue_name(const rules::YamlNode& node, const RouteNames& names,
                                           rules::Findings& findings);
Route read_route(const rules::YamlNode& node, const RouteNames& names, rules::Findings& findings);

}  // namespace fengsui::dispatch
