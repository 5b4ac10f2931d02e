// What must hold of the table as a whole (alerts.md, "Life of an alert").
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "board/life.h"

namespace fengsui::board {
namespace {

using States = std::set<State>;

// All that can be reached from `from` by transitions that `takes` takes.
template <class Takes>
States reached(State from, const Takes& takes) {
  States states{from};
  for (size_t before = 0; before != states.size();) {
    before = states.size();
    for (const Transition& transition : transitions()) {
      if (!transition.from || !transition.to || !takes(transition)) continue;
      if (states.contains(*transition.from)) states.insert(*transition.to);
    }
  }
  return states;
}

const auto kAny = [](const Transition&) { return true; };

TEST_CASE("every state is reached, and every state can reach the archive") {
  CHECK(reached(State::New, kAny).size() == kStates);
  for (size_t i = 0; i < kStates; ++i) {
    CAPTURE(kStateNames[i]);
    CHECK(reached(static_cast<State>(i), kAny).contains(State::Archived));
  }
}

TEST_CASE("nothing reaches dispatched or closed without a person") {
  const States alone = reached(State::New, [](const Transition& transition) {
    return (transition.roles & set_of(Role::System)) != 0;
  });
  CHECK(alone == States{State::New, State::Inhibited, State::Merged, State::ToBatchReview});
  for (const Transition& transition : transitions()) {
    const bool decides = transition.to == State::Dispatched || transition.to == State::Closed ||
                         transition.to == State::Archived;
    if (decides) CHECK((transition.roles & set_of(Role::System)) == 0);
  }
}

TEST_CASE("what is closed or called false is seen by a second person where the table says so") {
  for (const Transition& transition : transitions()) {
    CAPTURE(kActionNames[static_cast<size_t>(transition.action)]);
    if (transition.action == Action::Confirm) {
      CHECK((transition.conditions & kNotProposer) != 0);
    }
    if (transition.to == State::Archived) CHECK((transition.conditions & kNotHandler) != 0);
    const bool closes_high =
        transition.action == Action::Close && (transition.conditions & kLowGrade) == 0;
    if (closes_high) {
      CHECK(transition.roles == set_of(Role::Lead));
      CHECK((transition.conditions & kNotHandler) != 0);
    }
  }
}

TEST_CASE("an action of a role in a state leads to one state") {
  std::set<std::string> seen;
  for (const Transition& transition : transitions()) {
    REQUIRE(transition.roles != 0);
    for (size_t role = 0; role < std::size(kRoleNames); ++role) {
      if ((transition.roles & set_of(static_cast<Role>(role))) == 0) continue;
      for (const int grade : {kLowGrade, kHighGrade}) {
        const int other = kLowGrade + kHighGrade - grade;
        if ((transition.conditions & other) != 0) continue;
        const size_t from = transition.from ? static_cast<size_t>(*transition.from) : kStates;
        CHECK(seen.insert(std::to_string(from) + " " +
                          kActionNames[static_cast<size_t>(transition.action)] + " " +
                          std::to_string(role) + " " + std::to_string(grade))
                  .second);
      }
    }
  }
}

TEST_CASE("names are one each, and nobody is the system") {
  CHECK(std::set<std::string>(std::begin(kStateNames), std::end(kStateNames)).size() == kStates);
  CHECK(std::set<std::string>(std::begin(kActionNames), std::end(kActionNames)).size() ==
        std::size(kActionNames));
  CHECK(state_named("archived") == State::Archived);
  CHECK(action_named("queue_batch") == Action::QueueForBatch);
  CHECK(role_named("revisit") == Role::Revisit);
  CHECK_FALSE(role_named("system"));
  CHECK_FALSE(state_named("open"));
}

TEST_CASE("a raise opens again what was reported or closed, and nothing else") {
  for (size_t i = 0; i < kStates; ++i) {
    const auto state = static_cast<State>(i);
    const bool over =
        state == State::Reported || state == State::Closed || state == State::Archived;
    CHECK(after_raise(state) == (over ? State::Reopened : state));
  }
}

}  // namespace
}  // namespace fengsui::board
