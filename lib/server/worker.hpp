#pragma once
// One loop's share of a server: its listeners, connections and pools.

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include <gatehouse/http/date.hpp>
#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/block_pool.hpp>
#include <gatehouse/server/call.hpp>
#include <gatehouse/server/server.hpp>

#include "connection_table.hpp"
#include "loop_metrics.hpp"
#include "tls_door.hpp"

namespace gatehouse::detail::server {

class h1_connection;

/// What a loop serves with: a dispatcher, and who still uses it. Counted by one loop, so without atomics.
struct generation {
  std::shared_ptr<const dispatcher> routes{};
  call::surroundings around{};
  std::size_t exchanges = 0;
};

/// A call with what HTTP/1 keeps beside it while it runs. Pooled by the worker, so a warm request allocates nothing.
struct h1_exchange {
  h1_exchange() { prepare(); }
  gatehouse::call call{};
  generation* began_with = nullptr;  // stays until the exchange is given back, also when there is a newer one
  // Room for rewriting as many cookies as a request's head can bring back (limits::head_bytes), and 8 KiB. Pages that
  // no exchange has used are not there.
  std::array<char, std::size_t{24} * 1024> memory;
  /// The arena starts anew with each exchange.
  void prepare() noexcept { call.context().memory = arena{memory}; }
};

/// A member of an intrusive list of connections: of the worker's all, and of those to be run again.
struct connection_hook {
  h1_connection* next = nullptr;
  h1_connection* previous = nullptr;
};

class worker {
 public:
  worker(const server_options& options, std::shared_ptr<const dispatcher> routes, connection_table& table);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  /// On the thread that constructed it, before run().
  [[nodiscard]] result<endpoint, int> listen(const endpoint& at, bool share_port);
  /// As above, a Unix socket (loop::listen_local).
  [[nodiscard]] int listen_local(const std::string& path);
  /// Accepts from now on.
  void start();
  void run();
  /// From any thread.
  void stop() noexcept;
  /// From any thread: what begins from now on is served by `next`, with these limits (server::serve).
  void serve(std::shared_ptr<const dispatcher> next, const limits& l);
  /// From any thread: connections that come from now on are secured with this one (server::secure_with).
  void secure_with(std::shared_ptr<const tls_server> next);
  /// On the loop: adds its connections to `out`, at most until that has `at_most`.
  void survey(connection_survey& out, std::size_t at_most) const;
  [[nodiscard]] gatehouse::loop& loop() noexcept { return *loop_; }
  /// From any thread. What it counts (null: nothing), and the blocks of its thread (null until it runs).
  [[nodiscard]] const loop_metrics* metrics() const noexcept { return metrics_.get(); }
  [[nodiscard]] std::shared_ptr<const block_bytes> blocks() const;
  [[nodiscard]] const tls_counts& handshakes() const noexcept { return tls_.counts(); }

  // For connections.
  [[nodiscard]] const limits& bounds() const noexcept { return options_.limits; }
  [[nodiscard]] exchange_log* log() const noexcept { return options_.log; }
  [[nodiscard]] random_source& random() noexcept { return random_; }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] std::size_t receive_block() const noexcept { return receive_block_; }
  /// The current date, rendered at most once a second.
  [[nodiscard]] std::string_view date() noexcept;
  /// The exchange that the next head is parsed into; the taker owns it until give_back.
  [[nodiscard]] h1_exchange& spare();
  [[nodiscard]] std::unique_ptr<h1_exchange> take_spare();
  void give_back(std::unique_ptr<h1_exchange> e) noexcept;
  /// Runs `c.run_again()` soon, from the loop and not from inside anything.
  void defer(h1_connection& c) noexcept;
  /// Destroys a closed connection soon.
  void bury(h1_connection& c) noexcept;

  // For tls_door.
  void secured(secured_connection c, connection_info info) noexcept;
  void not_secured(const ip_address& peer) noexcept;

 private:
  /// A listener, and what its connections are told about it.
  class door final : public acceptor_owner {
   public:
    door(worker& w, std::unique_ptr<listener> l, bool unix_socket)
        : worker_(&w), listener_(std::move(l)), unix_socket_(unix_socket) {}
    void start() { listener_->start(*this); }
    void finish() noexcept { listener_->finish(); }
    [[nodiscard]] endpoint local() const noexcept { return listener_->local(); }

   private:
    void on_accept(stream_ptr connection, endpoint peer) noexcept override;
    void on_accept_failure(int error_number) noexcept override;
    worker* worker_;
    std::unique_ptr<listener> listener_;
    bool unix_socket_;
  };
  void begin_generation(std::shared_ptr<const dispatcher> routes);
  void end_generation(const generation& g) noexcept;
  void release(generation& g) noexcept;
  void accepted(stream_ptr connection, const connection_info& info) noexcept;
  h1_connection& add(stream_ptr connection, const connection_info& info) noexcept;
  [[nodiscard]] bool has_connections() const noexcept { return all_ != nullptr || !tls_.empty(); }
  void begin_stop() noexcept;
  void end_stop() noexcept;
  void run_deferred() noexcept;
  void wake_deferred() noexcept;

  class shutdown_deadline final : public deadline {
   public:
    explicit shutdown_deadline(worker& w) noexcept : worker_(&w) {}

   private:
    void expired() noexcept override { worker_->end_stop(); }
    worker* worker_;
  };

  server_options options_;
  connection_table* table_;
  std::unique_ptr<loop_metrics> metrics_;
  system_random random_;
  std::unique_ptr<gatehouse::loop> loop_;
  std::vector<std::unique_ptr<generation>> generations_;  // the last one is current
  tls_door tls_{*this};
  std::vector<std::unique_ptr<door>> listeners_;
  std::vector<std::unique_ptr<h1_exchange>> exchanges_;
  std::unique_ptr<h1_exchange> spare_;
  h1_connection* all_ = nullptr;
  std::vector<h1_connection*> deferred_;
  std::vector<h1_connection*> running_;
  std::vector<h1_connection*> dead_;
  shutdown_deadline shutdown_;
  std::size_t receive_block_;
  std::array<char, http_date_size> date_{};
  std::int64_t date_second_ = -1;
  bool stopping_ = false;
  bool wake_posted_ = false;
  mutable std::mutex blocks_mutex_{};  // only when a thread begins, and for those who look
  std::shared_ptr<const block_bytes> blocks_{};
};

}  // namespace gatehouse::detail::server
