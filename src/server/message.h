// Requests and responses as handlers see them: plain values, no Beast or Asio type.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/time.h"

namespace fengsui::server {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // as sent; case counts
  std::string path;    // as sent, up to '?'; not percent-decoded
  std::string query;   // behind '?', or empty
  std::vector<Header> headers;
  std::string body;

  // The value of the first header of this name, whose case does not count; empty if there is none.
  std::string_view header(std::string_view name) const;
  std::string last_segment() const;  // of the path
};

// A body that goes on until either side ends it. Asked on the connection's thread, again and again.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // What there is to be sent; empty: nothing now. nullopt: that was all.
  virtual std::optional<std::string> next(MonotonicTime now) = 0;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  std::vector<Header> headers;           // further ones; values are ours, without line breaks
  std::shared_ptr<BodyStream> stream{};  // in place of `body`; the connection ends with it
};

// RFC 9457 problem+json. `slug` names the kind of problem: "urn:fengsui:problem:<slug>".
// (With further members: problem_json.h.)
Response problem(int status, std::string_view slug, std::string_view detail);

// What changes something is not for a page in a browser: it can send without asking first, but not
// without saying where it is from. nullopt: it is from none.
std::optional<Response> refuse_foreign(const Request& request);

// The phrase of RFC 9110 ("Not Found"); of one that we never send, "Status".
const char* status_phrase(int status);

// IMF-fixdate of RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(EventTime time);

// How a handler answers, once: later answers are ignored, and a request whose last Responder is
// destroyed unanswered is answered 503. Copies stand for the same request. Any thread; the
// connection, and the server, may be gone by then.
class Responder {
 public:
  using Make = std::function<Response()>;
  // `deliver` is called at most once, from any thread.
  explicit Responder(std::function<void(Make)> deliver);

  void answer(Response response) const;
  // For a thread that has better to do: the connection's thread makes the response.
  void answer_with(Make make) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;
};

using Handler = std::function<void(Request, Responder)>;

}  // namespace fengsui::server
