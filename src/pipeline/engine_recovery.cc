// How an engine comes back (state/DESIGN.md, "Recovery"): groups and rest of the last checkpoint,
// then the log's tail through the shard with its records kept quiet, since their messages came into
// the outbox in the same commits.
#include "base/fault.h"
#include "base/log.h"
#include "pipeline/engine_checkpoint.h"
#include "rules/pack.h"

namespace fengsui::pipeline {

Expected<void> Engine::recover() {
  const std::shared_ptr<const rules::RuleSet> first = rules_;
  const Expected<void> shard = recover_shard();
  if (!shard) return shard;
  follow_pack(first);
  if (rules_->hash != configured_->hash) {
    if (!options_.pack_may_change) {
      return fail(Error::usage("the state belongs to the pack with hash " + rules_->hash +
                               ", not to that given, with hash " + configured_->hash));
    }
    swap(prepare(configured_), [](const Expected<SwapOutcome>&) {});
  }
  const Expected<void> front = recover_front();
  if (!front) return front;
  const state::Recovered& recovered = store_->recovered();
  working_.recovered = working_.position = recovered.last;
  working_.checkpoint = recovered.checkpoint;
  working_.alerts.resize(rules_->rules.size());
  last_commit_ = checkpoints_->last = clock_.monotonic();
  publish();
  if (value_of(recovered.last) > 0) {
    spdlog::info("state recovered at log position {}: checkpoint {}, {} frames replayed",
                 value_of(recovered.last), value_of(recovered.checkpoint), working_.replayed);
  }
  return {};
}

Expected<void> Engine::recover_shard() {
  const state::Recovered& recovered = store_->recovered();
  const Expected<void> groups =
      store_->visit_groups([this](std::string_view key, std::string_view value) {
        return shard_.restore_group(key, value);
      });
  if (!groups) return groups;
  if (value_of(recovered.checkpoint) > 0) {
    const Expected<void> rest = shard_.restore_rest(recovered.shard_rest);
    if (!rest) return rest;
    if (!recovered.groups_are_ahead &&
        shard_.stored_digest(recovered.shard_rest) != recovered.digest) {
      return fail(Error::outside(
          "the state is damaged: its groups do not have the digest of the last checkpoint"));
    }
  }
  return store_->visit_commits([this](const state::Commit& commit) -> Expected<void> {
    if (archive_) {
      if (Expected<void> archived = archive_->append(commit.archive); !archived) return archived;
    }
    if (commit.frame.swap) {
      auto next = pack_of(commit.frame.swap->pack_hash);
      if (!next) return fail(next.error());
      std::vector<alert::Record> quiet;
      Expected<void> swapped = shard_.swap(*next, rule_changes(*rules_, **next), *commit.frame.swap,
                                           commit.frame.position, quiet);
      if (!swapped) return swapped;
      rules_ = std::move(*next);
      checkpoints_->swapped_since = true;
    }
    shard_.apply(commit.frame, records_);
    if (shard_.failure()) return fail(*shard_.failure());
    // While the journal is read nothing is written: groups go that the store has as they are.
    shard_.rest([](std::string_view, std::string_view) {}, /*ahead=*/false);
    if (!fault::planted(fault::Plant::NoQuietOnRecovery)) records_.clear();
    ++working_.replayed;
    return {};
  });
}

Expected<std::shared_ptr<const rules::RuleSet>> Engine::pack_of(const std::string& hash) {
  if (hash == configured_->hash) return configured_;
  const Expected<std::string> files = store_->pack_files(hash);
  if (!files) return fail(files.error());
  return rules::load_kept_pack(*files);
}

// The log's tail had swaps in it: what does not go through the log follows at the end.
void Engine::follow_pack(const std::shared_ptr<const rules::RuleSet>& first) {
  if (rules_ == first) return;
  front_.swap(FrontPack::make(rules_, keys_, options_.front), rule_changes(*first, *rules_));
  metrics_.begin_rules(rules_, rule_series(all_metrics_, *rules_), front_, shard_);
  note_rules();
}

Expected<void> Engine::recover_front() {
  const state::Recovered& recovered = store_->recovered();
  const MonotonicTime now = clock_.monotonic();
  for (const state::PartitionState& partition : recovered.partitions) {
    front_.restore_partition(
        {.name = partition.name, .seen = partition.seen, .active = partition.active});
    next_positions_.push_back(partition.next_position);
    heard_.push_back({0, now});
  }
  position_moved_.resize(next_positions_.size());
  front_.restore_watermark(shard_.watermark());
  const state::Totals& totals = recovered.totals;
  front_.restore_counters({totals.read, totals.processed, totals.duplicate, totals.late,
                           totals.dead_letter, totals.late_admitted},
                          recovered.next_arrival);
  return store_->visit_admitted([this](const state::AdmittedId& id) {
    front_.restore_seen({id.identity, id.partition, id.time});
  });
}

std::optional<uint64_t> Engine::position_of(const std::string& partition) const {
  for (const state::PartitionState& known : store_->recovered().partitions) {
    if (known.name == partition) return known.next_position;
  }
  return std::nullopt;
}

}  // namespace fengsui::pipeline
