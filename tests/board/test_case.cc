#include <doctest/doctest.h>

#include <random>

#include "board/case.h"

namespace fengsui::board {
namespace {

using Why = Refusal::Why;

EventTime at(int64_t second) { return EventTime{std::chrono::seconds{second}}; }

Entry opened(rules::Grade grade) {
  Entry entry;
  entry.place = 7;
  entry.at = at(100);
  entry.grade = grade;
  entry.rule = "gas-repeat";
  entry.title = "燃气";
  entry.opened = at(90);
  entry.area = "620502001";
  entry.message = "五个电话";
  entry.queues = {"duty", "gas-company"};
  entry.record = "{}";
  return entry;
}

Case of(rules::Grade grade) {
  Case one;
  apply(opened(grade), one);
  return one;
}

// Does it; what the table refuses fails the test.
void act(Case& one, Action action, Role role, const std::string& actor) {
  const auto entry = check(one, {action, one.version, actor, role, "reason", "note"}, at(200));
  if (!entry) FAIL(entry.error().message);
  apply(*entry, one);
}

std::optional<Why> refusal(const Case& one, ActionRequest request) {
  const auto entry = check(one, request, at(200));
  if (entry) return std::nullopt;
  CHECK_FALSE(entry.error().message.empty());
  return entry.error().why;
}

TEST_CASE("from open to archived, and who may not do what") {
  Case one = of(rules::Grade::Red);
  CHECK(one.state == State::New);
  CHECK(one.version == 1);
  CHECK(one.arrived == at(100));
  act(one, Action::Ack, Role::Duty, "wang");
  act(one, Action::Dispatch, Role::Duty, "wang");
  act(one, Action::Accept, Role::Handler, "li");
  CHECK(one.handler == "li");
  act(one, Action::Report, Role::Handler, "li");
  CHECK(one.version == 5);
  // Red is closed by the lead, who has not handled it.
  CHECK(refusal(one, {Action::Close, 5, "wang", Role::Duty, "done", ""}) == Why::NotAllowed);
  CHECK(refusal(one, {Action::Close, 5, "li", Role::Lead, "done", ""}) == Why::NotAllowed);
  CHECK(refusal(one, {Action::Close, 5, "zhao", Role::Lead, "", ""}) == Why::Incomplete);
  CHECK(refusal(one, {Action::Close, 4, "zhao", Role::Lead, "done", ""}) == Why::Stale);
  CHECK(refusal(one, {Action::Ack, 5, "zhao", Role::Lead, "", ""}) == Why::NotPossible);
  act(one, Action::Close, Role::Lead, "zhao");
  CHECK(one.outcome == Outcome::Confirmed);
  CHECK(refusal(one, {Action::RevisitOk, 6, "li", Role::Revisit, "", ""}) == Why::NotAllowed);
  act(one, Action::RevisitOk, Role::Revisit, "qian");
  CHECK(one.state == State::Archived);
  CHECK(one.changed == at(200));
}

TEST_CASE("a false alarm takes two, and is open again if the second says no") {
  Case one = of(rules::Grade::Blue);
  act(one, Action::Ack, Role::Duty, "wang");
  act(one, Action::Verify, Role::Duty, "wang");
  act(one, Action::FalsePositive, Role::Duty, "wang");
  CHECK(refusal(one, {Action::Confirm, one.version, "wang", Role::Lead, "", ""}) ==
        Why::NotAllowed);
  Case other = one;
  act(other, Action::Reject, Role::Lead, "zhao");
  CHECK(other.state == State::Verifying);
  act(one, Action::Confirm, Role::Lead, "zhao");
  CHECK(one.state == State::Closed);
  CHECK(one.outcome == Outcome::FalsePositive);
  act(one, Action::Reopen, Role::Lead, "zhao");
  CHECK(one.outcome == Outcome::None);
}

TEST_CASE("returned once, not twice") {
  Case one = of(rules::Grade::Yellow);
  act(one, Action::Ack, Role::Lead, "zhao");
  act(one, Action::Dispatch, Role::Lead, "zhao");
  CHECK(refusal(one, {Action::Return, one.version, "li", Role::Handler, "", ""}) ==
        Why::Incomplete);
  act(one, Action::Return, Role::Handler, "li");
  act(one, Action::Redispatch, Role::Duty, "wang");
  CHECK(refusal(one, {Action::Return, one.version, "li", Role::Handler, "law", ""}) ==
        Why::NotPossible);
  for (const Transition* transition : possible(one)) CHECK(transition->action != Action::Return);
}

TEST_CASE("the engine raises and clears: neither closes, and a raise opens again") {
  Case one = of(rules::Grade::Yellow);
  act(one, Action::Ack, Role::Duty, "wang");
  act(one, Action::Dispatch, Role::Duty, "wang");
  act(one, Action::Accept, Role::GridWorker, "sun");
  Entry clear;
  clear.kind = Entry::Kind::Clear;
  clear.at = at(300);
  clear.queues = {"township"};
  apply(clear, one);
  CHECK(one.cleared);
  CHECK(one.state == State::Handling);
  CHECK(one.area == "620502001");
  CHECK(one.queues == std::vector<std::string>{"duty", "gas-company", "township"});
  act(one, Action::Report, Role::GridWorker, "sun");
  act(one, Action::Close, Role::Duty, "wang");
  Entry raise = opened(rules::Grade::Orange);
  raise.kind = Entry::Kind::Raise;
  raise.message = "八个电话";
  apply(raise, one);
  CHECK(one.state == State::Reopened);
  CHECK(one.outcome == Outcome::None);
  CHECK(one.grade == rules::Grade::Orange);
  CHECK_FALSE(one.cleared);
  CHECK(one.message == "八个电话");
  CHECK(one.arrived == at(100));
  raise.grade = rules::Grade::Blue;  // never lower
  apply(raise, one);
  CHECK(one.grade == rules::Grade::Orange);
}

TEST_CASE("what is stored reads back the same, and bytes that are cut are damage") {
  Case one = of(rules::Grade::Orange);
  act(one, Action::Ack, Role::Duty, "wang");
  act(one, Action::Supervise, Role::Supervisor, "chen");
  one.handler = "li";
  one.proposer = "wang";
  std::string bytes;
  encode(one, bytes);
  const auto back = decode_case(bytes);
  REQUIRE(back);
  CHECK(*back == one);
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(decode_case(bytes.substr(0, size)));
  }
  Entry raise = opened(rules::Grade::Red);
  raise.kind = Entry::Kind::Raise;
  Entry clear = raise;
  clear.kind = Entry::Kind::Clear;
  Entry action;
  action.kind = Entry::Kind::Action;
  action.action = Action::Close;
  action.role = Role::Lead;
  action.actor = "zhao";
  action.reason = "leak-stopped";
  action.to = State::Closed;
  for (const Entry& entry : {opened(rules::Grade::Blue), raise, clear, action}) {
    std::string first, second;
    encode(entry, first);
    const auto read = decode_entry(first);
    REQUIRE(read);
    encode(*read, second);
    CHECK(first == second);
    for (size_t size = 0; size < first.size(); ++size) {
      CHECK_FALSE(decode_entry(first.substr(0, size)));
    }
  }
}

TEST_CASE("whatever anybody tries, a case is where its last allowed action led") {
  std::mt19937_64 random(11);
  const std::string actors[] = {"wang", "li", "zhao"};
  size_t done = 0;
  for (int round = 0; round < 300; ++round) {
    Case one = of(static_cast<rules::Grade>(1 + random() % 4));
    for (int step = 0; step < 300; ++step) {
      const ActionRequest request{static_cast<Action>(random() % std::size(kActionNames)),
                                  random() % 8 == 0 ? one.version - 1 : one.version,
                                  actors[random() % 3],
                                  static_cast<Role>(random() % 6),
                                  random() % 4 == 0 ? "" : "reason",
                                  random() % 4 == 0 ? "" : "note"};
      const Case before = one;
      const auto entry = check(one, request, at(step));
      if (!entry) continue;
      apply(*entry, one);
      ++done;
      CHECK(one.version == before.version + 1);
      bool in_table = false;
      for (const Transition& transition : transitions()) {
        in_table = in_table || (transition.action == request.action &&
                                (!transition.from || *transition.from == before.state) &&
                                transition.to.value_or(before.state) == one.state &&
                                (transition.roles & set_of(request.role)) != 0);
      }
      CHECK(in_table);
      CHECK(one.grade == before.grade);
    }
  }
  CHECK(done > 3000);
}

}  // namespace
}  // namespace fengsui::board
