#include "cli/route.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/exit_status.h"
#include "cli/input_file.h"
#include "dispatch/dispatch_file.h"
#include "dispatch/matcher.h"
#include "dispatch/route.h"

namespace fengsui::cli {
namespace {

// In the order in which they are made: what is printed stays the same from version to version.
using Json = nlohmann::ordered_json;

Expected<dispatch::Route> load_route(const std::string& path) {
  dispatch::LoadedDispatchFile loaded =
      dispatch::load_dispatch_file(path, dispatch::DispatchUse::Routing);
  if (!loaded.issues.empty()) {
    std::fprintf(stderr, "%s\n", rules::as_text(loaded.issues).c_str());
  }
  if (!loaded.file) return fail(Error::bad_input(path + " has errors"));
  return std::move(loaded.file->plan.route);
}

// `name=value` each; what stands behind the first `=` is the value, as it is.
Expected<dispatch::Labels> labels_of(const std::vector<std::string>& texts) {
  dispatch::Labels labels;
  for (const std::string& text : texts) {
    const size_t sign = text.find('=');
    if (sign == 0 || sign == text.npos) {
      return fail(Error::usage("'" + text + "' is no label: name=value"));
    }
    labels[text.substr(0, sign)] = text.substr(sign + 1);
  }
  return labels;
}

Expected<Json> parsed(std::string_view line) {
  Json value = Json::parse(line, nullptr, false);
  if (value.is_discarded()) return fail(Error::bad_input("no JSON"));
  return value;
}

Expected<dispatch::Labels> labels_in(const Json& object) {
  if (!object.is_object()) return fail(Error::bad_input("labels are an object of texts"));
  dispatch::Labels labels;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_string()) {
      return fail(Error::bad_input("the value of label `" + name + "` is no text"));
    }
    labels[name] = value.get<std::string>();
  }
  return labels;
}

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string refused(const Error& error) { return text_of({{"error", error.message}}); }

std::string duration_text(Duration duration) {
  return duration == Duration{0} ? "0s" : format_duration(duration);
}

Json as_json(const dispatch::RouteOptions& options, const dispatch::Labels& labels) {
  Json group_by = options.group_by;
  if (options.group_by_all) group_by = {"..."};
  Json group_labels = Json::object();
  for (const auto& [name, value] : group_labels_of(options, labels)) group_labels[name] = value;
  return {{"queue", options.queue},
          {"group_by", std::move(group_by)},
          {"group_labels", std::move(group_labels)},
          {"group_wait", duration_text(options.group_wait)},
          {"group_interval", duration_text(options.group_interval)},
          {"repeat_interval", duration_text(options.repeat_interval)}};
}

std::string routed(const dispatch::Route& root, std::string_view line) {
  const Expected<Json> object = parsed(line);
  if (!object) return refused(object.error());
  const Expected<dispatch::Labels> labels = labels_in(*object);
  if (!labels) return refused(labels.error());
  Json out = Json::array();
  for (const dispatch::Route* route : routes_of(root, *labels)) {
    out.push_back(as_json(route->options, *labels));
  }
  return text_of(out);
}

Json as_json(const dispatch::Matchers& matchers) {
  Json out = Json::array();
  for (const dispatch::Matcher& matcher : matchers) {
    out.push_back(
        {{"name", matcher.name()}, {"op", op_text(matcher.op())}, {"value", matcher.value()}});
  }
  return out;
}

std::string matched(const std::string& text, const dispatch::Labels& labels) {
  const Expected<dispatch::Matchers> matchers = dispatch::parse_matchers(text);
  if (!matchers) return refused(matchers.error());
  return text_of({{"parsed", as_json(*matchers)}, {"match", all_match(*matchers, labels)}});
}

std::string matched_line(std::string_view line) {
  const Expected<Json> request = parsed(line);
  if (!request) return refused(request.error());
  const auto wrong = [] {
    return refused(Error::bad_input("a line is {\"matchers\": text, \"labels\": {name: text, …}}"));
  };
  if (!request->is_object() || !request->contains("matchers")) return wrong();
  const Json& text = request->at("matchers");
  if (!text.is_string()) return wrong();
  static const Json kNone = Json::object();
  const Expected<dispatch::Labels> labels =
      labels_in(request->contains("labels") ? request->at("labels") : kNone);
  if (!labels) return refused(labels.error());
  return matched(text.get<std::string>(), *labels);
}

}  // namespace

int route_test(const RouteOptions& options) {
  const Expected<dispatch::Route> root = load_route(options.configuration);
  if (!root) return report(root.error());
  if (!options.batch.empty()) {
    return answer_lines(options.batch, [&](std::string_view line) { return routed(*root, line); });
  }
  const Expected<dispatch::Labels> labels = labels_of(options.labels);
  if (!labels) return report(labels.error());
  for (const dispatch::Route* route : routes_of(*root, *labels)) {
    std::printf("%s\n", route->options.queue.c_str());
  }
  return kDone;
}

int route_show(const RouteOptions& options) {
  const Expected<dispatch::Route> root = load_route(options.configuration);
  if (!root) return report(root.error());
  std::printf("%s", draw(*root).c_str());
  return kDone;
}

int route_match(const RouteMatchOptions& options) {
  if (!options.batch.empty()) return answer_lines(options.batch, matched_line);
  const Expected<dispatch::Labels> labels = labels_of(options.labels);
  if (!labels) return report(labels.error());
  const Expected<dispatch::Matchers> matchers = dispatch::parse_matchers(options.matchers);
  if (!matchers) return report(matchers.error());
  std::printf(
      "%s\n",
      text_of({{"parsed", as_json(*matchers)}, {"match", all_match(*matchers, *labels)}}).c_str());
  return kDone;
}

}  // namespace fengsui::cli
