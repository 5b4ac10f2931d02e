// Alerts as the API shows them (DESIGN.md, "Alerts").
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "board/board.h"

namespace fengsui::server {

// As a list shows it.
nlohmann::ordered_json alert_json(const std::string& alert, const board::Case& one);
// {alert, entry}: what the stream says.
nlohmann::ordered_json log_json(const board::LogEntry& one);
// With the newest record that shows what was seen, the history, and what may be done now.
nlohmann::ordered_json shown_json(const board::Shown& shown);
// What the table allows in this state: {action, roles, needs}.
nlohmann::ordered_json possible_json(const board::Case& one);

// The body of an action. Errors, of kind BadInput: what is wrong with it, and what it should be.
Expected<board::ActionRequest> action_request(std::string_view body);

}  // namespace fengsui::server
