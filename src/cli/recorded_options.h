// What explain, diff and cost have in common: the recorded events, how they are played, and how the
// answer is printed.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "pipeline/front.h"

namespace fengsui::cli {

enum class ReportFormat : uint8_t { Text, Json };

struct RecordedOptions {
  std::string file = "-";
  Duration out_of_orderness{0};
  Duration allowed_lateness{0};
  std::string keys;  // empty: none
  bool flush = false;
  ReportFormat format = ReportFormat::Text;

  pipeline::FrontOptions front() const {
    pipeline::FrontOptions front;
    front.out_of_orderness = out_of_orderness;
    front.allowed_lateness = allowed_lateness;
    return front;
  }
};

}  // namespace fengsui::cli
