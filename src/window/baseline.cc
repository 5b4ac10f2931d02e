#include "window/baseline.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "window/clamped_time.h"
#include "window/moments.h"
#include "window/value_order.h"

namespace fengsui::window {
namespace {

// A window without events counts as 0 for these.
bool is_zero_over_nothing(const rules::Rule& rule) {
  using Function = rules::Aggregate::Function;
  const auto& of = std::get<rules::Aggregate>(rule.lets[rule.baseline->of].value);
  return of.function == Function::Count || of.function == Function::Distinct ||
         of.function == Function::ApproxDistinct || of.function == Function::Sum;
}

// How far back windows look.
Duration reach_back(const rules::Baseline& baseline) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (baseline.keep > kMost / baseline.every.count()) return Duration{kMost};
  return baseline.every * baseline.keep;
}

// Windows that start here have been looked back at for the last time once time is there: the last
// one to do so has ended.
EventTime unneeded_after(EventTime start, const rules::Rule& rule) {
  return plus_clamped(plus_clamped(start, reach_back(*rule.baseline)), rule.window.length);
}

}  // namespace

void BaselineHistory::note_event(EventTime start) { first_ = std::min(first_, start); }

void BaselineHistory::open(EventTime start, const HoppingWindow& window, GroupTimers& timers) {
  if (!open_.try_emplace(start, timers.number()).second) return;
  timers.set(window.end(start), timers.number(), start);
}

std::optional<EventTime> BaselineHistory::ended(const HoppingWindow& window,
                                                EventTime reached) const {
  if (open_.empty() || window.end(open_.begin()->first) > reached) return std::nullopt;
  return open_.begin()->first;
}

void BaselineHistory::end(EventTime start, const HoppingWindow& window, GroupTimers& timers) {
  const auto at = open_.find(start);
  timers.drop(window.end(start), at->second, start);
  open_.erase(at);
}

void BaselineHistory::set_timers(const HoppingWindow& window, GroupTimers& timers) const {
  for (const auto& [start, number] : open_) timers.set(window.end(start), number, start);
}

void BaselineHistory::close(EventTime start, const cel::Value& of) {
  closed_[start] = is_number(of.kind()) ? of : cel::Value::null();
}

std::array<cel::Value, rules::Rule::kBaselineSlots> BaselineHistory::values(
    EventTime start, const rules::Rule& rule, EventTime reached) const {
  const Duration every = rule.baseline->every;
  const auto has_closed = [&](EventTime other) {
    return plus_clamped(other, rule.window.length) <= reached;
  };
  int64_t samples = 0;
  if (first_ < start && is_zero_over_nothing(rule)) {
    // Of all that count, whatever they held.
    int64_t farthest = std::min<int64_t>(rule.baseline->keep, (start - first_) / every);
    int64_t nearest = 1;
    while (nearest <= farthest && !has_closed(start - nearest * every)) ++nearest;
    samples = farthest - nearest + 1;
  }
  const bool count_present = !is_zero_over_nothing(rule);
  Moments moments;
  const EventTime oldest = minus_clamped(start, reach_back(*rule.baseline));
  for (auto at = closed_.lower_bound(oldest); at != closed_.end() && at->first < start; ++at) {
    if ((start - at->first) % every != Duration{0} || !has_closed(at->first)) continue;
    if (at->second.kind() == cel::Kind::Null) {
      if (!count_present) --samples;  // it had events, and `of` erred
      continue;
    }
    moments.change(at->second, 1);
    if (count_present) ++samples;
  }
  const bool has_samples = samples > 0;
  return {cel::Value::real(has_samples ? moments.sum() / static_cast<double>(samples) : 0.0),
          cel::Value::real(has_samples ? moments.deviation(samples) : 0.0),
          cel::Value::integer(std::max<int64_t>(samples, 0))};
}

EventTime BaselineHistory::unneeded_from(const rules::Rule& rule) const {
  if (is_zero_over_nothing(rule)) return kAfterAllTime;
  return closed_.empty() ? kBeforeAllTime : unneeded_after(closed_.rbegin()->first, rule);
}

void BaselineHistory::forget_unneeded(const rules::Rule& rule, EventTime reached) {
  while (!closed_.empty() && unneeded_after(closed_.begin()->first, rule) < reached) {
    closed_.erase(closed_.begin());
  }
}

void BaselineHistory::encode(ByteWriter& out, const rules::Rule& rule, EventTime reached) const {
  out.signed_varint(first_.time_since_epoch().count());
  out.varint(open_.size());
  for (const auto& [start, number] : open_) {
    out.signed_varint(start.time_since_epoch().count());
    out.varint(number);
  }
  const auto needed = std::find_if(closed_.begin(), closed_.end(), [&](const auto& closed) {
    return unneeded_after(closed.first, rule) >= reached;
  });
  out.varint(static_cast<uint64_t>(std::distance(needed, closed_.end())));
  for (auto at = needed; at != closed_.end(); ++at) {
    out.signed_varint(at->first.time_since_epoch().count());
    cel::encode_value(out, at->second);
  }
}

BaselineHistory BaselineHistory::decode(ByteReader& in) {
  BaselineHistory history;
  const auto time = [&in] { return EventTime{Duration{in.signed_varint()}}; };
  history.first_ = time();
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const EventTime start = time();
    history.open_[start] = in.varint();
  }
  for (uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const EventTime start = time();
    history.closed_[start] = cel::decode_value(in);
  }
  return history;
}

}  // namespace fengsui::window
