#include "cli/api_client.h"

#include "server/asio.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <limits>
#include <utility>

namespace fengsui::cli {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

struct ApiClient::Connection {
  boost::asio::io_context io;
  tcp::socket socket{io};
  boost::beast::flat_buffer buffer;

  Expected<http::response<http::string_body>> ask(const http::request<http::string_body>& request) {
    boost::system::error_code error;
    http::write(socket, request, error);
    http::response<http::string_body> response;
    if (!error) http::read(socket, buffer, response, error);
    if (error) return fail(Error::outside("asking the service: " + error.message(), true));
    return response;
  }
};

ApiClient::ApiClient(std::string address, uint16_t port)
    : address_(std::move(address)), port_(port) {}

ApiClient::~ApiClient() = default;
ApiClient::ApiClient(ApiClient&&) noexcept = default;

Expected<void> ApiClient::connect() {
  auto connection = std::make_unique<Connection>();
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(address_, error);
  if (!error) connection->socket.connect({address, port_}, error);
  if (error) {
    return fail(Error::outside("cannot reach the service at " + address_ + ":" +
                                   std::to_string(port_) + ": " + error.message(),
                               true));
  }
  connection->socket.set_option(tcp::no_delay(true), error);
  connection_ = std::move(connection);
  return {};
}

Expected<ApiAnswer> ApiClient::get(const std::string& target) { return ask("GET", target, {}, {}); }

Expected<ApiAnswer> ApiClient::post(const std::string& target, const std::string& media_type,
                                    std::string body) {
  return ask("POST", target, media_type, std::move(body));
}

Expected<ApiAnswer> ApiClient::remove(const std::string& target) {
  return ask("DELETE", target, {}, {});
}

// Without a body there is no media type.
Expected<ApiAnswer> ApiClient::ask(const char* method, const std::string& target,
                                   const std::string& media_type, std::string body) {
  if (!connection_) {
    if (Expected<void> connected = connect(); !connected) return fail(connected.error());
  }
  http::request<http::string_body> request{http::string_to_verb(method), target, 11};
  request.set(http::field::host, address_);
  if (!media_type.empty()) request.set(http::field::content_type, media_type);
  request.body() = std::move(body);
  request.prepare_payload();
  auto response = connection_->ask(request);
  if (!response || !response->keep_alive()) connection_.reset();
  if (!response) return fail(response.error());
  return ApiAnswer{static_cast<int>(response->result_int()), std::move(response->body())};
}

Expected<void> ApiClient::follow(const std::string& target,
                                 const std::function<bool(std::string_view)>& line) {
  if (Expected<void> connected = connect(); !connected) return connected;
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, address_);
  boost::system::error_code error;
  http::write(connection_->socket, request, error);
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(std::numeric_limits<uint64_t>::max());
  if (!error) http::read_header(connection_->socket, connection_->buffer, parser, error);
  if (!error && parser.get().result_int() != 200) {
    connection_.reset();
    return fail(Error::usage("the service answers " + std::to_string(parser.get().result_int())));
  }
  std::string text;
  std::array<char, 16384> piece;
  while (!error && !parser.is_done()) {
    parser.get().body() = {piece.data(), piece.size(), true};
    http::read_some(connection_->socket, connection_->buffer, parser, error);
    if (error == http::error::need_buffer) error = {};
    text.append(piece.data(), piece.size() - parser.get().body().size);
    size_t end;
    while ((end = text.find('\n')) != text.npos) {
      if (!line(std::string_view(text).substr(0, end))) return {};
      text.erase(0, end + 1);
    }
  }
  connection_.reset();
  return fail(Error::outside(error ? error.message() : "the service has ended the stream", true));
}

Expected<int> ApiClient::post_events(const std::vector<std::string>& events) {
  std::string body = "[";
  for (const std::string& event : events) {
    if (body.size() > 1) body += ",";
    body += event;
  }
  body += "]";
  const Expected<ApiAnswer> answer =
      post("/v1/events", "application/cloudevents-batch+json", std::move(body));
  if (!answer) return fail(answer.error());
  return answer->status;
}

std::string query_text(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

}  // namespace fengsui::cli
