// Raw bytes to matches: fengsui_bench_predicates PACK EVENTS [PASSES] decodes every line of an
// event file and asks the pack's rules, nothing behind. Prints a line of JSON as the peers of
// bench/peers do; compare.py reads it. Beside the whole (`ns`, the last pass) its parts, the
// fastest pass of each: decoding alone, matching with the matches made, and looking up which rules
// are left. The two latter over events in batches that were decoded just before, as on their way.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "event/decoder.h"
#include "match/matcher.h"
#include "match/when_index.h"
#include "rules/pack.h"

namespace fengsui {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

long peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::vector<std::string> lines_of(const char* path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The index of each type's rules by itself, as the indexed matcher has it.
class Lookups {
 public:
  explicit Lookups(const rules::RuleSet& rules) {
    for (const auto& [name, type] : rules.types) {
      std::vector<const cel::Program*> whens;
      for (const auto& rule : rules.rules) {
        for (const rules::RuleSource& source : rule->sources) {
          if (source.type == type) whens.push_back(source.when ? &*source.when : nullptr);
        }
      }
      by_type_.emplace(type.get(), match::WhenIndex(whens, rules.tables));
    }
  }
  void find(const event::Event& event) {
    found_.clear();
    by_type_.at(event.type).find(event.slots, scratch_, found_);
  }

 private:
  std::map<const event::EventType*, match::WhenIndex> by_type_;
  match::Scratch scratch_;
  std::vector<match::WhenIndex::Found> found_;
};

struct Parts {
  double decode = 0, match = 0, find = 0;  // nanoseconds an event
};

Parts parts_of(const std::vector<std::string>& lines, event::Decoder& decoder,
               const match::Matcher& matcher, Lookups& lookups) {
  constexpr size_t kBatch = 512;
  std::vector<event::Event> events(kBatch);
  std::vector<match::Match> matches;
  Parts spent;
  const auto timed = [](double& into, const auto& work) {
    const double start = cpu_seconds();
    work();
    into += cpu_seconds() - start;
  };
  for (size_t at = 0; at < lines.size(); at += kBatch) {
    const size_t count = std::min(kBatch, lines.size() - at);
    timed(spent.decode, [&] {
      for (size_t i = 0; i < count; ++i) decoder.decode_into(lines[at + i], events[i]);
    });
    timed(spent.match, [&] {
      for (size_t i = 0; i < count; ++i) {
        matches.clear();
        matcher.match(events[i], matches);
      }
    });
    timed(spent.find, [&] {
      for (size_t i = 0; i < count; ++i) lookups.find(events[i]);
    });
  }
  const double per_event = 1e9 / static_cast<double>(lines.size());
  return {spent.decode * per_event, spent.match * per_event, spent.find * per_event};
}

int measure(const char* folder, const char* path, int passes) {
  const double before = cpu_seconds();
  rules::LoadedPack pack = rules::load_pack(folder);
  if (!pack.rules) {
    std::fprintf(stderr, "%s\n", rules::as_text(pack.issues).c_str());
    return 1;
  }
  const std::unique_ptr<match::Matcher> matcher = match::make_indexed_matcher(pack.rules);
  const double loaded = cpu_seconds() - before;
  const std::vector<std::string> lines = lines_of(path);
  event::Decoder decoder(pack.rules->types, nullptr, {});
  event::Event event;
  std::vector<match::Match> matches;
  size_t matched = 0;
  double ns = 0;
  for (int pass = 1; pass <= passes; ++pass) {
    matched = 0;
    const double start = cpu_seconds();
    for (const std::string& line : lines) {
      if (const auto fault = decoder.decode_into(line, event)) {
        std::fprintf(stderr, "%s\n", fault->message.c_str());
        return 1;
      }
      matches.clear();
      matcher->match(event, matches);
      matched += matches.size();
    }
    ns = (cpu_seconds() - start) * 1e9 / static_cast<double>(lines.size());
  }
  const long peak = peak_megabytes();
  Lookups lookups(*pack.rules);
  Parts best = parts_of(lines, decoder, *matcher, lookups);
  for (int pass = 1; pass < passes; ++pass) {
    const Parts next = parts_of(lines, decoder, *matcher, lookups);
    best = {std::min(best.decode, next.decode), std::min(best.match, next.match),
            std::min(best.find, next.find)};
  }
  std::printf(R"({"events": %zu, "ns": %.1f, "decode_ns": %.1f, "match_ns": %.1f, )"
              R"("find_ns": %.1f, "load_s": %.3f, "rss_mb": %ld, "counts": {"matches": %zu}})"
              "\n",
              lines.size(), ns, best.decode, best.match, best.find, loaded, peak, matched);
  return 0;
}

}  // namespace
}  // namespace fengsui

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "fengsui_bench_predicates PACK EVENTS [PASSES]\n");
    return 2;
  }
  return fengsui::measure(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 1);
}
