#pragma once
// The handshakes of one loop: what a connection is between being accepted and being HTTP.

#include <array>
#include <cstdint>
#include <list>
#include <memory>

#include <gatehouse/base/loop_counter.hpp>
#include <gatehouse/net/tls.hpp>
#include <gatehouse/rules/exchange.hpp>
#include <gatehouse/server/server.hpp>

namespace gatehouse::detail::server {

class worker;

/// How the handshakes of a loop ended; read from any thread.
struct tls_counts {
  loop_counter full{};
  loop_counter resumed{};
  std::array<loop_counter, tls_failure_count> failed{};
};

class tls_door {
 public:
  explicit tls_door(worker& w) noexcept : worker_(&w) {}
  tls_door(const tls_door&) = delete;
  tls_door& operator=(const tls_door&) = delete;

  /// What connections are secured with from now on; null: nothing is. True: it lets other clients in than before.
  bool use(std::shared_ptr<const tls_server> with) noexcept {
    const bool others = with != nullptr && with_ != nullptr && !with->lets_in_as(*with_);
    with_ = std::move(with);
    return others;
  }
  [[nodiscard]] bool is_open() const noexcept { return with_ != nullptr; }
  /// Takes over a connection that the table has counted. It becomes the worker's when its handshake is done.
  void accept(stream_ptr connection, const connection_info& info);
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  void cut_off() noexcept;  ///< those under way
  void survey(connection_survey& out, std::size_t at_most) const;
  [[nodiscard]] const tls_counts& counts() const noexcept { return counts_; }

 private:
  class greeting final : public tls_accept_owner {
   public:
    greeting(tls_door& d, const connection_info& i, steady_time now) noexcept : info(i), began(now), door_(&d) {}
    void on_secured(secured_connection c) noexcept override { door_->secured(*this, std::move(c)); }
    void on_not_secured(tls_failure why, std::string_view particulars) noexcept override {
      door_->failed(*this, why, particulars);
    }

    connection_info info;
    steady_time began;
    std::unique_ptr<tls_accepting> under_way{};
    std::list<greeting>::iterator here{};

   private:
    tls_door* door_;
  };

  void secured(greeting& g, secured_connection c) noexcept;
  void failed(greeting& g, tls_failure why, std::string_view particulars) noexcept;

  worker* worker_;
  std::shared_ptr<const tls_server> with_{};
  tls_handshakes handshakes_{};
  tls_counts counts_{};
  std::list<greeting> all_{};  // last: what runs in it counts in the above
};

}  // namespace gatehouse::detail::server
