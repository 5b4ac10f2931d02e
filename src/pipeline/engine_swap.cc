// Another pack while the engine runs (DESIGN.md): compiled elsewhere, taken over between two
// commits, and named in the log by a marker before the first match of its rules.
#include <algorithm>
#include <future>
#include <utility>

#include "base/fault.h"
#include "base/log.h"
#include "pipeline/engine_checkpoint.h"
#include "pipeline/warm_up.h"

namespace fengsui::pipeline {
namespace {

// How often the history is read on while it grows, before the rest is left to the swap itself; and
// how little of it may be left.
constexpr int kWarmRoundsMax = 10;
constexpr uint64_t kWarmRestEvents = 2'000;

Error engine_ends() { return Error::outside("the engine is ending"); }

std::map<std::string, Duration, std::less<>> retentions(const rules::RuleSet& rules) {
  std::map<std::string, Duration, std::less<>> retain;
  for (const auto& rule : rules.rules) {
    if (rule->mode == rules::Mode::Disabled) continue;
    for (const rules::RuleSource& source : rule->sources) {
      Duration& longest = retain[source.type->name()];
      longest = std::max(longest, rule->purpose.retain);
    }
  }
  return retain;
}

AlertCounts moved_counts(AlertCounts counts, const RuleChanges& changes, size_t rules) {
  AlertCounts moved(rules);
  for (size_t i = 0; i < counts.size(); ++i) {
    const std::optional<RuleIndex> same_id = changes.next[i].same_id;
    if (same_id) moved[value_of(*same_id)] = counts[i];
  }
  return moved;
}

}  // namespace

struct Engine::SwapRequest {
  PreparedPack pack;
  std::function<void(Expected<SwapOutcome>)> done;
  SwapOutcome outcome;
  // What the old pack was goes with the request, so that its end costs the engine no time.
  FrontPack old;
  std::shared_ptr<const rules::RuleSet> old_rules;
};

// --- Any thread

void Engine::swap(PreparedPack pack, std::function<void(Expected<SwapOutcome>)> done) {
  auto request = std::make_shared<SwapRequest>();
  request->pack = std::move(pack);
  request->done = std::move(done);
  tasks_.ask([this, request](bool runs) {
    if (!runs) return request->done(fail(engine_ends()));
    swap_ = request;
  });
}

PreparedPack Engine::prepare(std::shared_ptr<const rules::RuleSet> rules) const {
  PreparedPack pack;
  pack.series = rule_series(all_metrics_, *rules);
  pack.front = FrontPack::make(std::move(rules), keys_, options_.front);
  return pack;
}

Expected<PreparedPack> Engine::prepare_warm(std::shared_ptr<const rules::RuleSet> next) {
  if (!archive_) {
    return fail(Error::usage("there is no archive to warm rules from (archive.enabled)"));
  }
  auto warm_up = std::make_unique<WarmUp>(next, rule_changes(*rules(), *next),
                                          ShardOptions{options_.front.allowed_lateness});
  for (int round = 0; round < kWarmRoundsMax; ++round) {
    std::promise<Expected<std::vector<archive::Segment>>> promise;
    tasks_.ask([&](bool runs) {
      if (!runs) return promise.set_value(fail(engine_ends()));
      const Expected<void> flushed = archive_->flush();
      if (!flushed) return promise.set_value(fail(flushed.error()));
      promise.set_value(archive_->segments());
    });
    Expected<std::vector<archive::Segment>> segments = promise.get_future().get();
    if (!segments) return fail(segments.error());
    const uint64_t before = warm_up->events();
    if (Expected<void> fed = warm_up->feed(std::move(*segments)); !fed) return fail(fed.error());
    if (warm_up->events() - before <= kWarmRestEvents) break;
  }
  PreparedPack pack = prepare(std::move(next));
  pack.warm_up = std::move(warm_up);
  return pack;
}

std::shared_ptr<const rules::RuleSet> Engine::rules() const {
  std::lock_guard lock(mutex_);
  return rules_seen_;
}

void Engine::pack_status(std::function<void(Expected<PackStatus>)> done) {
  tasks_.ask([this, done = std::move(done)](bool runs) {
    if (!runs) return done(fail(engine_ends()));
    PackStatus status;
    status.rules = rules_;
    status.by_rule.reserve(rules_->rules.size());
    for (size_t i = 0; i < rules_->rules.size(); ++i) {
      const RuleIndex rule{static_cast<uint32_t>(i)};
      status.by_rule.push_back(
          {front_.counters_of(rule), shards_.hits_of(rule), shards_.groups_of(rule)});
    }
    done(std::move(status));
  });
}

// --- The engine's thread

void Engine::note_rules() {
  retain_ = retentions(*rules_);
  desk_->use(rules_);
  std::lock_guard lock(mutex_);
  rules_seen_ = rules_;
}

// One swap at a time: what was asked after it waits for its commit.
void Engine::run_tasks() {
  while (!swap_) {
    const std::optional<EngineTasks::Task> task = tasks_.take();
    if (!task) return;
    (*task)(true);
  }
}

void Engine::end_tasks() {
  tasks_.end();
  if (swap_) std::exchange(swap_, nullptr)->done(fail(engine_ends()));
}

// A commit of its own, that holds the marker. The last of the history is read before it, while
// nothing has changed yet.
Expected<void> Engine::commit_swap() {
  if (Expected<void> finished = checkpoints_->finish(); !finished) return finished;
  const MonotonicTime begun = clock_.monotonic();
  if (swap_->pack.warm_up) {
    Expected<void> fed = archive_->flush();
    if (!fed) return fed;
    fed = swap_->pack.warm_up->feed(archive_->segments());
    if (!fed) {
      std::exchange(swap_, nullptr)->done(fail(fed.error()));
      return {};
    }
  }
  Pending nothing;
  const Expected<void> done = commit(nothing);
  const std::shared_ptr<SwapRequest> request = std::exchange(swap_, nullptr);
  if (!done) {
    request->done(fail(done.error()));
    return done;
  }
  SwapOutcome& outcome = request->outcome;
  outcome.position = store_->last();
  outcome.pause = clock_.monotonic() - begun;
  spdlog::info("pack {} is in force from log position {} on: {} rules kept, {} fresh, {} removed",
               outcome.new_hash, value_of(outcome.position), outcome.kept.size(),
               outcome.fresh.size(), outcome.removed.size());
  request->done(outcome);
  return {};
}

// Front, shard and metrics go over to the new pack; its marker goes into the commit, with the
// clears of the episodes that end.
Expected<void> Engine::begin_swap(state::Commit& commit) {
  PreparedPack& pack = swap_->pack;
  const std::shared_ptr<const rules::RuleSet> next = pack.front.rules;
  const std::shared_ptr<const rules::RuleSet> old = rules_;
  const RuleChanges changes = rule_changes(*old, *next);
  swap_->outcome = {.old_hash = old->hash,
                    .new_hash = next->hash,
                    .kept = changes.kept,
                    .fresh = changes.fresh,
                    .removed = changes.removed};
  swap_->old_rules = old;
  state::Swap& swap = commit.frame.swap.emplace();
  swap.pack_hash = next->hash;
  if (pack.warm_up) {
    swap_->outcome.events_warmed = pack.warm_up->events();
    WarmUp::Warmed warmed = pack.warm_up->finish(front_.marks());
    swap.warm = std::move(warmed.groups);
    commit.frame.matches = std::move(warmed.held);
    // A partition of which the log has a match is active; the marks say which are not.
    commit.frame.marks = front_.marks();
  }
  commit.pack_files = next->files;

  metrics_.end_rules(front_, shards_);
  swap_->old = front_.swap(std::move(pack.front), changes);
  std::vector<alert::Record> ended;
  Expected<void> swapped = shards_.swap(next, changes, swap, commit.frame.position, ended);
  if (!swapped) return swapped;
  for (const alert::Record& record : ended) {
    ++working_.alerts[value_of(record.rule)][static_cast<size_t>(record.grade)]
                     [static_cast<size_t>(record.kind)];
    metrics_.alert(old->rule(record.rule), record, std::chrono::nanoseconds{0});
  }
  if (Expected<void> said = say(ended, *old, commit); !said) return said;
  metrics_.begin_rules(next, std::move(pack.series), front_, shards_);
  working_.alerts = moved_counts(std::move(working_.alerts), changes, next->rules.size());
  rules_ = next;
  checkpoints_->swapped_since = true;
  note_rules();
  fault::reached(fault::Point::InSwap);
  return {};
}

}  // namespace fengsui::pipeline
