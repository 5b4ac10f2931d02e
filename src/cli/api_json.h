// Answers of the HTTP API, read and shown.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"

namespace fengsui::cli {

// The body, or what the service says against it.
Expected<nlohmann::ordered_json> body_of(const Expected<ApiAnswer>& answer);

// One line; bytes that are not UTF-8 are replaced.
std::string text_of(const nlohmann::ordered_json& value);
// Of a text; "-" where there is none.
std::string field(const nlohmann::ordered_json& object, const char* key);
// Of a time: "2026-03-01T08:00:00.250Z" to the second.
std::string short_time(const nlohmann::ordered_json& object, const char* key);

}  // namespace fengsui::cli
