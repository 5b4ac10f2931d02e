// Time zones: how far a place's clocks are from UTC. ICU's zones, and fixed offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace fengsui::cel {

// Seconds to add to UTC: of "UTC", "+08:00", "Asia/Shanghai". nullopt: no such zone. Thread-safe.
std::optional<int64_t> utc_offset_seconds(const std::string& zone, Instant at);

}  // namespace fengsui::cel
