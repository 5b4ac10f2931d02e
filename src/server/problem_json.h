// Answers of JSON, and problems with further members, for the files that build JSON. Apart from
// message.h, which must not show a JSON type.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "server/message.h"

namespace fengsui::server {

// Requires: members is an object.
Response problem(int status, std::string_view slug, std::string_view detail,
                 const nlohmann::ordered_json& members);

// 200, not to be kept by anybody.
Response ok(const nlohmann::ordered_json& body, std::vector<Header> headers = {});

// One line; bytes that are not UTF-8 are replaced.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace fengsui::server
