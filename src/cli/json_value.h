// Values of the expression language as `fengsui eval` reads and writes them: plain JSON, or typed
// ({"int": "5"}; interfaces.md, "Commands"), which tells every kind from every other.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "cel/value.h"

namespace fengsui::cli {

// Values nest no deeper than records may.
inline constexpr int kJsonValueDepthMax = 512;

// A number without fraction and exponent that fits an int is one, every other is a double.
Expected<cel::Value> value_of_plain(const nlohmann::json& json);

Expected<cel::Value> value_of_typed(const nlohmann::json& json);
// Requires: not an error, and none within.
void append_typed(std::string& out, const cel::Value& value);

}  // namespace fengsui::cli
