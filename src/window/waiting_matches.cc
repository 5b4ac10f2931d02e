#include "window/waiting_matches.h"

#include <utility>

namespace fengsui::window {

void WaitingMatches::hold(match::Match match) {
  events_[{match.time, match.arrival}].push_back(std::move(match));
  ++size_;
}

std::vector<match::Match> WaitingMatches::take_first() {
  std::vector<match::Match> matches = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  size_ -= matches.size();
  return matches;
}

std::vector<const match::Match*> WaitingMatches::held() const {
  std::vector<const match::Match*> held;
  held.reserve(size_);
  for (const auto& [key, matches] : events_) {
    for (const match::Match& match : matches) held.push_back(&match);
  }
  return held;
}

}  // namespace fengsui::window
