// pack.yaml: name, version, timezone.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "rules/source_file.h"

namespace fengsui::rules {

struct PackHead {
  std::string name, version;
  std::string timezone = "Asia/Shanghai";
  // Of 1970-01-01 00:00 in the timezone.
  EventTime window_origin{};
};

// The instant at which clocks in the timezone show 00:00 of a date; nullopt: no tz database name.
std::optional<EventTime> midnight_in(const std::string& timezone, std::chrono::sys_days date);

// `file` may be null: all defaults.
PackHead read_pack_head(const SourceFile* file, Findings& findings);

}  // namespace fengsui::rules
