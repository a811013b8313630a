#include "worker.hpp"

#include <algorithm>
#include <utility>

#include <gatehouse/base/assert.hpp>
#include <gatehouse/base/internal_limits.hpp>

#include "h1_connection.hpp"

namespace gatehouse::detail::server {
worker::worker(const server_options& options, std::shared_ptr<const dispatcher> routes, connection_table& table)
    : options_(options),
      table_(&table),
      metrics_(options.counted != nullptr ? std::make_unique<loop_metrics>() : nullptr),
      loop_(gatehouse::loop::make(options.clock)),
      shutdown_(*this),
      receive_block_(options.limits.head_bytes + std::size_t{options.limits.target_bytes} >
                             pooled_block::standard / 4 * 3
                         ? pooled_block::large
                         : pooled_block::standard) {
  exchanges_.reserve(max_kept_exchanges);
  generations_.push_back(std::make_unique<generation>(
      generation{.routes = std::move(routes),
                 .around = {.bounds = &options_.limits, .log = options_.log, .counts = metrics_.get()}}));
  generations_.back()->around.routes = generations_.back()->routes.get();
  tls_.use(options_.tls);
}

worker::~worker() {
  listeners_.clear();
  while (all_ != nullptr) {
    h1_connection* const c = all_;
    all_ = c->hook.next;
    delete c;
  }
  for (h1_connection* const c : dead_) delete c;
}

result<endpoint, int> worker::listen(const endpoint& at, bool share_port) {
  auto opened = loop_->listen(at, share_port);
  if (!opened) return failure{opened.error()};
  listeners_.push_back(std::make_unique<door>(*this, std::move(*opened), false));
  return listeners_.back()->local();
}

int worker::listen_local(const std::string& path) {
  auto opened = loop_->listen_local(path);
  if (!opened) return opened.error();
  listeners_.push_back(std::make_unique<door>(*this, std::move(*opened), true));
  return 0;
}

void worker::start() {
  for (const auto& l : listeners_) l->start();
}

void worker::run() {
  generations_.back()->routes->attach(*loop_);
  {
    const std::scoped_lock lock(blocks_mutex_);
    blocks_ = block_bytes_of_this_thread();
  }
  start();
  loop_->run();
  for (const auto& g : generations_) g->routes->detach(*loop_);
}

std::shared_ptr<const block_bytes> worker::blocks() const {
  const std::scoped_lock lock(blocks_mutex_);
  return blocks_;
}

void worker::serve(std::shared_ptr<const dispatcher> next, const limits& l) {
  loop_->post([this, next = std::move(next), l] {
    if (stopping_) return;
    limits taken = l;
    // What blocks and the connection table were made for stays (server::serve says so).
    taken.head_bytes = options_.limits.head_bytes;
    taken.target_bytes = options_.limits.target_bytes;
    taken.connections = options_.limits.connections;
    taken.connections_per_client = options_.limits.connections_per_client;
    options_.limits = taken;
    begin_generation(next);
  });
}

void worker::secure_with(std::shared_ptr<const tls_server> next) {
  loop_->post([this, next = std::move(next)] {
    const bool others = tls_.use(next);
    if (!others) return;
    // Who was let in by other authorities, or without a certificate, does not stay for as long as it likes.
    tls_.cut_off();
    for (h1_connection* c = all_; c != nullptr;) {
      h1_connection* const following = c->hook.next;
      if (c->info().secure) c->retire();
      c = following;
    }
  });
}

void worker::begin_generation(std::shared_ptr<const dispatcher> routes) {
  generation& before = *generations_.back();
  auto g = std::make_unique<generation>(generation{.routes = std::move(routes), .around = before.around});
  g->around.routes = g->routes.get();
  // The new one first: what both have (the health of upstreams) is not let go of in between.
  g->routes->attach(*loop_);
  generations_.push_back(std::move(g));
  if (before.exchanges == 0) end_generation(before);
}

void worker::end_generation(const generation& g) noexcept {
  g.routes->detach(*loop_);
  std::erase_if(generations_, [&g](const auto& one) { return one.get() == &g; });
}

/// The last exchange of an old generation ends it: not from here, below which its handlers may stand on the stack.
void worker::release(generation& g) noexcept {
  if (--g.exchanges != 0 || &g == generations_.back().get()) return;
  loop_->post([this, old = &g] { end_generation(*old); });
}

void worker::stop() noexcept {
  loop_->post([this] { begin_stop(); });
}

void worker::begin_stop() noexcept {
  if (stopping_) return end_stop();
  stopping_ = true;
  for (const auto& l : listeners_) l->finish();
  loop_->timers().set(shutdown_, loop_->now() + options_.limits.shutdown_timeout);
  for (h1_connection* c = all_; c != nullptr;) {
    h1_connection* const next = c->hook.next;
    c->shut_down();
    c = next;
  }
  if (!has_connections()) loop_->stop();
}

void worker::end_stop() noexcept {
  tls_.cut_off();
  for (h1_connection* c = all_; c != nullptr;) {
    h1_connection* const next = c->hook.next;
    c->cut_off();
    c = next;
  }
  loop_->stop();
}

void worker::door::on_accept(stream_ptr connection, endpoint peer) noexcept {
  // Of this listener: whoever comes to 127.0.0.1 is this machine, also while another listener is open to all.
  worker_->accepted(std::move(connection),
                    {.peer = peer.address,
                     .peer_port = peer.port,
                     .unix_socket = unix_socket_,
                     .loopback_listener = unix_socket_ || listener_->local().address.is_loopback()});
}

// Descriptors are used up; the listener waits by itself. Every connection has a deadline, so some will come back.
void worker::door::on_accept_failure(int) noexcept {}

void worker::accepted(stream_ptr connection, const connection_info& info) noexcept {
  const reason over = table_->open(info.peer);
  if (tls_.is_open() && !info.unix_socket) {
    // Over a cap there is no answer: nobody could read it without the handshake, which is what costs.
    if (over != reason::none) return table_->close(info.peer);
    return tls_.accept(std::move(connection), info);
  }
  h1_connection& c = add(std::move(connection), info);
  if (over != reason::none) return c.start_refused(over);
  c.start();
}

h1_connection& worker::add(stream_ptr connection, const connection_info& info) noexcept {
  // Out of memory ends the process, by design.
  auto* const c = std::make_unique<h1_connection>(*this, std::move(connection), info).release();
  c->hook.next = all_;
  if (all_ != nullptr) all_->hook.previous = c;
  all_ = c;
  return *c;
}

// While it stops, too: its request is on its way, and gets an answer with Connection: close.
void worker::secured(secured_connection made, connection_info info) noexcept {
  info.secure = true;
  info.channel = made.channel.get();
  h1_connection& c = add(std::move(made.connection), info);
  c.keep(std::move(made.channel));
  c.start();
}

void worker::not_secured(const ip_address& peer) noexcept {
  table_->close(peer);
  if (stopping_ && !has_connections()) loop_->stop();
}

void worker::survey(connection_survey& out, std::size_t at_most) const {
  tls_.survey(out, at_most);
  for (const h1_connection* c = all_; c != nullptr; c = c->hook.next) {
    if (out.connections.size() < at_most) {
      out.connections.push_back(c->summary());
    } else {
      ++out.left_out;
    }
  }
}

std::string_view worker::date() noexcept {
  const system_time now = loop_->system_now();
  const std::int64_t second = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
  if (second != date_second_) {
    date_second_ = second;
    write_http_date(now, date_.data());
  }
  return {date_.data(), date_.size()};
}

h1_exchange& worker::spare() {
  if (spare_ == nullptr) {
    if (exchanges_.empty()) {
      spare_ = std::make_unique<h1_exchange>();
    } else {
      spare_ = std::move(exchanges_.back());
      exchanges_.pop_back();
    }
  }
  return *spare_;
}

std::unique_ptr<h1_exchange> worker::take_spare() {
  h1_exchange& taken = spare();
  taken.began_with = generations_.back().get();
  ++taken.began_with->exchanges;
  if (metrics_ != nullptr) metrics_->began();
  return std::move(spare_);
}

void worker::give_back(std::unique_ptr<h1_exchange> e) noexcept {
  release(*std::exchange(e->began_with, nullptr));
  if (exchanges_.size() == exchanges_.capacity()) return;
  e->prepare();
  exchanges_.push_back(std::move(e));
}

void worker::defer(h1_connection& c) noexcept {
  if (c.deferred) return;
  c.deferred = true;
  deferred_.push_back(&c);
  wake_deferred();
}

void worker::bury(h1_connection& c) noexcept {
  table_->close(c.info().peer);
  (c.hook.previous != nullptr ? c.hook.previous->hook.next : all_) = c.hook.next;
  if (c.hook.next != nullptr) c.hook.next->hook.previous = c.hook.previous;
  dead_.push_back(&c);
  wake_deferred();
}

void worker::wake_deferred() noexcept {
  if (std::exchange(wake_posted_, true)) return;
  loop_->post([this] { run_deferred(); });
}

void worker::run_deferred() noexcept {
  wake_posted_ = false;
  running_.swap(deferred_);
  for (h1_connection* const c : running_) {
    c->deferred = false;
    c->run_again();
  }
  running_.clear();
  // Only now: a connection that closed itself above may stand in the list that was just run.
  for (h1_connection* const c : dead_) {
    if (!c->deferred) delete c;
  }
  dead_.clear();
  if (stopping_ && !has_connections()) loop_->stop();
}

}  // namespace gatehouse::detail::server
