// POST to one address of another system, over HTTP or HTTPS, one after the other over a connection
// that is kept. Every step has a time limit; redirects are not followed. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace fengsui::dispatch {

struct Url {
  bool secure = false;  // https
  std::string host;     // without the brackets of an IPv6 address
  std::string port;     // digits
  std::string target;   // begins with /
};

// "https://gas.example:8443/alerts". Errors, of kind BadInput: another scheme, a user or password
// in it, no host, another form.
Expected<Url> parse_url(const std::string& text);

struct HttpAnswer {
  int status = 0;
  std::optional<Duration> retry_after;  // where it says so, in seconds
};

class HttpClient {
 public:
  struct Options {
    Url url;
    std::string ca_file;  // trusted beside nothing else; empty: what the machine trusts
    Duration timeout = std::chrono::seconds{10};  // of connecting, of sending, of the answer
  };
  explicit HttpClient(Options options);
  ~HttpClient();

  // Errors, retryable: it cannot be reached, does not answer in time or hangs up; its certificate
  // is not trusted, or another host's. Not retryable: the file of certificates cannot be read.
  using Headers = std::vector<std::pair<std::string, std::string>>;
  Expected<HttpAnswer> post(const std::string& body, const Headers& headers);
  void close();

 private:
  struct Connection;
  Expected<void> connect();

  const Options options_;
  std::unique_ptr<Connection> connection_;  // null: none
};

}  // namespace fengsui::dispatch
