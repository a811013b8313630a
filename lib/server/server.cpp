#include <gatehouse/server/server.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "body_budget.hpp"
#include "connection_table.hpp"
#include "loop_metrics.hpp"
#include "loop_pulse_check.hpp"
#include "worker.hpp"

namespace gatehouse {
namespace {

using detail::server::connection_table;
using detail::server::loop_metrics;
using detail::server::loop_pulse_check;
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

using kind = metric_family::kind;

metric_family single(std::string name, std::string help, kind what, std::uint64_t value) {
  return {.name = std::move(name),
          .help = std::move(help),
          .what = what,
          .samples = {{.value = static_cast<double>(value)}}};
}

void collect_connections(const connection_table& t, std::vector<metric_family>& out) {
  out.push_back(single("gatehouse_connections_open", "Connections of clients.", kind::gauge, t.now_open()));
  out.push_back(single("gatehouse_connections_limit", "How many there may be; those above are refused.", kind::gauge,
                       t.at_most()));
  out.push_back(single("gatehouse_connections_accepted_total", "Connections that came, refused ones included.",
                       kind::counter, t.total()));
  out.push_back(single("gatehouse_connections_refused_total", "Connections over the limit of all or of their client.",
                       kind::counter, t.refused()));
}

void collect_handshakes(const std::vector<const detail::server::tls_counts*>& loops, std::vector<metric_family>& out) {
  using detail::server::tls_counts;
  const auto sum = [&](auto one) {
    std::uint64_t all = 0;
    for (const tls_counts* const c : loops) all += one(*c).get();
    return static_cast<double>(all);
  };
  metric_family f{.name = "gatehouse_tls_handshakes_total",
                  .help = "TLS handshakes by how they ended: full or resumed, or why they failed."};
  const auto add = [&f](std::string_view result, double value) {
    f.samples.push_back({.labels = {{"result", std::string{result}}}, .value = value});
  };
  add("full", sum([](const tls_counts& c) -> const loop_counter& { return c.full; }));
  add("resumed", sum([](const tls_counts& c) -> const loop_counter& { return c.resumed; }));
  constexpr std::array<std::string_view, tls_failure_count> failures{"timed_out",
                                                                     "crowded",
                                                                     "plain_text",
                                                                     "unknown_name",
                                                                     "closed",
                                                                     "refused",
                                                                     "client_certificate_missing",
                                                                     "client_certificate_refused"};
  for (std::size_t i = 0; i < failures.size(); ++i) {
    add(failures[i], sum([i](const tls_counts& c) -> const loop_counter& { return c.failed[i]; }));
  }
  out.push_back(std::move(f));
}

void collect_certificates(const tls_server& tls, system_time now, std::vector<metric_family>& out) {
  metric_family f{.name = "gatehouse_tls_certificate_expires_days",
                  .help = "Days until a certificate in use expires; below 0: since it has.",
                  .what = kind::gauge};
  constexpr double seconds_a_day = 86'400;
  for (const tls_server::certificate& c : tls.certificates()) {
    const auto left = std::chrono::duration_cast<seconds>(c.not_after - now);
    f.samples.push_back(
        {.labels = {{"certificate", c.file}}, .value = static_cast<double>(left.count()) / seconds_a_day});
  }
  out.push_back(std::move(f));
}

/// The blocks of all loops, in bytes.
struct block_memory {
  std::uint64_t in_use = 0;
  std::uint64_t kept = 0;
  void add(const block_bytes* b) noexcept {
    if (b == nullptr) return;  // its loop has not begun
    const std::uint64_t used = b->in_use.get();
    in_use += used;
    kept += std::max(b->allocated.get(), used) - used;  // the two are not read at one moment
  }
};

void collect_memory(const block_memory& blocks, std::uint64_t bodies_at_most, std::vector<metric_family>& out) {
  out.push_back(single("gatehouse_buffered_body_bytes", "Memory of request bodies that are held whole.", kind::gauge,
                       body_budget::used().load(std::memory_order_relaxed)));
  out.push_back(single("gatehouse_buffered_body_limit_bytes", "How much that may be: limits.max_buffered_bodies.",
                       kind::gauge, bodies_at_most));
  out.push_back({.name = "gatehouse_block_bytes",
                 .help = "Memory of the blocks that bytes are received into and sent from, in use or kept for later.",
                 .what = kind::gauge,
                 .samples = {{.labels = {{"state", "in_use"}}, .value = static_cast<double>(blocks.in_use)},
                             {.labels = {{"state", "kept"}}, .value = static_cast<double>(blocks.kept)}}});
}

config_error cannot_listen(const std::string& path, int error_number) {
  config_error e{.key = "listen", .value = "unix:" + path};
  switch (error_number) {
    case EADDRINUSE:
      e.code = "address-in-use";
      e.message = "another program listens on " + path;
      e.suggestion = "stop it, or listen on another path";
      break;
    case EEXIST:
      e.code = "not-our-socket";
      e.message = path + " is there already, and is no socket that an earlier run of this user left behind";
      e.suggestion = "remove it, or listen on another path";
      break;
    case EPERM:
      e.code = "unsafe-folder";
      e.message = "others may write to the folder of " + path + ", and so could put a socket of theirs in its place";
      e.suggestion = "a folder of this user's with mode 0700";
      break;
    default: e.code = "cannot-listen"; e.message = "cannot listen on " + path + ": " + std::strerror(error_number);
  }
  return e;
}

bool only_loopback(const std::vector<endpoint>& listen) {
  return std::all_of(listen.begin(), listen.end(), [](const endpoint& e) { return e.address.is_loopback(); });
}

/// Shared with the loops that are asked: one may answer when nobody waits any more.
struct asked_loops {
  std::mutex mutex;
  std::condition_variable answered;
  connection_survey all;
  std::size_t missing = 0;
};

keyed_hash::key secret_key() {
  system_random random;
  keyed_hash::key key{};
  std::array<std::uint8_t, sizeof key> bytes{};
  random.fill(bytes);
  std::memcpy(key.data(), bytes.data(), sizeof key);
  return key;
}

/// The stop that a signal asked for, when its delay is over. On the loop of `first`.
class delayed_stop final : public deadline {
 public:
  delayed_stop(server& s, const worker& first) noexcept : server_(&s), first_(&first) {}

