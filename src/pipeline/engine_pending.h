// What the engine has taken and not yet committed. Plain values of its thread.
#pragma once

#include <vector>

#include "base/clock.h"
#include "source/source.h"
#include "state/commit.h"

namespace fengsui::pipeline {

// Records taken since the last commit.
struct Pending {
  struct Taken {
    source::Batch batch;
    std::vector<source::RecordResult> results;  // none, if nobody is told
  };
  std::vector<Taken> taken;
  std::vector<state::QueueEntry> dead_letters;
  size_t records = 0;
  size_t bytes = 0;
  MonotonicTime oldest{};
  MonotonicTime gathered{};  // when the last of them was taken
};

// When a partition was last heard of: since it had read so many records.
struct Heard {
  uint64_t records = 0;
  MonotonicTime at{};
};

}  // namespace fengsui::pipeline
