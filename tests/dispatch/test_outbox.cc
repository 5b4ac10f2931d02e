#include <doctest/doctest.h>

#include <thread>

#include "base/clock.h"
#include "dispatch/fake_sink.h"
#include "dispatch/outbox.h"
#include "state/memory_key_value.h"

namespace fengsui::dispatch {
namespace {

using test::FakeSink;
using test::Received;
using Strings = std::vector<std::string>;

constexpr std::chrono::seconds kLong{60};  // of real time; no test waits so long unless it fails

// A store in memory, an outbox over it, and a queue `duty`; reopen() is a restart.
struct Bench {
  std::shared_ptr<state::MemoryTables> tables = std::make_shared<state::MemoryTables>();
  std::shared_ptr<Received> received = std::make_shared<Received>();
  ManualClock clock{EventTime{Duration{1'000'000}}};
  OutboxOptions options;
  std::unique_ptr<state::Store> store;
  std::unique_ptr<Outbox> outbox;
  uint64_t position = 0;

  explicit Bench(OutboxOptions with = {}) : options(std::move(with)) { reopen(); }

  void reopen() {
    outbox.reset();
    auto opened = state::Store::open(state::make_memory_key_value(tables), {.pack_hash = "p"});
    REQUIRE(opened);
    store = std::move(*opened);
    position = value_of(store->recovered().last);
    outbox = std::make_unique<Outbox>(*store, clock, options);
    outbox->add_queue("duty", std::make_unique<FakeSink>(received));
  }

  void commit(const Strings& messages) {
    state::Commit commit;
    commit.frame.position = LogPosition{++position};
    for (const std::string& message : messages) {
      commit.outbox.push_back(outbox->number("duty", "key", message));
    }
    REQUIRE(store->commit(commit));
    outbox->committed();
  }

