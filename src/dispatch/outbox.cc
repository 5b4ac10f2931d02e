#include "dispatch/outbox.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/fault.h"
#include "base/hash.h"
#include "base/invariant.h"
#include "base/log.h"

namespace fengsui::dispatch {

struct Outbox::Queue {
  std::string name;
  std::unique_ptr<Sink> sink;
  std::thread thread;

  // The engine's thread alone.
  uint64_t numbered = 0;

  // The queue's thread alone (the owner's before it starts).
  DeliveryMark mark;
  bool is_open = false;

  // Guarded by Outbox::mutex_.
  uint64_t committed = 0;
  uint64_t delivered = 0;
  uint64_t attempts_failed = 0;
  uint64_t failures_in_row = 0;
  MonotonicTime next_attempt{};  // not before; fixed when an attempt fails
  std::string last_error;
};

Outbox::Outbox(state::Store& store, const Clock& clock, OutboxOptions options)
    : store_(store), clock_(clock), options_(std::move(options)) {}

Outbox::~Outbox() { stop(); }

void Outbox::add_queue(const std::string& name, std::unique_ptr<Sink> sink) {
  auto queue = std::make_unique<Queue>();
  queue->name = name;
  queue->sink = std::move(sink);
  const auto& recovered = store_.recovered().queues;
  if (const auto known = recovered.find(name); known != recovered.end()) {
    queue->mark = {known->second.mark.sequence, known->second.mark.sink_state};
    queue->numbered = queue->committed = known->second.last_sequence;
    queue->delivered = known->second.mark.sequence;
  }
  const bool added = queues_.emplace(name, std::move(queue)).second;
  INVARIANT(added);
}

Expected<void> Outbox::start() {
  for (auto& [name, queue] : queues_) {
    const Expected<uint64_t> opened = open(*queue);
    if (!opened && !opened.error().retryable) return fail(opened.error());
    if (!opened) note_failure(*queue, opened.error());
  }
  for (auto& [name, queue] : queues_) {
    queue->thread = std::thread([this, each = queue.get()] { run(*each); });
  }
  return {};
}

void Outbox::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (auto& [name, queue] : queues_) {
    if (queue->thread.joinable()) queue->thread.join();
    if (std::exchange(queue->is_open, false)) queue->sink->close();
  }
}

// Opens the sink and moves the mark to what the sink knows to be delivered.
Expected<uint64_t> Outbox::open(Queue& queue) {
  const Expected<uint64_t> known = queue.sink->open(queue.mark);
  if (!known) return known;
  queue.is_open = true;
  uint64_t committed = 0;
  {
    std::lock_guard lock(mutex_);
    committed = queue.committed;
  }
  if (*known > committed) {
    return fail(Error::outside("queue " + queue.name + " has been delivered up to number " +
                               std::to_string(*known) + ", but the state knows of " +
                               std::to_string(committed) +
                               " alone: the state is older than the queue"));
  }
  if (*known > queue.mark.sequence) {
    const DeliveryMark mark{*known, queue.mark.sink_state};
    const Expected<void> stored = store_.mark(queue.name, {mark.sequence, mark.sink_state});
    if (!stored) return fail(stored.error());
    queue.mark = mark;
    std::lock_guard lock(mutex_);
    queue.delivered = mark.sequence;
  }
  return known;
}

void Outbox::run(Queue& queue) {
  if (!open_with_retries(queue)) return;
  while (deliver_next(queue)) {
  }
}

bool Outbox::open_with_retries(Queue& queue) {
  while (!queue.is_open) {
    {
      std::unique_lock lock(mutex_);
      const MonotonicTime due = queue.next_attempt;
      while (!stopping_ && clock_.monotonic() < due) {
        changed_.wait_for(lock, due - clock_.monotonic());
      }
      if (stopping_) return false;
    }
    const Expected<uint64_t> opened = open(queue);
    if (!opened && !note_failure(queue, opened.error())) return false;
  }
  return true;
}

