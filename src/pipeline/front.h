// What happens to a record before the log: decode, future, duplicate, late, match (in this order),
// and the watermarks of the source partitions. Makes the frames that enter the log.
//
// Every record ends as exactly one outcome, counted here. One thread owns a Front.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/batch.h"
#include "base/hash.h"
#include "event/seen_ids.h"
#include "match/matcher.h"
#include "pipeline/front_options.h"
#include "pipeline/prepared_pack.h"
#include "pipeline/rule_changes.h"
#include "rules/rule_set.h"
#include "source/source.h"
#include "state/frame.h"

namespace fengsui::pipeline {

struct RecordCounters {
  uint64_t read = 0, processed = 0, duplicate = 0, late = 0, dead_letter = 0;
  uint64_t late_admitted = 0;  // of processed
};

class Front final : private match::MatchListener {
 public:
  // `keys` may be null and must outlive the Front.
  Front(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
        FrontOptions options);

  // The partition of this name; a new one joins the set, and holds the engine's watermark until it
  // has been heard from or is set idle.
  PartitionId partition(std::string_view name);

  // `partition` absent: derived from event type and source. `wall` is now (for `future`).
  source::RecordResult admit(std::string_view bytes, std::optional<PartitionId> partition,
                             EventTime wall);

  // The same for records of one batch, in their order: appends a result for each. Some are decoded
  // ahead, so that the table of seen ids is in the cache when it is asked.
  void admit(std::span<const std::string_view> records, std::optional<PartitionId> partition,
             EventTime wall, std::vector<source::RecordResult>& results);

  // Told, too, of each rule that is asked; null: nobody. Must outlive the Front. Then every rule of
  // the type is asked, one after the other: the index says nothing of those that it need not ask.
  void observe(match::MatchListener* observer);

  void set_idle(PartitionId partition);
  // The end of a replay: every partition's watermark goes to the highest time it has seen.
  void end_of_input();
  // Takes every partition's watermark to infinity: nothing more will come.
  void flush();

  // From the next record on another pack decides. Seen ids, partitions and counters stay, those of
  // a rule by its id. Gives the old one back. Requires: no matches since the last take_frame().
  FrontPack swap(FrontPack pack, const RuleChanges& changes);

  // Matches and moved marks since the last call.
  state::Frame take_frame(LogPosition position);
  bool has_frame() const { return !matches_.empty() || !moved_.empty(); }

  // What the archive keeps of the records since the last call; `frame` is the one just taken.
  std::string take_archived(const state::Frame& frame);

  struct Admitted {
    Hash128 identity;
    PartitionId partition{};
    EventTime time{};
  };
  // Ids admitted since the last call, for the store (which forgets by itself).
  std::vector<Admitted> take_admitted() { return std::exchange(admitted_, {}); }

  struct Partition {
    std::string name;
    EventTime seen = kBeforeAllTime;  // highest event time
    bool active = true;
    uint64_t records = 0;  // read so far; the engine tells silence by it
  };
  const std::vector<Partition>& partitions() const { return partitions_; }  // by PartitionId
  std::vector<state::PartitionMark> marks() const;                          // of all of them
  EventTime watermark() const { return watermark_; }                        // the engine's
  const RecordCounters& counters() const { return counters_; }
  const RuleCounters& counters_of(RuleIndex rule) const { return by_rule_[value_of(rule)]; }
  Arrival next_arrival() const { return next_arrival_; }
  size_t seen_ids() const { return seen_.size(); }

  // --- Recovery, before the first record -----------------------------------------------------
  // Partitions in the order of their ids.
  void restore_partition(Partition partition);
  void restore_seen(const Admitted& admitted);
  // The engine's watermark never goes back, not even when all partitions are idle.
  void restore_watermark(EventTime watermark) { watermark_ = watermark; }
  void restore_counters(const RecordCounters& counters, Arrival next_arrival);

 private:
  enum class End { Open, Ended, Flushed };
  static constexpr size_t kDecodedAhead = 8;

  struct Decoded {
    event::Event event;
    std::optional<event::Rejected> fault;
    Hash128 identity;
  };
  void decode(std::string_view bytes, Decoded& decoded);
  source::RecordResult admit(Decoded& decoded, std::optional<PartitionId> partition,
                             EventTime wall);
  void asked(const Asked& asked) override;
  void asking(const rules::Rule& rule) override;
  source::RecordResult dead_letter(event::Rejected rejected);
  PartitionId derived_partition(const event::Event& event);
  EventTime watermark_of(const Partition& partition) const;
  EventTime mark_of(const Partition& partition) const;
  void end(End how);
  void note_moved(PartitionId id);
  void advance_watermark();

  const FrontOptions options_;
  FrontPack pack_;
  archive::BatchWriter archived_;
  match::MatchListener* observer_ = nullptr;
  std::unique_ptr<match::Matcher> loop_;  // of pack_'s rules, for an observer; else null
  event::SeenIds seen_;
  std::array<Decoded, kDecodedAhead> decoded_;  // kept for its room

  std::vector<Partition> partitions_;
  std::map<std::string, PartitionId, std::less<>> partition_ids_;
  EventTime watermark_ = kBeforeAllTime;
  End end_ = End::Open;

  Arrival next_arrival_{1};
  RecordCounters counters_;
  std::vector<RuleCounters> by_rule_;

  std::vector<match::Match> matches_;
  std::vector<PartitionId> moved_;  // marks to write, each once
  std::vector<bool> is_moved_;
  std::vector<Admitted> admitted_;
};

}  // namespace fengsui::pipeline
