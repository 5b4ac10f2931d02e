// The whole way in memory: records in, alert records out, one source partition, no clock. What
// `fengsui replay` and the library run. One thread; with several shards theirs beside it, which
// work through one step while the next is read.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "alert/record.h"
#include "pipeline/front.h"
#include "pipeline/shards.h"

namespace fengsui::pipeline {

class Replay {
 public:
  // `keys` may be null and must outlive it.
  Replay(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
         const FrontOptions& options, const ShardsOptions& several = {});

  // Told of what happens before the log, and behind it, from here on; null: nobody. Must outlive
  // the Replay. Requires: one shard.
  void observe(match::MatchListener* matches, ShardListener* shard) {
    front_.observe(matches);
    shards_.listen(shard);
  }

  // Takes one record. Its alerts come with the next step().
  source::RecordResult push(std::string_view bytes);

  // The same for several, in their order: appends a result for each.
  void push(std::span<const std::string_view> records, std::vector<source::RecordResult>& results);

  // Appends the alert records of all that was pushed since the last step; with several shards those
  // of the last step, all others with the end. How pushes are cut into steps makes no difference to
  // the records.
  void step(std::vector<alert::Record>& out);

  // The input has ended: the watermark goes to the highest time seen, nothing waits any longer.
  // Nothing may be pushed afterwards.
  void end_of_input(std::vector<alert::Record>& out);
  // And then to infinity: every timer fires.
  void flush(std::vector<alert::Record>& out);

  const RecordCounters& counters() const { return front_.counters(); }
  const Front& front() const { return front_; }
  // With several: after the end of the input.
  const Shards& shards() const { return shards_; }
  Shards& shards() { return shards_; }

 private:
  Front front_;
  Shards shards_;
  PartitionId partition_;
};

}  // namespace fengsui::pipeline
