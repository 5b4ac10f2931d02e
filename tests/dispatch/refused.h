// A dispatch file that must not be taken.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "dispatch/dispatch_file.h"

namespace fengsui::dispatch {

// It has errors, and among what is said of it stands `found`.
inline void check_refused(const LoadedDispatchFile& loaded, const std::string& found) {
  CHECK_FALSE(loaded.file);
  const std::string text = rules::as_text(loaded.issues);
  CAPTURE(text);
  CHECK(text.find(found) != std::string::npos);
}

}  // namespace fengsui::dispatch
