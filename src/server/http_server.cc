#include "server/http_server.h"

#include <map>
#include <thread>
#include <vector>

#include "server/http_session.h"

namespace fengsui::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// When accepting fails (no file descriptor left), it is tried again so much later.
constexpr Duration kAcceptAgain{100};

Expected<asio::ip::address> loopback_address(const std::string& text) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text == "localhost" ? "127.0.0.1" : text, error);
  if (error) return fail(Error::usage("http: '" + text + "' is not an IP address"));
  if (!address.is_loopback()) {
    return fail(Error::usage("http: will not listen on " + text +
                             ": there are no roles yet, so only a loopback address (127.0.0.1, "
                             "::1) keeps strangers out"));
  }
  return address;
}

}  // namespace

// The listener. All members below `core` belong to the `control` strand, once started.
struct HttpServer::State : std::enable_shared_from_this<State> {
  State(const HttpOptions& options, Handler handler, Metrics& metrics, const Clock& clock)
      : core(std::make_shared<HttpCore>(options, std::move(handler), metrics, clock)),
        control(asio::make_strand(core->io)),
        acceptor(control),
        accept_again(control),
        drained(control) {}

  Expected<void> listen(const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) port = acceptor.local_endpoint(error).port();
    if (!error) return {};
    return fail(Error::outside("http: cannot listen on " + endpoint.address().to_string() + ":" +
                               std::to_string(endpoint.port()) + ": " + error.message()));
  }

  void accept() {
    acceptor.async_accept(
        asio::any_io_executor(asio::make_strand(core->io)),
        [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
          if (self->stopping) return;
          if (error) return self->wait_to_accept();
          self->admit(std::move(socket));
          self->accept();
        });
  }

  void wait_to_accept() {
    core->metrics.limit_hits_total("http_file_descriptors").add();
    accept_again.expires_after(kAcceptAgain);
    accept_again.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && !self->stopping) self->accept();
    });
  }

  void admit(tcp::socket socket) {
    const HttpLimits& limits = core->options.limits;
    if (sessions.size() >= limits.connections_max + limits.refusals_max) {
      core->metrics.limit_hits_total("http_refusals_max").add();
      return;  // the socket closes with its variable
    }
    const uint64_t id = ++last_id;
    const auto session =
        std::make_shared<HttpSession>(core, std::move(socket), [weak = weak_from_this(), id] {
          const std::shared_ptr<State> self = weak.lock();
          if (self) asio::post(self->control, [self, id] { self->forget(id); });
        });
    const bool full = sessions.size() >= limits.connections_max;
    sessions.emplace(id, session);
    full ? session->turn_away() : session->start();
  }

  void forget(uint64_t id) {
    sessions.erase(id);
    if (stopping && sessions.empty()) drained.cancel();
  }

  // Once nothing is left to do, run() returns on every thread.
  void drain() {
    stopping = true;
    boost::system::error_code ignored;  // closing what is open cannot fail in a way that matters
    acceptor.close(ignored);
    accept_again.cancel();
    if (sessions.empty()) return;
    for (const auto& [id, session] : sessions) {
      if (const auto held = session.lock()) held->finish_up();
    }
    drained.expires_after(core->options.limits.drain_time_max);
    drained.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      self->core->metrics.limit_hits_total("http_drain_time_max").add();
      for (const auto& [id, session] : self->sessions) {
        if (const auto held = session.lock()) held->abort();
      }
    });
  }

  const std::shared_ptr<HttpCore> core;
  const asio::any_io_executor control;
  tcp::acceptor acceptor;
  asio::steady_timer accept_again;
  asio::steady_timer drained;
  bool stopping = false;
  uint64_t last_id = 0;
  std::map<uint64_t, std::weak_ptr<HttpSession>> sessions;

  uint16_t port = 0;                  // const once started
  std::vector<std::jthread> threads;  // whoever starts and stops
};

Expected<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, Handler handler,
                                                        Metrics& metrics, const Clock& clock) {
  const Expected<asio::ip::address> address = loopback_address(options.address);
  if (!address) return fail(address.error());
  auto state = std::make_shared<State>(options, std::move(handler), metrics, clock);
  const Expected<void> listening = state->listen(tcp::endpoint(*address, options.port));
  if (!listening) return fail(listening.error());
  state->accept();
  for (int i = 0; i < options.threads; ++i) {
    state->threads.emplace_back([core = state->core] { core->io.run(); });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() { stop(); }

uint16_t HttpServer::port() const { return state_->port; }

void HttpServer::stop() {
  if (state_->threads.empty()) return;
  asio::post(state_->control, [state = state_] { state->drain(); });
  state_->threads.clear();  // joins
}

}  // namespace fengsui::server
