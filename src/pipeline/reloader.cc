#include "pipeline/reloader.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <utility>

#include "base/byte_codec.h"
#include "base/log.h"
#include "rules/pack.h"

namespace fengsui::pipeline {
namespace {

namespace fs = std::filesystem;
using Outcome = ReloadAnswer::Outcome;

void log_findings(const ReloadAnswer& answer) {
  if (answer.issues.empty()) return;
  const std::string text = rules::as_text(answer.issues);
  if (answer.outcome == Outcome::Refused) {
    spdlog::error("the pack is refused, the one in force goes on:\n{}", text);
  } else {
    spdlog::warn("findings of the pack:\n{}", text);
  }
}

}  // namespace

Hash128 folder_state(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code code;
  const auto options = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator entry(directory, options, code), end; !code && entry != end;
       entry.increment(code)) {
    struct stat status {};
    std::string file = entry->path().string();
    if (::stat(file.c_str(), &status) != 0 || entry.depth() > rules::kPackDepthMax) continue;
    ByteWriter out(file);
    out.u64(status.st_ino);
    out.u64(static_cast<uint64_t>(status.st_size));
    out.u64(static_cast<uint64_t>(status.st_mtim.tv_sec));
    out.u64(static_cast<uint64_t>(status.st_mtim.tv_nsec));
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::string& file : files) ByteWriter(all).text(file);
  return hash128(all);
}

Reloader::Reloader(Engine& engine, Options options, const Clock& clock, Metrics* metrics)
    : engine_(engine),
      options_(std::move(options)),
      clock_(clock),
      metrics_(metrics),
      looked_(clock.monotonic()),
      acted_on_(options_.loaded),
      last_seen_(options_.loaded),
      thread_([this] { run(); }) {}

Reloader::~Reloader() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Reloader::reload(bool warm, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (!job_ && !working_ && !ending_) {
      job_ = Job{warm, std::move(done)};
      changed_.notify_all();
      return;
    }
  }
  ReloadAnswer answer;
  answer.outcome = Outcome::Busy;
  answer.message = "another reload is not done yet";
  done(answer);
}

// A file that is being written changes from look to look; half a pack would only be refused.
void Reloader::tick() {
  if (!options_.look_every) return;
  const MonotonicTime now = clock_.monotonic();
  if (now - looked_ < *options_.look_every) return;
  looked_ = now;
  const Hash128 state = folder_state(options_.directory);
  if (std::exchange(last_seen_, state) != state || state == acted_on_) return;
  {
    std::lock_guard lock(mutex_);
    if (job_ || working_ || ending_) return;  // looks again
    job_ = Job{false, [](const ReloadAnswer&) {}};
    changed_.notify_all();
  }
  acted_on_ = state;
}

void Reloader::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !job_ && !working_; });
}

void Reloader::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      working_ = false;
      changed_.notify_all();
      changed_.wait(lock, [&] { return job_ || ending_; });
      if (!job_) return;
      job = std::move(*std::exchange(job_, std::nullopt));
      working_ = true;
    }
    const ReloadAnswer answer = load(job.warm);
    log_findings(answer);
    if (answer.outcome == Outcome::Failed) spdlog::error("reload: {}", answer.message);
    if (metrics_ != nullptr) {
      metrics_->pack_reloads_total(kReloadOutcomeNames[static_cast<size_t>(answer.outcome)]).add();
    }
    job.done(answer);
  }
}

ReloadAnswer Reloader::load(bool warm) {
  rules::LoadedPack loaded = rules::load_pack(options_.directory, clock_.wall());
  ReloadAnswer answer;
  answer.swap.old_hash = engine_.rules()->hash;
  if (!loaded.rules) {
    answer.outcome = Outcome::Refused;
  } else if (loaded.rules->hash == answer.swap.old_hash) {
    answer.outcome = Outcome::Unchanged;
    answer.swap.new_hash = answer.swap.old_hash;
  } else {
    answer = swap_to(std::move(loaded.rules), warm);
  }
  answer.issues = std::move(loaded.issues);
  return answer;
}

ReloadAnswer Reloader::swap_to(std::shared_ptr<const rules::RuleSet> rules, bool warm) {
  ReloadAnswer answer;
  Expected<PreparedPack> pack =
      warm ? engine_.prepare_warm(rules) : Expected<PreparedPack>(engine_.prepare(rules));
  if (!pack) {
    answer.message = pack.error().message;
    return answer;
  }
  std::promise<Expected<SwapOutcome>> promise;
  engine_.swap(std::move(*pack),
               [&](Expected<SwapOutcome> done) { promise.set_value(std::move(done)); });
  Expected<SwapOutcome> swapped = promise.get_future().get();
  if (!swapped) {
    answer.message = swapped.error().message;
    return answer;
  }
  answer.outcome = Outcome::Swapped;
  answer.swap = std::move(*swapped);
  return answer;
}

}  // namespace fengsui::pipeline
