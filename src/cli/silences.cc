#include "cli/silences.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/api_json.h"
#include "cli/exit_status.h"
#include "server/silence_json.h"

namespace fengsui::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string matchers_text(const Json& json) {
  const Expected<dispatch::Silence> silence = server::silence_of(json);
  if (!silence) return "-";
  std::string text;
  for (const dispatch::Matcher& matcher : silence->matchers) {
    text += (text.empty() ? "" : ",") + matcher.text();
  }
  return text;
}

void print_row(const Json& silence) {
  std::printf("%-32s  %-7s  %-19s  %-19s  %-12s  %s  %s\n", field(silence, "id").c_str(),
              field(silence["status"], "state").c_str(), short_time(silence, "startsAt").c_str(),
              short_time(silence, "endsAt").c_str(), field(silence, "createdBy").c_str(),
              matchers_text(silence).c_str(), field(silence, "comment").c_str());
}

void print_head() {
  std::printf("%-32s  %-7s  %-19s  %-19s  %-12s  %s\n", "SILENCE", "STATE", "STARTS (UTC)", "ENDS",
              "AUTHOR", "MATCHERS  REASON");
}

std::string path_of(const std::string& id) { return "/v1/silences/" + query_text(id); }

}  // namespace

int silences_list(const SilencesOptions& options) {
  ApiClient client(options.address, options.port);
  const std::string query = options.state.empty() ? "" : "?state=" + options.state;
  const Expected<Json> silences = body_of(client.get("/v1/silences" + query));
  if (!silences) return report(silences.error());
  if (options.output == "table") print_head();
  for (const Json& silence : *silences) {
    options.output == "table" ? print_row(silence)
                              : static_cast<void>(std::printf("%s\n", text_of(silence).c_str()));
  }
  return kDone;
}

int silences_show(const SilencesOptions& options) {
  ApiClient client(options.address, options.port);
  const Expected<Json> silence = body_of(client.get(path_of(options.id)));
  if (!silence) return report(silence.error());
  if (options.output == "json") {
    std::printf("%s\n", text_of(*silence).c_str());
  } else {
    print_head();
    print_row(*silence);
  }
  return kDone;
}

int silences_add(const SilencesOptions& options) {
  if (options.ends.has_value() == options.duration.has_value()) {
    return report(Error::usage("a silence has an end: --until TIME or --for DURATION"));
  }
  const EventTime starts = options.starts.value_or(SystemClock().wall());
  const EventTime ends = options.ends.value_or(starts + options.duration.value_or(Duration{0}));
  Json request = {{"matchers", options.matchers},
                  {"endsAt", format_event_time(ends)},
                  {"createdBy", options.author},
                  {"comment", options.reason}};
  if (options.starts) request["startsAt"] = format_event_time(starts);
  if (!options.id.empty()) request["id"] = options.id;
  ApiClient client(options.address, options.port);
  const Expected<Json> set =
      body_of(client.post("/v1/silences", "application/json", text_of(request)));
  if (!set) return report(set.error());
  std::printf("%s\n",
              options.output == "json" ? text_of(*set).c_str() : field(*set, "silenceID").c_str());
  return kDone;
}

int silences_end(const SilencesOptions& options) {
  ApiClient client(options.address, options.port);
  const Expected<Json> ended = body_of(client.remove(path_of(options.id)));
  return ended ? kDone : report(ended.error());
}

}  // namespace fengsui::cli
