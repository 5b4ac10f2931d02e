// One connection: reads a request, hands it over, writes the answer, again. Private to the HTTP
// server. A state machine of callbacks on a strand of its own, so it needs no lock; whoever calls
// from outside goes through post(). It lives as long as an operation of it is pending.
//
//   Idle ─first byte─► Reading ─whole─► Answering ─answer─► Writing ─► Idle, or Streaming ⇄ Writing
//     └──── too long: Closed   └─ refused ──────────┴──────►   └─ last one ─► Lingering ─► Closed
//
// Lingering: the answer is out, our side is shut, and what the client still sends is read and
// thrown away; closing at once would reset the connection and could destroy the answer on its way.
#pragma once

#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "server/asio.h"
#include "server/http_server.h"

namespace fengsui::server {

// What all connections of a server share. Kept by the server and by every open Responder; the
// sessions in `io` refer to it and never own it.
struct HttpCore {
  HttpCore(HttpOptions http_options, Handler request_handler, Metrics& to, const Clock& from)
      : options(std::move(http_options)),
        handler(std::move(request_handler)),
        metrics(to),
        clock(from),
        io(options.threads) {}

  const HttpOptions options;
  const Handler handler;
  Metrics& metrics;    // only while the server runs
  const Clock& clock;  // only while the server runs
  std::atomic<size_t> bodies_bytes = 0;
  boost::asio::io_context io;  // last: the sessions in it go before what they refer to
};

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // `socket` runs on a strand; `closed` is called there, once.
  HttpSession(std::shared_ptr<HttpCore> core, Socket socket, std::function<void()> closed);
  ~HttpSession();

  // Each posts to the strand.
  void start();
  void turn_away();  // 503: too many connections
  void finish_up();  // no further request
  void abort();      // closes now

 private:
  enum class Phase { Idle, Reading, Answering, Writing, Streaming, Lingering, Closed };
  using ErrorCode = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  template <class F>
  void run_on_strand(F step);
  void enter(Phase phase, Duration time_max);
  void time_up();

  void next_request();
  void read();
  void took(ErrorCode error, size_t bytes);
  void parse();
  bool header_accepted();
  bool body_fits();
  void invite_body();
  void hand_over();
  Request take_request();
  Responder responder();
  void answer(uint64_t request, const Responder::Make& make);
  void refuse(int status, const char* slug, const char* detail);
  void refuse_at_limit(const char* limit, int status, const char* detail);
  void refuse_malformed(ErrorCode error);
  void write(Response response);
  void wrote(ErrorCode error);
  void stream_on();
  void linger();
  void discard();
  void release_body();
  void close();

  HttpCore& core_;
  const std::weak_ptr<HttpCore> shared_core_;
  Socket socket_;
  boost::asio::steady_timer timer_;
  const std::function<void()> closed_;

  // On the strand only.
  Phase phase_ = Phase::Idle;
  uint64_t entered_ = 0;  // counts phases: a timer of an earlier one is ignored
  bool timed_out_ = false;
  bool finishing_ = false;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  bool header_done_ = false;
  size_t body_held_ = 0;  // our share of core.bodies_bytes
  uint64_t request_ = 0;  // counts requests: an answer to an earlier one is ignored
  bool keep_alive_ = false;
  bool head_ = false;
  std::string head_text_;
  std::string body_text_;
  std::shared_ptr<BodyStream> stream_;  // set: the answer under way has no end of its own
};

}  // namespace fengsui::server
