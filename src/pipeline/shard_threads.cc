#include "pipeline/shard_threads.h"

#include <pthread.h>
#include <sched.h>

#include <utility>

namespace fengsui::pipeline {
namespace {

std::vector<size_t> cores_allowed() {
  std::vector<size_t> cores;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

void pin(std::thread& thread, size_t core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  // Where it is not allowed, the thread runs where it may.
  pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

}  // namespace

ShardThreads::ShardThreads(size_t count, std::function<void(size_t)> work, bool pinned)
    : work_(std::move(work)), thrown_(count) {
  const std::vector<size_t> cores = pinned ? cores_allowed() : std::vector<size_t>{};
  try {
    for (size_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, i] { run(i); });
      if (!cores.empty()) pin(threads_.back(), cores[i % cores.size()]);
    }
  } catch (...) {  // the system gives no more of them
    end();
    throw;
  }
}

ShardThreads::~ShardThreads() {
  sleep_while_busy();
  end();
}

void ShardThreads::end() {
  ends_ = true;
  next_turn();
  for (std::thread& thread : threads_) thread.join();
}

void ShardThreads::start() {
  busy_.store(static_cast<uint32_t>(threads_.size()), std::memory_order_relaxed);
  next_turn();
}

void ShardThreads::next_turn() {
  turn_.fetch_add(1, std::memory_order_release);
  turn_.notify_all();
}

void ShardThreads::sleep_while_busy() {
  while (const uint32_t busy = busy_.load(std::memory_order_acquire)) busy_.wait(busy);
}

void ShardThreads::wait() {
  sleep_while_busy();
  std::exception_ptr first;
  for (std::exception_ptr& thrown : thrown_) {
    if (thrown && !first) first = thrown;
    thrown = nullptr;
  }
  if (first) std::rethrow_exception(first);
}

void ShardThreads::run(size_t thread) {
  for (uint32_t turn = 0;; ++turn) {
    turn_.wait(turn, std::memory_order_acquire);
    if (ends_) return;
    try {
      work_(thread);
    } catch (...) {
      thrown_[thread] = std::current_exception();
    }
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

}  // namespace fengsui::pipeline
