// The whole way in memory: records in, alert records out, one source partition, one shard, no clock.
// What `fengsui replay` and the library run. One thread.
#pragma once

#include <memory>
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

  // Takes one record. Its alerts come with the next step().
  source::RecordResult push(std::string_view bytes);

  // Appends the alert records of all that was pushed since the last step. How pushes are cut into
  // steps makes no difference to the records.
  void step(std::vector<alert::Record>& out);

  // Takes the watermark to infinity: every timer fires. Nothing may be pushed afterwards.
  void flush(std::vector<alert::Record>& out);

  const RecordCounters& counters() const { return front_.counters(); }
  const Front& front() const { return front_; }
  const Shard& shard() const { return shard_; }

 private:
  Front front_;
  Shard shard_;
  PartitionId partition_;
};

}  // namespace fengsui::pipeline
