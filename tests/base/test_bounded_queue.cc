#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>

#include "base/bounded_queue.h"

using namespace fengsui;
using namespace std::chrono_literals;

TEST_CASE("a queue takes no more than its limits, with one item over the byte limit") {
  BoundedQueue<int> queue(3, 10);
  CHECK(queue.try_push(1, 4));
  CHECK(queue.try_push(2, 50));
  CHECK_FALSE(queue.try_push(3, 1));
  CHECK(queue.bytes() == 54);
  CHECK(queue.pop_up_to(1, 0s) == std::vector{1});
  CHECK_FALSE(queue.try_push(3, 1));
  CHECK(queue.pop_up_to(9, 0s) == std::vector{2});
  for (int i = 0; i < 3; ++i) CHECK(queue.try_push(int{i}, 0));
  CHECK_FALSE(queue.try_push(3, 0));
}

TEST_CASE("a full queue makes its producer wait and loses nothing") {
  BoundedQueue<int> queue(4, 1 << 20);
  constexpr int kItems = 10'000;
  std::thread producer([&] {
    for (int i = 0; i < kItems; ++i) queue.push(i, 8);
    queue.close();
  });
  int next = 0;
  while (!queue.drained()) {
    for (const int item : queue.pop_up_to(3, 1s)) CHECK(item == next++);
  }
  producer.join();
  CHECK(next == kItems);
}

TEST_CASE("a closed queue takes nothing and still gives what it holds") {
  BoundedQueue<std::string> queue(4, 100);
  CHECK(queue.push("held", 4));
  queue.close();
  CHECK_FALSE(queue.push("refused", 7));
  CHECK(queue.pop_up_to(9, 0s) == std::vector<std::string>{"held"});
  CHECK(queue.drained());
}
