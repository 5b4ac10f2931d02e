#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace fengsui::server {

std::string Reply::header(const std::string& name) const {
  const std::string start = "\r\n" + name + ": ";
  const size_t at = head.find(start);
  if (at == std::string::npos) return {};
  const size_t value = at + start.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

HttpClient::HttpClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval safety{.tv_sec = 60, .tv_usec = 0};  // a test that hangs fails instead
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &safety, sizeof safety);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &safety, sizeof safety);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

HttpClient::~HttpClient() { close(socket_); }

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void HttpClient::finish_sending() { shutdown(socket_, SHUT_WR); }

bool HttpClient::fill() {
  char bytes[16384];
  const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  pending_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::optional<Reply> HttpClient::receive(bool to_head) {
  size_t end;
  while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  Reply reply;
  reply.head = pending_.substr(0, end + 2);
  pending_.erase(0, end + 4);
  if (!reply.head.starts_with("HTTP/1.1 ")) return std::nullopt;
  reply.status = std::stoi(reply.head.substr(9, 3));
  if (reply.status == 100 || to_head) return reply;
  const size_t size = std::stoul(reply.header("Content-Length"));
  while (pending_.size() < size) {
    if (!fill()) return std::nullopt;
  }
  reply.body = pending_.substr(0, size);
  pending_.erase(0, size);
  return reply;
}

std::string HttpClient::receive_all() {
  while (fill()) {
  }
  return std::move(pending_);
}

std::string HttpClient::receive_until(std::string_view text) {
  size_t at;
  while ((at = pending_.find(text)) == std::string::npos) {
    if (!fill()) return std::move(pending_);
  }
  std::string out = pending_.substr(0, at + text.size());
  pending_.erase(0, at + text.size());
  return out;
}

std::optional<Reply> HttpClient::get(const std::string& path) {
  send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return receive();
}

std::optional<Reply> HttpClient::post(const std::string& content_type, std::string_view body) {
  send(post_text(content_type, body));
  return receive();
}

std::string post_text(std::string_view content_type, std::string_view body) {
  std::string text = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: ";
  text.append(content_type);
  text += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text.append(body);
  return text;
}

}  // namespace fengsui::server
