#include "pipeline/engine.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "base/log.h"
#include "dispatch/dispatch_file.h"
#include "pipeline/engine_checkpoint.h"
#include "pipeline/store_group_reader.h"
#include "rules/pack.h"

namespace fengsui::pipeline {
namespace {

RecordCounters operator-(const RecordCounters& a, const RecordCounters& b) {
  return {a.read - b.read, a.processed - b.processed,     a.duplicate - b.duplicate,
          a.late - b.late, a.dead_letter - b.dead_letter, a.late_admitted - b.late_admitted};
}

}  // namespace

// --- The loop: the way of an event in one place

void Engine::run() {
  Expected<void> done;
  while (done && !queue_.drained()) {
    if (const std::optional<Error> error = failure_of_others()) {
      done = fail(*error);
      break;
    }
    run_tasks();
    if (swap_) done = commit_swap();
    if (!done) break;
    if (outbox_is_full()) continue;
    const bool sources_finished = sources_have_finished();
    Pending pending = gather();
    note_silence();
    // From here on nothing may be acknowledged before it is on disk.
    const bool idle = pending.taken.empty();
    done = commit(pending);
    if (done) done = checkpoints_->after_commit();
    if (idle) publish();  // the queues are delivered while nothing comes in
    if (done && idle && sources_finished) {
      std::lock_guard lock(mutex_);
      all_read_ = true;
      changed_.notify_all();
    }
  }
  finish(std::move(done));
}

// Takes what the sources have. While more is there a commit grows, so that many share its write,
// as long as it still ends within a span of the last one; as soon as nothing is there it is made,
// but for the shortest distance between two.
Pending Engine::gather() {
  // What shard and write leave of the span; where these take longer, commits grow.
  const std::chrono::nanoseconds least = options_.commit_span / 4;
  const std::chrono::nanoseconds span = std::max(options_.commit_span - rest_takes_, least);
  Pending pending;
  std::optional<MonotonicTime> end;
  std::chrono::nanoseconds wait = options_.look_every;
  for (;;) {
    std::vector<source::Batch> taken = queue_.pop_up_to(1, wait);
    if (taken.empty()) break;
    MonotonicTime now = clock_.monotonic();
    if (!end) end = std::max(last_commit_, now) + span;
    source::Batch& batch = taken.front();
    if (batch.accepted == MonotonicTime{}) batch.accepted = now;
    admit(std::move(batch), pending);
    now = clock_.monotonic();
    if (now >= *end || pending.bytes >= options_.commit_bytes_max ||
        pending.taken.size() >= options_.commit_batches_max) {
      break;
    }
    wait = std::max(std::chrono::nanoseconds{0}, last_commit_ + options_.commit_interval - now);
    if (wait.count() == 0 && queue_.size() == 0) break;
  }
  pending.gathered = clock_.monotonic();
  return pending;
}

void Engine::admit(source::Batch batch, Pending& pending) {
  const RecordCounters before = front_.counters();
  std::optional<PartitionId> partition;
  if (!batch.partition.empty()) partition = front_.partition(batch.partition);
  std::vector<std::string_view> records;
  records.reserve(batch.items.size());
  for (const source::Batch::Item& item : batch.items) records.push_back(batch.bytes_of(item));
  std::vector<source::RecordResult> results;
  results.reserve(records.size());
  front_.admit(records, partition, clock_.wall(), results);
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].rejected) {
      note_dead_letter(batch, batch.items[i], *results[i].rejected, pending);
    }
  }
  next_positions_.resize(front_.partitions().size());
  position_moved_.resize(front_.partitions().size());
  if (partition && batch.next_position) {
    next_positions_[value_of(*partition)] = batch.next_position;
    position_moved_[value_of(*partition)] = true;
  }
  if (!batch.items.empty()) {
    metrics_.records(batch.source, partition, front_.counters() - before);
  }
  pending.bytes += batch.bytes();
  if (pending.records == 0 || batch.accepted < pending.oldest) pending.oldest = batch.accepted;
  pending.records += batch.items.size();
  pending.taken.push_back({std::move(batch), std::move(results)});
}