  Strings left() {
    Strings messages;
    const auto entries = store->outbox_after("duty", 0, {});
    REQUIRE(entries);
    for (const auto& entry : *entries) messages.push_back(entry.message);
    return messages;
  }
};

TEST_CASE("entries are delivered in order, marked and forgotten") {
  Bench bench;
  REQUIRE(bench.outbox->start());
  bench.commit({"a", "b"});
  bench.commit({});
  bench.commit({"c"});
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a", "b", "c"});
  CHECK(bench.outbox->depth() == 0);
  bench.outbox->stop();
  CHECK(bench.left().empty());
}

TEST_CASE("what is committed and not delivered goes out after a restart, once") {
  Bench bench;
  bench.commit({"a", "b"});
  CHECK(bench.outbox->depth() == 2);
  bench.reopen();
  REQUIRE(bench.outbox->start());
  REQUIRE(bench.outbox->wait_drained(kLong));
  bench.commit({"c"});
  REQUIRE(bench.outbox->wait_drained(kLong));
  bench.reopen();
  REQUIRE(bench.outbox->start());
  CHECK(bench.outbox->depth() == 0);
  CHECK(bench.received->opened_with().sequence == 3);
  CHECK(bench.received->opened_with().sink_state == "taken 3");
  CHECK(bench.received->messages() == Strings{"a", "b", "c"});
}

TEST_CASE("an entry waits until its commit is told, though the store has it") {
  Bench bench;
  bench.commit({"a"});
  state::Commit commit;
  commit.frame.position = LogPosition{++bench.position};
  commit.outbox.push_back(bench.outbox->number("duty", "key", "b"));
  REQUIRE(bench.store->commit(commit));
  REQUIRE(bench.outbox->start());
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a"});
  bench.outbox->committed();
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a", "b"});
  CHECK_FALSE(bench.outbox->failure());
}

TEST_CASE("a failed delivery is tried again after a pause of the clock, in order") {
  Bench bench({.retry_pause_first = Duration{1000}});
  bench.received->fail_next_delivery(Error::outside("no route", true));
  REQUIRE(bench.outbox->start());
  bench.commit({"a"});
  bench.received->wait_attempts(1);
  bench.commit({"b"});
  // No time has passed: nobody tries.
  CHECK_FALSE(bench.outbox->wait_drained(std::chrono::nanoseconds{1}));
  CHECK(bench.received->attempts() == 1);
  // The pause is between a half and the whole of the first one.
  while (bench.outbox->status()[0].attempts_failed == 0) std::this_thread::yield();
  CHECK(bench.outbox->status()[0].last_error == "no route");
  bench.clock.advance(Duration{499});
  bench.outbox->look_at_clock();
  CHECK(bench.received->attempts() == 1);
  bench.clock.advance(Duration{501});
  bench.outbox->look_at_clock();
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a", "b"});
  CHECK(bench.outbox->status()[0].last_error.empty());
  CHECK(bench.outbox->status()[0].attempts_failed == 1);
}

TEST_CASE("a sink that takes some of a batch gets the rest, each message once") {
  Bench bench;
  bench.received->take_at_most(2);
  bench.commit({"a", "b", "c", "d", "e"});
  REQUIRE(bench.outbox->start());
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a", "b", "c", "d", "e"});
  CHECK(bench.outbox->status()[0].delivered == 5);
}

TEST_CASE("a receiver that wants to be left alone is") {
  Bench bench;
  bench.received->fail_next_delivery(Error::outside("429", true));
  bench.received->ask_to_wait(std::chrono::minutes{5});
  REQUIRE(bench.outbox->start());
  bench.commit({"a"});
  bench.received->wait_attempts(1);
  while (bench.outbox->status()[0].attempts_failed == 0) std::this_thread::yield();
  bench.clock.advance(std::chrono::minutes{5} - Duration{1});
  bench.outbox->look_at_clock();
  CHECK_FALSE(bench.outbox->wait_drained(std::chrono::nanoseconds{1}));
  CHECK(bench.received->attempts() == 1);
  bench.clock.advance(Duration{1});
  bench.outbox->look_at_clock();
  REQUIRE(bench.outbox->wait_drained(kLong));
}

TEST_CASE("stop does not wait for a pause to pass") {
  Bench bench({.retry_pause_first = std::chrono::hours{24}});
  bench.received->fail_next_delivery(Error::outside("no route", true));
  REQUIRE(bench.outbox->start());
  bench.commit({"a"});
  bench.received->wait_attempts(1);
  bench.outbox->stop();
  CHECK(bench.left() == Strings{"a"});
  bench.reopen();
  REQUIRE(bench.outbox->start());
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a"});
}

TEST_CASE("a slow sink gets what has gathered, in batches no larger than allowed") {
  Bench bench({.batch_entries_max = 3});
  bench.received->cork();
  REQUIRE(bench.outbox->start());
  bench.commit({"1"});
  bench.received->wait_attempts(1);
  bench.commit({"2", "3", "4", "5", "6"});
  CHECK(bench.outbox->depth() == 6);
  bench.received->uncork();
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"1", "2", "3", "4", "5", "6"});
  CHECK(bench.received->largest_batch() == 3);
}

TEST_CASE("an error that is not retryable is the outbox's failure") {
  Bench bench;
  bench.received->fail_next_delivery(Error::outside("fenced", false));
  REQUIRE(bench.outbox->start());
  bench.commit({"a"});
  CHECK_FALSE(bench.outbox->wait_drained(kLong));
  REQUIRE(bench.outbox->failure());
  CHECK(bench.outbox->failure()->message == "fenced");
  CHECK(bench.left() == Strings{"a"});
}

TEST_CASE("a sink that cannot be opened refuses the start, one that is away is tried again") {
  Bench bench({.retry_pause_first = Duration{0}});
  bench.received->fail_next_open(Error::outside("gone", false));
  const auto refused = bench.outbox->start();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "gone");
  bench.reopen();
  bench.received->fail_next_open(Error::outside("away", true));
  REQUIRE(bench.outbox->start());
  bench.commit({"a"});
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"a"});
}

TEST_CASE("a sink that knows more than the mark is believed; one that knows the future is not") {
  Bench bench;
  bench.commit({"a", "b", "c"});
  bench.received->know(2);
  REQUIRE(bench.outbox->start());
  REQUIRE(bench.outbox->wait_drained(kLong));
  CHECK(bench.received->messages() == Strings{"c"});
  bench.reopen();
  bench.received->know(9);
  const auto refused = bench.outbox->start();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("older") != std::string::npos);
}

}  // namespace
}  // namespace fengsui::dispatch
