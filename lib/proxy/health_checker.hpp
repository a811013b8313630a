#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gatehouse/net/loop.hpp>
#include <gatehouse/server/block_pool.hpp>
#include <gatehouse/wire/response_parser.hpp>

#include "settings.hpp"

namespace gatehouse::detail::proxy {

/// Asks one upstream how it is, again and again: a connection, a GET, a head; then it waits.
class health_question final : private connect_owner, private stream_owner, private deadline {
 public:
  health_question(loop& l, const settings& s, const upstream& to);
  health_question(const health_question&) = delete;
  health_question& operator=(const health_question&) = delete;

 private:
  void ask() noexcept;
  void judge() noexcept;
  void conclude(bool well) noexcept;

  void on_connect(connect_result r) noexcept override;
  std::span<char> receive_space() noexcept override;
  void on_received(std::size_t n) noexcept override;
  void on_end() noexcept override { conclude(false); }
  void on_writable() noexcept override {}
  void on_failure(int) noexcept override { conclude(false); }
  void expired() noexcept override;

  loop& loop_;
  const settings& settings_;
  const upstream& to_;
  std::string request_;
  std::unique_ptr<connecting> connecting_{};
  std::shared_ptr<tls_sessions> sessions_{};
  stream_ptr stream_{};
  pooled_block in_{};
  std::size_t have_ = 0;
  response_parser parser_;
  received_response response_{};
  bool asking_ = false;
};

/// Of a service with an active check: one question for each upstream, on one loop. Belongs to that loop's thread.
class health_checker {
 public:
  health_checker(loop& l, const settings& s);

 private:
  std::vector<std::unique_ptr<health_question>> questions_{};
};

}  // namespace gatehouse::detail::proxy
