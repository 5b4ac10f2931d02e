// `fengsui route test|show|match`: where a labelled alert would go.
#pragma once

#include <string>
#include <vector>

namespace fengsui::cli {

struct RouteOptions {
  std::string configuration;        // the dispatch file
  std::vector<std::string> labels;  // name=value
  std::string batch;                // a file of label objects, a line each; - is standard input
};

// The queues, a line each; with a batch a JSON list a line.
int route_test(const RouteOptions& options);
// Draws the tree.
int route_show(const RouteOptions& options);

struct RouteMatchOptions {
  std::string matchers;
  std::vector<std::string> labels;  // name=value
  std::string batch;                // {"matchers", "labels"} a line
};

// The matchers as they were read, and whether all match.
int route_match(const RouteMatchOptions& options);

}  // namespace fengsui::cli
