// Part of shard_state.h.
#pragma once

#include <cstdint>
#include <optional>

#include "window/contents.h"
#include "window/hopping_window.h"

namespace fengsui::pipeline {

// What the groups of a rule keep, and by which window.
struct RuleKeeping {
  enum class Kind : uint8_t { Nothing, Contents, Closing, Sessions, Count, Sequence };
  Kind kind = Kind::Nothing;
  bool reads_captures = false;                     // alert::reads_captures()
  std::optional<window::Window> window;            // Contents
  std::optional<window::HoppingWindow> intervals;  // Closing; Contents with a baseline
};

}  // namespace fengsui::pipeline