// Waits for entries (after a failure, for its pause first), delivers a batch and marks it.
// False: the thread ends.
bool Outbox::deliver_next(Queue& queue) {
  uint64_t committed = 0;
  {
    std::unique_lock lock(mutex_);
    const MonotonicTime due = queue.next_attempt;
    while (!stopping_ && (queue.committed == queue.delivered || clock_.monotonic() < due)) {
      if (clock_.monotonic() < due) {
        changed_.wait_for(lock, due - clock_.monotonic());
      } else {
        changed_.wait(lock);
      }
    }
    if (stopping_) return false;
    committed = queue.committed;
  }
  auto stored = store_.outbox_after(
      queue.name, queue.mark.sequence,
      {.entries_max = options_.batch_entries_max, .bytes_max = options_.batch_bytes_max});
  if (!stored) return note_failure(queue, stored.error());
  if (stored->empty()) {
    return note_failure(queue,
                        Error::outside("the state has lost the entries of queue " + queue.name +
                                       " after number " + std::to_string(queue.mark.sequence)));
  }
  std::vector<OutboxEntry> entries;
  entries.reserve(stored->size());
  for (state::QueueEntry& entry : *stored) {
    // In the store already, but its commit has not been told: it waits for committed().
    if (entry.sequence > committed) break;
    entries.push_back({entry.sequence, std::move(entry.key), std::move(entry.message)});
  }
  const MonotonicTime begun = clock_.monotonic();
  fault::reached(fault::Point::BeforeSend);
  Expected<DeliveryMark> mark = queue.sink->deliver(entries);
  if (!mark) return note_failure(queue, mark.error());
  fault::reached(fault::Point::AfterSend);
  INVARIANT(mark->sequence >= entries.front().sequence &&
            mark->sequence <= entries.back().sequence);
  const auto went = static_cast<size_t>(mark->sequence - queue.mark.sequence);
  fault::reached(fault::Point::BeforeMark);
  const Expected<void> kept = store_.mark(queue.name, {mark->sequence, mark->sink_state});
  if (!kept) return note_failure(queue, kept.error());
  queue.mark = std::move(*mark);
  if (options_.delivered) {
    options_.delivered(queue.name, went, clock_.monotonic() - begun);
  }
  std::lock_guard lock(mutex_);
  queue.delivered = queue.mark.sequence;
  queue.failures_in_row = 0;
  queue.last_error.clear();
  changed_.notify_all();
  return true;
}

// True: try again after a pause.
bool Outbox::note_failure(Queue& queue, const Error& error) {
  std::lock_guard lock(mutex_);
  ++queue.attempts_failed;
  ++queue.failures_in_row;
  queue.next_attempt = clock_.monotonic() + std::max(pause_of(queue), queue.sink->asked_to_wait());
  if (queue.last_error != error.message) {
    spdlog::warn("queue {}: {}{}", queue.name, error.message,
                 error.retryable ? "; trying again" : "");
  }
  queue.last_error = error.message;
  if (!error.retryable && !failure_) failure_ = error;
  changed_.notify_all();
  return error.retryable;
}

// Doubles from the first pause to the longest; of it, between a half and the whole.
Duration Outbox::pause_of(const Queue& queue) const {
  Duration pause = options_.retry_pause_first;
  for (uint64_t i = 1; i < queue.failures_in_row && pause < options_.retry_pause_max; ++i) {
    pause *= 2;
  }
  pause = std::min(pause, options_.retry_pause_max);
  const std::string salt = queue.name + "/" + std::to_string(queue.attempts_failed) + "/" +
                           std::to_string(options_.jitter_seed);
  const uint64_t half = static_cast<uint64_t>(pause.count()) / 2;
  return Duration{static_cast<int64_t>(half + hash128(salt).low % (half + 1))};
}

state::QueueEntry Outbox::number(std::string_view queue, std::string key, std::string message) {
  const auto found = queues_.find(queue);
  INVARIANT(found != queues_.end());
  return {found->first, ++found->second->numbered, std::move(key), std::move(message)};
}

void Outbox::committed() {
  std::lock_guard lock(mutex_);
  for (auto& [name, queue] : queues_) queue->committed = queue->numbered;
  changed_.notify_all();
}

void Outbox::look_at_clock() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

bool Outbox::wait_drained(std::chrono::nanoseconds most) {
  const auto drained = [this] {
    return std::all_of(queues_.begin(), queues_.end(), [](const auto& entry) {
      return entry.second->delivered == entry.second->committed;
    });
  };
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [&] { return failure_ || stopping_ || drained(); });
  return drained();
}

uint64_t Outbox::depth() const {
  std::lock_guard lock(mutex_);
  uint64_t sum = 0;
  for (const auto& [name, queue] : queues_) sum += queue->committed - queue->delivered;
  return sum;
}

std::vector<QueueStatus> Outbox::status() const {
  std::lock_guard lock(mutex_);
  std::vector<QueueStatus> all;
  for (const auto& [name, queue] : queues_) {
    all.push_back({name, queue->committed - queue->delivered, queue->delivered,
                   queue->attempts_failed, queue->last_error});
  }
  return all;
}

std::optional<Error> Outbox::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace fengsui::dispatch
