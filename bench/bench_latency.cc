// Accept to durable alert: fengsui_bench_latency PORT RATE SECONDS FOLDER posts events to a running
// service, each one by itself, and prints a line of JSON. Each event makes an alert
// (bench/latency.py gives the pack), and the answer 202 comes when both are durable.
//
// Open loop: an event's time runs from the moment that the schedule names, whether or not a
// connection is free then, so a stall counts for every event that it delays. Beside it a thread
// writes 4 KiB and calls fdatasync in FOLDER, twenty times a second: the disk's own latency.
#include <fcntl.h>
#include <unistd.h>

#include "server/asio.h"

#include <algorithm>
#include <atomic>
#include <boost/beast.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"

namespace fengsui {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Steady = std::chrono::steady_clock;

constexpr int kConnections = 128;

struct Load {
  asio::io_context context;
  asio::ip::tcp::endpoint endpoint;
  std::deque<std::pair<int, Steady::time_point>> waiting;  // number, scheduled
  std::vector<double> milliseconds;
  int refused = 0;
};

std::string event_text(int number) {
  constexpr const char* kForm =
      R"({"specversion":"1.0","id":"e%d","source":"gate/%d","type":"gate.pass","time":"%s",)"
      R"("data":{"gate":"g%d"}})";
  const EventTime now{
      std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())};
  char text[256];
  std::snprintf(text, sizeof text, kForm, number, number % 16, format_event_time(now).c_str(),
                number % 1000);
  return text;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Load& load) : load_(load), stream_(load.context) {
    stream_.connect(load.endpoint);
    stream_.socket().set_option(asio::ip::tcp::no_delay(true));
  }
  bool idle() const { return idle_; }
  void send_next() {
    if (load_.waiting.empty()) {
      idle_ = true;
      return;
    }
    idle_ = false;
    const auto [number, scheduled] = load_.waiting.front();
    load_.waiting.pop_front();
    scheduled_ = scheduled;
    request_ = {http::verb::post, "/v1/events", 11};
    request_.set(http::field::host, "127.0.0.1");
    request_.set(http::field::content_type, "application/cloudevents+json");
    request_.body() = event_text(number);
    request_.prepare_payload();
    http::async_write(stream_, request_, [self = shared_from_this()](auto error, size_t) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    answer_ = {};
    http::async_read(stream_, buffer_, answer_, [self = shared_from_this()](auto error, size_t) {
      if (error || self->answer_.result() != http::status::accepted) ++self->load_.refused;
      const std::chrono::duration<double, std::milli> took = Steady::now() - self->scheduled_;
      self->load_.milliseconds.push_back(took.count());
      if (!error) self->send_next();
    });
  }

  Load& load_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> answer_;
  Steady::time_point scheduled_;
  bool idle_ = true;
};

// Until `end`; milliseconds of each fdatasync.
std::vector<double> probe_disk(const std::string& folder, const std::atomic<bool>& end) {
  const std::string path = folder + "/probe";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  const std::string block(4096, 'x');
  std::vector<double> took;
  for (off_t at = 0; !end && file >= 0; at = (at + 4096) % (1 << 24)) {
    const Steady::time_point start = Steady::now();
    if (::pwrite(file, block.data(), block.size(), at) < 0 || ::fdatasync(file) != 0) break;
    took.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
    std::this_thread::sleep_until(start + std::chrono::milliseconds(50));
  }
  ::close(file);
  return took;
}

double percentile(std::vector<double>& of, double share) {
  if (of.empty()) return 0;
  std::sort(of.begin(), of.end());
  return of[std::min(of.size() - 1, static_cast<size_t>(static_cast<double>(of.size()) * share))];
}

int measure(uint16_t port, int rate, int seconds, const std::string& folder) {
  Load load;
  load.endpoint = {asio::ip::make_address("127.0.0.1"), port};
  std::vector<std::shared_ptr<Connection>> connections;
  for (int i = 0; i < kConnections; ++i) connections.push_back(std::make_shared<Connection>(load));
  std::atomic<bool> end = false;
  std::vector<double> syncs;
  std::thread probe([&] { syncs = probe_disk(folder, end); });

  const int events = rate * seconds;
  const Steady::time_point start = Steady::now();
  const auto due = [&](int number) {
    return start + std::chrono::nanoseconds(1'000'000'000LL * number / rate);
  };
  int next = 0;
  asio::steady_timer timer(load.context);
  std::function<void()> schedule = [&] {
    for (; next < events && due(next) <= Steady::now(); ++next) {
      load.waiting.emplace_back(next, due(next));
    }
    for (const std::shared_ptr<Connection>& connection : connections) {
      if (load.waiting.empty()) break;
      if (connection->idle()) connection->send_next();
    }
    if (next == events) return;
    timer.expires_at(due(next));
    timer.async_wait([&](auto) { schedule(); });
  };
  schedule();
  load.context.run();
  end = true;
  probe.join();
  std::printf(R"({"events": %zu, "refused": %d, "p50_ms": %.2f, "p99_ms": %.2f, "p999_ms": %.2f, )"
              R"("max_ms": %.2f, "fsyncs": %zu, "fsync_p50_ms": %.2f, "fsync_p99_ms": %.2f})"
              "\n",
              load.milliseconds.size(), load.refused, percentile(load.milliseconds, 0.5),
              percentile(load.milliseconds, 0.99), percentile(load.milliseconds, 0.999),
              percentile(load.milliseconds, 1), syncs.size(), percentile(syncs, 0.5),
              percentile(syncs, 0.99));
  return load.refused == 0 ? 0 : 1;
}

}  // namespace
}  // namespace fengsui

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "fengsui_bench_latency PORT RATE SECONDS FOLDER\n");
    return 2;
  }
  return fengsui::measure(static_cast<uint16_t>(std::atoi(argv[1])), std::atoi(argv[2]),
                          std::atoi(argv[3]), argv[4]);
}
