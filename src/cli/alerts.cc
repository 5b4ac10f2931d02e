#include "cli/alerts.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/api_client.h"
#include "cli/api_json.h"
#include "cli/exit_status.h"

namespace fengsui::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kPageMax = 500;  // of the API

void print_row(const Json& alert) {
  std::printf("%-16s  %-6s  %-15s  %-19s  %-15s  %-28s  %s\n", field(alert, "alert").c_str(),
              field(alert, "grade").c_str(), field(alert, "state").c_str(),
              short_time(alert, "opened").c_str(), field(alert, "area").c_str(),
              field(alert, "rule").c_str(), field(alert, "message").c_str());
}

std::string what_happened(const Json& entry) {
  std::string what = field(entry, "kind");
  if (what != "action") return what + " " + field(entry, "grade");
  what = field(entry, "action") + " by " + field(entry, "actor") + " (" + field(entry, "role") +
         ") -> " + field(entry, "state");
  for (const char* key : {"reason", "note"}) {
    if (entry.contains(key)) what += std::string("; ") + key + ": " + field(entry, key);
  }
  return what;
}

void print_history(const Json& alert) {
  std::printf("\nhistory\n");
  for (const Json& entry : alert["history"]) {
    std::printf("  %s  %s\n", short_time(entry, "at").c_str(), what_happened(entry).c_str());
  }
}

// An event of the stream.
void print_event(const Json& event) {
  const Json& alert = event["alert"];
  std::printf("%s  %s  %-28s  %s  %s\n", short_time(event["entry"], "at").c_str(),
              field(alert, "alert").c_str(), field(alert, "rule").c_str(),
              what_happened(event["entry"]).c_str(), field(alert, "message").c_str());
}

std::string filter_text(const AlertsOptions& options) {
  std::string parameters;
  for (const auto& [name, value] : options.filter) {
    if (!value.empty()) parameters += "&" + name + "=" + query_text(value);
  }
  return parameters;
}

void print_possible(const Json& alert) {
  std::printf("\nwhat may be done now\n");
  for (const Json& one : alert["actions"]) {
    std::string roles, needs;
    for (const Json& role : one["roles"])
      roles += (roles.empty() ? "" : ", ") + role.get<std::string>();
    for (const Json& need : one["needs"]) needs += " --" + need.get<std::string>();
    std::printf("  %-15s  %s%s%s\n", field(one, "action").c_str(), roles.c_str(),
                needs.empty() ? "" : "; with", needs.c_str());
  }
}

void print_alert(const Json& alert) {
  for (const char* key :
       {"alert", "state", "grade", "rule", "title", "message", "area", "handler", "held_by"}) {
    if (alert.contains(key)) std::printf("%-8s  %s\n", key, field(alert, key).c_str());
  }
  std::printf("%-8s  %s\n", "version", alert["version"].dump().c_str());
  if (alert.contains("deadline")) {
    const Json& deadline = alert["deadline"];
    const std::string stage = field(deadline, "stage");
    std::printf("%-8s  %s by %s%s\n", "deadline", field(deadline, "phase").c_str(),
                short_time(deadline, "due").c_str(),
                stage == "-" ? "" : (" (" + stage + ")").c_str());
  }
  for (const char* key : {"opened", "arrived", "changed"}) {
    std::printf("%-8s  %s\n", key, field(alert, key).c_str());
  }
}

Expected<Json> shown(ApiClient& client, const std::string& alert) {
  return body_of(client.get("/v1/alerts/" + query_text(alert)));
}

}  // namespace

int alerts_list(const AlertsOptions& options) {
  ApiClient client(options.address, options.port);
  const bool as_table = options.output == "table";
  if (as_table) {
    std::printf("%-16s  %-6s  %-15s  %-19s  %-15s  %-28s  %s\n", "ALERT", "GRADE", "STATE",
                "OPENED (UTC)", "AREA", "RULE", "MESSAGE");
  }
  const std::string parameters = filter_text(options);
  std::string after;
  for (size_t left = options.most; left > 0;) {
    const std::string limit = std::to_string(std::min(left, kPageMax));
    const Expected<Json> page =
        body_of(client.get("/v1/alerts?limit=" + limit + parameters + after));
    if (!page) return report(page.error());
    for (const Json& alert : (*page)["alerts"]) {
      as_table ? print_row(alert) : static_cast<void>(std::printf("%s\n", text_of(alert).c_str()));
      --left;
    }
    if (!page->contains("next")) break;
    after = "&after=" + (*page)["next"].get<std::string>();
  }
  return kDone;
}

int alerts_show(const AlertsOptions& options) {
  ApiClient client(options.address, options.port);
  const Expected<Json> alert = shown(client, options.alert);
  if (!alert) return report(alert.error());
  if (options.output == "json") {
    std::printf("%s\n", text_of(*alert).c_str());
    return kDone;
  }
  print_alert(*alert);
  print_history(*alert);
  print_possible(*alert);
  return kDone;
}

int alerts_tail(const AlertsOptions& options) {
  ApiClient client(options.address, options.port);
  std::string target = "/v1/stream?" + filter_text(options);
  if (options.after) target += "&after=" + std::to_string(*options.after);
  uint64_t told = 0;
  const Expected<void> done = client.follow(target, [&](std::string_view line) {
    constexpr std::string_view kData = "data: ";
    if (!line.starts_with(kData)) return true;
    const Json event = Json::parse(line.substr(kData.size()), nullptr, false);
    if (!event.is_object()) return true;
    options.output == "json" ? static_cast<void>(std::printf("%s\n", text_of(event).c_str()))
                             : print_event(event);
    std::fflush(stdout);
    return ++told != options.count;
  });
  return done ? kDone : report(done.error());
}

int alerts_act(const AlertsOptions& options) {
  ApiClient client(options.address, options.port);
  Json version = options.version ? Json(*options.version) : Json();
  if (!options.version) {
    const Expected<Json> alert = shown(client, options.alert);
    if (!alert) return report(alert.error());
    version = (*alert)["version"];
  }
  Json request = {{"action", options.action},
                  {"version", version},
                  {"actor", options.actor},
                  {"role", options.role}};
  if (!options.reason.empty()) request["reason"] = options.reason;
  if (!options.note.empty()) request["note"] = options.note;
  const Expected<Json> alert =
      body_of(client.post("/v1/alerts/" + query_text(options.alert) + "/actions",
                          "application/json", text_of(request)));
  if (!alert) return report(alert.error());
  if (options.output == "json") {
    std::printf("%s\n", text_of(*alert).c_str());
  } else {
    print_row(*alert);
  }
  return kDone;
}

}  // namespace fengsui::cli
