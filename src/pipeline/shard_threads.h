// Threads that do a piece of work each, over and over: handed to all of them at once, waited for
// together. They sleep meanwhile; nothing spins.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace fengsui::pipeline {

class ShardThreads {
 public:
  // `work(i)` is what thread i does. `pinned`: each stays on a core of its own, as far as there are
  // so many that this process may use.
  ShardThreads(size_t count, std::function<void(size_t)> work, bool pinned);
  // Waits for work that has been handed over.
  ~ShardThreads();
  ShardThreads(const ShardThreads&) = delete;
  ShardThreads& operator=(const ShardThreads&) = delete;

  // What was written before is seen by the work; and what it has written, after wait(). Each
  // start() is followed by a wait().
  void start();
  // Throws what the work threw, that of the lowest thread; all others have ended by then too.
  void wait();

 private:
  void run(size_t thread);
  void next_turn();
  void sleep_while_busy();
  void end();

  const std::function<void(size_t)> work_;
  std::vector<std::exception_ptr> thrown_;  // by thread, in this turn
  std::atomic<uint32_t> turn_ = 0;          // counts up with each start
  std::atomic<uint32_t> busy_ = 0;          // threads that have not done this turn's work
  bool ends_ = false;                       // written before a turn begins
  std::vector<std::thread> threads_;
};

}  // namespace fengsui::pipeline
