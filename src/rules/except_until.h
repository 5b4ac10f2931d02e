// Until when an exception holds (rules.md, `except`).
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace fengsui::rules {

// An RFC 3339 time, or a date: the whole day in the timezone, so the midnight after it. nullopt: is
// neither.
std::optional<EventTime> parse_until(const std::string& text, const std::string& timezone);

}  // namespace fengsui::rules
