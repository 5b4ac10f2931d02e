// A frame of the log of matches: a change of the pack if there is one, matches in arrival order,
// then the watermarks of the source partitions as they are after them. The same frames give the
// same records, byte for byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "match/match.h"

namespace fengsui::state {

// A source partition's watermark after the frame. The set of partitions is what the log has named.
struct PartitionMark {
  PartitionId partition{};
  EventTime watermark = kBeforeAllTime;  // kAfterAllTime: flushed
  bool active = true;                    // false: idle, holds nothing back
};

// From here on another pack is in force: before the frame's matches, which are of its rules.
struct Swap {
  std::string pack_hash;  // the store has the pack
  // Of rules that were fed the kept history before they went live: their groups, as the shard
  // stores them.
  struct Group {
    std::string key, value;
  };
  std::vector<Group> warm;
};

struct Frame {
  LogPosition position{};  // of this frame: one more than the last
  std::optional<Swap> swap;
  std::vector<match::Match> matches;
  std::vector<PartitionMark> marks;  // of partitions whose mark changed

  bool empty() const { return !swap && matches.empty() && marks.empty(); }
};

// The stored form (format version, body, CRC-32C); layout in state/DESIGN.md.
std::string encode_frame(const Frame& frame);
// An error: not a whole frame of a version that this program knows.
Expected<Frame> decode_frame(std::string_view bytes);

}  // namespace fengsui::state
