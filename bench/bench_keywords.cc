// Keywords: every set of a pack that a text mentions, by our automaton (with folding) and by
// Vectorscan's literals (without: the words and texts are folded already), over the same sets and
// texts of a seed. Before anything is timed the two must find the same: the distinct words of every
// text. An iteration is all texts; `items_per_second` is texts a second of CPU time.
#include <benchmark/benchmark.h>
#include <hs/hs.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "cel/keywords.h"

namespace {

using fengsui::cel::KeywordHits;
using fengsui::cel::KeywordSets;

constexpr uint32_t kSeed = 7;
constexpr size_t kTexts = 20'000;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "bench_keywords: %s\n", what);
  std::exit(1);
}

// `sets` sets of one word each, two to four Han characters, no two alike; texts of Han characters
// and an ASCII one, every second with a word in it. The characters are the commonest 3,500 or so.
struct World {
  World(size_t sets, size_t characters_of_text) {
    std::mt19937 random(kSeed);
    const auto characters = [&](size_t count) {
      std::string out;
      for (; count > 0; --count) {
        const uint32_t c = 0x4E00 + random() % 3500;
        out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                static_cast<char>(0x80 | (c & 0x3F))};
      }
      return out;
    };
    std::set<std::string> distinct;
    while (words.size() < sets) {
      std::string word = characters(2 + random() % 3);
      if (distinct.insert(word).second) words.push_back(std::move(word));
    }
    for (size_t i = 0; i < kTexts; ++i) {
      const std::string word = i % 2 == 0 ? words[random() % words.size()] : "";
      const size_t rest = characters_of_text - word.size() / 3;
      const size_t before = random() % (rest + 1);
      texts.push_back(characters(before) + word + characters(rest - before) + "1");
    }
  }

  std::vector<std::string> words;
  std::vector<std::string> texts;
};

class Vectorscan {
 public:
  explicit Vectorscan(const std::vector<std::string>& words) : last_text_(words.size(), 0) {
    std::vector<const char*> starts;
    std::vector<size_t> sizes;
    std::vector<unsigned> flags(words.size(), 0), ids;
    for (const std::string& word : words) {
      ids.push_back(static_cast<unsigned>(starts.size()));
      starts.push_back(word.data());
      sizes.push_back(word.size());
    }
    hs_compile_error_t* error = nullptr;
    if (hs_compile_lit_multi(starts.data(), flags.data(), ids.data(), sizes.data(),
                             static_cast<unsigned>(words.size()), HS_MODE_BLOCK, nullptr,
                             &database_, &error) != HS_SUCCESS) {
      fail(error->message);
    }
    if (hs_alloc_scratch(database_, &scratch_) != HS_SUCCESS) fail("no scratch");
  }
  ~Vectorscan() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  Vectorscan(const Vectorscan&) = delete;
  Vectorscan& operator=(const Vectorscan&) = delete;

  // Distinct words, as they are found.
  const std::vector<unsigned>& find(const std::string& text) {
    found_.clear();
    ++text_;
    hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch_, &take, this);
    return found_;
  }

 private:
  static int take(unsigned id, unsigned long long, unsigned long long, unsigned, void* self) {
    auto& to = *static_cast<Vectorscan*>(self);
    if (std::exchange(to.last_text_[id], to.text_) != to.text_) to.found_.push_back(id);
    return 0;
  }

  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
  std::vector<unsigned> found_;
  std::vector<uint64_t> last_text_;
  uint64_t text_ = 0;
};

std::unique_ptr<KeywordSets> sets_of(const World& world) {
  std::vector<std::vector<std::string>> sets;
  for (const std::string& word : world.words) sets.push_back({word});
  return std::make_unique<KeywordSets>(sets);
}

void compare(const World& world) {
  const auto ours = sets_of(world);
  Vectorscan theirs(world.words);
  KeywordHits hits;
  for (const std::string& text : world.texts) {
    ours->find(text, hits);
    std::vector<unsigned> wanted = theirs.find(text);
    std::sort(wanted.begin(), wanted.end());
    const bool same =
        std::equal(hits.all().begin(), hits.all().end(), wanted.begin(), wanted.end(),
                   [](const KeywordHits::Hit& hit, unsigned word) { return hit.set == word; });
    if (!same) fail("the two do not find the same");
  }
}

const World& world_of(const benchmark::State& state) {
  static std::unique_ptr<World> world;
  static std::pair<int64_t, int64_t> made;
  const std::pair wanted(state.range(0), state.range(1));
  if (!world || made != wanted) {
    world = std::make_unique<World>(static_cast<size_t>(wanted.first),
                                    static_cast<size_t>(wanted.second));
    made = wanted;
    compare(*world);
  }
  return *world;
}

void report(benchmark::State& state, size_t found, const World& world) {
  const auto texts = static_cast<double>(state.iterations()) * kTexts;
  state.SetItemsProcessed(static_cast<int64_t>(texts));
  state.counters["ns_a_text"] =
      benchmark::Counter(texts / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["found_a_text"] = static_cast<double>(found) / texts;
  state.counters["bytes"] = static_cast<double>(world.texts[0].size());
}

void fengsui_sets(benchmark::State& state) {
  const World& world = world_of(state);
  const auto sets = sets_of(world);
  KeywordHits hits;
  size_t found = 0;
  for (auto _ : state) {
    for (const std::string& text : world.texts) {
      sets->find(text, hits);
      found += hits.all().size();
    }
  }
  report(state, found, world);
}

void vectorscan(benchmark::State& state) {
  const World& world = world_of(state);
  Vectorscan scan(world.words);
  size_t found = 0;
  for (auto _ : state) {
    for (const std::string& text : world.texts) found += scan.find(text).size();
  }
  report(state, found, world);
}

void fengsui_build(benchmark::State& state) {
  const World& world = world_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(sets_of(world));
}

void vectorscan_build(benchmark::State& state) {
  const World& world = world_of(state);
  for (auto _ : state) {
    Vectorscan scan(world.words);
    benchmark::ClobberMemory();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (hs_valid_platform() != HS_SUCCESS) fail("Vectorscan does not run on this processor");
  for (const int64_t characters : {10, 204}) {
    for (const int64_t sets : {10, 1000, 10'000, 100'000}) {
      benchmark::RegisterBenchmark("find/fengsui", fengsui_sets)->Args({sets, characters});
      benchmark::RegisterBenchmark("find/vectorscan", vectorscan)->Args({sets, characters});
    }
  }
  for (const int64_t sets : {10'000, 100'000}) {
    const auto unit = benchmark::kMillisecond;
    benchmark::RegisterBenchmark("build/fengsui", fengsui_build)->Args({sets, 10})->Unit(unit);
    benchmark::RegisterBenchmark("build/vectorscan", vectorscan_build)
        ->Args({sets, 10})
        ->Unit(unit);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