 private:
  void expired() noexcept override {
    if (!first_->stopping()) server_->stop();  // again would cut off what is ending
  }
  server* server_;
  const worker* first_;
};

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
  std::atomic<bool> accepting{false};
  std::atomic<std::uint64_t> buffered_bodies_at_most{options.limits.buffered_body_bytes_total};
  std::atomic<milliseconds> shutdown_timeout{options.limits.shutdown_timeout};
  std::atomic<bool> stopping{false};  // on_stopping was told
  loop_pulse_check pulse{};
  // For those who look from other threads; no loop takes it.
  mutable std::mutex tls_mutex{};
  std::shared_ptr<const tls_server> tls{options.tls};
  std::unique_ptr<delayed_stop> delayed{};  // last: it stands in a loop's wheel

  void tell_stopping(milliseconds at_most) noexcept {
    if (!stopping.exchange(true) && options.on_stopping) options.on_stopping(at_most);
  }

  /// On the first loop: the first SIGTERM begins the delay, if there is one, any other signal ends it. Whoever presses
  /// Ctrl-C is no orchestrator that waits for load balancers.
  void on_stop_signal(int number, server& s) {
    gatehouse::loop& l = workers.front()->loop();
    const milliseconds delay = workers.front()->bounds().shutdown_delay;
    if (!accepting.exchange(false) || number != SIGTERM || delay == milliseconds{0}) {
      delayed.reset();
      return s.stop();
    }
    tell_stopping(delay + shutdown_timeout.load());
    delayed = std::make_unique<delayed_stop>(s, *workers.front());
    l.timers().set(*delayed, l.now() + delay);
  }
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
  for (const std::string& path : impl_->options.listen_local) {
    if (const int failed = impl_->workers.front()->listen_local(path); failed != 0) {
      errors.push_back(cannot_listen(path, failed));
    }
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
    impl_->workers.front()->loop().on_signals(stop_signals,
                                              [this](int number) { impl_->on_stop_signal(number, *this); });
  }
  impl_->accepting = true;
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < impl_->workers.size(); ++i) {
    threads.emplace_back([w = impl_->workers[i].get()] { w->run(); });
  }
  impl_->workers.front()->run();
  for (std::thread& t : threads) t.join();
  impl_->accepting = false;
}

