// A plain blocking client for the tests, on POSIX sockets: it shares nothing with the server, and
// sends whatever bytes it is given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fengsui::server {

struct Reply {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;

  // Of the first header of that name, as the server spells it; empty: none.
  std::string header(const std::string& name) const;
};

class HttpClient {
 public:
  explicit HttpClient(uint16_t port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return connected_; }
  // False: the server does not take it.
  bool send(std::string_view bytes);
  void finish_sending();
  // The next reply; nullopt: the connection ended, or the text is no reply. `to_head`: no body.
  std::optional<Reply> receive(bool to_head = false);
  // Reads until the connection ends, by either kind of end; what came.
  std::string receive_all();
  // What comes up to `text`, and that; without it: all until the connection ends.
  std::string receive_until(std::string_view text);
  bool ended() { return receive_all().empty(); }

  std::optional<Reply> get(const std::string& path);
  std::optional<Reply> post(const std::string& content_type, std::string_view body);

 private:
  bool fill();

  int socket_;
  bool connected_ = false;
  std::string pending_;
};

// "POST /v1/events …" with all its headers.
std::string post_text(std::string_view content_type, std::string_view body);

}  // namespace fengsui::server
