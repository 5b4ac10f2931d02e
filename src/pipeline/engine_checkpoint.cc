// The engine's checkpoint, in steps between its commits, and what leaves memory after them
// (state/DESIGN.md, "A checkpoint", "Cold groups").
#include <utility>

#include "pipeline/engine.h"
#include "pipeline/store_group_reader.h"

namespace fengsui::pipeline {
namespace {

// How long a commit may be held up.
constexpr std::chrono::milliseconds kStepMost{2};
constexpr size_t kGroupsAtOnce = 128;
// Where groups can only go after a checkpoint, one is made so early.
constexpr std::chrono::seconds kPressedInterval{1};

}  // namespace

// The groups of a checkpoint have to go with its marker in one write (state::Checkpoint).
bool Engine::must_be_in_one_batch() const {
  return swapped_since_checkpoint_ || rules_->alert_type != nullptr;
}

Expected<void> Engine::rest_groups() {
  state::WriteList groups;
  const bool ahead = !must_be_in_one_batch();
  groups_press_ = shard_.rest(put_into(groups), ahead) && !ahead;
  const Expected<void> put = store_->put_groups(groups);
  if (!put) store_failed_ = true;
  return put;
}

Expected<void> Engine::checkpoint_if_due() {
  if (steps_) return step_checkpoint();
  const MonotonicTime now = clock_.monotonic();
  const bool due = store_->journal_bytes() >= options_.checkpoint_journal_bytes ||
                   now - last_checkpoint_ >= options_.checkpoint_interval ||
                   (groups_press_ && now - last_checkpoint_ >= kPressedInterval);
  if (!due) return {};
  if (Expected<void> begun = begin_checkpoint(); !begun) return begun;
  return steps_ ? step_checkpoint() : Expected<void>{};
}

// Of now, whole; before it the one that is being made.
Expected<void> Engine::checkpoint() {
  if (Expected<void> finished = finish_checkpoint(); !finished) return finished;
  if (Expected<void> begun = begin_checkpoint(); !begun) return begun;
  return finish_checkpoint();
}

Expected<void> Engine::begin_checkpoint() {
  last_checkpoint_ = clock_.monotonic();
  if (store_->last() == working_.checkpoint) return {};
  state::CheckpointHead head;
  head.position = store_->last();
  head.pack_hash = rules_->hash;
  head.shard_rest = shard_.encode_rest();
  head.dedupe_horizon = options_.front.dedupe_horizon;
  head.in_one_batch = must_be_in_one_batch();
  head.archive_mark = store_->recovered().archive_mark;
  if (archive_) {
    Expected<std::string> mark = archive_->sync();
    if (!mark) {
      store_failed_ = true;
      return fail(mark.error());
    }
    head.archive_mark = std::move(*mark);
  }
  const bool at_once = head.in_one_batch;
  steps_ = CheckpointSteps{.position = head.position, .shard_rest = head.shard_rest};
  shard_.begin_checkpoint();
  store_->begin_checkpoint(std::move(head));
  return at_once ? finish_checkpoint() : Expected<void>{};
}

Expected<void> Engine::step_checkpoint() {
  const MonotonicTime begun = clock_.monotonic();
  do {
    const Expected<bool> more = put_some();
    if (!more) return fail(more.error());
    if (!*more) return end_checkpoint();
  } while (clock_.monotonic() - begun < kStepMost);
  return {};
}

Expected<void> Engine::finish_checkpoint() {
  while (steps_) {
    if (Expected<void> stepped = step_checkpoint(); !stepped) return stepped;
  }
  return {};
}

// Groups first, then ids. False: nothing is left.
Expected<bool> Engine::put_some() {
  state::WriteList groups;
  Expected<bool> more = shard_.put_listed(put_into(groups), kGroupsAtOnce);
  if (shard_.failure()) more = fail(*shard_.failure());
  if (more && *more) {
    if (Expected<void> put = store_->put_groups(groups); !put) more = fail(put.error());
  } else if (more) {
    more = store_->put_ids();
  }
  if (!more) store_failed_ = true;
  return more;
}

Expected<void> Engine::end_checkpoint() {
  const std::vector<std::string> gone = shard_.end_checkpoint();
  const Expected<void> written =
      store_->end_checkpoint(gone, shard_.stored_digest(steps_->shard_rest));
  if (!written) {
    store_failed_ = true;
    return written;
  }
  working_.checkpoint = std::exchange(steps_, std::nullopt)->position;
  swapped_since_checkpoint_ = false;
  publish();
  // A flush ends the input, not the events' time.
  if (!archive_ || shard_.watermark() == kAfterAllTime) return {};
  return archive_->expire(shard_.watermark(), [this](std::string_view type) {
    const auto retain = retain_.find(type);
    return retain == retain_.end() ? Duration{0} : retain->second;
  });
}

}  // namespace fengsui::pipeline
