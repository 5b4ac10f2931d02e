// A sink that tests can hold back, make fail, and look into. Thread-safe. What it has taken
// outlives it (Received), as a department's system outlives a restart of ours.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dispatch/sink.h"

namespace fengsui::test {

class FakeSink;

class Received {
 public:
  std::vector<std::string> messages() const {
    std::lock_guard lock(mutex_);
    return messages_;
  }
  // Deliveries wait from now on, until uncork().
  void cork() { set_corked(true); }
  void uncork() { set_corked(false); }
  // The next attempts fail with these, one each; of open() or deliver().
  void fail_next_open(Error error) { push(open_errors_, std::move(error)); }
  void fail_next_delivery(Error error) { push(delivery_errors_, std::move(error)); }
  // The next delivery takes its messages and then fails, as a lost answer does.
  void lose_next_answer(Error error) { push(lost_answers_, std::move(error)); }
  // Waits until so many attempts to deliver have been made.
  void wait_attempts(size_t attempts) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts_ >= attempts; });
  }
  size_t attempts() const {
    std::lock_guard lock(mutex_);
    return attempts_;
  }
  size_t largest_batch() const {
    std::lock_guard lock(mutex_);
    return largest_batch_;
  }
  // A delivery takes so many messages at most.
  void take_at_most(size_t messages) {
    std::lock_guard lock(mutex_);
    most_ = messages;
  }
  // After a failure it wants to be left alone for so long.
  void ask_to_wait(Duration wait) {
    std::lock_guard lock(mutex_);
    wait_ = wait;
  }
  // What open() answers instead of the mark's sequence.
  void know(uint64_t sequence) {
    std::lock_guard lock(mutex_);
    known_ = sequence;
  }
  dispatch::DeliveryMark opened_with() const {
    std::lock_guard lock(mutex_);
    return opened_with_;
  }

 private:
  friend class FakeSink;
  void set_corked(bool corked) {
    std::lock_guard lock(mutex_);
    corked_ = corked;
    changed_.notify_all();
  }
  void push(std::deque<Error>& errors, Error error) {
    std::lock_guard lock(mutex_);
    errors.push_back(std::move(error));
  }
  static std::optional<Error> take(std::deque<Error>& errors) {
    if (errors.empty()) return std::nullopt;
    Error error = std::move(errors.front());
    errors.pop_front();
    return error;
  }

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::vector<std::string> messages_;
  bool corked_ = false;
  size_t attempts_ = 0;
  size_t largest_batch_ = 0;
  size_t most_ = SIZE_MAX;
  Duration wait_{0};
  std::optional<uint64_t> known_;
  std::deque<Error> open_errors_, delivery_errors_, lost_answers_;
  dispatch::DeliveryMark opened_with_;
};

class FakeSink final : public dispatch::Sink {
 public:
  explicit FakeSink(std::shared_ptr<Received> received) : received_(std::move(received)) {}

  Expected<uint64_t> open(const dispatch::DeliveryMark& mark) override {
    std::lock_guard lock(received_->mutex_);
    received_->opened_with_ = mark;
    if (auto error = Received::take(received_->open_errors_)) return fail(*error);
    return received_->known_.value_or(mark.sequence);
  }

  Expected<dispatch::DeliveryMark> deliver(
      std::span<const dispatch::OutboxEntry> entries) override {
    std::unique_lock lock(received_->mutex_);
    ++received_->attempts_;
    received_->largest_batch_ = std::max(received_->largest_batch_, entries.size());
    received_->changed_.notify_all();
    received_->changed_.wait(lock, [&] { return !received_->corked_; });
    if (auto error = Received::take(received_->delivery_errors_)) return fail(*error);
    entries = entries.first(std::min(entries.size(), received_->most_));
    for (const dispatch::OutboxEntry& entry : entries) {
      received_->messages_.push_back(entry.message);
    }
    if (auto error = Received::take(received_->lost_answers_)) return fail(*error);
    return dispatch::DeliveryMark{entries.back().sequence,
                                  "taken " + std::to_string(received_->messages_.size())};
  }

  Duration asked_to_wait() const override {
    std::lock_guard lock(received_->mutex_);
    return received_->wait_;
  }

  void close() override {}

 private:
  std::shared_ptr<Received> received_;
};

}  // namespace fengsui::test
