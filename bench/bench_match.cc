// Matching alone, without decoding: `find` is which rules are left (the index by itself),
// `find_learned` the same by an index that has a sample of the events, `match` all of it with the
// matches made, `loop` the plain loop over the same rules and events. Packs: conjunctions like the
// reference predicates'; and ones that are bad for an index: ranges only, every rule on one value,
// a prefix a rule, negations, a keyword set a rule. Counter `matches`: an event.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cel/expression.h"
#include "match/matcher.h"
#include "match/when_index.h"

namespace fengsui::match {
namespace {

enum Pack { kConjunctions, kRangesOnly, kOneValue, kPrefixes, kNegations, kKeywords };
constexpr size_t kEvents = 2000;

int draw(std::mt19937& random, int count) { return static_cast<int>(random() % unsigned(count)); }

struct World {
  World(Pack pack, size_t count) {
    event::Field root;
    root.type = event::FieldType::Object;
    const std::pair<const char*, cel::Type::Kind> fields[] = {{"region", cel::Type::Kind::String},
                                                              {"category", cel::Type::Kind::String},
                                                              {"weight", cel::Type::Kind::Double},
                                                              {"value", cel::Type::Kind::Double},
                                                              {"note", cel::Type::Kind::String}};
    for (const auto& [name, kind] : fields) {
      event::Field field;
      field.name = field.path = name;
      root.properties.push_back(field);
      cel::Variable variable;
      variable.type = cel::Type::of(kind);
      variable.field = true;
      variable.slot = event::kEnvelopeSlots + static_cast<int>(root.properties.size()) - 1;
      environment.declare(name, variable);
    }
    type = std::make_shared<event::EventType>("t", "", root);
    auto set = std::make_shared<rules::RuleSet>();
    std::mt19937 random(7);
    for (size_t i = 0; i < count; ++i) {
      auto rule = std::make_shared<rules::Rule>();
      rule->index = RuleIndex{static_cast<uint32_t>(i)};
      rule->sources.emplace_back();
      rule->sources[0].type = type;
      rule->sources[0].when = compile(when(pack, i, random));
      set->rules.push_back(std::move(rule));
    }
    set->tables.keywords = std::make_shared<cel::KeywordSets>(keywords);
    rules = set;
    for (const auto& rule : rules->rules) whens.push_back(&*rule->sources[0].when);
    for (size_t i = 0; i < kEvents; ++i) events.push_back(event(random));
  }

  std::string when(Pack pack, size_t i, std::mt19937& random) {
    const auto number = [&](int most) { return std::to_string(draw(random, most * 10) / 10.0); };
    switch (pack) {
      case kConjunctions:
        return "region == 'r" + std::to_string(draw(random, 300)) + "' && category in ['c" +
               std::to_string(draw(random, 20)) + "', 'c20'] && weight > " + number(50) +
               " && value > " + number(5000);
      case kRangesOnly:  // the sorted one lets half of them pass, the other one few
        return "weight > " + number(100) + " && value > " + number(1000000);
      case kOneValue:
        return "category == 'c1' && weight > " + number(100) + " && value > " + number(1000000);
      case kPrefixes:
        return "region.startsWith('r" + std::to_string(draw(random, 300)) + "') && weight > " +
               number(100);
      case kNegations:
        return "region != 'r" + std::to_string(draw(random, 300)) + "' && !(category == 'c" +
               std::to_string(draw(random, 20)) + "') && value > " + number(1000000);
      default:
        environment.declare_keywords("w" + std::to_string(i), static_cast<int>(i));
        keywords.push_back({"词" + std::to_string(i), "燃气" + std::to_string(i)});
        return "note.mentions(keywords.w" + std::to_string(i) + ")";
    }
  }

  cel::Program compile(const std::string& text) const {
    const auto syntax = cel::parse(text);
    cel::Checked checked;
    if (syntax) checked = cel::check(*syntax, environment);
    if (!checked.program) {
      std::fprintf(stderr, "not an expression: %s\n", text.c_str());
      std::abort();
    }
    return *checked.program;
  }

