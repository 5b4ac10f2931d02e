#include "pipeline/engine_checkpoint.h"

#include <utility>

#include "pipeline/store_group_reader.h"

namespace fengsui::pipeline {
namespace {

// How long a commit may be held up.
constexpr std::chrono::milliseconds kStepMost{2};
// The more are put at once, sorted, the nearer they lie to each other in the store's table in
// memory, and the less there is to search for their places.
constexpr size_t kGroupsAtOnce = 512;
// Where groups can only go after a checkpoint, one is made so early.
constexpr std::chrono::seconds kPressedInterval{1};

}  // namespace

// The groups of a checkpoint have to go with its marker in one write (state::Checkpoint).
bool Engine::Checkpoints::must_be_in_one_batch() const {
  return swapped_since || engine.rules_->alert_type != nullptr;
}

Expected<void> Engine::Checkpoints::rest_groups() {
  state::WriteList groups;
  const bool ahead = !must_be_in_one_batch();
  groups_press = engine.shards_.rest(put_into(groups), ahead) && !ahead;
  const Expected<void> put = engine.store_->put_groups(groups);
  if (!put) engine.store_failed_ = true;
  return put;
}

Expected<void> Engine::Checkpoints::after_commit() {
  if (Expected<void> rested = rest_groups(); !rested) return rested;
  if (running) return step();
  const MonotonicTime now = engine.clock_.monotonic();
  const bool due = engine.store_->journal_bytes() >= engine.options_.checkpoint_journal_bytes ||
                   now - last >= engine.options_.checkpoint_interval ||
                   (groups_press && now - last >= kPressedInterval);
  if (!due) return {};
  if (Expected<void> begun = begin(); !begun) return begun;
  return running ? step() : Expected<void>{};
}

// Of now, whole; before it the one that is being made.
Expected<void> Engine::Checkpoints::make() {
  if (Expected<void> finished = finish(); !finished) return finished;
  if (Expected<void> begun = begin(); !begun) return begun;
  return finish();
}

Expected<void> Engine::Checkpoints::begin() {
  last = engine.clock_.monotonic();
  if (engine.store_->last() == engine.working_.checkpoint) return {};
  state::CheckpointHead head;
  head.position = engine.store_->last();
  head.pack_hash = engine.rules_->hash;
  head.shard_rest = engine.shards_.encode_rest();
  head.dedupe_horizon = engine.options_.front.dedupe_horizon;
  head.in_one_batch = must_be_in_one_batch();
  head.archive_mark = engine.store_->recovered().archive_mark;
  if (engine.archive_) {
    Expected<std::string> mark = engine.archive_->sync();
    if (!mark) {
      engine.store_failed_ = true;
      return fail(mark.error());
    }
    head.archive_mark = std::move(*mark);
  }
  const bool at_once = head.in_one_batch;
  running = Running{.position = head.position, .shard_rest = head.shard_rest};
  engine.shards_.begin_checkpoint();
  engine.store_->begin_checkpoint(std::move(head));
  return at_once ? finish() : Expected<void>{};
}

Expected<void> Engine::Checkpoints::step() {
  const MonotonicTime begun = engine.clock_.monotonic();
  for (MonotonicTime before = begun, now{};; before = now) {
    const Expected<bool> more = put_some();
    if (!more) return fail(more.error());
    if (!*more) return end();
    now = engine.clock_.monotonic();
    if (now - begun + (now - before) > kStepMost) return {};  // the next would take it beyond
  }
}

Expected<void> Engine::Checkpoints::finish() {
  while (running) {
    if (Expected<void> stepped = step(); !stepped) return stepped;
  }
  return {};
}

// Groups first, then ids. False: nothing is left.
Expected<bool> Engine::Checkpoints::put_some() {
  state::WriteList groups;
  Expected<bool> more = engine.shards_.put_listed(put_into(groups), kGroupsAtOnce);
  if (engine.shards_.failure()) more = fail(*engine.shards_.failure());
  if (more && *more) {
    if (Expected<void> put = engine.store_->put_groups(groups); !put) more = fail(put.error());
  } else if (more) {
    more = engine.store_->put_ids();
  }
  if (!more) engine.store_failed_ = true;
  return more;
}

Expected<void> Engine::Checkpoints::end() {
  const std::vector<std::string> gone = engine.shards_.end_checkpoint();
  const Expected<void> written =
      engine.store_->end_checkpoint(gone, engine.shards_.stored_digest(running->shard_rest));
  if (!written) {
    engine.store_failed_ = true;
    return written;
  }
  engine.working_.checkpoint = std::exchange(running, std::nullopt)->position;
  swapped_since = false;
  engine.publish();
  // A flush ends the input, not the events' time.
  if (!engine.archive_ || engine.shards_.watermark() == kAfterAllTime) return {};
  return engine.archive_->expire(engine.shards_.watermark(), [this](std::string_view type) {
    const auto retain = engine.retain_.find(type);
    return retain == engine.retain_.end() ? Duration{0} : retain->second;
  });
}

}  // namespace fengsui::pipeline
