// The engine's duty desk: who is told, the board, silences; by the clock and through restarts.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>

#include "pipeline/ask_desk.h"
#include "pipeline/memory_bench.h"

namespace fengsui::test {
namespace {

// Kind, grade of each message.
Strings said_to(const Received& received) {
  Strings out;
  for (const std::string& message : received.messages()) {
    const auto of = [&](const std::string& key) {
      const size_t at = message.find("\"" + key + "\":\"") + key.size() + 4;
      return message.substr(at, message.find('"', at) - at);
    };
    out.push_back(of("kind") + " " + of("grade"));
  }
  return out;
}

TEST_CASE("records go where their labels lead, and to whoever heard of the alert before") {
  pipeline::EngineOptions options = engine_options({});
  dispatch::Route& orange = options.plan.route.routes.emplace_back();
  orange.options.queue = "township";
  orange.matchers = *dispatch::parse_matchers("rule=burst,grade=~\"orange|red\"");
  MemoryBench bench;
  bench.open(options);
  const auto pass = [&](int n) {
    REQUIRE(bench.push("p", {pass_line("e" + std::to_string(n), n * 1000, "G", 1)}));
  };
  for (int n = 1; n <= 3; ++n) pass(n);
  SUBCASE("in one go") {}
  SUBCASE("with a restart between") {
    REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
    bench.open(options);
  }
  for (int n = 4; n <= 6; ++n) pass(n);
  REQUIRE(bench.push("p", {pass_line("z", 200'000, "Z", 1)}));  // the gate has been quiet
  REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
  const Strings heard = said_to(*bench.received);
  // Of `hourly`, which goes to duty alone, there is one more.
  CHECK(std::count(heard.begin(), heard.end(), "open orange") == 1);
  Strings burst = heard;
  std::erase(burst, "open orange");
  CHECK(burst == Strings{"open yellow", "raise orange", "raise red", "clear red"});
  CHECK(said_to(*bench.township) == Strings{"raise orange", "raise red", "clear red"});
}

using Acted = Expected<board::Board::Acted>;

Acted act(Engine& engine, const std::string& alert, board::ActionRequest request) {
  std::promise<Acted> promise;
  pipeline::ask_desk<board::Board::Acted>(
      engine, [&](pipeline::Desk& desk, EventTime now) { return desk.act(alert, request, now); },
      [&](Acted acted) { promise.set_value(std::move(acted)); });
  return promise.get_future().get();
}

TEST_CASE("an alert is on the board with its commit, and what people do survives a restart") {
  MemoryBench bench;
  bench.open(engine_options({}));
  REQUIRE(bench.push("p", {pass_line("h", 0, "G", 99)}));
  auto page = bench.engine->desk().board()->list({}, std::nullopt, 10);
  REQUIRE(page);
  REQUIRE(page->alerts.size() == 1);
  const auto [alert, first] = page->alerts.front();
  CHECK(first.state == board::State::New);
  CHECK(first.arrived == bench.clock.wall());
  CHECK(first.queues == Strings{"duty"});
  bench.clock.advance(Duration{5000});
  const Acted acted =
      act(*bench.engine, alert, {board::Action::Ack, 1, "wang", board::Role::Duty, "", ""});
  REQUIRE(acted);
  REQUIRE(*acted);
  CHECK((*acted)->changed == bench.clock.wall());
  bench.open(engine_options({}));
  const auto shown = bench.engine->desk().board()->show(alert);
  REQUIRE(shown);
  REQUIRE(*shown);
  CHECK((*shown)->now == **acted);
  REQUIRE((*shown)->history.size() == 2);
  // What the queue got says also which queue it is.
  const std::string& record = (*shown)->history[0].record;
  CHECK(bench.received->messages().front() ==
        record.substr(0, record.size() - 1) + R"(,"queue":"duty"})");
  CHECK((*shown)->history[1].actor == "wang");
  REQUIRE(bench.engine->stop());
  const Acted late =
      act(*bench.engine, alert, {board::Action::Verify, 2, "wang", board::Role::Duty, "", ""});
  CHECK_FALSE(late);
}

// Alert and what became of it, in the order in which the queue got them.
Strings duty_heard(const MemoryBench& bench) {
  Strings out = said_to(*bench.received);
  const Strings messages = bench.received->messages();
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].find("\"repeat\":true") != std::string::npos) out[i] += " again";
  }
  return out;
}

TEST_CASE("groups wait and repeat by the clock, and restarts lose and double nothing") {
  pipeline::EngineOptions options = engine_options({});
  dispatch::RouteOptions& route = options.plan.route.options;
  route.grouped = true;
  route.group_wait = std::chrono::seconds{30};
  route.group_interval = std::chrono::minutes{5};
  route.repeat_interval = std::chrono::hours{1};
  bool restarts = false;
  SUBCASE("in one go") {}
  SUBCASE("with restarts between") { restarts = true; }
  MemoryBench bench;
  bench.open(options);
  const auto restart = [&] {
    if (!restarts) return;
    REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
    bench.open(options);
  };
  REQUIRE(bench.push("p", {pass_line("h", 0, "G", 99)}));
  restart();
  bench.clock.advance(std::chrono::seconds{29});
  REQUIRE(bench.push("p", {pass_line("i", 1, "Z", 1)}));
  CHECK(bench.received->messages().empty());
  restart();
  bench.clock.advance(std::chrono::seconds{1});
  bench.until([&](const auto&) { return bench.received->messages().size() == 1; });
  restart();
  bench.clock.advance(std::chrono::hours{2});
  bench.until([&](const auto&) { return bench.received->messages().size() == 2; });
  CHECK(duty_heard(bench) == Strings{"open blue", "open blue again"});
}

TEST_CASE("an alert that is silenced is on the board with what holds it, and told when it ends") {
  MemoryBench bench;
  bench.open(engine_options({}));
  std::promise<void> set_now;
  const auto silence = [&](pipeline::Desk* desk, EventTime now) -> Expected<void> {
    dispatch::Silence one;
    one.matchers = *dispatch::parse_matchers("rule=single");
    one.ends = now + std::chrono::hours{1};
    one.author = "li";
    one.reason = "drill";
    const auto set = desk->set_silence(std::move(one), "s1", now);
    const bool is_set = set && *set;
    set_now.set_value();
    return is_set ? Expected<void>{} : fail(Error::outside("not set"));
  };
  bench.engine->at_desk(silence);
  set_now.get_future().wait();
  REQUIRE(bench.push("p", {pass_line("h", 0, "G", 99)}));
  const auto only = [&] {
    const auto page = bench.engine->desk().board()->list({}, std::nullopt, 10);
    REQUIRE(page);
    REQUIRE(page->alerts.size() == 1);
    return page->alerts.front().second;
  };
  bench.until([&](const auto&) { return !only().held_by.empty(); });
  CHECK(only().held_by.find("silence s1 of li until ") == 0);
  CHECK(only().queues == Strings{"duty"});
  CHECK(bench.received->messages().empty());
  bench.open(engine_options({}));
  bench.clock.advance(std::chrono::hours{1});
  bench.until([&](const auto&) { return only().held_by.empty(); });
  bench.until([&](const auto&) { return bench.received->messages().size() == 1; });
  CHECK(said_to(*bench.received) == Strings{"open blue"});
  REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
  CHECK(bench.engine->desk().board()->verify());
}

pipeline::EngineOptions with_deadlines() {
  pipeline::EngineOptions options = engine_options({});
  auto deadlines = std::make_shared<dispatch::Deadlines>();
  deadlines->of(rules::Grade::Red, board::Phase::Receive) = std::chrono::minutes{10};
  deadlines->of(rules::Grade::Red, board::Phase::Dispatch) = std::chrono::minutes{20};
  options.plan.route.options.deadlines = std::move(deadlines);
  options.plan.supervision = "township";
  return options;
}

// Of `burst`, an alert of grade red.
void make_red(MemoryBench& bench) {
  Strings lines;
  for (int n = 1; n <= 6; ++n) {
    lines.push_back(pass_line("e" + std::to_string(n), n * 1000, "G", 1));
  }
  REQUIRE(bench.push("p", lines));
}

TEST_CASE("a deadline reminds, flashes, escalates and is supervised, each once, down or not") {
  const Strings all = {"remind receive", "flash receive", "escalate receive", "supervise receive"};
  MemoryBench bench;
  bench.open(with_deadlines());
  make_red(bench);
  const auto alerts = [&] {
    const auto page = bench.engine->desk().board()->list({}, std::nullopt, 10);
    REQUIRE(page);
    return page->alerts;
  };
  // Only the red one has a deadline.
  const auto red = [&] {
    for (const auto& [alert, one] : alerts()) {
      if (one.grade == rules::Grade::Red) return std::pair{alert, one};
    }
    FAIL("no red alert");
    return std::pair<std::string, board::Case>{};
  };
  const auto stage = [&] { return red().second.stage; };
  const EventTime arrived = red().second.since;
  SUBCASE("as time passes") {
    bench.clock.advance(std::chrono::minutes{5} - Duration{1});
    REQUIRE(bench.push("p", {pass_line("y", 7'000, "Y", 1)}));
    CHECK(stage() == 0);
    bench.clock.advance(Duration{1});
    bench.until([&](const auto&) { return stage() == 1; });
    bench.clock.advance(std::chrono::minutes{3});
    bench.until([&](const auto&) { return stage() == 2; });
    bench.clock.advance(std::chrono::minutes{2});
    bench.until([&](const auto&) { return stage() == 3; });
    CHECK_FALSE(red().second.supervised);
    bench.clock.advance(std::chrono::minutes{5});
    bench.until([&](const auto&) { return stage() == 4; });
  }
  SUBCASE("while the process was down, and the clock is set back then") {
    REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
    bench.clock.advance(std::chrono::hours{1});
    bench.open(with_deadlines());
    bench.until([&](const auto&) { return stage() == 4; });
    REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
    bench.clock.advance(-std::chrono::hours{2});
    bench.open(with_deadlines());
    bench.clock.advance(std::chrono::hours{3});
    REQUIRE(bench.push("p", {pass_line("y", 7'000, "Y", 1)}));
  }
  SUBCASE("with a restart at any time") {
    for (int minute = 0; minute < 20; minute += 3) {
      REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
      bench.clock.advance(std::chrono::minutes{3});
      bench.open(with_deadlines());
    }
    bench.until([&](const auto&) { return stage() == 4; });
  }
  CHECK(red().second.supervised);
  CHECK(red().second.since == arrived);
  const auto shown = bench.engine->desk().board()->show(red().first);
  Strings actions;
  for (const board::Entry& entry : (*shown)->history) {
    if (entry.kind != board::Entry::Kind::Action) continue;
    actions.push_back(std::string(board::kActionNames[static_cast<size_t>(entry.action)]) + " " +
                      entry.reason);
  }
  CHECK(actions == all);
  REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
  CHECK(bench.engine->desk().board()->verify());
  Strings overdue;
  for (const auto& queue : {bench.received, bench.township}) {
    for (const std::string& message : queue->messages()) {
      const size_t at = message.find("\"overdue\"");
      if (at != message.npos) overdue.push_back(message.substr(at));
    }
  }
  for (std::string& text : overdue) text = text.substr(0, text.find('}') + 1);
  CHECK(overdue == Strings{R"("overdue":{"stage":"escalate","phase":"receive"})",
                           R"("overdue":{"stage":"supervise","phase":"receive"})"});
}

TEST_CASE("who acts in time is not reminded, and the next wait has a deadline of its own") {
  MemoryBench bench;
  bench.open(with_deadlines());
  make_red(bench);
  const board::Board* board = bench.engine->desk().board();
  std::string alert;
  const auto page = board->list({}, std::nullopt, 10);
  REQUIRE(page);
  for (const auto& [name, one] : page->alerts) {
    if (one.grade == rules::Grade::Red) alert = name;
  }
  bench.clock.advance(std::chrono::minutes{4});
  const auto version = (*board->show(alert))->now.version;
  const Acted acted =
      act(*bench.engine, alert, {board::Action::Ack, version, "wang", board::Role::Duty, "", ""});
  REQUIRE(acted);
  REQUIRE(*acted);
  CHECK((*acted)->since == bench.clock.wall());
  REQUIRE((*acted)->stages);
  CHECK((*(*acted)->stages)[2] == bench.clock.wall() + std::chrono::minutes{20});
  bench.clock.advance(std::chrono::minutes{9});
  REQUIRE(bench.push("p", {pass_line("y", 7'000, "Y", 1)}));
  CHECK((*board->show(alert))->now.stage == 0);
  bench.clock.advance(std::chrono::minutes{1});
  bench.until([&](const auto&) { return (*board->show(alert))->now.stage == 1; });
  // Handed on, it waits for nobody who has a deadline.
  const Acted sent = act(*bench.engine, alert,
                         {board::Action::Dispatch, version + 2, "wang", board::Role::Duty, "", ""});
  REQUIRE(sent);
  REQUIRE(*sent);
  CHECK_FALSE((*sent)->stages);
  CHECK((*sent)->stage == 0);
}

TEST_CASE("an alert that comes long after its time is on the board, and makes no sound") {
  pipeline::EngineOptions options = engine_options({});
  options.plan.stale_after = std::chrono::hours{22};
  MemoryBench bench;
  bench.open(options);
  const auto held = [&] {
    Strings out;
    const auto page = bench.engine->desk().board()->list({}, std::nullopt, 10);
    REQUIRE(page);
    for (const auto& [alert, one] : page->alerts) out.push_back(one.held_by);
    return out;
  };
  // Events' times begin at midnight, the clock is 22:25; then there is one of 00:30.
  bench.clock.advance(std::chrono::hours{1} + std::chrono::minutes{5});
  REQUIRE(bench.push("p", {pass_line("h", 0, "G", 99)}));
  CHECK(held() == Strings{"its age: it came 22h25m late"});
  SUBCASE("in one go") {}
  SUBCASE("with a restart between") {
    REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
    bench.open(options);
  }
  REQUIRE(bench.push("p", {pass_line("i", 1'800'000, "G", 99)}));
  REQUIRE(bench.engine->stop({.end = Engine::End::Keep, .deliver_most = kLong}));
  CHECK(held() == Strings{"", "its age: it came 22h25m late"});
  const Strings heard = bench.received->messages();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].find("gates#i") != std::string::npos);
}

TEST_CASE("an action that cannot be stored stops the engine, and is not said to be done") {
  MemoryBench bench;
  bench.open(engine_options({}));
  REQUIRE(bench.push("p", {pass_line("h", 0, "G", 99)}));
  const std::string alert =
      bench.engine->desk().board()->list({}, std::nullopt, 1)->alerts[0].first;
  bench.until([](const auto& status) { return status.queues[0].depth == 0; });
  bench.tables->fail_after(0, Error::outside("disk full"));
  const Acted acted =
      act(*bench.engine, alert, {board::Action::Ack, 1, "wang", board::Role::Duty, "", ""});
  REQUIRE_FALSE(acted);
  CHECK(bench.engine->wait(kLong) == Engine::Running::Failed);
  CHECK(bench.engine->stop().error().message == "disk full");
}

}  // namespace
}  // namespace fengsui::test
