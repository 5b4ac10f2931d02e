// The engine as a library, in memory: CloudEvents in, alert records out, exactly as
// `fengsui replay` prints them.
//
//   auto engine = fengsui::Engine::open({.pack = "rules"});
//   if (!engine) return fail(engine.error().message);
//   for (const std::string& line : lines) engine->push(line);
//   for (const std::string& record : engine->take_records()) send(record);
//
// One thread at a time. Memory grows with the events that the rules' windows hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fengsui/result.h"

namespace fengsui {

struct EngineOptions {
  std::string pack;        // a rule pack, a folder
  std::string key_file{};  // for identity fields; may be empty
  std::chrono::milliseconds out_of_orderness{0};
  std::chrono::milliseconds allowed_lateness{0};
  std::chrono::milliseconds dedupe_horizon{std::chrono::hours{1}};
};

// How a record ended.
struct Verdict {
  enum class Outcome { Processed, Duplicate, Late, DeadLetter };
  Outcome outcome = Outcome::Processed;
  std::string reason;   // of late ones and dead letters: "parse", "schema", …
  std::string message;  // in words, without any value of the event
};

struct Totals {
  uint64_t read = 0, processed = 0, duplicate = 0, late = 0, dead_letter = 0;
};

class Engine {
 public:
  // Fails if the pack has errors (all of them in the message, one a line) or a file cannot be read.
  static Result<Engine> open(const EngineOptions& options);

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // One event as JSON text (CloudEvents 1.0, structured mode).
  Verdict push(std::string_view event);

  // Alert records made since the last call, one JSON object each, in their order.
  std::vector<std::string> take_records();

  // Nothing more will come: takes the watermark to infinity, so that every open alert clears.
  // Requires: no push() afterwards.
  void flush();

  Totals totals() const;

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fengsui
