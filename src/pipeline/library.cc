// include/fengsui/engine.h over pipeline::Replay.
#include <optional>
#include <utility>

#include "fengsui/engine.h"
#include "pipeline/replay.h"
#include "rules/pack.h"

namespace fengsui {
namespace {

pipeline::FrontOptions front_options(const EngineOptions& options) {
  pipeline::FrontOptions front;
  front.out_of_orderness = options.out_of_orderness;
  front.allowed_lateness = options.allowed_lateness;
  front.dedupe_horizon = options.dedupe_horizon;
  return front;
}

}  // namespace

struct Engine::State {
  State(std::shared_ptr<const rules::RuleSet> rule_set, std::optional<event::KeyRing> ring,
        const EngineOptions& options)
      : rules(std::move(rule_set)),
        keys(std::move(ring)),
        replay(rules, keys ? &*keys : nullptr, front_options(options)) {}

  std::shared_ptr<const rules::RuleSet> rules;
  std::optional<event::KeyRing> keys;
  pipeline::Replay replay;
  std::vector<alert::Record> records;
};

Result<Engine> Engine::open(const EngineOptions& options) {
  rules::LoadedPack pack = rules::load_pack(options.pack);
  if (!pack.rules) return tl::unexpected(Failure{rules::as_text(pack.issues)});
  std::optional<event::KeyRing> keys;
  if (!options.key_file.empty()) {
    Expected<event::KeyRing> loaded = event::KeyRing::load(options.key_file);
    if (!loaded) return tl::unexpected(Failure{loaded.error().message});
    keys = std::move(*loaded);
  }
  return Engine(std::make_unique<State>(std::move(pack.rules), std::move(keys), options));
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Verdict Engine::push(std::string_view event) {
  source::RecordResult result = state_->replay.push(event);
  Verdict verdict{static_cast<Verdict::Outcome>(result.outcome), {}, {}};
  if (result.rejected) {
    verdict.reason = event::kRejectionNames[static_cast<size_t>(result.rejected->reason)];
    verdict.message = std::move(result.rejected->message);
  }
  return verdict;
}

std::vector<std::string> Engine::take_records() {
  state_->replay.step(state_->records);
  std::vector<std::string> lines;
  lines.reserve(state_->records.size());
  for (const alert::Record& record : state_->records) {
    lines.push_back(alert::replay_line(record, state_->rules->rule(record.rule)));
  }
  state_->records.clear();
  return lines;
}

void Engine::flush() {
  state_->replay.end_of_input(state_->records);
  state_->replay.flush(state_->records);
}

Totals Engine::totals() const {
  const pipeline::RecordCounters& counters = state_->replay.counters();
  return {counters.read, counters.processed, counters.duplicate, counters.late,
          counters.dead_letter};
}

}  // namespace fengsui
