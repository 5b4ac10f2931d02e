// Names that a rule file gives: of lets, steps and defs.
#pragma once

#include <string>

#include "rules/yaml.h"

namespace fengsui::rules {

// Can CEL say it as one name? A finding with this code if not; `what` it would name.
bool expect_name(const YamlNode& name, const std::string& what, std::string_view code,
                 Findings& findings);

}  // namespace fengsui::rules
