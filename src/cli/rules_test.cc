#include "cli/rules_test.h"

#include <cstdio>
#include <utility>
#include <vector>

#include "author/test_junit.h"
#include "author/test_report.h"
#include "author/test_run.h"
#include "base/clock.h"
#include "cli/exit_status.h"
#include "cli/load.h"
#include "cli/output_file.h"

namespace fengsui::cli {
namespace {

struct TestRun {
  std::vector<author::TestResult> results;
  std::vector<std::chrono::nanoseconds> took;
  bool passed = true;
};

TestRun run_tests(const author::TestBench& bench, const std::vector<rules::TestSpec>& tests) {
  const SystemClock clock;
  TestRun run;
  for (const rules::TestSpec& test : tests) {
    const MonotonicTime start = clock.monotonic();
    run.results.push_back(bench.run(test));
    run.took.push_back(clock.monotonic() - start);
    run.passed &= run.results.back().passed;
  }
  return run;
}

// `text` ends with a line feed.
Expected<void> write_file(const std::string& path, std::string_view text) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file) return fail(std::move(file.error()));
  if (Expected<void> written = file->write_line(text.substr(0, text.size() - 1)); !written) return written;
  return file->flush();
}

}  // namespace

int rules_test(const RulesTestOptions& options) {
  Expected<rules::LoadedPack> pack = load_whole_pack(options.pack);
  if (!pack) return report(pack.error());
  const author::TestBench bench(*pack->rules);
  const TestRun run = run_tests(bench, pack->tests);
  std::string out;
  for (const author::TestResult& result : run.results) {
    if (!result.passed) out += author::failure_text(result, bench.rules()) + "\n";
  }
  out += author::tests_summary(run.results) + "\n";
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (!options.junit.empty()) {
    const Expected<void> written = write_file(
        options.junit, author::as_junit(run.results, bench.rules(), run.took, /*properties=*/{}));
    if (!written) return report(written.error());
  }
  return run.passed ? kDone : kPackErrors;
}

}  // namespace fengsui::cli
