#include "server/http_session.h"

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

namespace fengsui::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr size_t kReadBytes = 64 << 10;
// How soon an expired read is cancelled again, should it have been between two reads.
constexpr Duration kCancelAgain{10};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool equal_ignoring_case(boost::beast::string_view a, boost::beast::string_view b) {
  return boost::beast::iequals(a, b);
}

std::string head_of(const Response& response, const std::string& date, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  head += status_phrase(response.status);
  head += "\r\nServer: fengsui\r\nX-Content-Type-Options: nosniff\r\nDate: " + date;
  if (!response.content_type.empty()) head += "\r\nContent-Type: " + response.content_type;
  if (!response.stream) {
    head += "\r\nContent-Length: " + std::to_string(response.body.size());
  }
  for (const Header& header : response.headers) head += "\r\n" + header.name + ": " + header.value;
  head += keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return head;
}

}  // namespace

HttpSession::HttpSession(std::shared_ptr<HttpCore> core, Socket socket,
                         std::function<void()> closed)
    : core_(*core),
      shared_core_(core),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      closed_(std::move(closed)) {}

HttpSession::~HttpSession() { release_body(); }

// --- From outside ------------------------------------------------------------------------------

template <class F>
void HttpSession::run_on_strand(F step) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), step] {
    if (self->phase_ != Phase::Closed) step(*self);
  });
}

void HttpSession::start() {
  run_on_strand([](HttpSession& self) {
    ErrorCode ignored;  // the option only makes answers quicker
    self.socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    self.next_request();
  });
}

void HttpSession::turn_away() {
  run_on_strand([](HttpSession& self) {
    self.refuse_at_limit("http_connections_max", 503, "Too many connections.");
  });
}

void HttpSession::finish_up() {
  run_on_strand([](HttpSession& self) {
    self.finishing_ = true;
    if (self.phase_ == Phase::Idle || self.phase_ == Phase::Streaming) self.close();
  });
}

void HttpSession::abort() {
  run_on_strand([](HttpSession& self) { self.close(); });
}

// --- Time --------------------------------------------------------------------------------------

void HttpSession::enter(Phase phase, Duration time_max) {
  phase_ = phase;
  timer_.expires_after(time_max);
  timer_.async_wait([self = shared_from_this(), entered = ++entered_](ErrorCode error) {
    if (!error && entered == self->entered_) self->time_up();
  });
}

void HttpSession::time_up() {
  switch (phase_) {
    case Phase::Reading: {
      // took() answers 408, once the read pending now has come back.
      timed_out_ = true;
      ErrorCode ignored;
      socket_.cancel(ignored);
      return enter(Phase::Reading, kCancelAgain);
    }
    case Phase::Answering:
      return refuse_at_limit("http_answer_time_max", 503,
                             "No answer in time. Whether the events are durable is not known; "
                             "sending them again is safe: ids are compared.");
    case Phase::Idle:
      core_.metrics.limit_hits_total("http_idle_time_max").add();
      return close();
    case Phase::Writing:
      core_.metrics.limit_hits_total("http_write_time_max").add();
      return close();
    case Phase::Streaming:
      return stream_on();
    case Phase::Lingering:
    case Phase::Closed:
      return close();
  }
}

// --- Reading -----------------------------------------------------------------------------------

void HttpSession::next_request() {
  release_body();
  if (finishing_) return close();
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_.options.limits.header_bytes_max));
  parser_->body_limit(core_.options.limits.body_bytes_max);
  header_done_ = false;
  head_ = false;
  if (buffer_.size() == 0) {
    enter(Phase::Idle, core_.options.limits.idle_time_max);
    return read();
  }
  enter(Phase::Reading, core_.options.limits.request_time_max);  // it was sent with the last one
  parse();
}

void HttpSession::read() {
  socket_.async_read_some(
      buffer_.prepare(kReadBytes),
      [self = shared_from_this()](ErrorCode error, size_t bytes) { self->took(error, bytes); });
}

void HttpSession::took(ErrorCode error, size_t bytes) {
  if (phase_ == Phase::Closed) return;
  if (timed_out_) {
    return refuse_at_limit("http_request_time_max", 408, "The request did not come in time.");
  }
  if (error) return close();  // the client has gone; in the middle of a request, too
  buffer_.commit(bytes);
  if (phase_ == Phase::Idle) enter(Phase::Reading, core_.options.limits.request_time_max);
  parse();
}

void HttpSession::parse() {
  while (!parser_->is_done()) {
    if (buffer_.size() == 0) return read();
    ErrorCode error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http::error::need_more) {
      // The parser bounds headers; this bounds what stands round chunks.
      if (buffer_.size() <= core_.options.limits.header_bytes_max) return read();
      error = http::error::header_limit;
    }
    if (error) return refuse_malformed(error);
    if (!header_done_ && parser_->is_header_done()) {
      header_done_ = true;
      if (!header_accepted() || !body_fits()) return;
      parser_->eager(true);
      if (!parser_->is_done() && buffer_.size() == 0) return invite_body();
    }
  }
  hand_over();
}

// What Beast lets pass but must not be guessed at: where the body ends, and whose host is meant.
bool HttpSession::header_accepted() {
  const auto& header = parser_->get();
  head_ = header.method() == http::verb::head;
  const size_t hosts = header.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && header.version() >= 11)) {
    refuse(400, "malformed", "There must be exactly one Host header.");
    return false;
  }
  const size_t encodings = header.count(http::field::transfer_encoding);
  if (encodings > 0 && (encodings > 1 || header.version() < 11 || !parser_->chunked() ||
                        !equal_ignoring_case(header[http::field::transfer_encoding], "chunked"))) {
    refuse(400, "malformed", "The only transfer encoding is chunked, in HTTP/1.1.");
    return false;
  }
  if (header.count(http::field::expect) > 0 &&
      !equal_ignoring_case(header[http::field::expect], "100-continue")) {
    refuse(417, "expectation", "The only expectation is 100-continue.");
    return false;
  }
  return true;
}

