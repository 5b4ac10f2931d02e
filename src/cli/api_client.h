// A client of the service's HTTP API, over one connection that is kept: what `demo` posts its city
// with, and `alerts` asks. One thread; each call waits for its answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fengsui::cli {

struct ApiAnswer {
  int status = 0;
  std::string body;
};

class ApiClient {
 public:
  ApiClient(std::string address, uint16_t port);
  ~ApiClient();
  ApiClient(ApiClient&&) noexcept;

  // Errors: the service cannot be reached, or ends the connection; retryable.
  Expected<ApiAnswer> get(const std::string& target);
  Expected<ApiAnswer> post(const std::string& target, const std::string& media_type,
                           std::string body);
  Expected<ApiAnswer> remove(const std::string& target);  // DELETE
  // A body without an end (Server-Sent Events): its lines, as they come, while `line` gives true.
  // Errors as of get(); also that the service ended it, and any status but 200.
  Expected<void> follow(const std::string& target,
                        const std::function<bool(std::string_view)>& line);
  // Events (JSON objects) as one batch. The status: 202 all accepted, 400 some refused (the others
  // are accepted), 429 none, come again.
  Expected<int> post_events(const std::vector<std::string>& events);

 private:
  struct Connection;
  Expected<void> connect();
  Expected<ApiAnswer> ask(const char* method, const std::string& target,
                          const std::string& media_type, std::string body);

  std::string address_;
  uint16_t port_;
  std::unique_ptr<Connection> connection_;
};

// `text` as it stands in a query: all but letters, digits and -._~ is percent-encoded.
std::string query_text(std::string_view text);

}  // namespace fengsui::cli
