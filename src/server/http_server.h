// HTTP/1.1 on loopback: connections, keep-alive, pipelining, limits. Knows no route: each whole
// request goes to one Handler, on an io thread; its answer may come from any thread, and requests
// of a connection are answered in their order. Answers carry Server, Date, nosniff.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "server/message.h"

namespace fengsui::server {

// Reaching one (but linger_time_max and stream_look_every) counts in fengsui_limit_hits_total as
// "http_" and its name here.
struct HttpLimits {
  size_t body_bytes_max = 16 << 20;     // of one request: 413
  size_t bodies_bytes_max = 256 << 20;  // of all requests being read or answered: 503
  size_t header_bytes_max = 16 << 10;   // request line and headers: 431
  size_t connections_max = 1024;        // 503, and closed
  size_t refusals_max = 64;             // connections being told so; more are closed unanswered
  Duration idle_time_max = std::chrono::seconds{60};     // between requests: closed
  Duration request_time_max = std::chrono::seconds{30};  // first byte to last: 408
  Duration answer_time_max = std::chrono::seconds{60};   // for the handler: 503
  Duration write_time_max = std::chrono::seconds{30};    // for the client to take it: closed
  Duration linger_time_max = std::chrono::seconds{1};    // reads on after a last answer
  Duration stream_look_every{50};                        // a stream that had nothing to say
  Duration drain_time_max = std::chrono::seconds{5};     // stop() waits for requests in flight
};

struct HttpOptions {
  std::string address = "127.0.0.1";  // an IP address or "localhost"
  uint16_t port = 8600;               // 0: any free one
  int threads = 1;
  HttpLimits limits;
};

class HttpServer {
 public:
  // Usage error: not an address, or not of loopback. Outside error: cannot listen there.
  // Requires: metrics and clock outlive it; the handler is thread-safe if threads > 1.
  static Expected<std::unique_ptr<HttpServer>> start(const HttpOptions& options, Handler handler,
                                                     Metrics& metrics, const Clock& clock);
  ~HttpServer();  // stops

  uint16_t port() const;

  // Takes no more connections or requests, finishes those in flight within drain_time_max, then
  // closes the rest and joins the threads. Again: nothing. Requires: not called on an io thread.
  void stop();

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace fengsui::server
