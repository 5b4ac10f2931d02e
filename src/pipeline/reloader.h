// Brings another pack into a running engine: when its files have changed, and when somebody asks
// (SIGHUP, HTTP). The pack is loaded, made ready and, if asked, warmed on a thread of its own; a
// bad one is refused with all findings, and the one in force goes on.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/metrics.h"
#include "pipeline/engine.h"
#include "rules/issue.h"

namespace fengsui::pipeline {

struct ReloadAnswer {
  enum class Outcome : uint8_t {
    Swapped,
    Unchanged,  // the files are those of the pack in force
    Refused,    // errors among the findings
    Busy,       // another reload is not done yet
    Failed,     // the engine could not: it ends, or there is no archive to warm rules from
  };
  Outcome outcome = Outcome::Failed;
  SwapOutcome swap;                  // of Swapped; of Unchanged both hashes
  std::vector<rules::Issue> issues;  // warnings of a good pack, too
  std::string message;               // of Busy and Failed
};
// Values of the label `outcome`; no metric tells of Busy.
inline constexpr const char* kReloadOutcomeNames[] = {"swapped", "unchanged", "refused", "busy",
                                                      "failed"};

// A hash over paths, sizes and times of all files in a folder: it differs when one has changed.
Hash128 folder_state(const std::string& directory);

class Reloader {
 public:
  struct Options {
    std::string directory;
    // How often tick() looks at the files; a change counts when the next look finds it unchanged.
    // Absent: it does not look.
    std::optional<Duration> look_every = std::chrono::seconds{1};
    // folder_state() of before the pack in force was loaded.
    Hash128 loaded{};
  };
  // Engine, clock and metrics must outlive it; `metrics` may be null.
  Reloader(Engine& engine, Options options, const Clock& clock, Metrics* metrics);
  ~Reloader();  // waits for the reload that is under way

  // Any thread. `done` is told once, on this or another thread.
  using Done = std::function<void(const ReloadAnswer&)>;
  void reload(bool warm, Done done);
  // Called now and then by one thread.
  void tick();
  // Waits until no reload is under way.
  void wait_idle();

 private:
  void run();
  ReloadAnswer load(bool warm);
  ReloadAnswer swap_to(std::shared_ptr<const rules::RuleSet> rules, bool warm);

  Engine& engine_;
  const Options options_;
  const Clock& clock_;
  Metrics* const metrics_;

  // tick()'s thread alone.
  MonotonicTime looked_{};
  Hash128 acted_on_;  // the files' state that was loaded or refused last
  Hash128 last_seen_;

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  struct Job {
    bool warm = false;
    Done done;
  };
  std::optional<Job> job_;
  bool working_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace fengsui::pipeline
