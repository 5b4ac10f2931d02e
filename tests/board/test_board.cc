// The board over tables in memory: what is said and done, listed, shown and folded anew.
#include <doctest/doctest.h>

#include <random>

#include "board/board.h"
#include "state/memory_key_value.h"

namespace fengsui::board {
namespace {

using state::Table;

EventTime at(int64_t second) { return EventTime{std::chrono::seconds{second}}; }

std::string number(uint64_t i) {
  std::string text = std::to_string(i);
  return std::string(16 - text.size(), '0') + text;
}

struct Bench {
  std::shared_ptr<state::MemoryTables> shared = std::make_shared<state::MemoryTables>();
  std::unique_ptr<state::KeyValue> tables = state::make_memory_key_value(shared);
  Board board = *Board::open(*tables);
  rules::Rule rule;
  std::vector<std::string> queues{"duty"};

  Bench() {
    rule.id = "gas-repeat";
    rule.title = "Gas, again";
  }
  void reopen() { board = *Board::open(*tables); }
  alert::Record record(uint64_t i, alert::RecordKind kind, rules::Grade grade) {
    alert::Record record;
    record.alert = number(i);
    record.kind = kind;
    record.grade = grade;
    record.time = at(static_cast<int64_t>(i));
    record.area = "620502" + std::to_string(i % 3);
    record.message = "message " + std::to_string(i);
    return record;
  }
  void say(const alert::Record& record, int64_t second = 1000) {
    REQUIRE(board.say({record, rule, R"({"schema":"fengsui.alert/1"})", queues}, at(second)));
  }
  void commit() {
    REQUIRE(tables->write(board.take_writes(), state::Sync::Now));
    board.committed();
  }
  std::vector<std::string> listed(const Filter& filter, size_t most = 1000) {
    std::vector<std::string> out;
    std::optional<uint64_t> after;
    do {
      const auto page = board.list(filter, after, most);
      REQUIRE(page);
      CHECK(page->alerts.size() <= most);
      for (const auto& [alert, one] : page->alerts) out.push_back(alert);
      after = page->next;
    } while (after);
    return out;
  }
};

using alert::RecordKind;
using rules::Grade;

TEST_CASE("an alert is there with the commit that says so, and not before") {
  Bench bench;
  bench.say(bench.record(1, RecordKind::Open, Grade::Blue));
  bench.say(bench.record(1, RecordKind::Raise, Grade::Red));  // in the same commit
  CHECK(bench.listed({}).empty());
  CHECK_FALSE(bench.board.show(number(1))->has_value());
  bench.commit();
  CHECK(bench.listed({}) == std::vector<std::string>{number(1)});
  const auto shown = bench.board.show(number(1));
  REQUIRE(shown);
  REQUIRE(*shown);
  CHECK((*shown)->now.grade == Grade::Red);
  CHECK((*shown)->now.version == 2);
  REQUIRE((*shown)->history.size() == 2);
  CHECK((*shown)->history[0].grade == Grade::Blue);
  CHECK((*shown)->history[1].kind == Entry::Kind::Raise);
  CHECK(*bench.board.verify() == 1);
  CHECK(bench.board.take_writes().empty());
}

TEST_CASE("the newest is first, page by page, through every filter") {
  Bench bench;
  for (uint64_t i = 1; i <= 700; ++i) {
    bench.queues = {i % 5 == 0 ? "gas-company" : "duty"};
    bench.rule.id = i % 7 == 0 ? "fire" : "gas-repeat";
    bench.say(bench.record(i, RecordKind::Open, static_cast<Grade>(1 + i % 4)));
    if (i % 50 == 0) {
      bench.commit();
      bench.reopen();  // places go on
    }
  }
  bench.commit();
  std::vector<std::string> all;
  for (uint64_t i = 700; i >= 1; --i) all.push_back(number(i));
  CHECK(bench.listed({}) == all);
  CHECK(bench.listed({}, 1).size() == 700);
  CHECK(bench.listed({}, 256) == all);
  const auto expected = [](const auto& fits) {
    std::vector<std::string> out;
    for (uint64_t i = 700; i >= 1; --i) {
      if (fits(i)) out.push_back(number(i));
    }
    return out;
  };
  CHECK(bench.listed({.grades = {Grade::Red, Grade::Blue}}, 9) ==
        expected([](uint64_t i) { return i % 4 == 3 || i % 4 == 0; }));
  CHECK(bench.listed({.queue = "gas-company", .rule = "fire"}) ==
        expected([](uint64_t i) { return i % 35 == 0; }));
  CHECK(bench.listed({.area = "6205021"}) == expected([](uint64_t i) { return i % 3 == 1; }));
  CHECK(bench.listed({.area = "620502"}) == all);
  CHECK(bench.listed({.text = "MESSAGE 69"}) ==
        expected([](uint64_t i) { return i == 69 || i / 10 == 69; }));
  CHECK(bench.listed({.text = number(5)}) == std::vector<std::string>{number(5)});
  CHECK(bench.listed({.states = {State::Closed}}).empty());
  const auto done = bench.board.act(number(8), {Action::Ack, 1, "wang", Role::Duty, "", ""}, at(1));
  REQUIRE(done);
  REQUIRE(*done);
  CHECK(bench.listed({.states = {State::Acked}}) == std::vector<std::string>{number(8)});
}

TEST_CASE("of two officers one wins, and the other is told how it stands") {
  Bench bench;
  bench.say(bench.record(3, RecordKind::Open, Grade::Orange));
  bench.commit();
  const auto first =
      bench.board.act(number(3), {Action::Ack, 1, "wang", Role::Duty, "", ""}, at(2));
  REQUIRE(first);
  REQUIRE(*first);
  CHECK((*first)->state == State::Acked);
  const auto second = bench.board.act(number(3), {Action::Ack, 1, "li", Role::Duty, "", ""}, at(2));
  REQUIRE(second);
  REQUIRE_FALSE(*second);
  CHECK(second->error().why == Refusal::Why::Stale);
  CHECK(second->error().current.version == 2);
  const auto none = bench.board.act(number(4), {Action::Ack, 1, "li", Role::Duty, "", ""}, at(2));
  REQUIRE(none);
  CHECK(none->error().why == Refusal::Why::NoSuchAlert);
  CHECK(bench.board.show(number(3))->value().history.size() == 2);
}

TEST_CASE("random records and actions: the fold of the entries is the case, through restarts") {
  Bench bench;
  std::mt19937_64 random(5);
  std::map<std::string, uint64_t> versions;
  for (int step = 0; step < 4000; ++step) {
    const uint64_t i = 1 + random() % 60;
    if (random() % 3 == 0) {
      const auto kind = versions[number(i)] == 0 ? RecordKind::Open
                        : random() % 2 == 0      ? RecordKind::Raise
                                                 : RecordKind::Clear;
      bench.say(bench.record(i, kind, static_cast<Grade>(1 + random() % 4)), step);
      ++versions[number(i)];
      bench.commit();
    } else {
      const ActionRequest request{static_cast<Action>(random() % std::size(kActionNames)),
                                  versions[number(i)],
                                  "wang",
                                  static_cast<Role>(random() % 6),
                                  "reason",
                                  "note"};
      const auto acted = bench.board.act(number(i), request, at(step));
      REQUIRE(acted);
      if (*acted) CHECK((*acted)->version == ++versions[number(i)]);
    }
    if (step % 500 == 0) bench.reopen();
  }
  const auto verified = bench.board.verify();
  REQUIRE(verified);
  CHECK(*verified == 60);
  for (const auto& [alert, version] : versions) {
    const auto shown = bench.board.show(alert);
    REQUIRE(*shown);
    CHECK((*shown)->now.version == version);
  }
}

TEST_CASE(
    "the log has what was said and done over all alerts, in order, and goes on after a restart") {
  Bench bench;
  bench.say(bench.record(1, RecordKind::Open, Grade::Blue));
  bench.say(bench.record(2, RecordKind::Open, Grade::Red));
  CHECK(bench.board.log(0, 10)->empty());
  CHECK(bench.board.last_entry() == 0);
  bench.commit();
  CHECK(bench.board.last_entry() == 2);
  REQUIRE(*bench.board.act(number(1), {Action::Ack, 1, "wang", Role::Duty, "", ""}, at(2)));
  bench.reopen();
  bench.say(bench.record(2, RecordKind::Clear, Grade::Red));
  bench.commit();
  const auto all = bench.board.log(0, 10);
  REQUIRE(all);
  REQUIRE(all->size() == 4);
  for (size_t i = 0; i < all->size(); ++i) CHECK((*all)[i].number == i + 1);
  CHECK((*all)[0].alert == number(1));
  CHECK((*all)[0].now.state == State::Acked);  // as it is now
  CHECK((*all)[2].entry.actor == "wang");
  CHECK((*all)[3].entry.kind == Entry::Kind::Clear);
  CHECK((*all)[3].alert == number(2));
  const auto some = bench.board.log(1, 2);
  REQUIRE(some);
  REQUIRE(some->size() == 2);
  CHECK(some->front().number == 2);
  CHECK(bench.board.log(4, 10)->empty());
  CHECK(bench.board.log(99, 10)->empty());
}

TEST_CASE("a case that is not its entries' fold is found, and so is what cannot be read") {
  for (const char* const what : {"case", "entry", "lost", "log"}) {
    CAPTURE(what);
    Bench bench;
    bench.say(bench.record(1, RecordKind::Open, Grade::Blue));
    bench.say(bench.record(2, RecordKind::Open, Grade::Blue));
    bench.commit();
    REQUIRE(bench.board.verify());
    std::string key;
    const char first = what == std::string("entry") ? 'e' : what == std::string("log") ? 'l' : 'c';
    REQUIRE(bench.tables->scan(Table::Board, std::string(1, first),
                               [&](std::string_view found, std::string_view) {
                                 key = found;
                                 return false;
                               }));
    std::string value = **bench.tables->get(Table::Board, key);
    state::WriteList list;
    if (what == std::string("lost") || what == std::string("log")) {
      list.remove(Table::Board, key);
    } else {
      value[4] = static_cast<char>(value[4] ^ 0x40);
      list.put(Table::Board, key, value);
    }
    REQUIRE(bench.tables->write(list, state::Sync::Now));
    CHECK_FALSE(bench.board.verify());
  }
}

TEST_CASE("a store that fails is an error, not a refusal") {
  Bench bench;
  bench.say(bench.record(1, RecordKind::Open, Grade::Blue));
  bench.commit();
  bench.shared->fail_after(0, Error::outside("disk full"));
  const auto acted =
      bench.board.act(number(1), {Action::Ack, 1, "wang", Role::Duty, "", ""}, at(2));
  REQUIRE_FALSE(acted);
  CHECK(acted.error().message == "disk full");
  CHECK(bench.board.show(number(1))->value().now.state == State::New);
}

}  // namespace
}  // namespace fengsui::board
