// What other threads ask of the engine's: done between two commits. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace fengsui::pipeline {

class EngineTasks {
 public:
  // `task(false)`: the engine has ended, nothing may be done; at once, if it has ended already.
  using Task = std::function<void(bool runs)>;

  void ask(Task task) {
    {
      std::lock_guard lock(mutex_);
      if (!ended_) {
        tasks_.push_back(std::move(task));
        return;
      }
    }
    task(false);
  }
  // The engine's thread: the next one, to be run.
  std::optional<Task> take() {
    std::lock_guard lock(mutex_);
    if (tasks_.empty()) return std::nullopt;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }
  // Those that are left, and all that come, are told that it has ended.
  void end() {
    std::deque<Task> left;
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
      left.swap(tasks_);
    }
    for (const Task& task : left) task(false);
  }

 private:
  std::mutex mutex_;  // guards all below
  std::deque<Task> tasks_;
  bool ended_ = false;
};

}  // namespace fengsui::pipeline
