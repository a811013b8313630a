#include <gatehouse/server/server.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstring>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "connection_table.hpp"
#include "worker.hpp"

namespace gatehouse {
namespace {

using detail::server::connection_table;
using detail::server::worker;

config_error cannot_listen(const endpoint& at, int error_number) {
  config_error e{.key = "listen", .value = at.to_string()};
  switch (error_number) {
    case EADDRINUSE:
      e.code = "address-in-use";
      e.message = "another program listens on " + at.to_string();
      e.suggestion = "stop it, or listen on another port (port 0 takes any free one)";
      break;
    case EACCES:
      e.code = "permission-denied";
      e.message = "this user may not listen on port " + std::to_string(at.port);
      e.suggestion = "use a port from 1024 on, or give the program CAP_NET_BIND_SERVICE";
      break;
    case EADDRNOTAVAIL:
      e.code = "not-our-address";
      e.message = at.address.to_string() + " is not an address of this machine";
      e.suggestion = "127.0.0.1 for this machine only, 0.0.0.0 for all its addresses";
      break;
    default:
      e.code = "cannot-listen";
      e.message = "cannot listen on " + at.to_string() + ": " + std::strerror(error_number);
  }
  return e;
}

bool only_loopback(const std::vector<endpoint>& listen) {
  return std::all_of(listen.begin(), listen.end(), [](const endpoint& e) { return e.address.is_loopback(); });
}

keyed_hash::key secret_key() {
  system_random random;
  keyed_hash::key key{};
  std::array<std::uint8_t, sizeof key> bytes{};
  random.fill(bytes);
  std::memcpy(key.data(), bytes.data(), sizeof key);
  return key;
}

}  // namespace

struct server::implementation {
  implementation(server_options o, std::shared_ptr<const dispatcher> r)
      : options(std::move(o)),
        routes(std::move(r)),
        table(options.limits, options.uncapped, only_loopback(options.listen), secret_key()) {
    if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
  }

  server_options options;
  std::shared_ptr<const dispatcher> routes;
  connection_table table;
  std::vector<std::unique_ptr<worker>> workers{};
  std::vector<endpoint> listening{};
  std::atomic<milliseconds> shutdown_timeout{options.limits.shutdown_timeout};
  std::atomic<bool> stopping{false};
};

server::server(server_options options, std::shared_ptr<const dispatcher> routes)
    : impl_(std::make_unique<implementation>(std::move(options), std::move(routes))) {}
server::~server() = default;

result<void, config_errors> server::open() {
  config_errors errors;
  const bool share = impl_->options.threads > 1;
  for (unsigned i = 0; i < impl_->options.threads; ++i) {
    impl_->workers.push_back(std::make_unique<worker>(impl_->options, impl_->routes, impl_->table));
  }
  for (const endpoint& wanted : impl_->options.listen) {
    if (const int busy = probe_bind(wanted); busy != 0) {
      errors.push_back(cannot_listen(wanted, busy));
      continue;
    }
    endpoint at = wanted;
    for (const auto& w : impl_->workers) {
      const auto opened = w->listen(at, share);
      if (!opened) {
        errors.push_back(cannot_listen(at, opened.error()));
        break;
      }
      at = *opened;  // with port 0, the others share the port that the first one got
    }
    impl_->listening.push_back(at);
  }
  if (!errors.empty()) {
    impl_->workers.clear();
    return failure{std::move(errors)};
  }
  return {};
}

const std::vector<endpoint>& server::listening() const noexcept { return impl_->listening; }

void server::run() {
  if (impl_->options.handle_signals) {
    constexpr std::array stop_signals{SIGTERM, SIGINT};
    impl_->workers.front()->loop().on_signals(stop_signals, [this](int) { stop(); });
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < impl_->workers.size(); ++i) {
    threads.emplace_back([w = impl_->workers[i].get()] { w->run(); });
  }
  impl_->workers.front()->run();
  for (std::thread& t : threads) t.join();
}

void server::serve(const std::shared_ptr<const dispatcher>& routes, const limits& l) {
  impl_->shutdown_timeout.store(l.shutdown_timeout);
  for (const auto& w : impl_->workers) w->serve(routes, l);
}

void server::stop() noexcept {
  if (!impl_->stopping.exchange(true) && impl_->options.on_stopping) {
    impl_->options.on_stopping(impl_->shutdown_timeout.load());
  }
  for (const auto& w : impl_->workers) w->stop();
}

void server::when_all_loops_answer(std::function<void()> then) {
  struct loop_round {
    std::atomic<std::size_t> unanswered;
    std::function<void()> at_last;
  };
  const auto round = std::make_shared<loop_round>(impl_->workers.size(), std::move(then));
  for (const auto& w : impl_->workers) {
    w->loop().post([round] {
      if (round->unanswered.fetch_sub(1) == 1) round->at_last();
    });
  }
}

server::statistics server::stats() const noexcept {
  return {.connections_open = impl_->table.now_open(),
          .connections_total = impl_->table.total(),
          .connections_refused = impl_->table.refused()};
}

}  // namespace gatehouse
