#include "cli/event_poster.h"

#include "server/asio.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <utility>

namespace fengsui::cli {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

struct EventPoster::Connection {
  boost::asio::io_context io;
  tcp::socket socket{io};
  boost::beast::flat_buffer buffer;
};

EventPoster::EventPoster(std::string address, uint16_t port)
    : address_(std::move(address)), port_(port) {}

EventPoster::~EventPoster() = default;

Expected<void> EventPoster::connect() {
  auto connection = std::make_unique<Connection>();
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(address_, error);
  if (!error) connection->socket.connect({address, port_}, error);
  if (error) return fail(Error::outside("cannot reach the service: " + error.message(), true));
  connection->socket.set_option(tcp::no_delay(true), error);
  connection_ = std::move(connection);
  return {};
}

Expected<int> EventPoster::post(const std::vector<std::string>& events) {
  if (!connection_) {
    if (Expected<void> connected = connect(); !connected) return fail(connected.error());
  }
  http::request<http::string_body> request{http::verb::post, "/v1/events", 11};
  request.set(http::field::host, address_);
  request.set(http::field::content_type, "application/cloudevents-batch+json");
  request.body() = "[";
  for (const std::string& event : events) {
    if (request.body().size() > 1) request.body() += ",";
    request.body() += event;
  }
  request.body() += "]";
  request.prepare_payload();

  boost::system::error_code error;
  http::write(connection_->socket, request, error);
  http::response<http::string_body> response;
  if (!error) http::read(connection_->socket, connection_->buffer, response, error);
  if (error) {
    connection_.reset();
    return fail(Error::outside("posting events: " + error.message(), true));
  }
  if (!response.keep_alive()) connection_.reset();
  return static_cast<int>(response.result_int());
}

}  // namespace fengsui::cli
