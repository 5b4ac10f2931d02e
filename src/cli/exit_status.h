// What the process says at its end (interfaces.md, "Commands").
#pragma once

#include "base/result.h"

namespace fengsui::cli {

inline constexpr int kDone = 0;
inline constexpr int kPackErrors = 1;  // errors in a pack, failed tests
inline constexpr int kUsage = 2;
inline constexpr int kOutside = 3;  // broker, disk, port

// Prints the error on standard error and gives its status.
int report(const Error& error);

}  // namespace fengsui::cli
