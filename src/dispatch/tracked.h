// An alert about which something is still to be told, or that may hold others back. Plain values.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "dispatch/matcher.h"

namespace fengsui::dispatch {

// What holds an alert back, in words; none: nothing does.
struct Held {
  bool inhibited = false;  // by another alert
  std::string by;
  friend bool operator==(const Held&, const Held&) = default;
};

// What a queue has heard of an alert: records up to this one, or had no need to.
struct Heard {
  uint64_t up_to = 0;
  bool of_it = false;  // at least one
};

struct Tracked {
  std::vector<Labels> told;       // that it has or had
  Labels labels;                  // that it has
  bool ended = false;             // cleared
  // By people, or it was quiet; kept, since not all that it leads to heard of it.
  bool closed = false;
  EventTime since{};              // when it was first told of
  std::vector<uint64_t> records;  // growing
  std::map<std::string, Heard, std::less<>> heard;  // by queue
  Held shown;                                       // as last said

  // Not stored:
  std::set<std::string> groups;
  std::map<std::string, Held> held;  // by group

  bool was_heard_by(const std::string& queue) const {
    const auto at = heard.find(queue);
    return at != heard.end() && at->second.of_it;
  }
  bool is_news_to(const std::string& queue) const {
    const auto at = heard.find(queue);
    return at == heard.end() || records.back() > at->second.up_to;
  }
};

void encode(const Tracked& tracked, std::string& out);
Expected<Tracked> decode_tracked(std::string_view bytes);

}  // namespace fengsui::dispatch
