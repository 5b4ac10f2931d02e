// The whole way in memory: records in, alert records out, one source partition, one shard, no
// clock. What `fengsui replay` and the library run. One thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "alert/record.h"
#include "pipeline/front.h"
#include "pipeline/shard.h"

namespace fengsui::pipeline {

class Replay {
 public:
  // `keys` may be null and must outlive it.
  Replay(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
         const FrontOptions& options);

  // Told of what happens before the log, and behind it, from here on; null: nobody. Must outlive
  // the Replay.
  void observe(match::MatchListener* matches, ShardListener* shard) {
    front_.observe(matches);
    shard_.listen(shard);
  }

  // Takes one record. Its alerts come with the next step().
  source::RecordResult push(std::string_view bytes);

  // The same for several, in their order: appends a result for each.
  void push(std::span<const std::string_view> records, std::vector<source::RecordResult>& results);

  // Appends the alert records of all that was pushed since the last step. How pushes are cut into
  // steps makes no difference to the records.
  void step(std::vector<alert::Record>& out);

  // The input has ended: the watermark goes to the highest time seen, nothing waits any longer.
  // Nothing may be pushed afterwards.
  void end_of_input(std::vector<alert::Record>& out);
  // And then to infinity: every timer fires.
  void flush(std::vector<alert::Record>& out);

  const RecordCounters& counters() const { return front_.counters(); }
  const Front& front() const { return front_; }
  const Shard& shard() const { return shard_; }
  Shard& shard() { return shard_; }

 private:
  Front front_;
  Shard shard_;
  PartitionId partition_;
};

}  // namespace fengsui::pipeline
