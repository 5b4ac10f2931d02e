#include "fake_engine.h"

#include <doctest/doctest.h>

namespace fengsui::server {
namespace {

using event::Outcome;
using event::Rejected;
using event::Rejection;

source::RecordResult result_of(const std::string& bytes) {
  const auto says = [&](const char* word) { return bytes.find(word) != std::string::npos; };
  if (says("\"dup\"")) return {Outcome::Duplicate, {}};
  if (says("\"late\"")) return {Outcome::Late, Rejected{Rejection::Late, "behind the watermark"}};
  if (says("\"bad\"")) return {Outcome::DeadLetter, Rejected{Rejection::Schema, "data.x: missing"}};
  if (says("\"good\"") && bytes.front() == '{') return {Outcome::Processed, {}};
  return {Outcome::DeadLetter, Rejected{Rejection::Parse, "not an object"}};
}

}  // namespace

FakeEngine::FakeEngine(size_t items_max)
    : batches_(items_max, 64 << 20), thread_([this] { run(); }) {}

FakeEngine::~FakeEngine() { batches_.close(); }

void FakeEngine::set(Mode mode) {
  std::vector<source::Batch> freed;
  {
    std::lock_guard lock(mutex_);
    mode_ = mode;
    if (mode != Mode::Cork) freed.swap(held_);
  }
  for (source::Batch& batch : freed) settle(std::move(batch), mode);
}

void FakeEngine::set(Readiness readiness) {
  std::lock_guard lock(mutex_);
  readiness_ = std::move(readiness);
}

Readiness FakeEngine::readiness() const {
  std::lock_guard lock(mutex_);
  return readiness_;
}

void FakeEngine::wait_taken(size_t batches) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return taken_ >= batches; });
}

std::vector<std::string> FakeEngine::records() const {
  std::lock_guard lock(mutex_);
  return records_;
}

source::Batch FakeEngine::last_batch() const {
  std::lock_guard lock(mutex_);
  return last_;
}

void FakeEngine::run() {
  while (!batches_.drained()) {
    for (source::Batch& batch : batches_.pop_up_to(16, std::chrono::milliseconds{20})) {
      std::unique_lock lock(mutex_);
      ++taken_;
      for (const source::Batch::Item& item : batch.items) {
        records_.emplace_back(batch.bytes_of(item));
      }
      last_ = batch;
      last_.committed = nullptr;
      changed_.notify_all();
      if (mode_ == Mode::Cork) {
        held_.push_back(std::move(batch));
        continue;
      }
      const Mode mode = mode_;
      lock.unlock();
      settle(std::move(batch), mode);
    }
  }
}

void FakeEngine::settle(source::Batch batch, Mode mode) {
  if (mode == Mode::Drop || !batch.committed) return;
  if (mode == Mode::Fail) return batch.committed(fail(Error::outside("disk full")));
  std::vector<source::RecordResult> results;
  for (const source::Batch::Item& item : batch.items) {
    results.push_back(result_of(std::string(batch.bytes_of(item))));
  }
  batch.committed(std::move(results));
}

Service::Service(ServerOptions options, size_t queue_items_max) : engine(queue_items_max) {
  options.http.port = 0;
  auto started = Server::start(
      options, {engine.batches(), metrics, clock, [this] { return engine.readiness(); }});
  REQUIRE(started);
  server = std::move(*started);
}

double value_of(const std::string& scrape, const std::string& series) {
  const std::string start = "\n" + series + " ";
  const size_t at = scrape.find(start);
  return at == std::string::npos ? -1 : std::stod(scrape.substr(at + start.size()));
}

}  // namespace fengsui::server