void Engine::note_dead_letter(const source::Batch& batch, const source::Batch::Item& item,
                              const event::Rejected& rejected, Pending& pending) {
  if (!outbox_.has_queue(dispatch::kDeadLetterQueue)) return;
  const std::string& from = batch.partition.empty() ? batch.source : batch.partition;
  pending.dead_letters.push_back(outbox_.number(
      dispatch::kDeadLetterQueue, from,
      event::dead_letter_line(rejected, item.position, batch.partition, batch.bytes_of(item),
                              event::sealing_of(rules_->has_identity, keys_), keys_)));
}

// A partition from which no record came for long enough is idle, whatever its records were.
void Engine::note_silence() {
  if (!options_.idle_after) return;
  const MonotonicTime now = clock_.monotonic();
  const std::vector<Front::Partition>& partitions = front_.partitions();
  while (heard_.size() < partitions.size()) heard_.push_back({0, now});
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (partitions[i].records != heard_[i].records) {
      heard_[i] = {partitions[i].records, now};
    } else if (partitions[i].active && now - heard_[i].at >= *options_.idle_after) {
      front_.set_idle(PartitionId{static_cast<uint32_t>(i)});
    }
  }
}

// A department that takes nothing holds the sources up before the disk is full.
bool Engine::outbox_is_full() {
  if (outbox_.depth() < options_.outbox_depth_max) return false;
  ++working_.outbox_waits;
  metrics_.limit_hit("outbox_depth_max");
  outbox_.wait_drained(options_.look_every);
  // While nothing is taken, nobody is silent.
  for (Heard& heard : heard_) heard.at = clock_.monotonic();
  // Closed meanwhile: what is in the queue is still committed, however full the outbox.
  return outbox_.depth() >= options_.outbox_depth_max && !ending_;
}

// --- The commit

Expected<void> Engine::commit(Pending& pending) {
  const bool is_due = desk_->is_due(clock_.wall());
  if (pending.records == 0 && !front_.has_frame() && !swap_ && !is_due) {
    acknowledge(pending);
    return {};
  }
  state::Commit commit;
  commit.frame = front_.take_frame(LogPosition{value_of(store_->last()) + 1});
  if (swap_) {
    if (Expected<void> begun = begin_swap(commit); !begun) return begun;
  }
  commit.encoded_frame = state::encode_frame(commit.frame);
  shards_.apply(std::move(commit.frame), records_);  // takes the matches, and nothing else
  if (shards_.failure()) {
    store_failed_ = true;
    return refuse(pending, *shards_.failure());
  }
  if (Expected<void> filled = fill(commit, pending); !filled) {
    store_failed_ = true;
    return refuse(pending, filled.error());
  }

  const MonotonicTime begun = clock_.monotonic();
  const Expected<void> written = store_->commit(commit);
  if (!written) {
    store_failed_ = true;
    return refuse(pending, written.error());
  }
  // Alerts, positions and the log's frame have become durable together.
  const MonotonicTime now = clock_.monotonic();
  last_commit_ = now;
  if (pending.records > 0) rest_takes_ += (now - pending.gathered - rest_takes_) / 8;
  working_.commits.add(now - begun);
  metrics_.committed(now - begun);
  for (const Pending::Taken& taken : pending.taken) {
    if (!taken.batch.items.empty()) {
      working_.durable.add(now - taken.batch.accepted, taken.batch.items.size());
    }
  }
  count_alerts(pending, now);
  outbox_.committed();
  desk_->committed();
  publish();
  acknowledge(pending);
  if (!archive_) return {};
  Expected<void> archived = archive_->append(commit.archive);
  // The journal still has it: no checkpoint may cut that now.
  if (!archived) store_failed_ = true;
  return archived;
}

Expected<void> Engine::refuse(Pending& pending, const Error& error) {
  for (Pending::Taken& taken : pending.taken) {
    if (taken.batch.committed) taken.batch.committed(fail(error));
  }
  return fail(error);
}

void Engine::count_alerts(const Pending& pending, MonotonicTime now) {
  for (const alert::Record& record : records_) {
    ++working_.alerts[value_of(record.rule)][static_cast<size_t>(record.grade)]
                     [static_cast<size_t>(record.kind)];
    if (pending.records > 0) working_.alerted.add(now - pending.oldest);
    metrics_.alert(rules_->rule(record.rule), record, now - pending.oldest);
  }
  records_.clear();
}

