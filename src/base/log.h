// The process's own log: spdlog to standard error, text or JSON lines. No personal data: identity
// values never reach a log call (privacy.md). Thread-safe.
#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

#include "base/result.h"

namespace fengsui {

enum class LogFormat { Text, Json };

// Once, at start. `level`: trace debug info warn error off.
Expected<void> start_log(LogFormat format, std::string_view level);

}  // namespace fengsui
