#include "dispatch/http_client.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>

namespace fengsui::dispatch {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr size_t kAnswerBytesMax = 64 << 10, kHeaderBytesMax = 16 << 10;

bool is_port(const std::string& text) {
  unsigned value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && end == text.data() + text.size() && value > 0 && value < 65536;
}

std::optional<Duration> seconds_in(std::string_view text) {
  constexpr int64_t kMost = 86'400;
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::chrono::seconds{std::min(value, kMost)};
}

Error unreachable(const Url& url, const std::string& what) {
  return Error::outside(url.host + ":" + url.port + ": " + what, true);
}

}  // namespace

Expected<Url> parse_url(const std::string& text) {
  const auto bad = [&](const char* what) {
    return fail(Error::bad_input("`" + text + "` is no address: " + what));
  };
  Url url;
  std::string rest;
  if (text.starts_with("https://")) {
    url.secure = true;
    rest = text.substr(8);
  } else if (text.starts_with("http://")) {
    rest = text.substr(7);
  } else {
    return bad("it begins with https:// or http://");
  }
  const bool is_plain = std::all_of(rest.begin(), rest.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\';
  });
  if (!is_plain) return bad("it holds what must be percent-encoded");
  const size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  std::string host = rest.substr(0, slash);
  url.target = rest.substr(slash, rest.find('#') - slash);
  if (url.target.empty() || url.target.front() != '/') url.target = "/" + url.target;
  if (host.find('@') != host.npos) return bad("no user or password stands in it");
  size_t colon = host.rfind(':');
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    if (end == host.npos) return bad("a bracket is not closed");
    if (end + 1 < host.size() && host[end + 1] != ':')
      return bad("what stands behind the bracket?");
    colon = end + 1 < host.size() ? end + 1 : host.npos;
    url.host = host.substr(1, end - 1);
  } else {
    url.host = host.substr(0, colon);
  }
  url.port = colon == host.npos ? (url.secure ? "443" : "80") : host.substr(colon + 1);
  if (url.host.empty()) return bad("it has no host");
  if (!is_port(url.port)) return bad("its port is no number");
  return url;
}

// Its own loop, which runs as long as one step takes.
struct HttpClient::Connection {
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  beast::tcp_stream plain{io};
  std::optional<beast::ssl_stream<beast::tcp_stream&>> secure;
  beast::flat_buffer buffer;
  bool used = false;

  // Starts a step, and waits for its end.
  template <class Start>
  error_code run(Duration timeout, const Start& start) {
    error_code result = asio::error::operation_aborted;
    plain.expires_after(timeout);
    start([&result](error_code error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
  }

  template <class Stream>
  error_code exchange(Stream& stream, Duration timeout,
                      const http::request<http::string_body>& request,
                      http::response_parser<http::string_body>& parser) {
    error_code error = run(timeout, [&](auto done) { http::async_write(stream, request, done); });
    if (error) return error;
    return run(timeout, [&](auto done) { http::async_read(stream, buffer, parser, done); });
  }
};

HttpClient::HttpClient(Options options) : options_(std::move(options)) {}
HttpClient::~HttpClient() = default;

void HttpClient::close() { connection_.reset(); }

Expected<void> HttpClient::connect() {
  auto connection = std::make_unique<Connection>();
  error_code error;
  const Url& url = options_.url;
  if (url.secure) {
    if (options_.ca_file.empty()) {
      connection->tls.set_default_verify_paths(error);
    } else {
      connection->tls.load_verify_file(options_.ca_file, error);
    }
    if (error) return fail(Error::outside(options_.ca_file + ": " + error.message()));
    connection->tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    connection->tls.set_verify_mode(asio::ssl::verify_peer);
  }
  tcp::resolver resolver(connection->io);
  tcp::resolver::results_type found;
  asio::steady_timer patience(connection->io, options_.timeout);
  patience.async_wait([&](error_code ended) {
    if (!ended) resolver.cancel();
  });
  error = asio::error::operation_aborted;
  resolver.async_resolve(url.host, url.port, [&](error_code ended, auto results) {
    error = ended;
    found = results;
    patience.cancel();
  });
  connection->io.run();
  if (error) return fail(unreachable(url, error.message()));
  error = connection->run(options_.timeout,
                          [&](auto done) { connection->plain.async_connect(found, done); });
  if (error) return fail(unreachable(url, error.message()));
  connection->plain.socket().set_option(tcp::no_delay(true), error);
  if (url.secure) {
    connection->secure.emplace(connection->plain, connection->tls);
    connection->secure->set_verify_callback(asio::ssl::host_name_verification(url.host));
    if (SSL_set_tlsext_host_name(connection->secure->native_handle(), url.host.c_str()) != 1) {
      return fail(unreachable(url, "its name cannot be asked for"));
    }
    error = connection->run(options_.timeout, [&](auto done) {
      connection->secure->async_handshake(asio::ssl::stream_base::client, done);
    });
    if (error) return fail(unreachable(url, error.message()));
  }
  connection_ = std::move(connection);
  return {};
}

Expected<HttpAnswer> HttpClient::post(const std::string& body, const Headers& headers) {
  const Url& url = options_.url;
  http::request<http::string_body> request{http::verb::post, url.target, 11};
  const bool is_v6 = url.host.find(':') != url.host.npos;
  const bool is_usual = url.port == (url.secure ? "443" : "80");
  request.set(http::field::host,
              (is_v6 ? "[" + url.host + "]" : url.host) + (is_usual ? "" : ":" + url.port));
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  for (;;) {
    if (!connection_) {
      if (Expected<void> connected = connect(); !connected) return fail(connected.error());
    }
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    parser.header_limit(kHeaderBytesMax);
    const bool was_used = std::exchange(connection_->used, true);
    const error_code error =
        connection_->secure
            ? connection_->exchange(*connection_->secure, options_.timeout, request, parser)
            : connection_->exchange(connection_->plain, options_.timeout, request, parser);
    if (error) {
      connection_.reset();
      // One that was kept may have been closed meanwhile: once more over a new one.
      if (was_used && error != beast::error::timeout) continue;
      return fail(unreachable(url, error.message()));
    }
    HttpAnswer answer;
    answer.status = parser.get().result_int();
    const auto after = parser.get().find(http::field::retry_after);
    if (after != parser.get().end()) {
      answer.retry_after = seconds_in({after->value().data(), after->value().size()});
    }
    if (!parser.get().keep_alive()) connection_.reset();
    return answer;
  }
}

}  // namespace fengsui::dispatch
