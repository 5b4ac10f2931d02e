#include "pipeline/front.h"

#include <algorithm>
#include <utility>

#include "base/fault.h"
#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

// Source partitions of records whose source has none of its own (HTTP): so many an event type.
constexpr uint64_t kDerivedPartitionsPerType = 16;

std::vector<RuleCounters> counters_for(const rules::RuleSet& rules) {
  std::vector<RuleCounters> counters(rules.rules.size());
  for (size_t i = 0; i < counters.size(); ++i) {
    counters[i].exceptions.resize(rules.rules[i]->exceptions.size());
  }
  return counters;
}

}  // namespace

Front::Front(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
             FrontOptions options)
    : options_(options),
      pack_(FrontPack::make(std::move(rules), keys, options)),
      seen_(options.dedupe_horizon),
      by_rule_(counters_for(*pack_.rules)) {}

FrontPack Front::swap(FrontPack pack, const RuleChanges& changes) {
  INVARIANT(matches_.empty() && archived_.empty());
  std::vector<RuleCounters> counters = counters_for(*pack.rules);
  for (size_t i = 0; i < changes.next.size(); ++i) {
    const std::optional<RuleIndex> same_id = changes.next[i].same_id;
    if (!same_id) continue;
    RuleCounters& next = counters[value_of(*same_id)];
    next.matches = by_rule_[i].matches;
    next.errors = by_rule_[i].errors;
    // Another rule's exceptions are others, whatever their names.
    if (changes.next[i].keeps_state) next.exceptions = std::move(by_rule_[i].exceptions);
  }
  by_rule_ = std::move(counters);
  FrontPack old = std::exchange(pack_, std::move(pack));
  observe(observer_);
  return old;
}

void Front::observe(match::MatchListener* observer) {
  observer_ = observer;
  loop_ = observer != nullptr ? match::make_loop_matcher(pack_.rules) : nullptr;
}

std::string Front::take_archived(const state::Frame& frame) {
  return options_.archive ? archived_.take(frame.position, frame.marks) : std::string();
}

PartitionId Front::partition(std::string_view name) {
  const auto known = partition_ids_.find(name);
  if (known != partition_ids_.end()) return known->second;
  restore_partition({.name = std::string(name)});
  const PartitionId id{static_cast<uint32_t>(partitions_.size() - 1)};
  note_moved(id);
  return id;
}

source::RecordResult Front::admit(std::string_view bytes, std::optional<PartitionId> partition,
                                  EventTime wall) {
  decode(bytes, decoded_.front());
  return admit(decoded_.front(), partition, wall);
}

void Front::admit(std::span<const std::string_view> records, std::optional<PartitionId> partition,
                  EventTime wall, std::vector<source::RecordResult>& results) {
  while (!records.empty()) {
    const size_t count = std::min(records.size(), decoded_.size());
    for (size_t i = 0; i < count; ++i) decode(records[i], decoded_[i]);
    for (size_t i = 0; i < count; ++i) results.push_back(admit(decoded_[i], partition, wall));
    records = records.subspan(count);
  }
}

void Front::decode(std::string_view bytes, Decoded& decoded) {
  decoded.fault = pack_.decoder->decode_into(bytes, decoded.event);
  if (decoded.fault) return;
  decoded.identity = event::event_identity(decoded.event.source(), decoded.event.id());
  seen_.prefetch(decoded.identity);
}

source::RecordResult Front::admit(Decoded& decoded, std::optional<PartitionId> partition,
                                  EventTime wall) {
  ++counters_.read;
  if (partition) ++partitions_[value_of(*partition)].records;
  if (decoded.fault) return dead_letter(std::move(*decoded.fault));
  const event::Event& event = decoded.event;
  if (options_.clock_skew_max && event.time > wall + *options_.clock_skew_max) {
    return dead_letter({event::Rejection::Future, "time is more than " +
                                                      format_duration(*options_.clock_skew_max) +
                                                      " ahead of the wall clock"});
  }
  if (!partition) {
    partition = derived_partition(event);
    ++partitions_[value_of(*partition)].records;
  }
  Partition& from = partitions_[value_of(*partition)];

  const Hash128& identity = decoded.identity;
  if (const std::optional<event::SeenIds::Entry> entry = seen_.find(identity)) {
    EventTime seen = partitions_[value_of(entry->partition)].seen;
    if (entry->partition == *partition) seen = std::max(seen, event.time);
    if (seen_.holds(*entry, seen) && !fault::planted(fault::Plant::NoDedupe)) {
      ++counters_.duplicate;
      return {event::Outcome::Duplicate, std::nullopt};
    }
  }

  const EventTime own_watermark = watermark_of(from);
  const EventTime bound = std::max(own_watermark, watermark_);
  const bool late = event.time < bound;
  if (late && event.time < bound - options_.allowed_lateness) {
    ++counters_.late;
    return {event::Outcome::Late, event::Rejected{event::Rejection::Late,
                                                  "time is behind the watermark by more than " +
                                                      format_duration(options_.allowed_lateness)}};
  }
  // From here on the event is admitted.
  ++counters_.processed;
  if (late) ++counters_.late_admitted;
  seen_.remember(identity, *partition, event.time);
  admitted_.push_back({identity, *partition, event.time});
  const Arrival arrival = next_arrival_;
  next_arrival_ = Arrival{value_of(next_arrival_) + 1};

  const size_t first = matches_.size();
  if (loop_) {
    loop_->match(event, matches_, this);
  } else {
    pack_.matcher->match(event, matches_, this);
  }
  if (options_.archive && pack_.read_types.contains(event.type)) {
    archived_.add(event, {arrival, *partition, late, own_watermark});
  }
  for (size_t i = first; i < matches_.size(); ++i) {
    match::Match& match = matches_[i];
    match.partition = *partition;
    match.arrival = arrival;
    match.late = late;
    match.watermark = own_watermark;
    if (!match.only_seen) ++by_rule_[value_of(match.rule)].matches;
  }
  if (event.time > from.seen || !from.active) {
    from.seen = std::max(from.seen, event.time);
    from.active = true;
    note_moved(*partition);
    advance_watermark();
    seen_.advance(*partition, from.seen);
  }
  return {event::Outcome::Processed, std::nullopt};
}

