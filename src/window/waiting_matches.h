// Matches that wait for the engine's watermark (rules.md, "Time"): of rules with `order: time`, and
// of rules over alerts. They leave by (time, then arrival), those of one event together and in the
// order in which they came. O(log n) an event.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "base/time.h"
#include "match/match.h"
#include "window/entry.h"

namespace fengsui::window {

class WaitingMatches {
 public:
  void hold(match::Match match);

  bool empty() const { return events_.empty(); }
  size_t size() const { return size_; }  // matches
  // Of the first event that waits. Requires: not empty.
  const EntryKey& first() const { return events_.begin()->first; }
  std::vector<match::Match> take_first();

  // All that waits, in the order of leaving.
  std::vector<const match::Match*> held() const;

 private:
  std::map<EntryKey, std::vector<match::Match>> events_;
  size_t size_ = 0;
};

}  // namespace fengsui::window
