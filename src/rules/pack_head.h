// pack.yaml: name, version, timezone.
#pragma once

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

// `file` may be null: all defaults.
PackHead read_pack_head(const SourceFile* file, Findings& findings);

}  // namespace fengsui::rules