// Everything that goes with the frame.
Expected<void> Engine::fill(state::Commit& commit, Pending& pending) {
  std::vector<bool> changed = std::exchange(position_moved_, {});
  position_moved_.resize(next_positions_.size());
  changed.resize(next_positions_.size());
  for (const state::PartitionMark& mark : commit.frame.marks) {
    changed[value_of(mark.partition)] = true;
  }
  for (size_t i = 0; i < changed.size(); ++i) {
    if (!changed[i]) continue;
    const Front::Partition& partition = front_.partitions()[i];
    commit.partitions.push_back({PartitionId{static_cast<uint32_t>(i)}, partition.name,
                                 partition.seen, partition.active, next_positions_[i]});
  }
  for (const Front::Admitted& admitted : front_.take_admitted()) {
    commit.admitted.push_back({admitted.identity, admitted.partition, admitted.time});
  }
  commit.archive = front_.take_archived(commit.frame);
  for (state::QueueEntry& letter : pending.dead_letters) commit.outbox.push_back(std::move(letter));
  if (Expected<void> told = desk_->advance(clock_.wall(), into(commit)); !told) return told;
  if (Expected<void> said = say(records_, *rules_, commit); !said) return said;
  commit.board = desk_->take_writes();
  const RecordCounters& counters = front_.counters();
  commit.totals = {counters.read, counters.processed,   counters.duplicate,
                   counters.late, counters.dead_letter, counters.late_admitted};
  commit.next_arrival = front_.next_arrival();
  return {};
}

Desk::Send Engine::into(state::Commit& commit) {
  return [&](const std::string& queue, const std::string& alert, std::string message) {
    commit.outbox.push_back(outbox_.number(queue, alert, std::move(message)));
  };
}

Expected<void> Engine::say(const std::vector<alert::Record>& records, const rules::RuleSet& rules,
                           state::Commit& commit) {
  for (const alert::Record& record : records) {
    const rules::Rule& rule = rules.rule(record.rule);
    std::string message = options_.message ? options_.message(record, rule)
                                           : alert::queue_message(record, rule, rules.hash);
    Expected<void> said = desk_->say(record, rule, std::move(message), clock_.wall(), into(commit));
    if (!said) return said;
  }
  return {};
}

void Engine::at_desk(std::function<Expected<void>(Desk* desk, EventTime now)> task) {
  tasks_.ask([this, task = std::move(task)](bool runs) {
    const Expected<void> done = task(runs ? desk_.get() : nullptr, clock_.wall());
    if (done) return;
    store_failed_ = true;
    desk_failure_ = done.error();
  });
}

void Engine::acknowledge(Pending& pending) {
  for (Pending::Taken& taken : pending.taken) {
    if (taken.batch.committed) taken.batch.committed(std::move(taken.results));
  }
}

// --- The end

// All that came is committed, or an error has ended the loop.
void Engine::finish(Expected<void> done) {
  if (done && end_ != End::Keep) {
    end_ == End::Flush ? front_.flush() : front_.end_of_input();
    Pending nothing;
    done = commit(nothing);
  }
  if (!store_failed_) {
    const Expected<void> last = checkpoints_->make();
    if (done) done = last;
  }
  publish();
  end_tasks();
  if (done) return;
  {
    std::lock_guard lock(mutex_);
    failure_ = done.error();
    changed_.notify_all();
  }
  spdlog::error("the engine stops: {}", done.error().message);
  refuse_what_is_left(done.error());
}

void Engine::refuse_what_is_left(const Error& error) {
  queue_.close();
  while (!queue_.drained()) {
    for (source::Batch& batch :
         queue_.pop_up_to(options_.commit_batches_max, options_.look_every)) {
      if (batch.committed) batch.committed(fail(error));
    }
  }
}

void Engine::publish() {
  working_.records = front_.counters();
  working_.shard = shards_.counters();
  working_.groups = shards_.groups();
  working_.timers = shards_.timers();
  working_.held = shards_.held();
  working_.watermark = shards_.watermark();
  working_.position = store_->last();
  if (metrics_.refresh(clock_, front_, shards_, *store_, outbox_) && archive_) {
    metrics_.archived(*archive_);
  }
  std::lock_guard lock(mutex_);
  status_ = working_;
}

bool Engine::sources_have_finished() const {
  return !sources_.empty() && std::all_of(sources_.begin(), sources_.end(),
                                          [](const auto& source) { return source->finished(); });
}

std::optional<Error> Engine::failure_of_others() const {
  for (const auto& source : sources_) {
    if (std::optional<Error> error = source->failure()) return error;
  }
  if (desk_failure_) return desk_failure_;
  return outbox_.failure();
}

