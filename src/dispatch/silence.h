// Silences: what is not told for a while, by whose word and why. Semantics are Alertmanager's, but
// none is without an end, an author and a reason, and none holds back red (alerts.md). Plain
// values.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "dispatch/matcher.h"

namespace fengsui::dispatch {

enum class SilenceState : uint8_t { Pending, Active, Expired };
inline constexpr const char* kSilenceStateNames[] = {"pending", "active", "expired"};

struct Silence {
  std::string id;
  Matchers matchers;           // all of them
  EventTime starts{}, ends{};  // the end does not belong to it
  std::string author, reason;
  EventTime updated{};

  SilenceState state(EventTime now) const {
    if (now < starts) return SilenceState::Pending;
    return now < ends ? SilenceState::Active : SilenceState::Expired;
  }
};

// As set at `now`, with a start of its own where it has none (the epoch). Errors, of kind BadInput:
// no matcher, or all of them match what has no label at all; it ends before its start, or has ended
// already; author or reason is missing.
Expected<Silence> checked(Silence silence, EventTime now);

// `a` becomes `b` and stays the same silence: its matchers are the same, and what has passed is.
bool can_become(const Silence& a, const Silence& b, EventTime now);

void encode(const Silence& silence, std::string& out);
Expected<Silence> decode_silence(std::string_view bytes);

}  // namespace fengsui::dispatch
