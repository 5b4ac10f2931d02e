// The query of a request: "grade=red,orange&q=%E7%87%83".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fengsui::server {

// Names and values, percent-decoded, `+` a space. nullopt: an escape is none, what comes out is not
// UTF-8, or a name stands there twice.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

// What stands between commas, without empty pieces.
std::vector<std::string> split_list(std::string_view text);

}  // namespace fengsui::server
