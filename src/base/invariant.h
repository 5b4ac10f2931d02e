// INVARIANT(condition): what must hold if our own code is right. On in release builds too: a broken
// one prints place and text and aborts, so that a wrong state is never written; the restart
// recovers from the log. Never on user input.
#pragma once

namespace fengsui {
[[noreturn]] void invariant_broken(const char* condition, const char* file, int line);
}

#define INVARIANT(condition) \
  ((condition) ? static_cast<void>(0) : ::fengsui::invariant_broken(#condition, __FILE__, __LINE__))
