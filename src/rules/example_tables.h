// Parts of the table of examples (examples.h).
#pragma once

#include <span>

#include "rules/examples.h"

namespace fengsui::rules {

std::span<const Example> rule_examples();  // FS4.. and FS5..
std::span<const Example> lint_examples();  // FS6.. and FS7..

}  // namespace fengsui::rules
