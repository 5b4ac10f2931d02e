// `fengsui alerts`: the duty officer's client of the HTTP API.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace fengsui::cli {

struct AlertsOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 8600;
  std::string output = "table";               // or json
  std::map<std::string, std::string> filter;  // of list: parameters of GET /v1/alerts, /v1/stream
  size_t most = 50;                           // of list
  std::string alert;                          // of show and act
  std::string action, actor, role, reason, note;
  std::optional<uint64_t> version;
  std::optional<uint64_t> after;  // of tail: an entry; without: from now on
  uint64_t count = 0;             // of tail: ends after so many; 0: never
};

// Exit status: 1 also where the service refuses what is asked for.
int alerts_list(const AlertsOptions& options);
int alerts_show(const AlertsOptions& options);
int alerts_tail(const AlertsOptions& options);
int alerts_act(const AlertsOptions& options);

}  // namespace fengsui::cli
