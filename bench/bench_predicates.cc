// Raw bytes to matches: fengsui_bench_predicates PACK EVENTS [PASSES] decodes every line of an
// event file and asks the pack's rules, nothing behind. Prints a line of JSON, the last pass's
// figures, as the peers of bench/peers do; compare.py reads it.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "event/decoder.h"
#include "match/matcher.h"
#include "rules/pack.h"

namespace fengsui {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
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

// Nanoseconds an event, nothing but matching; the fastest pass.
double match_alone(const match::Matcher& matcher, const std::vector<event::Event>& events,
                   int passes) {
  std::vector<match::Match> matches;
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    const double start = cpu_seconds();
    for (const event::Event& event : events) {
      matches.clear();
      matcher.match(event, matches);
    }
    const double ns = (cpu_seconds() - start) * 1e9 / static_cast<double>(events.size());
    best = pass == 0 ? ns : std::min(best, ns);
  }
  return best;
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
  std::vector<match::Match> matches;
  size_t matched = 0;
  double ns = 0;
  for (int pass = 1; pass <= passes; ++pass) {
    matched = 0;
    const double start = cpu_seconds();
    for (const std::string& line : lines) {
      const Expected<event::Event, event::Rejected> event = decoder.decode(line);
      if (!event) {
        std::fprintf(stderr, "%s\n", event.error().message.c_str());
        return 1;
      }
      matches.clear();
      matcher->match(*event, matches);
      matched += matches.size();
    }
    ns = (cpu_seconds() - start) * 1e9 / static_cast<double>(lines.size());
  }
  const long peak = peak_megabytes();
  std::vector<event::Event> events;
  for (const std::string& line : lines) events.push_back(std::move(*decoder.decode(line)));
  std::printf(R"({"events": %zu, "ns": %.1f, "match_ns": %.1f, "load_s": %.3f, "rss_mb": %ld, )"
              R"("counts": {"matches": %zu}})"
              "\n",
              lines.size(), ns, match_alone(*matcher, events, passes), loaded, peak, matched);
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