void Front::set_idle(PartitionId id) {
  Partition& partition = partitions_[value_of(id)];
  if (!partition.active) return;
  partition.active = false;
  note_moved(id);
  advance_watermark();
}

void Front::end_of_input() { end(End::Ended); }

void Front::flush() { end(End::Flushed); }

void Front::end(End how) {
  end_ = how;
  for (size_t i = 0; i < partitions_.size(); ++i) note_moved(PartitionId{static_cast<uint32_t>(i)});
}

state::Frame Front::take_frame(LogPosition position) {
  state::Frame frame;
  frame.position = position;
  frame.matches = std::exchange(matches_, {});
  for (const PartitionId id : moved_) {
    const Partition& partition = partitions_[value_of(id)];
    frame.marks.push_back({.partition = id,
                           .watermark = mark_of(partition),
                           .active = partition.active || end_ == End::Flushed});
    is_moved_[value_of(id)] = false;
  }
  moved_.clear();
  return frame;
}

std::vector<state::PartitionMark> Front::marks() const {
  std::vector<state::PartitionMark> marks;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const Partition& partition = partitions_[i];
    marks.push_back({.partition = PartitionId{static_cast<uint32_t>(i)},
                     .watermark = mark_of(partition),
                     .active = partition.active});
  }
  return marks;
}

void Front::restore_partition(Partition partition) {
  const PartitionId id{static_cast<uint32_t>(partitions_.size())};
  partition_ids_.emplace(partition.name, id);
  partitions_.push_back(std::move(partition));
  is_moved_.push_back(false);
  advance_watermark();
}

void Front::restore_seen(const Admitted& admitted) {
  seen_.remember(admitted.identity, admitted.partition, admitted.time);
}

void Front::restore_counters(const RecordCounters& counters, Arrival next_arrival) {
  counters_ = counters;
  next_arrival_ = next_arrival;
}

void Front::asked(const Asked& asked) {
  RuleCounters& counters = by_rule_[value_of(asked.rule.index)];
  if (asked.answer == Answer::WhenError) ++counters.errors;
  if (asked.answer == Answer::Excepted) ++counters.exceptions[asked.exception];
  if (observer_ != nullptr) observer_->asked(asked);
}

void Front::asking(const rules::Rule& rule) {
  if (observer_ != nullptr) observer_->asking(rule);
}

source::RecordResult Front::dead_letter(event::Rejected rejected) {
  ++counters_.dead_letter;
  return {event::Outcome::DeadLetter, std::move(rejected)};
}

PartitionId Front::derived_partition(const event::Event& event) {
  const uint64_t bucket = hash128(event.source()).low % kDerivedPartitionsPerType;
  return partition("http:" + event.type->name() + "/" + std::to_string(bucket));
}

EventTime Front::watermark_of(const Partition& partition) const {
  if (partition.seen == kBeforeAllTime) return kBeforeAllTime;
  return partition.seen - options_.out_of_orderness;
}

// What the log is told: the watermark, or where the end of the input has taken it.
EventTime Front::mark_of(const Partition& partition) const {
  switch (end_) {
    case End::Open:
      return watermark_of(partition);
    case End::Ended:
      return partition.seen;
    case End::Flushed:
      return kAfterAllTime;
  }
  return kAfterAllTime;
}

void Front::note_moved(PartitionId id) {
  if (is_moved_[value_of(id)]) return;
  is_moved_[value_of(id)] = true;
  moved_.push_back(id);
}

// The lowest of the active partitions'; it never goes back, and stays where none is active.
void Front::advance_watermark() {
  EventTime lowest = kAfterAllTime;
  for (const Partition& partition : partitions_) {
    if (partition.active) lowest = std::min(lowest, watermark_of(partition));
  }
  if (lowest != kAfterAllTime) watermark_ = std::max(watermark_, lowest);
}

}  // namespace fengsui::pipeline