// --- For the owner

namespace {

EngineOptions with_archive(EngineOptions options, bool archive) {
  options.front.archive = archive;
  return options;
}

}  // namespace

Engine::Engine(EngineParts parts, std::shared_ptr<const rules::RuleSet> in_force,
               EngineOptions options, std::unique_ptr<Desk> desk)
    : configured_(std::move(parts.rules)),
      keys_(parts.keys),
      clock_(parts.clock),
      options_(with_archive(std::move(options), parts.archive != nullptr)),
      store_(std::move(parts.store)),
      desk_(std::move(desk)),
      archive_(std::move(parts.archive)),
      all_metrics_(parts.metrics),
      sources_(std::move(parts.sources)),
      queue_(options_.queue_batches_max, options_.queue_bytes_max),
      outbox_(*store_, clock_, options_.outbox),
      rules_(std::move(in_force)),
      front_(rules_, keys_, options_.front),
      group_reader_(read_groups_of(*store_)),
      shards_(rules_,
              ShardOptions{.allowed_lateness = options_.front.allowed_lateness,
                           .reader = group_reader_.get(),
                           .memory_bytes = options_.groups_bytes},
              options_.shards),
      metrics_(parts.metrics, rules_, options_.front.out_of_orderness) {
  checkpoints_ = std::make_unique<Checkpoints>(*this);
  for (EngineQueue& queue : parts.queues) outbox_.add_queue(queue.name, std::move(queue.sink));
  note_rules();
}

Expected<std::unique_ptr<Engine>> Engine::open(EngineParts parts, EngineOptions options) {
  std::shared_ptr<const rules::RuleSet> in_force = parts.rules;
  const std::string& hash = parts.store->recovered().pack_hash;
  if (hash != in_force->hash) {
    const Expected<std::string> files = parts.store->pack_files(hash);
    if (!files) return fail(files.error());
    auto kept = rules::load_kept_pack(*files);
    if (!kept) return fail(kept.error());
    in_force = std::move(*kept);
  }
  auto desk = Desk::open(options.plan, std::move(parts.board), parts.metrics,
                         parts.clock.wall());
  if (!desk) return fail(desk.error());
  std::unique_ptr<Engine> engine(
      new Engine(std::move(parts), std::move(in_force), std::move(options), std::move(*desk)));
  for_each_queue(engine->options_.plan.route,
                 [&](const std::string& queue) { INVARIANT(engine->outbox_.has_queue(queue)); });
  const Expected<void> recovered = engine->recover();
  if (!recovered) return fail(recovered.error());
  return engine;
}

Engine::~Engine() { stop({.end = End::Keep, .deliver_most = std::chrono::nanoseconds{0}}); }

Expected<void> Engine::start() {
  const Expected<void> outbox = outbox_.start();
  if (!outbox) return outbox;
  thread_ = std::thread([this] { run(); });
  for (const auto& source : sources_) {
    // A partition that a source asks about joins the set at once: not yet heard from, it holds the
    // watermark until it is set idle. Hence an empty batch of it.
    const Expected<void> started = source->start(queue_, [this](const std::string& partition) {
      source::Batch joins;
      joins.partition = partition;
      queue_.push(std::move(joins), 0);
      return position_of(partition);
    });
    if (!started) return started;
  }
  return {};
}

Engine::Running Engine::wait(std::chrono::nanoseconds most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [&] { return all_read_ || failure_; });
  if (failure_) return Running::Failed;
  return all_read_ ? Running::AllRead : Running::Yes;
}

Expected<void> Engine::stop(StopOptions options) {
  if (options.end != End::Keep) end_ = options.end;
  ending_ = true;
  for (const auto& source : sources_) source->stop();
  queue_.close();
  if (thread_.joinable()) thread_.join();
  if (!failure()) outbox_.wait_drained(options.deliver_most);
  outbox_.stop();
  if (const std::optional<Error> error = failure()) return fail(*error);
  if (const std::optional<Error> error = outbox_.failure()) return fail(*error);
  return {};
}

EngineStatus Engine::status() const {
  EngineStatus status;
  {
    std::lock_guard lock(mutex_);
    status = status_;
  }
  status.queues = outbox_.status();
  return status;
}

std::optional<Error> Engine::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace fengsui::pipeline