void server::serve(const std::shared_ptr<const dispatcher>& routes, const limits& l) {
  impl_->buffered_bodies_at_most.store(l.buffered_body_bytes_total, std::memory_order_relaxed);
  impl_->shutdown_timeout.store(l.shutdown_timeout);
  for (const auto& w : impl_->workers) w->serve(routes, l);
}

void server::secure_with(const std::shared_ptr<const tls_server>& next) {
  {
    const std::scoped_lock lock(impl_->tls_mutex);
    impl_->tls = next;
  }
  for (const auto& w : impl_->workers) w->secure_with(next);
}

void server::stop() noexcept {
  impl_->accepting = false;
  impl_->tell_stopping(impl_->shutdown_timeout.load());
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

bool server::is_accepting() const noexcept { return impl_->accepting.load(); }

bool server::loops_answer(milliseconds within) const {
  std::vector<loop*> loops;
  for (const auto& w : impl_->workers) loops.push_back(&w->loop());
  return impl_->pulse.all_answer(loops, within);
}

void server::collect(std::vector<metric_family>& out) const {
  if (impl_->options.counted != nullptr) {
    std::vector<const loop_metrics*> loops;
    for (const auto& w : impl_->workers) loops.push_back(w->metrics());
    loop_metrics::collect(loops, impl_->options.counted->patterns(), out);
  }
  collect_connections(impl_->table, out);
  std::shared_ptr<const tls_server> tls;
  {
    const std::scoped_lock lock(impl_->tls_mutex);
    tls = impl_->tls;
  }
  if (tls != nullptr) {
    std::vector<const detail::server::tls_counts*> handshakes;
    for (const auto& w : impl_->workers) handshakes.push_back(&w->handshakes());
    collect_handshakes(handshakes, out);
    collect_certificates(*tls, std::chrono::system_clock::now(), out);
  }
  block_memory blocks{};
  for (const auto& w : impl_->workers) blocks.add(w->blocks().get());
  collect_memory(blocks, impl_->buffered_bodies_at_most.load(std::memory_order_relaxed), out);
}

connection_survey server::connections(std::size_t at_most, milliseconds patience) const {
  const auto asked = std::make_shared<asked_loops>();
  asked->missing = impl_->workers.size();
  for (const auto& w : impl_->workers) {
    w->loop().post([asked, at_most, one = w.get()] {
      connection_survey here;
      one->survey(here, at_most);  // outside of the lock: one loop does not wait for another
      const std::scoped_lock lock(asked->mutex);
      const std::size_t room = at_most - std::min(at_most, asked->all.connections.size());
      const std::size_t taken = std::min(room, here.connections.size());
      asked->all.connections.insert(asked->all.connections.end(), here.connections.begin(),
                                    here.connections.begin() + static_cast<std::ptrdiff_t>(taken));
      asked->all.left_out += here.left_out + here.connections.size() - taken;
      if (--asked->missing == 0) asked->answered.notify_one();
    });
  }
  std::unique_lock lock(asked->mutex);
  asked->answered.wait_for(lock, patience, [&] { return asked->missing == 0; });
  asked->all.silent_loops = asked->missing;
  return asked->all;
}

}  // namespace gatehouse