  event::Event event(std::mt19937& random) const {
    using V = cel::Value;
    event::Event event;
    event.type = type.get();
    event.slots = {V::string("event-1"), V::string("source"), V::string("t"), V::null()};
    event.slots.push_back(V::string("r" + std::to_string(draw(random, 300))));
    event.slots.push_back(V::string("c" + std::to_string(draw(random, 20))));
    event.slots.push_back(V::real(draw(random, 1000) / 10.0));
    event.slots.push_back(V::real(draw(random, 10000)));
    event.slots.push_back(V::string("楼下有燃气" + std::to_string(draw(random, 5000)) + "的味道"));
    return event;
  }

  cel::Environment environment;
  std::vector<std::vector<std::string>> keywords;
  std::shared_ptr<const event::EventType> type;
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<const cel::Program*> whens;
  std::vector<event::Event> events;
};

// The last world is kept: benchmarks of one come one after the other.
const World& world_of(Pack pack, size_t count) {
  static std::unique_ptr<World> world;
  static std::pair<Pack, size_t> made;
  if (!world || made != std::pair(pack, count)) {
    world = std::make_unique<World>(pack, count);
    made = {pack, count};
  }
  return *world;
}

void report(benchmark::State& state, size_t found) {
  const auto events = static_cast<double>(state.iterations()) * kEvents;
  state.SetItemsProcessed(static_cast<int64_t>(events));
  state.counters["matches"] = static_cast<double>(found) / events;
}

void find(benchmark::State& state, Pack pack, bool is_learned) {
  const World& world = world_of(pack, static_cast<size_t>(state.range(0)));
  Sample sample;
  for (size_t i = 0; i < Sample::kEvents && is_learned; ++i) sample.note(world.events[i].slots);
  const WhenIndex index(world.whens, world.rules->tables, sample);
  Scratch scratch;
  std::vector<WhenIndex::Found> found;
  size_t total = 0;
  for (auto _ : state) {
    for (const event::Event& event : world.events) {
      found.clear();
      index.find(event.slots, scratch, found);
      total += found.size();
    }
  }
  report(state, total);
}

void ask_all(benchmark::State& state, Pack pack, bool by_index) {
  const World& world = world_of(pack, static_cast<size_t>(state.range(0)));
  const auto matcher =
      by_index ? make_indexed_matcher(world.rules) : make_loop_matcher(world.rules);
  std::vector<Match> matches;
  size_t total = 0;
  for (auto _ : state) {
    for (const event::Event& event : world.events) {
      matches.clear();
      matcher->match(event, matches);
      total += matches.size();
    }
  }
  report(state, total);
}

void all_of(Pack pack, const char* name, std::initializer_list<int64_t> counts) {
  for (const int64_t count : counts) {
    const std::string of = std::string(name) + "/";
    benchmark::RegisterBenchmark((of + "find").c_str(), find, pack, false)->Arg(count);
    benchmark::RegisterBenchmark((of + "find_learned").c_str(), find, pack, true)->Arg(count);
    benchmark::RegisterBenchmark((of + "match").c_str(), ask_all, pack, true)->Arg(count);
    if (count > 10'000) continue;  // the loop takes a minute there
    benchmark::RegisterBenchmark((of + "loop").c_str(), ask_all, pack, false)->Arg(count);
  }
}

}  // namespace
}  // namespace fengsui::match

int main(int argc, char** argv) {
  using namespace fengsui::match;
  all_of(kConjunctions, "conjunctions", {10, 100, 1000, 10'000, 100'000});
  all_of(kRangesOnly, "ranges_only", {1000, 10'000});
  all_of(kOneValue, "one_value", {1000, 10'000});
  all_of(kPrefixes, "prefixes", {1000, 10'000});
  all_of(kNegations, "negations", {1000, 10'000});
  all_of(kKeywords, "keyword_sets", {100, 1000});
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
