// Texts that people send and others read.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace fengsui::server {

// The value of `key`, `most` characters at most. Errors, of kind BadInput: it is no text, is
// longer, or names a person.
Expected<std::string> request_text(const std::string& key, const nlohmann::ordered_json& value,
                                   int64_t most);

}  // namespace fengsui::server