// Takes the body's share of the memory for all bodies; of a chunked one, the most it may have.
bool HttpSession::body_fits() {
  const HttpLimits& limits = core_.options.limits;
  const size_t bytes = parser_->chunked()
                           ? limits.body_bytes_max
                           : static_cast<size_t>(parser_->content_length().value_or(0));
  body_held_ = bytes;
  if (core_.bodies_bytes.fetch_add(bytes) + bytes <= limits.bodies_bytes_max) return true;
  refuse_at_limit("http_bodies_bytes_max", 503, "Too many bytes of requests are in hand.");
  return false;
}

void HttpSession::invite_body() {
  if (parser_->get().count(http::field::expect) == 0) return read();
  asio::async_write(socket_, asio::buffer(kContinue),
                    [self = shared_from_this()](ErrorCode error, size_t) {
                      if (self->phase_ == Phase::Closed) return;
                      error ? self->close() : self->read();
                    });
}

// --- Answering ---------------------------------------------------------------------------------

void HttpSession::hand_over() {
  keep_alive_ = parser_->get().keep_alive();
  ++request_;
  enter(Phase::Answering, core_.options.limits.answer_time_max);
  core_.handler(take_request(), responder());
}

Request HttpSession::take_request() {
  auto& message = parser_->get();
  Request request;
  request.method = std::string(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  // Absolute form (RFC 9112 3.2.2): the path begins behind the authority.
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    const size_t slash = target.find('/', kScheme.size());
    target = slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark < target.size()) request.query = target.substr(mark + 1);
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(message.body());
  return request;
}

Responder HttpSession::responder() {
  // The core, and with it the io_context, outlives every Responder; the session may not.
  return Responder([core = shared_core_.lock(), weak = weak_from_this(),
                    request = request_](Responder::Make make) {
    std::shared_ptr<HttpSession> self = weak.lock();
    if (!self) return;
    const auto strand = self->socket_.get_executor();
    asio::post(strand, [self = std::move(self), request, make = std::move(make)] {
      self->answer(request, make);
    });
  });
}

void HttpSession::answer(uint64_t request, const Responder::Make& make) {
  if (phase_ != Phase::Answering || request != request_) return;
  write(make());
}

void HttpSession::refuse(int status, const char* slug, const char* detail) {
  keep_alive_ = false;
  core_.metrics.http_requests_total("none", status).add();
  Response response = problem(status, slug, detail);
  if (status == 503) response.headers.push_back({"Retry-After", "1"});
  write(std::move(response));
}

void HttpSession::refuse_at_limit(const char* limit, int status, const char* detail) {
  core_.metrics.limit_hits_total(limit).add();
  refuse(status, "limit", detail);
}

void HttpSession::refuse_malformed(ErrorCode error) {
  if (error == http::error::body_limit) {
    return refuse_at_limit("http_body_bytes_max", 413, "The body is too large.");
  }
  if (error == http::error::header_limit) {
    return refuse_at_limit("http_header_bytes_max", 431, "The header is too large.");
  }
  refuse(400, "malformed", error.message().c_str());
}

// --- Writing -----------------------------------------------------------------------------------

void HttpSession::write(Response response) {
  keep_alive_ = keep_alive_ && !finishing_ && !response.stream;
  head_text_ = head_of(response, http_date(core_.clock.wall()), keep_alive_);
  if (!head_) stream_ = std::move(response.stream);
  body_text_ = head_ ? std::string() : std::move(response.body);
  enter(Phase::Writing, core_.options.limits.write_time_max);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head_text_),
                                                     asio::buffer(body_text_)};
  asio::async_write(socket_, buffers,
                    [self = shared_from_this()](ErrorCode error, size_t) { self->wrote(error); });
}

void HttpSession::wrote(ErrorCode error) {
  if (phase_ == Phase::Closed) return;
  if (error) return close();
  if (stream_) return stream_on();
  keep_alive_ ? next_request() : linger();
}

// Without chunks: the body ends with the connection, and whoever reads it asks again from there.
void HttpSession::stream_on() {
  if (finishing_) stream_.reset();
  std::optional<std::string> text;
  if (stream_) text = stream_->next(core_.clock.monotonic());
  if (!text) {
    stream_.reset();
    return linger();
  }
  if (text->empty()) return enter(Phase::Streaming, core_.options.limits.stream_look_every);
  body_text_ = std::move(*text);
  enter(Phase::Writing, core_.options.limits.write_time_max);
  asio::async_write(socket_, asio::buffer(body_text_),
                    [self = shared_from_this()](ErrorCode error, size_t) { self->wrote(error); });
}

void HttpSession::linger() {
  release_body();
  ErrorCode error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return close();
  enter(Phase::Lingering, core_.options.limits.linger_time_max);
  discard();
}

void HttpSession::discard() {
  buffer_.consume(buffer_.size());
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](ErrorCode error, size_t) {
                            if (self->phase_ == Phase::Closed) return;
                            error ? self->close() : self->discard();
                          });
}

void HttpSession::release_body() {
  core_.bodies_bytes -= body_held_;
  body_held_ = 0;
}

void HttpSession::close() {
  phase_ = Phase::Closed;
  ++entered_;
  timer_.cancel();
  ErrorCode ignored;  // there is nobody left to tell
  socket_.close(ignored);
  closed_();
}

}  // namespace fengsui::server
