// The version of the library and of the program. include/fengsui/ is the promise to programs that
// embed the engine.
#pragma once

namespace fengsui {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace fengsui
