#include "cli/rules_test.h"

#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "author/coverage.h"
#include "author/mutation.h"
#include "author/test_junit.h"
#include "author/test_report.h"
#include "author/test_run.h"
#include "base/clock.h"
#include "cli/exit_status.h"
#include "cli/load.h"
#include "cli/output_file.h"
#include "cli/progress.h"

namespace fengsui::cli {
namespace {

struct TestRun {
  std::vector<author::TestResult> results;
  std::vector<std::chrono::nanoseconds> took;
  bool passed = true;
};

TestRun run_tests(const author::TestBench& bench, const std::vector<rules::TestSpec>& tests,
                  author::Coverage* coverage) {
  const SystemClock clock;
  TestRun run;
  for (const rules::TestSpec& test : tests) {
    const MonotonicTime start = clock.monotonic();
    run.results.push_back(bench.run(test, {coverage, coverage}));
    run.took.push_back(clock.monotonic() - start);
    run.passed &= run.results.back().passed;
  }
  return run;
}

// `text` ends with a line feed.
Expected<void> write_file(const std::string& path, std::string_view text) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file) return fail(std::move(file.error()));
  if (Expected<void> written = file->write_line(text.substr(0, text.size() - 1)); !written)
    return written;
  return file->flush();
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Each mutant is a pack of its own, so that a large one takes seconds.
void mutate(const std::string& directory, const rules::LoadedPack& pack) {
  rules::Findings findings;  // those of the pack have been printed
  const rules::PackBytes bytes = rules::read_pack_bytes(directory, findings);
  const SystemClock clock;
  std::vector<author::MutationOfRule> results;
  {
    Progress progress(clock, 0, /*wanted=*/true);
    results =
        author::run_mutants(bytes, pack, [&](size_t done, size_t) { progress.update(done, 0); });
  }
  print(author::as_text(results));
}

}  // namespace

int rules_test(const RulesTestOptions& options) {
  Expected<rules::LoadedPack> pack = load_whole_pack(options.pack);
  if (!pack) return report(pack.error());
  const author::TestBench bench(*pack->rules);
  std::optional<author::Coverage> coverage;
  if (options.coverage) coverage.emplace(bench.rules());
  const TestRun run = run_tests(bench, pack->tests, coverage ? &*coverage : nullptr);
  std::string out;
  for (const author::TestResult& result : run.results) {
    if (!result.passed) out += author::failure_text(result, bench.rules()) + "\n";
  }
  out += author::tests_summary(run.results) + "\n";
  print(out);
  std::vector<author::Coverage::OfRule> reached;
  if (coverage) {
    reached = coverage->result();
    print(author::as_text(reached));
  }
  if (!options.junit.empty()) {
    const Expected<void> written = write_file(
        options.junit,
        author::as_junit(run.results, bench.rules(), run.took, author::as_properties(reached)));
    if (!written) return report(written.error());
  }
  if (!run.passed) return kPackErrors;
  if (options.mutate) mutate(options.pack, *pack);
  return kDone;
}

}  // namespace fengsui::cli
