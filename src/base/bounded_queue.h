// The one place where two threads meet: a queue bounded by items and by bytes. A full queue makes
// its producer wait (or be told so: try_push); nothing is ever dropped. Thread-safe.
//
// The byte limit has a soft edge: an item is admitted while the bytes held are below the limit, so
// a queue holds at most the limit and one item more; an item larger than the limit still passes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace fengsui {

template <class T>
class BoundedQueue {
 public:
  BoundedQueue(size_t items_max, size_t bytes_max) : items_max_(items_max), bytes_max_(bytes_max) {}

  // Waits for room. False: the queue is closed, the item was not taken.
  bool push(T item, size_t bytes) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return closed_ || has_room(); });
    return put(std::move(item), bytes);
  }

  // False: no room (or closed), the item was not taken.
  bool try_push(T&& item, size_t bytes) {
    std::unique_lock lock(mutex_);
    if (!has_room()) return false;
    return put(std::move(item), bytes);
  }

  // Waits until there is at least one item, the queue is closed, or `wait` has passed; takes up to
  // `most` items in order. Empty: nothing came, or the queue is closed and drained.
  std::vector<T> pop_up_to(size_t most, std::chrono::nanoseconds wait) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, wait, [&] { return closed_ || !items_.empty(); });
    std::vector<T> out;
    while (!items_.empty() && out.size() < most) {
      bytes_ -= items_.front().bytes;
      out.push_back(std::move(items_.front().item));
      items_.pop_front();
    }
    if (!out.empty()) room_.notify_all();
    return out;
  }

  // No more items come in; those held can still be taken.
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }

  bool drained() const {
    std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }
  size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }
  size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Held {
    T item;
    size_t bytes;
  };

  bool has_room() const { return items_.size() < items_max_ && bytes_ < bytes_max_; }

  bool put(T&& item, size_t bytes) {
    if (closed_) return false;
    items_.push_back({std::move(item), bytes});
    bytes_ += bytes;
    filled_.notify_one();
    return true;
  }

  const size_t items_max_;
  const size_t bytes_max_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<Held> items_;
  size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace fengsui
